"""How the requests stand, readable at 80 columns and by programs."""

from __future__ import annotations

import dataclasses
import io
import json
import re
from datetime import date

import pytest

from mixpriv_reconcile.model.status import PHASES, RequestStatus, StatusReport, Subjects
from mixpriv_reconcile.model.urgency import flagged
from mixpriv_reconcile.render.look import Look
from mixpriv_reconcile.render.request_words import phase_words, time_left
from mixpriv_reconcile.render.status_json import status_json
from mixpriv_reconcile.render.status_table import bar_cells
from mixpriv_reconcile.render.status_text import render_status

from .golden import assert_golden
from .samples import DAY, STATUS

DUE, SUBMIT_BY = date(2026, 12, 3), date(2026, 11, 3)


def text(report: StatusReport, width: int = 80, *, is_terminal: bool = False, color: bool = False) -> str:
    stream = io.StringIO()
    render_status(report, stream, Look(color, width), is_terminal=is_terminal)
    return stream.getvalue()


def test_golden_plain() -> None:
    """Without a terminal every request is one line, in columns that stay where they are."""
    assert_golden("status.txt", text(STATUS, 80))


def test_golden_narrow() -> None:
    """On a terminal of 80 columns every request is a block."""
    assert_golden("status-terminal-80.txt", text(STATUS, 80, is_terminal=True))


def test_golden_terminal() -> None:
    """On a wide terminal a table is drawn, with a bar of progress each."""
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


@pytest.mark.parametrize("width", [60, 80, 100, 112, 120, 200])
def test_fits(width: int) -> None:
    """No line is longer than the terminal."""
    assert [line for line in text(STATUS, width, is_terminal=True).splitlines() if len(line) > width] == []


def test_very_many_requests() -> None:
    """More requests than anybody reads are listed at once, in plain columns, on a terminal too."""
    many = dataclasses.replace(STATUS, requests=STATUS.requests * 1000, apply_running=None)
    assert text(many, 120, is_terminal=True).startswith("ADDRESS ")
    assert "█" not in text(many, 120, is_terminal=True)


@pytest.mark.parametrize("width", [40, 80, 300])
def test_columns_are_stable(width: int) -> None:
    """Without a terminal each request is one line in the same eight columns, whatever the width, so that scripts can cut it."""
    lines = text(STATUS, width).splitlines()
    heading = next(line for line in lines if line.startswith("ADDRESS"))
    rows = [re.split(r"  +", line) for line in lines if line.partition("  ")[0] in {request.address for request in STATUS.requests}]

    assert ["ADDRESS", "PHASE", "SENT", "DONE", "DUE", "SUBMIT BY", "FLAGS", "TIME LEFT"] == re.split(r"  +", heading)
    assert [8] * 4 == [len(row) for row in rows if len(row) > 1]


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
        (date(2026, 11, 2), 5, "submit in 1 day"),
        (date(2026, 11, 3), 5, "submit today"),
        (date(2026, 11, 4), 5, "should have been submitted 1 day ago"),
        (date(2026, 11, 10), 5, "should have been submitted 7 days ago"),
        (date(2026, 11, 26), 5, "should have been submitted 23 days ago, due in 7 days"),
        (date(2026, 12, 3), 5, "should have been submitted 30 days ago, due today"),
        (date(2026, 11, 4), 0, "due in 29 days"),
        (date(2026, 12, 2), 0, "due in 1 day"),
        (date(2026, 12, 3), 0, "due today"),
        (date(2026, 12, 4), 0, "overdue by 1 day"),
        (date(2026, 12, 5), 5, "overdue by 2 days"),
    ],
)
def test_time_left(today: date, unsent: int, words: str) -> None:
    """Days are counted to what comes next, and lateness is said in words."""
    subjects = Subjects(5, unsent, submitted=5 - unsent)
    request = RequestStatus("a.deletions.b", "deletions", "gdpr", date(2026, 11, 3), DUE, SUBMIT_BY, "unsent", subjects, ())

    assert words == time_left(flagged(request, today, 7), today)


def test_nobody_is_late_with_what_was_never_in_time() -> None:
    """A request of February, whose last day to submit lies before its receipt, isn't called late."""
    received, due = date(2026, 2, 10), date(2026, 3, 10)
    request = RequestStatus("a.deletions.b", "deletions", "gdpr", received, due, date(2026, 2, 8), "unsent", Subjects(5, 5), ())

    assert "submit now, due in 28 days" == time_left(flagged(request, received, 7), received)


def test_partly_unsent() -> None:
    """A request some of whose ids are sent isn't called unsent as a whole; its phase in JSON stays the contract's."""
    partly = dataclasses.replace(STATUS.requests[2], subjects=Subjects(declared=3, unsent=2, submitted=1))

    assert ("unsent", "partly unsent") == (phase_words(STATUS.requests[2]), phase_words(partly))
    assert "unsent" == json.loads(status_json(dataclasses.replace(STATUS, requests=(partly,))))["requests"][0]["phase"]


@pytest.mark.parametrize(
    ("subjects", "cells"),
    [
        (Subjects(), (0, 0, 10)),
        (Subjects(declared=10_000, unsent=10_000), (0, 0, 10)),
        (Subjects(declared=10_000, unsent=9_999, submitted=1), (0, 1, 9)),
        (Subjects(declared=10_000, unsent=9_999, succeeded=1), (1, 0, 9)),
        (Subjects(declared=10_000, submitted=1, succeeded=9_999), (9, 1, 0)),
        (Subjects(declared=10_000, unsent=1, succeeded=9_999), (9, 0, 1)),
        (Subjects(declared=4, submitted=2, succeeded=2), (5, 5, 0)),
        (Subjects(declared=12, succeeded=12), (10, 0, 0)),
        (Subjects(declared=3, succeeded=5), (10, 0, 0)),
    ],
)
def test_bars(subjects: Subjects, cells: tuple[int, int, int]) -> None:
    """A bar is full only where all is done, and never empty where something is."""
    assert cells == bar_cells(subjects)


@pytest.mark.parametrize("phase", PHASES)
def test_phases(phase: str) -> None:
    """Every phase is named in text and in JSON."""
    report = dataclasses.replace(STATUS, requests=(dataclasses.replace(STATUS.requests[1], phase=phase),))

    assert phase.replace("_", " ") in text(report)
    assert phase == json.loads(status_json(report))["requests"][0]["phase"]
