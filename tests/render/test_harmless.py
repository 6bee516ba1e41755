"""Nothing that a stranger wrote steers a terminal or gives an order to a CI system, wherever it is shown."""

from __future__ import annotations

import io
import json
import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from model.building import PLANS, STATES

from mixpriv_reconcile.model.diagnostics import Diagnostic, Severity, SourceSpan
from mixpriv_reconcile.render.diagnostics import render_diagnostics
from mixpriv_reconcile.render.json_text import json_text
from mixpriv_reconcile.render.look import Look, printable, wrapped
from mixpriv_reconcile.render.plan_json import plan_json
from mixpriv_reconcile.render.plan_text import render_plan
from mixpriv_reconcile.render.state_text import render_state

from .orders import ORDERS, STEERING, is_harmless

HOSTILE = st.lists(st.sampled_from([*ORDERS, *STEERING, "a", " ", "x.yaml", ":", "#", "["]), min_size=1, max_size=5).map("".join)


def diagnosed(text: str) -> str:
    """A finding all of whose texts are *text*."""
    stream = io.StringIO()
    found = Diagnostic(text, Severity.ERROR, text, text, SourceSpan(text, 1, 1), text, text)
    render_diagnostics([found, Diagnostic("MP0001", Severity.NOTE, text, text, None, text)], stream, Look(width=60))
    return stream.getvalue()


@pytest.mark.parametrize("text", [*ORDERS, *STEERING])
def test_a_finding_about_a_hostile_name(text: str) -> None:
    """A file, a key or a value that is called like an order to a CI system gives none."""
    assert is_harmless(diagnosed(text))


@settings(deadline=None, derandomize=True)
@given(HOSTILE)
def test_a_finding_about_any_hostile_text(text: str) -> None:
    """Whatever orders and controls are put together, a finding about them is harmless, and so is wrapped text."""
    assert is_harmless(diagnosed(text))
    assert is_harmless(wrapped(f"words before {text} and after", Look(width=40), "  ", "    "))
    assert is_harmless(json_text({"text": text}))
    assert {"text": text} == json.loads(json_text({"text": text}))


@settings(deadline=None, derandomize=True)
@given(st.text())
def test_columns_stay_columns(text: str) -> None:
    """What is shown has as many characters as what was written, so that a caret points at the right one."""
    assert len(text) == len(printable(text))


@pytest.mark.parametrize("text", ["https://eu.mixpanel.com/security/login/42", "a::b", "[::1]", "# web.residency", "#1", "##", "a:b:c"])
def test_plain_text_stays_as_it_is(text: str) -> None:
    """URLs, addresses and comments are no orders."""
    assert text == printable(text)


@settings(deadline=None, derandomize=True, max_examples=150)
@given(PLANS)
def test_any_plan_is_shown_harmlessly(plan) -> None:  # type: ignore[no-untyped-def]
    """A saved plan from whomever, shown as text or JSON, steers nothing."""
    stream = io.StringIO()
    render_plan(plan, stream, Look(width=60), saved_to="plan.json")

    assert is_harmless(stream.getvalue())
    assert is_harmless(plan_json(plan))


@settings(deadline=None, derandomize=True, max_examples=150)
@given(STATES)
def test_any_state_is_shown_harmlessly(state) -> None:  # type: ignore[no-untyped-def]
    """A state from wherever, shown as text, steers nothing."""
    stream = io.StringIO()
    render_state(state, stream, Look(width=60))

    assert is_harmless(stream.getvalue())
    assert re.search(r"^lineage|^The state is empty|^serial", stream.getvalue())
