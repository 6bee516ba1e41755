"""The legal clock of a request: when the person must have an answer, and when Mixpanel must have the request."""

from __future__ import annotations

import calendar
from datetime import date, timedelta

from mixpriv_reconcile.model.resource import Extension

__all__ = ["PROCESSING_DAYS", "due_date", "months_after", "submit_by"]

PROCESSING_DAYS = 30
"""Days a deletion may take at Mixpanel. Source: API fact sheet §1.5 (GDPR API reference)."""


def months_after(day: date, months: int) -> date:
    """The same day of the month *months* later, clamped to that month's end (31 January plus one is 28 or 29 February)."""
    index = day.month - 1 + months
    year, month = day.year + index // 12, index % 12 + 1
    return date(year, month, min(day.day, calendar.monthrange(year, month)[1]))


def due_date(compliance: str, received: date, extension: Extension | None = None) -> date:
    """The last day for an answer, never rolled forward over weekends.

    GDPR Art. 12(3): one calendar month after receipt, three with an extension. CCPA regulations § 7021: 45 days, 90 with one.
    """
    if compliance.lower() == "ccpa":
        return received + timedelta(days=45 if extension is None else 90)
    return months_after(received, 1 if extension is None else 3)


def submit_by(due: date) -> date:
    """The last day on which Mixpanel, taking its full 30 days, still answers in time; may lie before the receipt."""
    return due - timedelta(days=PROCESSING_DAYS)
