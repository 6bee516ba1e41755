"""How long the GDPR OAuth token lives: one year from the day it was made, with no way to ask or to prolong (API fact sheet §5.1)."""

from __future__ import annotations

from datetime import date, timedelta

from mixpriv_reconcile.model.deadlines import PROCESSING_DAYS

__all__ = ["LONGEST_TASK_DAYS", "WARNING_DAYS", "expiry_of", "outlives", "warning_due"]

WARNING_DAYS = (60, 30, 7)
"""Days before the expiry from which a warning is given, each firmer than the one before. Source: API fact sheet §5.1."""

LONGEST_TASK_DAYS = PROCESSING_DAYS


def expiry_of(issued: date) -> date:
    """The first day on which a token made on *issued* is no longer valid: the same day a year later; 29 February becomes 28."""
    try:
        return issued.replace(year=issued.year + 1)
    except ValueError:
        return date(issued.year + 1, 2, 28)


def warning_due(days_left: int) -> int | None:
    """The smallest of `WARNING_DAYS` that *days_left* until the expiry have come to; None where it is further away, or past."""
    return min((days for days in WARNING_DAYS if 0 < days_left <= days), default=None)


def outlives(issued: date, today: date) -> date | None:
    """The day of expiry, where a task made *today* may still run then; None where the token sees it end.

    A token that has expired already says nothing here: nothing is submitted with it.
    """
    expiry = expiry_of(issued)
    return expiry if today < expiry < today + timedelta(days=LONGEST_TASK_DAYS) else None
