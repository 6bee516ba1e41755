"""Which requests press, and how near near is."""

from __future__ import annotations

import dataclasses
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mixpriv_reconcile.model.status import ENDED, PHASES, RequestStatus, Subjects
from mixpriv_reconcile.model.urgency import flagged, presses

DUE, SUBMIT_BY = date(2026, 12, 18), date(2026, 11, 18)
SENT = RequestStatus(
    "a.deletions.b", "deletions", "ccpa", date(2026, 11, 3), DUE, SUBMIT_BY, "pending", Subjects(declared=5, submitted=5), ()
)
UNSENT = dataclasses.replace(SENT, phase="unsent", subjects=Subjects(declared=5, submitted=3, unsent=2))


def flags(request: RequestStatus, today: date, soon_days: int = 7) -> list[str]:
    """The names of the flags that are set."""
    found = flagged(request, today, soon_days)
    return [name for name in ("overdue", "due_soon", "submit_overdue", "submit_soon") if getattr(found, name)]


@pytest.mark.parametrize(
    ("today", "sent", "unsent"),
    [
        (date(2026, 11, 10), [], []),
        (date(2026, 11, 11), [], ["submit_soon"]),
        (date(2026, 11, 18), [], ["submit_soon"]),
        (date(2026, 11, 19), [], ["submit_overdue"]),
        (date(2026, 12, 10), [], ["submit_overdue"]),
        (date(2026, 12, 11), ["due_soon"], ["due_soon", "submit_overdue"]),
        (date(2026, 12, 18), ["due_soon"], ["due_soon", "submit_overdue"]),
        (date(2026, 12, 19), ["overdue"], ["overdue", "submit_overdue"]),
    ],
)
def test_flags_by_the_day(today: date, sent: list[str], unsent: list[str]) -> None:
    """A day is near from `due_soon` before it until its end, and past from the next day on; the submit-by counts while ids are to be sent."""
    assert (sent, unsent) == (flags(SENT, today), flags(UNSENT, today))


@pytest.mark.parametrize("where", ["unsent", "failed", "refused", "in_doubt", "waiting"])
def test_ids_that_no_task_holds_are_to_be_sent(where: str) -> None:
    """Wherever an id stands that no task holds, its request's last day to submit counts."""
    request = dataclasses.replace(SENT, phase=where, subjects=Subjects(**{"declared": 5, "submitted": 4, where: 1}))
    assert ["submit_overdue"] == flags(request, date(2026, 11, 19))


def test_a_held_id_is_not_to_be_sent() -> None:
    """Ids under a legal hold are not to be sent, so no day to submit them passes; the answer is due all the same."""
    held = dataclasses.replace(SENT, phase="held", subjects=Subjects(declared=5, held=5))
    assert ([], ["overdue"]) == (flags(held, date(2026, 11, 19)), flags(held, date(2026, 12, 19)))


@pytest.mark.parametrize("phase", sorted(ENDED))
def test_what_is_over_never_presses(phase: str) -> None:
    """A finished or withdrawn request has no flag and fails no check, however long ago its deadline was."""
    over = dataclasses.replace(UNSENT, phase=phase)
    assert [] == flags(over, date(2030, 1, 1))
    assert not presses(over, date(2030, 1, 1), 10**9)


def test_without_a_deadline_nothing_presses() -> None:
    """Without `received` there is no deadline to be near."""
    assert not presses(dataclasses.replace(UNSENT, received=None, due=None, submit_by=None), date(2030, 1, 1), 10**9)


@pytest.mark.parametrize(("within", "holds"), [(0, False), (7, False), (8, True), (999_999_999, True)])
def test_a_check_for_any_time(within: int, holds: bool) -> None:
    """The time given is compared in whole days, however many."""
    assert holds == presses(SENT, date(2026, 12, 10), within)


@given(st.sampled_from(PHASES), st.dates(), st.integers(0, 400), st.integers(0, 5))
def test_flags_exclude_each_other(phase: str, today: date, soon_days: int, unsent: int) -> None:
    """No date is past and near at once, and a check for `due_soon` fails where a flag is set and nowhere else."""
    request = dataclasses.replace(SENT, phase=phase, subjects=Subjects(declared=5, unsent=unsent))
    found = flags(request, today, soon_days)
    assert not {"overdue", "due_soon"} <= set(found)
    assert not {"submit_overdue", "submit_soon"} <= set(found)
    assert bool(found) == presses(request, today, soon_days)
