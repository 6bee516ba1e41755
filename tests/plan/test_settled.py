"""What a report of an apply still asks for."""

from __future__ import annotations

from datetime import date

import pytest

from mixpriv_reconcile.model.diagnostics import Diagnostic
from mixpriv_reconcile.model.plan import Plan, PlanOptions
from mixpriv_reconcile.model.state import State
from mixpriv_reconcile.plan import plan, still_open

from .building import FORGOTTEN, OTHERS, desired, ids, wish

RECEIVED = date(2026, 11, 3)
NEAR, LATE = date(2026, 11, 27), date(2026, 11, 8)


def made(today: date, not_before: date | None = None) -> Plan:
    """A plan of two requests that are due."""
    wishes = (wish(FORGOTTEN, ids(1, 2), received=RECEIVED), wish(OTHERS, ids(3), received=RECEIVED, not_before=not_before))
    return plan(desired(*wishes), State("", 0, ""), (), today, PlanOptions())


def due(findings: tuple[Diagnostic, ...]) -> list[tuple[str, str]]:
    return [(found.code, found.address) for found in findings if found.code in ("MP0626", "MP0641")]


@pytest.mark.parametrize(("today", "before"), [(NEAR, [("MP0626", FORGOTTEN), ("MP0626", OTHERS)]), (LATE, [("MP0641", "")])])
def test_what_was_submitted_is_not_asked_for(today: date, before: list[tuple[str, str]]) -> None:
    """After an apply that submitted every request none is said to be due or late."""
    planned = made(today)
    assert before == due(planned.diagnostics)
    assert [] == due(still_open(planned.diagnostics, planned, {FORGOTTEN, OTHERS}))


@pytest.mark.parametrize(("today", "after"), [(NEAR, [("MP0626", OTHERS)]), (LATE, [("MP0641", "")])])
def test_what_is_left_is_still_asked_for(today: date, after: list[tuple[str, str]]) -> None:
    """A request that the apply didn't finish is as due as before."""
    planned = made(today)
    assert after == due(still_open(planned.diagnostics, planned, {FORGOTTEN}))


def test_what_waits_is_still_said() -> None:
    """A request of which nothing could be submitted yet keeps its warning."""
    planned = made(NEAR, not_before=date(2026, 12, 1))
    assert [("MP0626", OTHERS)] == due(still_open(planned.diagnostics, planned, {FORGOTTEN, OTHERS}))
