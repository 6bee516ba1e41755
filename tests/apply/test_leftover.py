"""The report at the end of an apply: what became of each batch."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from mixpriv_reconcile.apply.context import no_time_for
from mixpriv_reconcile.apply.leftover import MOST_LINES, Leftovers, errored
from mixpriv_reconcile.model.events import BatchesLeft
from mixpriv_reconcile.model.remote import NotSent, RateLimited

ADDRESS = "web.deletions.r1"
NOON = datetime(2026, 11, 20, 12, tzinfo=UTC)


def one(number: int | None, subjects: int, outcome: str, why: str = "") -> BatchesLeft:
    return BatchesLeft(number, number, 1, subjects, outcome, why)


def noted(*left: BatchesLeft) -> Leftovers:
    leftovers = Leftovers()
    for each in left:
        leftovers.note(ADDRESS, each)
    return leftovers


def test_unsent_batches_are_one_line() -> None:
    """However many batches weren't sent, they are one line with the first and the last number and all of their ids."""
    leftovers = noted(*(one(number, 2000, "unsent") for number in range(3, 5_000)), one(5_000, 1, "unsent"))
    assert leftovers.of(ADDRESS) == [BatchesLeft(3, 5_000, 4_998, 9_994_001, "unsent", "")]


@pytest.mark.parametrize(
    "pair",
    [
        (one(1, 2, "in_doubt", "HTTP 503"), one(2, 2, "in_doubt", "HTTP 503")),
        (one(1, 1, "refused", "HTTP 400"), one(2, 1, "refused", "HTTP 422")),
        (one(1, 1, "refused", "HTTP 400"), one(3, 1, "refused", "HTTP 400")),
        (one(1, 2, "refused"), one(2, 2, "unsent")),
        (one(None, 2, "unsent"), one(1, 2, "unsent")),
        (one(1, 2, "unsent"), one(None, 2, "unsent")),
    ],
    ids=["in doubt", "another reason", "a gap", "another end", "without a number", "then without a number"],
)
def test_what_differs_has_a_line_of_its_own(pair: tuple[BatchesLeft, BatchesLeft]) -> None:
    """Batches in doubt, and those that ended otherwise than their neighbours, are told one by one."""
    assert list(pair) == noted(*pair).of(ADDRESS)


def test_report_is_bounded() -> None:
    """A report has at most 20 lines for one address, and counts what lies beyond."""
    leftovers = noted(*(one(number, 10, "in_doubt", "HTTP 503") for number in range(1, 26)), one(26, 7, "unsent"))
    event = errored(ADDRESS, "why", leftovers.of(ADDRESS))
    assert (MOST_LINES, len(event.left)) == (20, 20)
    assert (event.further_batches, event.further_subjects) == (6, 57)
    assert event.remaining == 257


def test_ids_that_stay_in_their_task_are_settled() -> None:
    """Ids in a task that couldn't be cancelled are told, and not counted as unacknowledged."""
    leftovers = noted(one(None, 30, "kept"), one(2, 5, "in_doubt"))
    assert leftovers.unsettled(ADDRESS) == 5
    assert errored(ADDRESS, "why", leftovers.of(ADDRESS)).remaining == 5


@pytest.mark.parametrize(
    ("outcome", "told"),
    [
        (RateLimited(3600.0), "Mixpanel answers HTTP 429 and asks to come back after 2026-11-20 13:00:00 UTC"),
        (RateLimited(None), "there is no time to wait longer"),
        (RateLimited(None, outstanding_scans=True), "as many open requests of this project as it takes"),
        (RateLimited(1e9), "after 2058-07-29 13:46:40 UTC"),
        (NotSent("no connection"), "can't be reached: no connection"),
    ],
    ids=["asked", "not asked", "scans", "decades", "network"],
)
def test_end_of_patience_says_when_to_come_back(outcome: RateLimited | NotSent, told: str) -> None:
    """A run that has no time to wait says what Mixpanel answered, and when it asked to come back."""
    assert told in no_time_for(outcome, NOON).why
