"""The pages as text: valid, self-contained, and deaf to whatever stands in a name or a message."""

from __future__ import annotations

import dataclasses
import re
from datetime import date
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from model.building import PLANS, STATES

from mixpriv_reconcile import __version__
from mixpriv_reconcile.model.address import Address
from mixpriv_reconcile.model.diagnostics import Diagnostic, Severity, SourceSpan
from mixpriv_reconcile.model.plan import PlanOptions
from mixpriv_reconcile.model.status import PHASES, RequestStatus, StatusReport, Subjects, TaskStatus
from mixpriv_reconcile.model.urgency import flagged
from mixpriv_reconcile.render.html import breakable, el, prose, text
from mixpriv_reconcile.render.plan_html import plan_html
from mixpriv_reconcile.render.state_html import state_html
from mixpriv_reconcile.render.status_html import status_html
from mixpriv_reconcile.render.timeline import MOST_LANES, timeline

from .golden import assert_golden
from .markup import read
from .orders import ORDERS, STEERING, is_harmless
from .plans import plans
from .samples import CONFLICTING, DAY, FORGOTTEN, LEFT, MORNING, NOTHING, REFUSED, RICH, STATE, STATUS, plan_of_changes

PAGES = {
    "status": status_html(STATUS),
    "status-nothing": status_html(StatusReport(DAY, (), 0)),
    "plan": plan_html(RICH, saved_to="plans/monday plan.json"),
    "plan-refused": plan_html(REFUSED),
    "plan-conflicting": plan_html(CONFLICTING),
    "plan-nothing": plan_html(NOTHING),
    "state": state_html(STATE),
}

INJECTIONS = (
    "<script>alert(1)</script>",
    "</style><script>",
    "\"><img src=x onerror=alert(1)>",
    "' onmouseover='alert(1)",
    "<!--",
    "-->",
    "]]>",
    "&lt;b&gt;",
    "&#60;",
    "javascript:alert(1)",
    "</title>",
    "</details></section></main>",
    "<b",
    "{}*{display:none}",
    "url(//x)",
    "`<i>`",
)
HOSTILE = st.lists(st.sampled_from([*INJECTIONS, *ORDERS, *STEERING, "a", " ", "<", ">", "&", '"', "'", "`", "\n"]), min_size=1, max_size=5).map("".join)
REQUESTS = st.builds(
    RequestStatus,
    address=st.text(min_size=1, max_size=40) | HOSTILE,
    kind=st.sampled_from(["deletions", "retrievals"]),
    compliance=st.sampled_from(["gdpr", "ccpa"]),
    received=st.none() | st.dates(),
    due=st.none() | st.dates(),
    submit_by=st.none() | st.dates(),
    phase=st.sampled_from(PHASES),
    subjects=st.builds(Subjects, *[st.integers(0, 10**8)] * 9),
    tasks=st.lists(st.builds(TaskStatus, HOSTILE, HOSTILE, st.integers(0, 9), st.just(MORNING), st.just(MORNING)), max_size=2).map(tuple),
)


@pytest.mark.parametrize("name", PAGES)
def test_goldens(name: str) -> None:
    """The body of each page reads exactly like this."""
    body = PAGES[name].partition("<body>\n")[2]
    assert_golden(f"{name}.html", body.replace(f"mixpriv {__version__}.", "mixpriv VERSION."))


@pytest.mark.parametrize("name", PAGES)
def test_valid(name: str) -> None:
    """Every element is closed where it must be, stands where it may, and no id is given twice."""
    assert [] == read(PAGES[name]).errors


@pytest.mark.parametrize("name", PAGES)
def test_self_contained(name: str) -> None:
    """A page names no other place, runs nothing, and forbids both."""
    page = read(PAGES[name])
    assert {"script", "img", "link", "iframe", "form", "a", "svg"}.isdisjoint(page.shape)
    assert not [key for _, given in page.tags for key in given if key.startswith("on") or key in ("src", "href", "action")]
    assert "url(" not in PAGES[name]
    assert "@import" not in PAGES[name]
    (policy,) = (given["content"] for _, given in page.tags if given.get("http-equiv") == "Content-Security-Policy")
    assert "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'" == policy


@pytest.mark.parametrize("name", PAGES)
def test_landmarks_and_headings(name: str) -> None:
    """Each page has a language, a title, one header, main part and footer, one first heading, and no level left out."""
    page = read(PAGES[name])
    assert [1] * 6 == [page.shape.count(tag) for tag in ("html", "title", "header", "main", "footer", "h1")]
    assert "en" == page.tags[0][1]["lang"]
    levels = [int(tag[1]) for tag in page.shape if re.fullmatch("h[1-6]", tag)]
    assert all(after <= before + 1 for before, after in pairwise(levels))


@pytest.mark.parametrize("name", ["status", "plan", "state"])
def test_tables_have_headings(name: str) -> None:
    """Each column and each row of a table has a heading that says of what it is one; each cell repeats its column's name for a phone."""
    tags = read(PAGES[name]).tags
    assert {"col", "row"} == {given.get("scope") for tag, given in tags if tag == "th"}
    assert all(given.get("data-label") for tag, given in tags if tag == "td")


@pytest.mark.parametrize("name", PAGES)
def test_ids_and_tokens(name: str) -> None:
    """No page has anything made from an id: digests of segments and sets stay in the state."""
    shown = PAGES[name]
    assert "ab" * 32 not in shown
    assert FORGOTTEN.submits.sha256 not in shown


@settings(deadline=None, derandomize=True, max_examples=40)
@given(st.lists(REQUESTS, max_size=3), st.dates())
def test_any_status(requests: list[RequestStatus], today: date) -> None:
    """Whatever requests there are, their page is valid, steers nothing, and shows each address as text."""
    report = StatusReport(today, tuple(flagged(request, today, 7) for request in requests), 1, {"who": "<b>", "host": "\"'>"})
    shown = status_html(report)
    assert [] == read(shown).errors
    assert is_harmless(shown.replace("\n", " "))


@settings(deadline=None, derandomize=True, max_examples=80)
@given(HOSTILE)
def test_a_hostile_name_changes_no_page(name: str) -> None:
    """A name made to break out of its place leaves a page with the elements it has with a plain name."""
    assert shaped(name) == shaped("plain")


def shaped(name: str) -> list[list[str]]:
    """The elements of pages in which every free text is *name*, without those that set code within a sentence."""
    finding = Diagnostic("MP0001", Severity.WARNING, name, name, SourceSpan(name, 1, 1), name, name)
    refusal = dataclasses.replace(finding, severity=Severity.ERROR)
    change = dataclasses.replace(
        FORGOTTEN, address=Address(name, "deletions", name), project=name, reasons=(name,), source=SourceSpan(name, 1, 1),
        before={"declared": 1, "region": name}, after={"declared": 1, "compliance": name, "region": name},
    )  # fmt: skip
    attributes = dataclasses.replace(change, address=Address(name, "residency"), kind="residency", submits=FORGOTTEN.withdraws, steps=())
    plan = plan_of_changes([change, attributes, dataclasses.replace(change, waits=FORGOTTEN.submits)], [finding], [refusal], PlanOptions((name,), (name,)))
    task = TaskStatus(name, name, 1, MORNING, MORNING)
    request = dataclasses.replace(STATUS.requests[1], address=name, compliance=name, tasks=(task,))
    status = StatusReport(DAY, (request,), 1, {"who": name, "host": name, "since": name})
    record = dataclasses.replace(STATE.records["web-eu.sso"], project=name, postback_url=name)
    state = dataclasses.replace(STATE, lineage=name, tool_version=name, records={**STATE.records, f"zzz{name}.sso": record}, projects={name: STATE.projects["web-eu"]})
    pages = [read(shown) for shown in (plan_html(plan, saved_to=name), plan_html(plan), status_html(status), state_html(state))]
    assert [[]] * 4 == [page.errors for page in pages]
    return [[tag for tag in page.shape if tag != "code"] for page in pages]


@settings(deadline=None, derandomize=True, max_examples=60)
@given(plans())
def test_any_plan(plan) -> None:  # type: ignore[no-untyped-def]
    """Whatever a plan holds, its page is valid and begins with whom it erases."""
    shown = plan_html(plan)
    assert [] == read(shown).errors
    lead = re.search('<p class="lead">(.*?)</p>', shown)
    assert lead is not None
    said = "it would erase" if plan.conflicts or plan.refusals else "Erases"
    assert (f"{said} {plan.erases:,} distinct id" in lead[1]) is (plan.erases > plan.resubmits)


@settings(deadline=None, derandomize=True, max_examples=40)
@given(PLANS, STATES)
def test_a_file_from_anywhere(plan, state) -> None:  # type: ignore[no-untyped-def]
    """A saved plan and a state from whomever make valid pages that steer nothing."""
    for shown in (plan_html(plan, saved_to="x"), state_html(state)):
        assert [] == read(shown).errors
        assert is_harmless(shown)


@given(st.text() | HOSTILE)
def test_texts_are_escaped(value: str) -> None:
    """Text put into an element, an attribute or a sentence comes out as that text and nothing else."""
    for piece in (el("p", value), el("p", text(value)), el("p", breakable(value)), el("p", prose(value))):
        page = read(f"<!DOCTYPE html>{piece}")
        assert [] == page.errors
        assert {"p", "code"} >= set(page.shape)
    attribute = read(f"<!DOCTYPE html>{el('p', class_=value)}")
    assert [("p", ["class"])] == [(tag, list(given)) for tag, given in attribute.tags]


def test_commands_are_set_as_code() -> None:
    """A command in a sentence stands out; a single backtick is one."""
    assert "run <code>mixpriv plan</code> now" == prose("run `mixpriv plan` now")
    assert "a ` b" == prose("a ` b")


@pytest.mark.parametrize(
    ("requests", "lead"),
    [
        ((), "No requests are declared or remembered."),
        (STATUS.requests[:1], "Nothing is owed: the one request is finished."),
        (STATUS.requests[:1] * 2, "Nothing is owed: all 2 requests are finished."),
        (STATUS.requests[2:3], "1 request unfinished, none of them close to a deadline."),
        (STATUS.requests[1:3], "Of 2 unfinished requests, 1 is overdue."),
        (
            (STATUS.requests[1], dataclasses.replace(STATUS.requests[2], due_soon=True, submit_overdue=True)),
            "Of 2 unfinished requests, 1 is overdue, 1 is due soon and 1 is past the last day to submit.",
        ),
    ],
)
def test_what_presses_comes_first(requests: tuple[RequestStatus, ...], lead: str) -> None:
    """The first sentence of the status page says what is late, what is near, or that nothing is."""
    assert f'<p class="lead">{lead}</p>' in status_html(StatusReport(DAY, requests, 1))


def test_the_plan_without_erasure() -> None:
    """A plan that erases nobody says what it does instead, and that."""
    assert '<p class="lead">Withdraws 5 distinct ids in web-us; erases nobody.</p>' in plan_html(plan_of_changes([LEFT]))


def test_the_sandbox_is_named() -> None:
    """A plan of the sandbox says so, and its command is for the sandbox."""
    shown = plan_html(plan_of_changes([FORGOTTEN], options=PlanOptions(sandbox=True)))
    assert "<h1>Plan for Mixpanel, in the sandbox</h1>" in shown
    assert "mixpriv apply --sandbox --expect" in shown


def test_very_many_requests() -> None:
    """The time line stays readable however many requests there are, and says how many it leaves to the table."""
    many = [dataclasses.replace(STATUS.requests[2], address=f"web-us.deletions.request-{number:04}") for number in range(250)]
    drawn = timeline(many, DAY)
    assert drawn is not None
    assert MOST_LANES == drawn.count('class="lane"')
    assert "150 requests more, less urgent, in the table below" in drawn
    assert 250 == status_html(StatusReport(DAY, tuple(many), 1)).count("<th scope=\"row\"")


def test_a_request_from_long_ago() -> None:
    """One that is years late doesn't squeeze the others into a corner: it stands at the scale's end."""
    late = dataclasses.replace(STATUS.requests[1], received=date(2001, 1, 1), due=date(2001, 2, 1), submit_by=date(2001, 1, 2))
    drawn = timeline([late, STATUS.requests[2]], DAY)
    assert drawn is not None
    assert "mark due past" in drawn
    places = [float(found) for found in re.findall(r'mark due" style="left:([\d.]+)%', drawn)]
    assert [True] == [60 < place < 100 for place in places]
