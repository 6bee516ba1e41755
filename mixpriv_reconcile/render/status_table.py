"""The requests on a terminal: a table with a bar of progress each, or a block a request where the terminal is too narrow."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from io import StringIO
from typing import TextIO

from rich.box import SIMPLE_HEAD
from rich.console import Console
from rich.table import Table
from rich.text import Text

from mixpriv_reconcile.model.status import RequestStatus, Subjects
from mixpriv_reconcile.render.look import Look, painted, printable, wrapped
from mixpriv_reconcile.render.request_words import phase_words, progress_words, time_left

__all__ = ["bar_cells", "draw_requests"]

HEADINGS = ("ADDRESS", "PHASE", "PROGRESS", "DUE", "SUBMIT BY", "TIME LEFT")
BAR_COLUMN = 2
BAR_WIDTH = 10
GAP = 3
"""Columns between cells: two of padding, one of the box."""
LAST_WIDTH = 20
"""Columns that the last cell, which alone may wrap, needs at least; `should have been` is its longest piece in practice."""

DONE, SENT, REST = "█", "▒", "·"


def draw_requests(requests: Sequence[RequestStatus], today: date, stream: TextIO, look: Look) -> None:
    """*requests* in their order. No address is ever cut or wrapped."""
    rows = [_row(request, today) for request in requests]
    fixed = [max(len(heading), *(len(row[index]) for row in rows)) for index, heading in enumerate(HEADINGS[:-1])]
    if sum(fixed) + GAP * len(fixed) + LAST_WIDTH <= look.columns:
        _draw_table(requests, rows, stream, look)
    else:
        for number, request in enumerate(requests):
            stream.write(("\n" if number else "") + _block(request, today, look))


def bar_cells(subjects: Subjects, width: int = BAR_WIDTH) -> tuple[int, int, int]:
    """Of *width* cells: how many stand for what is done, for what is sent, and for the rest.

    A bar is full only where all is done, and never empty where something is.
    """
    total = max(subjects.declared, subjects.sent, 1)

    def cells(count: int) -> int:
        return max(1, count * width // total) if count else 0

    done = cells(subjects.succeeded)
    sent = max(done, cells(subjects.sent) if subjects.sent > subjects.succeeded else done)
    if sent == done and subjects.submitted and done < width:
        sent += 1
    return done, sent - done, width - sent


def _bar(subjects: Subjects) -> Text:
    done, sent, rest = bar_cells(subjects)
    return Text.assemble((DONE * done, "green"), (SENT * sent, "blue"), (REST * rest, "dim"))


def _style(request: RequestStatus) -> str:
    """The colour of lateness, which the words say too."""
    if request.overdue:
        return "bold red"
    return "yellow" if request.due_soon or request.submit_overdue else ""


def _row(request: RequestStatus, today: date) -> tuple[str, ...]:
    subjects = request.subjects
    return (
        printable(request.address),
        phase_words(request),
        f"{' ' * BAR_WIDTH} {subjects.succeeded:,}/{subjects.declared:,}",
        str(request.due or "-"),
        str(request.submit_by or "-"),
        time_left(request, today),
    )


def _draw_table(requests: Sequence[RequestStatus], rows: Sequence[Sequence[str]], stream: TextIO, look: Look) -> None:
    drawn = StringIO()
    console = Console(
        file=drawn,
        force_terminal=True,
        color_system="standard" if look.color else None,
        no_color=not look.color,
        width=look.columns,
        legacy_windows=False,
        _environ={},
    )
    table = Table(box=SIMPLE_HEAD, show_edge=False, pad_edge=False, padding=(0, 2, 0, 0), collapse_padding=True)
    for heading in HEADINGS[:-1]:
        table.add_column(heading, no_wrap=True, overflow="ignore")
    table.add_column(HEADINGS[-1], overflow="fold", min_width=LAST_WIDTH)
    for request, row in zip(requests, rows, strict=True):
        cells = [Text(cell) for cell in row]
        cells[BAR_COLUMN] = _bar(request.subjects).append(row[BAR_COLUMN].strip().rjust(len(row[BAR_COLUMN]) - BAR_WIDTH))
        cells[-1].stylize(_style(request))
        table.add_row(*cells)
    console.print(table)
    stream.writelines(f"{line.rstrip()}\n" for line in drawn.getvalue().splitlines())


def _block(request: RequestStatus, today: date, look: Look) -> str:
    done, sent, rest = bar_cells(request.subjects)
    bar = painted(DONE * done, look, "green") + painted(SENT * sent, look, "blue") + painted(REST * rest, look, "dim")
    lines = [
        painted(printable(request.address), look, "bold"),
        f"  {bar}  {phase_words(request)}",
        wrapped(progress_words(request), look, "  ", "  "),
    ]
    left = time_left(request, today)
    days = f"due {request.due}, submit by {request.submit_by}" if request.due and not request.is_over else ""
    told = f"{left} ({days})" if left and days else left or days
    if told:
        styles = _style(request).split()
        lines += [painted(line, look, *styles) for line in wrapped(told, look, "  ", "  ").splitlines()]
    return "\n".join(lines) + "\n"
