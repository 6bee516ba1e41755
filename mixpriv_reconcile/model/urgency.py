"""Which requests press: overdue, due soon, and those whose last day to submit is near or past."""

from __future__ import annotations

import dataclasses
from datetime import date

from mixpriv_reconcile.model.status import RequestStatus

__all__ = ["days_until", "flagged", "presses"]


def days_until(day: date, today: date) -> int:
    """Days from *today* to *day*; negative where it has passed."""
    return (day - today).days


def flagged(request: RequestStatus, today: date, soon_days: int) -> RequestStatus:
    """*request* with its flags as of *today*. A day is near from *soon_days* before it on, and past from the day after it on."""
    if request.is_over:
        return dataclasses.replace(request, overdue=False, due_soon=False, submit_overdue=False, submit_soon=False)
    overdue, due_soon = _flags(request.due, today, soon_days)
    submit_overdue, submit_soon = _flags(request.submit_by if request.subjects.to_send else None, today, soon_days)
    return dataclasses.replace(
        request, overdue=overdue, due_soon=due_soon, submit_overdue=submit_overdue, submit_soon=submit_soon
    )


def presses(request: RequestStatus, today: date, within_days: int) -> bool:
    """Whether an unfinished request is due within *within_days* or overdue, or has ids to send and a submit-by that is or was so near."""
    flags = flagged(request, today, within_days)
    return flags.overdue or flags.due_soon or flags.submit_overdue or flags.submit_soon


def _flags(day: date | None, today: date, soon_days: int) -> tuple[bool, bool]:
    """Whether *day* has passed, and whether it is near."""
    if day is None:
        return False, False
    left = days_until(day, today)
    return left < 0, 0 <= left <= soon_days
