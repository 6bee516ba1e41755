"""Warnings about deadlines that are near or past."""

from __future__ import annotations

from datetime import date

import pytest

from mixpriv_reconcile.model.plan import PlanOptions
from mixpriv_reconcile.model.state import State
from mixpriv_reconcile.plan import plan

from .building import FORGOTTEN, desired, ids, wish


@pytest.mark.parametrize(
    ("today", "words"),
    [
        (date(2026, 11, 26), "in 7 days"),
        (date(2026, 12, 3), "in 0 days"),
        (date(2026, 12, 4), "is overdue since 2026-12-03"),
        (date(2026, 11, 25), ""),
    ],
)
def test_requests_close_to_their_deadline_are_flagged(today: date, words: str) -> None:
    """A request received on 3 November is due on 3 December (GDPR Art. 12(3)): flagged from seven days before on."""
    wishes = desired(wish(FORGOTTEN, ids(1, 2), received=date(2026, 11, 3)))
    found = [note for note in plan(wishes, State("", 0, ""), (), today, PlanOptions()).diagnostics if note.code == "MP0626"]
    assert ([True] if words else []) == [words in note.message for note in found]
