"""No name, path or value has tfcmt or Atlantis read something else than what the plan says of itself."""

from __future__ import annotations

import dataclasses
import io
from collections.abc import Mapping
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mixpriv_reconcile.model.diagnostics import Diagnostic, Severity, SourceSpan
from mixpriv_reconcile.model.events import ApplyErrored, ApplyStart, BatchesLeft, BatchSent, DiagnosticRaised, Event
from mixpriv_reconcile.model.plan import Change, ManualStep, Plan, PlanOptions
from mixpriv_reconcile.render.diagnostics import render_diagnostics
from mixpriv_reconcile.render.events_text import TextEvents
from mixpriv_reconcile.render.look import Look, printable
from mixpriv_reconcile.render.plan_summary import NO_CHANGES, apply_summary_text
from mixpriv_reconcile.render.plan_text import render_plan
from mixpriv_reconcile.render.report_github import report
from mixpriv_reconcile.render.report_markdown import report as report_markdown

from .companions import understood
from .lures import LURES
from .plans import plans
from .runs import planned
from .samples import NOTHING

LOOKS = [Look(), Look(is_terraform=True), Look(is_terminal=True, width=46), Look(is_terminal=True, is_terraform=True, width=120)]
TEXTS = st.lists(st.sampled_from([*LURES, " ", "  ", "x", "\n", "\t", ".yaml", "words that go on and on, ", "| ", "# "]), max_size=5).map("".join)


def named(plan: Plan, text: str) -> Plan:
    """*plan*, with *text* for each name, path and value that somebody else gave."""

    def found(one: Diagnostic) -> Diagnostic:
        return dataclasses.replace(one, message=text, hint=text, excerpt=text, span=SourceSpan(text, 1, 1) if one.span else None)

    def values(facts: Mapping[str, Any] | None) -> dict[str, Any]:
        return {**(facts or {}), "not_before": text, "compliance": text, "disclosure": text, "download_to": text, "url": text, "region": text}

    def change(one: Change) -> Change:
        by_hand = (ManualStep(text, (text, text)),) if one.kind == "sso" else ()
        place = one.source and SourceSpan(text, 3, 7)
        return dataclasses.replace(
            one, project=text, before=values(one.before), after=values(one.after), source=place, steps=(*one.steps, *by_hand)
        )

    return dataclasses.replace(
        plan,
        changes=tuple(map(change, plan.changes)),
        diagnostics=tuple(map(found, plan.diagnostics)),
        refusals=tuple(map(found, plan.refusals)),
        options=PlanOptions((text,) * len(plan.options.targets), (text,) * len(plan.options.retry)),
    )


def shown(plan: Plan, look: Look, saved_to: str | None = None) -> str:
    """What both streams of `plan --report github=-` hold."""
    stream = io.StringIO()
    render_plan(plan, stream, look, saved_to=saved_to)
    return stream.getvalue() + report(planned(plan))


@pytest.mark.parametrize("lure", LURES)
def test_each_lure_is_broken_visibly(lure: str) -> None:
    """A text that the tools look for is shown with one character of it as `�`, so that whoever reads it sees that it isn't ours."""
    assert "�" in printable(lure)
    assert len(lure) == len(printable(lure))


@pytest.mark.parametrize("text", ["no changes", "the plan: 2 to add", "error[MP0602]: x", "# web.residency", "a--b", "Warning", "2 errors"])
def test_other_text_stays_as_it_is(text: str) -> None:
    """What no tool looks for is shown as it is."""
    assert text == printable(text)


@settings(deadline=None, derandomize=True, max_examples=60)
@given(plans(), TEXTS.filter(str.strip), st.sampled_from(LOOKS))
def test_any_plan_with_any_names_is_read_as_with_tame_ones(plan: Plan, text: str, look: Look) -> None:
    """Whatever files, projects and values are called, and whatever a finding quotes, the tools read of a plan what they read with tame
    names."""
    hostile, tame = (shown(named(plan, name), look, name if len(plan.changes) % 2 else None) for name in (text, "x"))

    assert understood(tame) == understood(hostile)


@settings(deadline=None, derandomize=True, max_examples=60)
@given(plans(), TEXTS.filter(str.strip))
def test_a_comment_is_read_as_with_tame_names(plan: Plan, text: str) -> None:
    """The same of the comment, which may be what standard output has."""
    hostile, tame = (report_markdown(planned(named(plan, name))) for name in (text, "x"))

    assert understood(tame).atlantis == understood(hostile).atlantis


@pytest.mark.parametrize("lure", LURES)
def test_an_apply_with_any_names(lure: str) -> None:
    """What an apply tells of addresses, batches and findings is read as with tame names, also without a word about a complete one."""

    def told(text: str) -> str:
        stream = io.StringIO()
        events: list[Event] = [
            ApplyStart(text, "delete", 1, 2),
            BatchSent(text, 1, 2, "in_doubt"),
            ApplyErrored(text, text, 2, (BatchesLeft(1, 1, 1, 2, "unsent", f"{text} "),)),
            DiagnosticRaised(Diagnostic("MP0001", Severity.WARNING, text, text, SourceSpan(text, 1, 1), text, text)),
        ]
        with TextEvents(stream, Look(), is_terminal=False, monotonic=lambda: 0.0) as sink:
            for event in events:
                sink.emit(event)
        render_diagnostics([Diagnostic("MP0001", Severity.NOTE, text)], stream, Look())
        return stream.getvalue() + apply_summary_text(NOTHING.summary)

    assert understood(told("x")) == understood(told(lure))


def test_our_own_outcome_stays_whole_in_a_comment() -> None:
    """The outcome that we tell ourselves is never taken for a stranger's."""
    assert NO_CHANGES in report_markdown(planned(NOTHING))
