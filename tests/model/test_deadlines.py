"""The legal clock, as dates (GDPR Art. 12(3); CCPA regulations § 7021)."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mixpriv_reconcile.model.deadlines import due_date, months_after, submit_by
from mixpriv_reconcile.model.resource import Extension

from .clock_cases import CCPA, GDPR

TOLD = Extension(date(2026, 1, 1), "complex request")
DAYS = st.dates(date(1, 1, 1), date(9999, 8, 1))


@pytest.mark.parametrize(("received", "due", "extended", "last_day", "rule"), GDPR)
def test_the_gdpr_gives_one_month_or_three(received: str, due: str, extended: str, last_day: str, rule: str) -> None:
    """One calendar month after receipt, three with an extension, the day clamped to the month's end; Mixpanel gets 30 days of it."""
    assert (due, extended, last_day) == clock("gdpr", received), rule


@pytest.mark.parametrize("law", ["ccpa", "CCPA"])
@pytest.mark.parametrize(("received", "due", "extended", "last_day", "rule"), CCPA)
def test_the_ccpa_gives_45_days_or_90(received: str, due: str, extended: str, last_day: str, rule: str, law: str) -> None:
    """45 days after receipt, 90 with an extension; Mixpanel gets 30 days of them."""
    assert (due, extended, last_day) == clock(law, received), rule


def clock(law: str, received: str) -> tuple[str, str, str]:
    """The day an answer is due, the day with an extension, and the last day to submit, as the program counts."""
    day = date.fromisoformat(received)
    due, extended = due_date(law, day), due_date(law, day, TOLD)
    return due.isoformat(), extended.isoformat(), submit_by(due).isoformat()


def test_the_cases_are_many_and_each_stands_once() -> None:
    """At least forty dates of both laws, and among them requests whose last day to submit lies before they came in."""
    assert 40 <= len({("gdpr", *case) for case in GDPR} | {("ccpa", *case) for case in CCPA}) == len(GDPR) + len(CCPA)
    assert 5 <= sum(case[3] < case[0] for case in GDPR)


def test_a_deadline_stays_on_a_weekend() -> None:
    """A deadline is never rolled forward: a Sunday stays a Sunday."""
    assert date(2026, 11, 8) == due_date("gdpr", date(2026, 10, 8))
    assert 6 == due_date("gdpr", date(2026, 10, 8)).weekday()


def test_submit_by_may_lie_before_the_receipt() -> None:
    """Mixpanel may take 30 days: for a request of February the last day to submit is before it arrived."""
    assert date(2026, 1, 29) == submit_by(due_date("gdpr", date(2026, 1, 31)))
    assert date(2026, 12, 3) - timedelta(days=30) == submit_by(date(2026, 12, 3))


@given(DAYS, st.integers(0, 3))
def test_a_month_later_is_in_that_month(day: date, months: int) -> None:
    """Months are calendar months, and the day is the same or the month's last."""
    later = months_after(day, months)
    assert (day.year * 12 + day.month - 1 + months) == later.year * 12 + later.month - 1
    assert later.day == day.day or (later.day < day.day and (later + timedelta(days=1)).day == 1)


@given(DAYS, DAYS, st.sampled_from(["gdpr", "ccpa"]))
def test_who_asked_earlier_is_answered_no_later(one: date, other: date, law: str) -> None:
    """Deadlines keep the order of receipts, and an extension never shortens one."""
    first, second = sorted((one, other))
    assert due_date(law, first) <= due_date(law, second)
    assert due_date(law, first) < due_date(law, first, TOLD)
