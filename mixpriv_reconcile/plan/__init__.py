"""Stage 3. DECIDE: (DesiredState, State, what was observed, today) → Plan. Pure: no clock, no network, no file is written."""

from __future__ import annotations

from mixpriv_reconcile.plan.adopting import Adoptable, adoptable, record_of
from mixpriv_reconcile.plan.decide import plan
from mixpriv_reconcile.plan.expected import Expected, expected
from mixpriv_reconcile.plan.settled import still_open
from mixpriv_reconcile.plan.staleness import changes_gone, changes_moved, ended_badly, inputs_moved
from mixpriv_reconcile.plan.status import status_report

__all__ = [
    "Adoptable",
    "Expected",
    "adoptable",
    "changes_gone",
    "changes_moved",
    "ended_badly",
    "expected",
    "inputs_moved",
    "plan",
    "record_of",
    "status_report",
    "still_open",
]
