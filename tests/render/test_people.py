"""What a plan says of people: one sentence that is true, and the same numbers wherever they are read."""

from __future__ import annotations

import dataclasses
import html
import json
import re

import pytest
from hypothesis import given, settings

from mixpriv_reconcile.model.address import Address
from mixpriv_reconcile.model.events import ApplyComplete, ApplyStart
from mixpriv_reconcile.model.plan import Action, CancelTask, Change, Download, Plan, WriteList
from mixpriv_reconcile.render.event_words import sentence
from mixpriv_reconcile.render.junit_cases import cases_of
from mixpriv_reconcile.render.look import Look
from mixpriv_reconcile.render.plan_html import plan_html
from mixpriv_reconcile.render.plan_lead import lead
from mixpriv_reconcile.render.plan_summary import NO_CHANGES, summary_lines
from mixpriv_reconcile.render.report_github import outputs
from mixpriv_reconcile.render.report_json import report as json_report

from .actions_runner import outputs_of
from .comments import markdown
from .markup import read
from .plans import plans
from .runs import planned
from .samples import ADOPTED, BY_HAND, FORGOTTEN, LEFT, TOO_MANY, WAITING, batches, ids, plan_of_changes
from .test_plan_text import text

KEEPS = Change(
    address=Address("web", "deletions", "first"),
    kind="deletions",
    project="web",
    project_id=11,
    actions=(Action.DELETE, Action.UPDATE),
    reasons=("withdrawn_ids", "resubmitted"),
    after={"declared": 4, "compliance": "gdpr", "region": "eu"},
    steps=(CancelTask(11, "1", 1, 4), *batches(4, origin="resubmitted", after="1")),
    irreversible=True,
    submits=ids(4),
    withdraws=ids(1),
)
"""Four of five people go out again so that the fifth doesn't."""

MORE = dataclasses.replace(
    KEEPS, address=Address("web", "deletions", "more"), steps=(*KEEPS.steps, *batches(2)), submits=ids(6), reasons=("new_ids", *KEEPS.reasons)
)
STAYS = dataclasses.replace(KEEPS, actions=(Action.NO_OP,), reasons=(), steps=(), irreversible=False, submits=ids(0), withdraws=ids(0))
CLOSED = dataclasses.replace(STAYS, actions=(Action.UPDATE,), reasons=("withdrawn_request",), after=None, beyond_recall=3)
DOUBTFUL = dataclasses.replace(CLOSED, beyond_recall=0, withdraws=ids(2))
MOVED = dataclasses.replace(STAYS, actions=(Action.UPDATE,), reasons=("moved",))
EXPORT = Change(Address("web", "retrievals", "a"), "retrievals", "web", 11, (Action.CREATE,), ("new_request",), steps=batches(3), submits=ids(3))
FETCHED = dataclasses.replace(EXPORT, actions=(Action.UPDATE,), steps=(Download(11, "1", "exports", 3),), submits=ids(0))
OPTED = Change(Address("web", "opt_outs"), "opt_outs", "web", 11, (Action.CREATE,), ("write",), steps=(WriteList(ids(9), "o.txt", "none"),))
LATER = dataclasses.replace(WAITING, after={"declared": 17, "not_before": "2026-12-10"})
AWAITS = dataclasses.replace(WAITING, reasons=("after_retrieval",), waits=ids(1))
LATEST = dataclasses.replace(LATER, after={"declared": 17, "not_before": "2027-01-01"})


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ([], NO_CHANGES),
        ([STAYS], NO_CHANGES),
        ([FORGOTTEN], "Erases 4,321 distinct ids in web-eu; each task can be stopped until Mixpanel starts it."),
        ([KEEPS], "Withdraws 1 distinct id and submits 4 again in web (region eu); erases nobody new."),
        (
            [MORE],
            "Erases 6 distinct ids (4 of them submitted again) in web (region eu) and withdraws 1 distinct id; "
            "each task can be stopped until Mixpanel starts it.",
        ),
        (
            [FORGOTTEN, EXPORT],
            "Erases 4,321 distinct ids in web-eu and asks for the export of 3 distinct ids (can't be cancelled); "
            "each erasure can be stopped until Mixpanel starts it.",
        ),
        ([LEFT], "Withdraws 5 distinct ids in web-us; erases nobody."),
        ([DOUBTFUL], "Withdraws 2 distinct ids (in doubt, and erased if they arrived) in web; erases nobody new."),
        ([DOUBTFUL, LEFT], "Withdraws 7 distinct ids (2 of them in doubt, and erased if they arrived) in web and web-us; erases nobody new."),
        (
            [EXPORT, BY_HAND, BY_HAND, ADOPTED],
            "Asks for the export of 3 distinct ids (can't be cancelled), adopts 1 project and leaves 2 manual steps to a person; erases nobody.",
        ),
        ([BY_HAND], "Leaves 1 manual step to a person; erases nobody."),
        ([FETCHED, OPTED, MOVED], "Fetches 1 finished export, writes 1 opt-out list and records 1 change without a call to Mixpanel; erases nobody."),
        ([CLOSED], "Records 1 change without a call to Mixpanel; erases nobody new; 3 distinct ids can't be recalled any more."),
        ([dataclasses.replace(STAYS, beyond_recall=2)], "Nothing to do, but 2 distinct ids can't be recalled any more."),
        ([dataclasses.replace(STAYS, refused=2)], "Nothing to do, but 2 distinct ids were refused."),
        ([LATER], "Nothing to do, but 17 distinct ids wait until 2026-12-10."),
        ([LATER, LATEST], "Nothing to do, but 34 distinct ids wait until 2026-12-10 or later."),
        ([AWAITS], "Nothing to do, but 1 distinct id waits for their export."),
        ([AWAITS, LATER], "Nothing to do, but 18 distinct ids wait."),
        (
            [dataclasses.replace(STAYS, refused=1, failed=2, held=ids(1)), LATER],
            "Nothing to do, but 1 distinct id was refused, 2 distinct ids failed at Mixpanel, 1 distinct id is held and "
            "17 distinct ids wait until 2026-12-10.",
        ),
    ],
)
def test_the_sentence(changes: list[Change], said: str) -> None:
    """One sentence says who is erased, who is withdrawn and who is submitted again, else what is done instead, or who is left alone."""
    assert said == lead(plan_of_changes(changes))


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ([KEEPS], "would withdraw 1 distinct id, submit 4 again in web (region eu) and erase nobody new."),
        ([MORE], "would erase 6 distinct ids (4 of them submitted again) in web (region eu) and withdraw 1 distinct id."),
        ([LEFT], "would withdraw 5 distinct ids in web-us and erase nobody."),
        ([], "erases nobody."),
    ],
)
def test_the_sentence_of_a_refused_plan(changes: list[Change], said: str) -> None:
    """Also where a plan can't be applied, the sentence says whom it would withdraw."""
    assert f"Can't be applied as it stands; it {said}" == lead(plan_of_changes(changes, refusals=[TOO_MANY]))


def test_nothing_to_do_is_no_match_where_people_are_left() -> None:
    """Of a plan without changes that leaves people alone, comment, page and tests say so; the text keeps the words that tools look for,
    and counts them below."""
    plan = plan_of_changes([dataclasses.replace(STAYS, beyond_recall=2, refused=1), LATER])
    said = "Nothing to do, but 2 distinct ids can&#x27;t be recalled any more, 1 distinct id was refused and 17 distinct ids wait until 2026-12-10."
    counted = ["17 distinct ids wait (not_before).", "2 distinct ids can't be recalled. Not sent again without --retry: 1 refused."]
    assert f'<p class="lead">{said}</p>' in plan_html(plan)
    assert f"**{said}**".replace("&#x27;", "'") in markdown(plan)
    assert [NO_CHANGES, *counted] == text(plan).splitlines()[-3:]
    assert [NO_CHANGES, *counted] == summary_lines(plan, Look())
    assert said.replace("&#x27;", "'") in cases_of(planned(plan))[-1].said


def test_an_apply_says_erased_and_withdrawn_apart() -> None:
    """What begins, and what is done, names those who are submitted and those who are withdrawn each by their number."""
    assert "a: erasing 4 distinct ids and withdrawing 1 distinct id in 2 requests …" == sentence(ApplyStart("a", "delete", 2, 5, 1))
    assert "a: withdrawing 5 distinct ids in 1 request …" == sentence(ApplyStart("a", "update", 1, 5, 5))
    assert "a: asking for the export of 3 distinct ids in 1 request …" == sentence(ApplyStart("a", "create", 1, 3))
    assert "a: updating …" == sentence(ApplyStart("a", "update", 0, 0))
    assert "a: done, 4 distinct ids, 1 withdrawn" == sentence(ApplyComplete("a", "delete", 5, 1))
    assert "a: done, 5 distinct ids withdrawn" == sentence(ApplyComplete("a", "update", 5, 5))


def number(pattern: str, shown: str) -> int:
    """The number that *pattern* finds in *shown*, 0 where it finds none."""
    found = re.search(pattern, shown)
    return int(found[1].replace(",", "")) if found else 0


def summed(pattern: str, shown: str) -> int:
    """All the numbers that *pattern* finds in *shown*."""
    return sum(int(count.replace(",", "")) for count in re.findall(pattern, shown))


@settings(deadline=None, derandomize=True, max_examples=150)
@given(plans())
def test_every_format_counts_the_same_people(plan: Plan) -> None:
    """Whatever the plan: who is erased, and who is withdrawn, is one number in comment, page, tests, outputs, document and text."""
    run = planned(dataclasses.replace(plan, diagnostics=(), refusals=()))
    assert run.plan is not None
    plan = run.plan
    comment, page, shown, cases = markdown(plan), plan_html(plan), text(plan), cases_of(run)
    document, given_out = json.loads(json_report(run)), outputs_of(outputs(run, "end"))
    rows = [line.split("|") for line in comment.splitlines() if re.match(r"\| \S+ \(\d+", line)]
    lines = " ".join(re.findall(r"(?m)^- `\S+`: (erases .*)$", comment))
    folded = " ".join(re.findall(r'<span class="soft"> (.*?)</span></summary>', page))
    said = " ".join(line for case in cases if case.suite != "mixpriv" for line in case.said)
    erased = {
        "json": document["totals"]["erases"],
        "json, by address": sum(one["submits"]["count"] for one in document["resource_changes"] if one["irreversible"]),
        "outputs": int(given_out["erases"]),
        "text": number(r"(?m)^Erases (\d+) distinct", shown),
        "text, by address": summed(r"ids to erase +([\d,]+) in", shown),
        "markdown": number(r"(?m)^Erases (\d+) distinct", comment),
        "markdown, table": sum(int(row[4].replace(",", "").strip() or 0) for row in rows),
        "markdown, by address": summed(r"erases ([\d,]+) distinct", lines),
        "html": number(r"([\d,]+)</\w+>\s*<\w+[^>]*>distinct ids? erased", page),
        "html, by address": summed(r"erases ([\d,]+) distinct", folded),
        "junit": summed(r"erases ([\d,]+) distinct", said),
    }
    withdrawn = {
        "json": document["totals"]["withdraws"],
        "json, by address": sum(one["withdraws"]["count"] + one["withdraws"]["unsent"] for one in document["resource_changes"]),
        "outputs": int(given_out["withdraws"]),
        "text": number(r"(?m)^Withdraws (\d+) distinct", shown),
        "text, by address": summed(r"ids withdrawn +([\d,]+)", shown),
        "markdown": number(r"(?m)^Withdraws (\d+) distinct", comment),
        "markdown, table": sum(int(row[5].replace(",", "").strip() or 0) for row in rows),
        "html": number(r"([\d,]+)</\w+>\s*<\w+[^>]*>distinct ids? withdrawn", page),
        "html, by address": summed(r"withdraws ([\d,]+) distinct", folded),
        "junit": summed(r"withdraws ([\d,]+) distinct", said),
        "sentence": number(r"(?i)withdraws ([\d,]+) distinct", lead(plan)),
    }
    assert dict.fromkeys(erased, plan.erases) == erased
    assert dict.fromkeys(withdrawn, plan.withdraws) == withdrawn
    first = lead(plan)
    again = number(r"\(([\d,]+) of them submitted again\)", first) or number(r"submits ([\d,]+)(?: distinct ids?)? again", first)
    assert plan.resubmits == again
    assert (plan.erases if plan.erases > plan.resubmits else 0) == number(r"Erases ([\d,]+) distinct", first)
    assert {first} == {read_lead(page), *re.findall(r"(?m)^\*\*(.*)\*\*$", comment.replace("\\", ""))[:1]}


def read_lead(page: str) -> str:
    """The first sentence of a page, as a reader sees it."""
    assert [] == read(page).errors
    found = re.search('<p class="lead">(.*?)</p>', page)
    assert found is not None
    return html.unescape(found[1])
