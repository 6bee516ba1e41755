"""Answers that name other tasks (409) and answers that ask to wait (429)."""

from __future__ import annotations

from datetime import UTC, datetime
from email.utils import format_datetime
from typing import Any

import pytest

from mixpriv_reconcile.kinds.wire import (
    read_cancellation,
    read_lookup,
    read_submission,
    retry_after,
)
from mixpriv_reconcile.model.remote import (
    Conflict,
    RateLimited,
)

from .building import ACCESS, NOON, answer

READERS = (read_submission, read_lookup, read_cancellation)


def submitted(status: int, body: object = None, headers: dict[str, str] | None = None) -> object:
    return read_submission(answer(status, body, headers), ACCESS, NOON)


# 409


def test_a_conflict_names_ids_and_tasks() -> None:
    """A 409 tells which ids sit in which live tasks, each task once, in its order; numbers are ids too, and what can be none is counted."""
    error = {"conflicting_distinct_ids": ["a", "b"], "conflicting_task_ids": ["t-2", 1, "t-2", None, True, ""], "error": "text"}
    found = submitted(409, {"status": "error", "error": error})
    assert isinstance(found, Conflict)
    assert (["a", "b"], ("t-2", "1"), 1) == (list(found.ids), found.tracking_ids, found.unreadable)
    assert "a" not in repr(found.ids)


@pytest.mark.parametrize(
    "body",
    [
        None,
        b"\xff",
        {"status": "error", "error": "busy"},
        {"error": {}},
        {"error": {"conflicting_task_ids": "t-1", "conflicting_distinct_ids": "a"}},
        {"error": {"conflicting_task_ids": {"t": 1}, "conflicting_distinct_ids": [1, 2]}},
        {"error": {"conflicting_task_ids": [], "conflicting_distinct_ids": []}},
        [{"error": {"conflicting_task_ids": ["t-1"]}}],
    ],
)
def test_a_conflict_may_name_nothing(body: object) -> None:
    """A 409 without a readable list is a conflict that names no task."""
    found = submitted(409, body)
    assert isinstance(found, Conflict)
    assert (0, ()) == (len(found.ids), found.tracking_ids)


@pytest.mark.parametrize("name", ["..", " . ", "a\nb", "\x00", "t" * 257, {"id": 1}, ["t-1"], 1.5])
def test_a_name_that_can_be_no_task_is_counted(name: object) -> None:
    """Dots, control characters and what isn't text can't be looked at as a task, and are not forgotten."""
    found = submitted(409, {"error": {"conflicting_task_ids": [name, "t-1"], "conflicting_distinct_ids": ["a"]}})
    assert isinstance(found, Conflict)
    assert (("t-1",), 1) == (found.tracking_ids, found.unreadable)


def test_a_conflict_may_stand_at_the_top() -> None:
    """The lists of a 409 are found outside `error` too."""
    found = submitted(409, {"conflicting_task_ids": ["t-1"], "conflicting_distinct_ids": ["a"]})
    assert isinstance(found, Conflict)
    assert ("t-1",) == found.tracking_ids


# 429


@pytest.mark.parametrize("reader", READERS)
def test_a_rate_limit_is_told_on_every_call(reader: Any) -> None:
    """429 is a wait on every call, and its two causes are told apart."""
    rate = reader(answer(429, {"error": "too many requests, limited to 1 req/s"}, {"retry-after": "7"}), ACCESS, NOON)
    assert RateLimited(7.0) == rate
    scans = reader(answer(429, {"error": "Too many outstanding day-Scans"}), ACCESS, NOON)
    assert RateLimited(None, outstanding_scans=True) == scans


def http_date(seconds: float) -> str:
    return format_datetime(datetime.fromtimestamp(NOON + seconds, UTC), usegmt=True)


@pytest.mark.parametrize(
    ("text", "wait"),
    [
        ("0", 0.0),
        ("120", 120.0),
        (" 120 ", 120.0),
        (http_date(90), 90.0),
        (http_date(-90), 0.0),
        ("Sun, 08 Nov 2026 13:00:00 -0000", 3600.0),
        ("Sun, 08 Nov 2026 13:00:00", 3600.0),
        ("Sun, 08 Nov 2026 13:00:00 +0100", 0.0),
    ],
)
def test_retry_after_is_read_in_both_forms(text: str, wait: float) -> None:
    """`Retry-After` is seconds or a date; a date that passed is no wait, and one without a zone is GMT, not this machine's time."""
    assert wait == retry_after(answer(429, headers={"retry-after": text}), NOON)


@pytest.mark.parametrize("text", ["1000000000", "9" * 12, "9" * 5_000, "Fri, 31 Dec 9999 23:59:59 GMT"], ids=len)
def test_an_absurd_retry_after_is_a_very_long_one(text: str) -> None:
    """A server that asks for ages isn't called again after a moment."""
    assert retry_after(answer(429, headers={"retry-after": text}), NOON) == 1e9


@pytest.mark.parametrize(
    "text",
    ["", "soon", "-5", "1.5", "1e9", "٣", "Sun, 99 Nov 2026 13:00:00 GMT", "Sun, 08 Nov 2026 13:00:00 +9999999"],
)
def test_an_unreadable_retry_after_is_none(text: str) -> None:
    """What can't be read as a wait isn't one."""
    assert retry_after(answer(429, headers={"retry-after": text}), NOON) is None
