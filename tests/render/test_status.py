"""How the requests stand, readable at 80 columns and by programs."""

from __future__ import annotations

import dataclasses
import io
import json
from datetime import date

import pytest

from mixpriv_reconcile.model.status import PHASES, RequestStatus, StatusReport, Subjects
from mixpriv_reconcile.render.look import Look
from mixpriv_reconcile.render.status_json import status_json
from mixpriv_reconcile.render.status_text import days_left, render_status

from .golden import assert_golden
from .samples import DAY, STATUS

DUE, SUBMIT_BY = date(2026, 12, 3), date(2026, 11, 3)


def text(report: StatusReport, width: int = 80, *, is_terminal: bool = False, color: bool = False) -> str:
    stream = io.StringIO()
    render_status(report, stream, Look(color, width), is_terminal=is_terminal)
    return stream.getvalue()


def test_golden_narrow() -> None:
    """At 80 columns every request has its address on a line of its own."""
    assert_golden("status-80.txt", text(STATUS))


def test_golden_wide() -> None:
    """Where there is room a request is one line."""
    assert_golden("status-120.txt", text(STATUS, 120))


def test_golden_terminal() -> None:
    """On a wide terminal a table is drawn."""
    assert_golden("status-terminal.txt", text(STATUS, 120, is_terminal=True))


def test_golden_json() -> None:
    """As JSON the status has the contract's keys."""
    assert_golden("status.json", status_json(STATUS))


def test_nothing() -> None:
    """A workspace without requests says so."""
    assert text(StatusReport(DAY, (), 0)) == "No requests are declared or remembered.\n"


@pytest.mark.parametrize("width", [20, 40, 80, 100, 120, 200])
@pytest.mark.parametrize("is_terminal", [True, False])
def test_addresses_are_whole(width: int, is_terminal: bool) -> None:
    """However narrow the terminal, an address is never cut or wrapped."""
    long = dataclasses.replace(STATUS.requests[0], address="web-eu.deletions." + "a-long-name-" * 8)
    shown = text(dataclasses.replace(STATUS, requests=(*STATUS.requests, long)), width, is_terminal=is_terminal)

    assert all(request.address in shown for request in (*STATUS.requests, long))


@pytest.mark.parametrize("is_terminal", [True, False])
def test_fits(is_terminal: bool) -> None:
    """At 80 columns no line is longer than the terminal."""
    assert [line for line in text(STATUS, 80, is_terminal=is_terminal).splitlines() if len(line) > 80] == []


def test_no_colour() -> None:
    """Without colour there is no escape character, on a terminal neither."""
    assert "\x1b" not in text(STATUS, 120, is_terminal=True)
    assert "\x1b" in text(STATUS, 120, is_terminal=True, color=True)


def test_urgent_first() -> None:
    """What is due first stands first, what is finished last."""
    shown = text(STATUS, 120)
    order = sorted(STATUS.requests, key=lambda request: shown.index(request.address))

    assert ["in_doubt", "unsent", "pending", "succeeded"] == [request.phase for request in order]


@pytest.mark.parametrize(
    ("today", "unsent", "words"),
    [
        (date(2026, 11, 1), 5, "submit in 2 days"),
        (date(2026, 11, 3), 5, "submit today"),
        (date(2026, 11, 4), 5, "submit 1 day late"),
        (date(2026, 11, 4), 0, "due in 29 days"),
        (date(2026, 12, 3), 0, "due today"),
        (date(2026, 12, 5), 0, "overdue by 2 days"),
        (date(2026, 12, 5), 5, "overdue by 2 days"),
    ],
)
def test_days_left(today: date, unsent: int, words: str) -> None:
    """Days are counted to what comes next, and lateness is said in words."""
    request = RequestStatus("a.deletions.b", "deletions", "gdpr", date(2026, 11, 3), DUE, SUBMIT_BY, "unsent", Subjects(5, unsent), ())

    assert words == days_left(request, today)


@pytest.mark.parametrize("phase", PHASES)
def test_phases(phase: str) -> None:
    """Every phase is named in text and in JSON."""
    report = dataclasses.replace(STATUS, requests=(dataclasses.replace(STATUS.requests[1], phase=phase),))

    assert phase.replace("_", " ") in text(report)
    assert phase == json.loads(status_json(report))["requests"][0]["phase"]
