"""How long a GDPR token lives: days typed by hand."""

from __future__ import annotations

from datetime import date

import pytest

from mixpriv_reconcile.model.token_life import expiry_of, outlives, warning_due


@pytest.mark.parametrize(
    ("issued", "expiry"),
    [
        (date(2026, 3, 1), date(2027, 3, 1)),
        (date(2026, 12, 31), date(2027, 12, 31)),
        (date(2027, 2, 28), date(2028, 2, 28)),
        (date(2027, 3, 1), date(2028, 3, 1)),  # over 29 February: 366 days, and still one year
        (date(2028, 2, 28), date(2029, 2, 28)),
        (date(2028, 2, 29), date(2029, 2, 28)),  # there is no 29 February 2029
    ],
)
def test_a_token_expires_a_year_after_it_was_made(issued: date, expiry: date) -> None:
    """A token is valid for one year, and no longer on the same day of the next (API §5.1)."""
    assert expiry == expiry_of(issued)


@pytest.mark.parametrize(
    ("days_left", "due"),
    [(366, None), (61, None), (60, 60), (31, 60), (30, 30), (8, 30), (7, 7), (1, 7), (0, None), (-1, None)],
)
def test_warnings_begin_60_days_before(days_left: int, due: int | None) -> None:
    """The first warning comes 60 days before the expiry, firmer ones 30 and 7 days before; an expired token is no warning's matter."""
    assert due == warning_due(days_left)


@pytest.mark.parametrize(
    ("today", "day"),
    [
        (date(2027, 1, 29), None),  # 30 days later it is 28 February: the token still looks
        (date(2027, 1, 30), None),  # 30 days later it is 1 March itself
        (date(2027, 1, 31), date(2027, 3, 1)),
        (date(2027, 2, 28), date(2027, 3, 1)),
        (date(2027, 3, 1), None),  # expired: nothing is submitted with it
    ],
)
def test_a_task_may_outlive_the_token(today: date, day: date | None) -> None:
    """Mixpanel may take 30 days (API §1.5): where these end after the token's last day, that day is told."""
    assert day == outlives(date(2026, 3, 1), today)
