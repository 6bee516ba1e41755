"""What happens during an apply, for programs and for people."""

from __future__ import annotations

import io
import json
import subprocess
import sys
from collections.abc import Callable
from datetime import date, datetime, timedelta, timezone
from typing import get_args

import pytest

from mixpriv_reconcile.model.diagnostics import Diagnostic, Severity
from mixpriv_reconcile.model.events import (
    ApplyComplete,
    ApplyErrored,
    ApplyProgress,
    ApplyStart,
    BatchesLeft,
    BatchSent,
    ChangeSummary,
    DiagnosticRaised,
    Event,
    Finished,
    PlannedChange,
    RateLimitHit,
    Version,
)
from mixpriv_reconcile.model.plan import Summary
from mixpriv_reconcile.ports import EventSink
from mixpriv_reconcile.render.event_words import BATCH_OUTCOMES
from mixpriv_reconcile.render.events_json import EVENT_TYPES, JsonEvents
from mixpriv_reconcile.render.events_text import LINE_GAP_SECONDS, TextEvents
from mixpriv_reconcile.render.look import Look

from .golden import assert_golden
from .samples import FORGOTTEN, MORNING, SMALL

ADDRESS = "web-eu.deletions.2026-11-forgotten"
LEFT = (
    BatchesLeft(2, 2, 1, 2000, "in_doubt", "HTTP 503"),
    BatchesLeft(4, 5, 2, 2, "refused", "HTTP 400"),
    BatchesLeft(6, 6, 1, 1998, "returned", "HTTP 429"),
    BatchesLeft(7, 5_000, 4_994, 9_991_000, "unsent", "the run ended first"),
    BatchesLeft(None, None, 1, 1988, "kept", "it wasn't cancelled"),
    BatchesLeft(None, None, 2, 12, "not_cancelled", "the run ended first"),
)
STORY: tuple[Event, ...] = (
    Version("1.2.3"),
    PlannedChange(FORGOTTEN),
    ChangeSummary("plan", SMALL.summary, 4321, 0, 3, 3, date(2026, 12, 3)),
    ApplyStart(ADDRESS, "delete", 3, 4321),
    BatchSent(ADDRESS, 1, 2000, "acknowledged", "1234567890", "PENDING"),
    ApplyProgress(1, 3, 2000, 4321, 2, 1),
    RateLimitHit("web-eu", "rate", 12.0, 1),
    BatchSent(ADDRESS, 2, 2000, "in_doubt"),
    DiagnosticRaised(Diagnostic("MP0613", Severity.WARNING, "batch 2 is in doubt", "run apply again", address=ADDRESS)),
    BatchSent(ADDRESS, 3, 321, "acknowledged", "1234567891", "PENDING"),
    ApplyProgress(3, 3, 2321, 4321, 0, 2),
    ApplyErrored(ADDRESS, "the run ended first", 9_997_000, LEFT, 2, 999),
    ApplyComplete("web-eu.residency", "create", 0),
    ChangeSummary("apply", Summary(1, 0, 0), 2321, 0, 3, 15),
    Finished(3, "stopped early: one batch is in doubt; run the same command again"),
)


def ticking(step: float) -> Callable[[], float]:
    """Seconds that pass by themselves: *step* at each look."""
    seconds = [0.0]

    def now() -> float:
        seconds[0] += step
        return seconds[0]

    return now


def told(events: tuple[Event, ...], look: Look | None = None, is_terminal: bool = False, step: float = 1.0) -> str:
    stream = io.StringIO()
    with TextEvents(stream, look or Look(), is_terminal, ticking(step)) as sink:
        for event in events:
            sink.emit(event)
    return stream.getvalue()


def lines(events: tuple[Event, ...], at: datetime = MORNING) -> str:
    stream = io.StringIO()
    sink: EventSink = JsonEvents(stream, lambda: at)
    for event in events:
        sink.emit(event)
    return stream.getvalue()


def test_golden_json() -> None:
    """Each event is one JSON object on one line, exactly like this."""
    assert_golden("events.ndjson", lines(STORY))


def test_golden_text() -> None:
    """Without a terminal an apply tells its story in lines, exactly like this."""
    assert_golden("events.txt", told(STORY))


def test_light_start() -> None:
    """A pipeline, which never sees a bar or a table, doesn't wait for the library that draws them."""
    modules = ("plan_text", "events_text", "events_json", "status_text", "state_text", "endpoints", "diagnostics")
    imports = "; ".join(f"import mixpriv_reconcile.render.{module}" for module in modules)

    assert 0 == subprocess.run([sys.executable, "-c", f"{imports}; import sys; sys.exit('rich' in sys.modules)"], check=False).returncode


def test_every_event_has_a_name() -> None:
    """The story above holds every event there is, and each has the contract's name."""
    assert set(get_args(Event)) == set(EVENT_TYPES) == {type(event) for event in STORY}
    assert {
        "version",
        "planned_change",
        "change_summary",
        "apply_start",
        "batch_sent",
        "rate_limited",
        "apply_progress",
        "apply_complete",
        "apply_errored",
        "diagnostic",
        "outcome",
    } == set(EVENT_TYPES.values())


def test_timestamps_are_utc() -> None:
    """Wherever the clock stands, a line's time is UTC."""
    paris = datetime(2026, 11, 8, 10, 0, tzinfo=timezone(timedelta(hours=1)))

    assert json.loads(lines((Version("1"),), paris))["@timestamp"] == "2026-11-08T09:00:00Z"


def test_messages_name_no_task() -> None:
    """The sentence of an event holds no id, not even a task's."""
    assert all("12345678" not in json.loads(line)["@message"] for line in lines(STORY).splitlines())


@pytest.mark.parametrize("outcome", BATCH_OUTCOMES)
def test_batch_outcomes(outcome: str) -> None:
    """Every outcome of a call has a sentence that says how many people it is about."""
    message = json.loads(lines((BatchSent(ADDRESS, 1, 2000, outcome),)))["@message"]

    assert "2,000 distinct ids" in message
    assert message != outcome


@pytest.mark.parametrize(("exit_code", "level"), [(0, "info"), (3, "warn"), (1, "error"), (130, "error")])
def test_levels(exit_code: int, level: str) -> None:
    """The outcome is as grave as the exit code."""
    assert level == json.loads(lines((Finished(exit_code, "done"),)))["@level"]


def test_progress_lines_are_rare() -> None:
    """However many batches: without a terminal a line of progress comes only every few seconds."""
    shown = told(tuple(ApplyProgress(number, 1000, number, 1000, 1000 - number) for number in range(1000)), step=0.1)

    assert 100 / LINE_GAP_SECONDS == len(shown.splitlines())


def test_terminal() -> None:
    """On a terminal a bar shows ids, requests and the time left, and is gone at the end, with the cursor back."""
    shown = told(STORY, is_terminal=True)

    assert "2,000/4,321 ids, 1/3 requests, 2 s" in shown
    assert shown.rindex("\x1b[?25h") > shown.rindex("\x1b[?25l")
    assert "\x1b[2K" in shown
    assert f"Error: {ADDRESS}: the run ended first" in shown


def test_terminal_after_a_crash() -> None:
    """An apply that dies in the middle gives the terminal back."""
    stream = io.StringIO()
    with pytest.raises(RuntimeError), TextEvents(stream, Look(), True, ticking(1.0)) as sink:
        sink.emit(ApplyProgress(1, 3, 2000, 4321, 2))
        raise RuntimeError

    sink.close()
    assert stream.getvalue().count("\x1b[?25h") == stream.getvalue().count("\x1b[?25l") == 1


@pytest.mark.parametrize("is_terminal", [True, False])
def test_no_colour(is_terminal: bool) -> None:
    """Without colour no colour code is written, bar or not."""
    assert not any(code in told(STORY, Look(False, 80), is_terminal) for code in ("\x1b[1m", "\x1b[3", "\x1b[38", "\x1b[0m"))


def test_bar_fits_eighty_columns() -> None:
    """The bar of the largest erasure still fits into 80 columns."""
    event = ApplyProgress(4999, 5000, 9_999_999, 10_000_000, 36_000, phase="submitting")
    shown = told((event,), Look(False, 80), True)
    bar = next(line for line in shown.split("\x1b[2K") if "submitting" in line)

    assert "9,999,999/10,000,000 ids, 4,999/5,000 requests" in bar
