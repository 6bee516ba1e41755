"""Warnings about deadlines that are near or past."""

from __future__ import annotations

from datetime import date

import pytest

from mixpriv_reconcile.model.plan import PlanOptions
from mixpriv_reconcile.model.state import State
from mixpriv_reconcile.plan import plan

from .building import FORGOTTEN, desired, ids, wish


def found(today: date, received: date = date(2026, 11, 3), not_before: date | None = None) -> list[tuple[str, str]]:
    """Code and message of what a plan of one new request says about its days."""
    wishes = desired(wish(FORGOTTEN, ids(1, 2), received=received, not_before=not_before))
    made = plan(wishes, State("", 0, ""), (), today, PlanOptions())
    return [(note.code, note.message) for note in made.diagnostics if note.code in ("MP0626", "MP0641")]


@pytest.mark.parametrize(
    ("today", "words"),
    [
        (date(2026, 11, 26), "is due on 2026-12-03, in 7 days, "),
        (date(2026, 12, 2), "is due on 2026-12-03, in 1 day, "),
        (date(2026, 12, 3), "is due on 2026-12-03, today, "),
        (date(2026, 12, 4), "is overdue since 2026-12-03, "),
    ],
)
def test_requests_close_to_their_deadline_are_flagged(today: date, words: str) -> None:
    """A request received on 3 November is due on 3 December (GDPR Art. 12(3)): flagged from seven days before on."""
    ((code, message),) = found(today)
    assert ("MP0626", True) == (code, words in message)


@pytest.mark.parametrize(("today", "words"), [(date(2026, 11, 4), "1 day ago"), (date(2026, 11, 25), "22 days ago")])
def test_a_passed_last_day_to_submit_is_noted(today: date, words: str) -> None:
    """Once fewer than Mixpanel's 30 days are left the plan says so, in a note, until the deadline itself is near."""
    ((code, message),) = found(today)
    assert "MP0641" == code
    assert f"due on 2026-12-03, in {30 - (today - date(2026, 11, 3)).days} days, has fewer than the 30 days that Mixpanel may take: its last day to submit was 2026-11-03, {words}" in message


def test_in_time_nothing_is_said() -> None:
    """On its last day to submit a request is in time."""
    assert [] == found(date(2026, 11, 3))


def test_what_waits_has_days_too() -> None:
    """Ids that wait for a cooling-off are flagged like others: the law doesn't wait with them."""
    assert ["MP0626"] == [code for code, _ in found(date(2026, 11, 27), not_before=date(2026, 12, 1))]


def test_many_that_are_late_are_one_note() -> None:
    """However many requests are past their last day to submit, the plan has one note, which names the most pressing."""
    wishes = desired(
        wish("web-eu.deletions.later", ids(1), received=date(2026, 11, 4)),
        wish("web-eu.deletions.first", ids(2), received=date(2026, 11, 3)),
    )
    made = plan(wishes, State("", 0, ""), (), date(2026, 11, 10), PlanOptions())
    (note,) = (note for note in made.diagnostics if note.code == "MP0641")
    assert note.message.startswith("2 requests with ids to send are due in fewer than the 30 days")
    assert "the first is web-eu.deletions.first, due on 2026-12-03" in note.message
