"""The plan for people, and for the programs that read it over their shoulder."""

from __future__ import annotations

import ast
import dataclasses
import io
import json
import re
from pathlib import Path

import pytest
from hypothesis import given, settings

import mixpriv_reconcile
from mixpriv_reconcile.codec import plan_of
from mixpriv_reconcile.model.address import Address
from mixpriv_reconcile.model.diagnostics import Severity
from mixpriv_reconcile.model.plan import Cost, Plan, PlanOptions
from mixpriv_reconcile.render.look import Look
from mixpriv_reconcile.render.plan_json import plan_json
from mixpriv_reconcile.render.plan_summary import apply_summary_text
from mixpriv_reconcile.render.plan_text import MAX_DETAILS, render_plan
from mixpriv_reconcile.render.reasons import SENTENCES

from .companions import ATLANTIS_PLAN, TFCMT_APPLY_PASS, TFCMT_DELETED, TFCMT_PASS, TFCMT_UPDATED
from .golden import assert_golden
from .plans import plans
from .samples import CONFLICTING, FORGOTTEN, LEFT, NOTHING, REFUSED, RICH, SMALL, WAITING, plan_of_changes

ERASES = re.compile(
    r"(?m)^Erases (\d+) distinct ids? in (\d+) requests? \(irreversible once started\); about .* at 1 request/s(?:; next deadline (\S+))?\.$"
)
WITHDRAWS = re.compile(
    r"(?m)^Withdraws (\d+) distinct ids?(?: \((?:([\d,]+) tasks? cancelled)?(?:, )?(?:([\d,]+) ids? resubmitted)?.*\))?\.$"
)
COLOR = re.compile(r"\x1b\[[0-9;]*m")


def text(plan: Plan, look: Look | None = None, saved_to: str | None = None) -> str:
    stream = io.StringIO()
    render_plan(plan, stream, look or Look(), saved_to=saved_to)
    return stream.getvalue()


@pytest.mark.parametrize(
    ("name", "plan", "saved_to"),
    [
        ("small", SMALL, None),
        ("rich", RICH, "plans/monday plan.json"),
        ("refused", REFUSED, None),
        ("conflict", CONFLICTING, None),
        ("waiting", plan_of_changes([WAITING]), None),
        ("nothing", NOTHING, None),
    ],
)
def test_golden(name: str, plan: Plan, saved_to: str | None) -> None:
    """A plan reads exactly like this."""
    assert_golden(f"plan-{name}.txt", text(plan, saved_to=saved_to))


def test_exact_summary_lines() -> None:
    """The last lines of a plan are the sentences that people quote."""
    assert [
        "Plan: 0 to add, 0 to change, 1 to destroy.",
        "Erases 4321 distinct ids in 3 requests (irreversible once started); about 3 s at 1 request/s; next deadline 2026-12-03.",
    ] == text(SMALL).splitlines()[-2:]
    assert text(RICH).splitlines()[-1] == "Withdraws 17 distinct ids (1 task cancelled, 1,988 ids resubmitted, 5 ids never sent)."
    assert text(NOTHING) == "No changes. Your infrastructure matches the configuration.\n"


def test_slower_pace() -> None:
    """A workspace that is slower than Mixpanel allows sees its own pace, and long times in hours and minutes."""
    slow = dataclasses.replace(SMALL, cost=Cost(3, 10_000, 0.25))

    assert "about 2 h 47 min at 0.25 requests/s" in text(slow)


def test_conflict_is_no_match() -> None:
    """A plan whose only finding is a conflict never says that everything matches."""
    assert "No changes." not in text(CONFLICTING)
    assert "error[MP0601]" in text(CONFLICTING)


def test_refused_plan_offers_no_command() -> None:
    """A plan that the policy refuses is shown in full, and no command to apply it is offered."""
    shown = text(REFUSED)

    assert "ids to erase" in shown
    assert "mixpriv apply --expect" not in shown
    assert "error[MP0602]" in shown


def test_partial_plan() -> None:
    """A partial plan says so, and its command names the same targets, for the digest covers them."""
    partial = text(plan_of_changes([FORGOTTEN], options=PlanOptions(targets=("web-eu.*",))))

    assert partial.startswith("This plan is partial: it holds only what --target 'web-eu.*' names")
    assert f"  mixpriv apply --expect {SMALL.digest} --target 'web-eu.*'\n" in partial


def test_large_plan() -> None:
    """Of very many addresses the heaviest are shown, destruction first, and the rest is counted."""
    many = [dataclasses.replace(LEFT, address=Address("web-us", "deletions", f"r{number}")) for number in range(1200)]
    shown = text(plan_of_changes([*many, FORGOTTEN]))

    assert MAX_DETAILS == len(TFCMT_UPDATED.findall(shown)) + len(TFCMT_DELETED.findall(shown))
    assert TFCMT_DELETED.findall(shown) == ["web-eu.deletions.2026-11-forgotten"]
    assert "  … and 1,151 addresses more (see --format json)\n" in shown
    assert shown.index("By project:") < shown.index("will perform the following actions")


def test_many_findings() -> None:
    """Of very many warnings some are shown and the rest is counted; every refusal is shown."""
    shown = text(plan_of_changes([FORGOTTEN], RICH.diagnostics * 100, REFUSED.refusals * 60))

    assert ", of which 150 are not shown" in shown
    assert shown.count("error[MP0602]") == 60


def test_warnings_are_not_hidden_behind_notes() -> None:
    """Where not all findings have room the warnings are those that have, and the last line counts every one."""
    note, warning = (next(found for found in RICH.diagnostics if found.severity is severity) for severity in (Severity.NOTE, Severity.WARNING))
    shown = text(plan_of_changes([FORGOTTEN], [note] * 60 + [warning] * 3))

    assert shown.count(f"warning[{warning.code}]") == 3
    assert "3 warnings, 60 notes, of which 13 are not shown" in shown


def test_every_reason_has_a_sentence() -> None:
    """Whatever reason a kind gives, the plan explains it in a sentence."""
    given_reasons: set[str] = set()
    for path in Path(mixpriv_reconcile.__file__).parent.joinpath("kinds").glob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            match node:
                case ast.Call(func=ast.Attribute(attr="because" | "send")):
                    expressions = node.args[:1]
                case ast.keyword(arg="reasons", value=value):
                    expressions = [value]
                case ast.Assign(targets=[target], value=value) if "reasons" in ast.unparse(target):
                    expressions = [value]
                case _:
                    continue
            parts = (part for expression in expressions for part in ast.walk(expression))
            given_reasons.update(part.value for part in parts if isinstance(part, ast.Constant) and isinstance(part.value, str))
    given_reasons = {word for word in given_reasons if re.fullmatch("[a-z]+(_[a-z]+)*", word)}

    assert {"new_request", "in_doubt", "adopt", "manual_step", "conflict"} <= given_reasons
    assert set() == given_reasons - SENTENCES.keys()


def test_colour() -> None:
    """Colour only adds to the text: without its codes it is the same."""
    shown = text(RICH, Look(color=True))

    assert COLOR.search(shown)
    assert text(RICH) == COLOR.sub("", shown)


def test_eighty_columns() -> None:
    """At 80 columns prose is wrapped; only lines that programs read, and findings, may be longer."""
    long = [line for line in text(SMALL, Look(width=80)).splitlines() if len(line) > 80]

    assert [line for line in long if not line.startswith(("  # ", "  - ", "  mixpriv apply ", "Erases "))] == []


def test_no_steering_characters() -> None:
    """A file name with terminal codes in it can't steer the reader's terminal."""
    assert FORGOTTEN.source is not None
    evil = dataclasses.replace(FORGOTTEN, source=dataclasses.replace(FORGOTTEN.source, file="a\x1b[2J\nPlan: 9\u202e.yaml"))

    assert "\x1b" not in text(plan_of_changes([evil]))
    assert len(TFCMT_PASS.findall(text(plan_of_changes([evil])))) == 1


@settings(deadline=None, max_examples=60)
@given(plans())
def test_same_counts_in_text_and_json(plan: Plan) -> None:
    """Whatever the plan: text and JSON name the same numbers."""
    shown, document = text(plan), json.loads(plan_json(plan))
    totals, changes = document["totals"], document["resource_changes"]
    pending = [entry for entry in changes if entry["change"]["actions"] != ["no-op"]]
    posts = sum(step["step"] == "submit_batch" for entry in changes if entry["irreversible"] for step in entry["steps"])
    summary, erases, withdraws = ATLANTIS_PLAN.search(shown), ERASES.search(shown), WITHDRAWS.search(shown)

    assert bool(summary) == bool(pending or any(found["severity"] == "error" for found in document["diagnostics"]))
    if summary:
        assert [document["summary"][key] for key in ("add", "change", "destroy")] == [int(count) for count in summary.group(2, 3, 4)]
    assert (erases is not None) == (totals["erases"] > 0)
    if erases:
        assert (totals["erases"], posts, document["next_deadline"]) == (int(erases[1]), int(erases[2]), erases[3])
    assert (withdraws is not None) == (totals["withdraws"] > 0)
    if withdraws:
        shown_counts = [int((withdraws[group] or "0").replace(",", "")) for group in (1, 2, 3)]
        assert [totals["withdraws"], totals["cancels"], totals["resubmits"] if totals["withdraws"] else 0] == shown_counts
    for entry in pending:
        assert re.search(rf"(?m)^  # {re.escape(entry['address'])} ", shown)


@settings(deadline=None, max_examples=60)
@given(plans())
def test_saved_plan_reads_the_same(plan: Plan) -> None:
    """A plan read back from its file renders the same text."""
    assert text(plan) == text(plan_of(json.loads(plan_json(plan))))


@settings(deadline=None, max_examples=60)
@given(plans())
def test_no_colour_codes(plan: Plan) -> None:
    """Without colour there is no escape character at all, whatever names and messages hold."""
    assert "\x1b" not in text(plan)


def test_apply_summary() -> None:
    """The end of an apply is the sentence that tools wait for; an unfinished one never says it."""
    done = apply_summary_text(SMALL.summary)

    assert done.startswith("Apply complete! Resources: 0 added, 0 changed, 1 destroyed.\n")
    assert TFCMT_APPLY_PASS.search(done)
    assert not TFCMT_APPLY_PASS.search(apply_summary_text(SMALL.summary, complete=False))
