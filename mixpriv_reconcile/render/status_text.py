"""How the requests stand, for people: one row a request, the most urgent first, days counted and lateness said in words."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import TextIO

from mixpriv_reconcile.model.status import RequestStatus, StatusReport
from mixpriv_reconcile.render.look import Look, painted, printable, wrapped
from mixpriv_reconcile.render.request_words import (
    by_urgency,
    flags_of,
    phase_words,
    running_sentence,
    standing_words,
    time_left,
    total_sentence,
)

__all__ = ["render_status"]

HEADINGS = ("ADDRESS", "PHASE", "SENT", "DONE", "DUE", "SUBMIT BY", "FLAGS", "TIME LEFT")
GAP = "  "
MOST_DRAWN = 500
"""Requests in a drawn table, which takes a second for about a thousand; more are listed in plain columns, at once."""


def render_status(report: StatusReport, stream: TextIO, look: Look, *, is_terminal: bool = False) -> None:
    """Every request, the most urgent first: a table with progress bars on a terminal, or blocks where it is too narrow for one.

    Without a terminal it is a line a request, in the same columns whatever they hold, none wrapped or cut: for `grep` and `awk`.
    """
    if report.apply_running is not None:
        stream.write(wrapped(running_sentence(report), look, "", "") + "\n\n")
    if not report.requests:
        stream.write("No requests are declared or remembered.\n")
        return
    ordered = by_urgency(report.requests)
    if is_terminal and len(ordered) <= MOST_DRAWN:
        # Here, not above: a pipeline never draws a table, and the library costs a tenth of a second to load.
        from mixpriv_reconcile.render.status_table import draw_requests

        draw_requests(ordered, report.today, stream, look)
    else:
        _columns([_row(request, report.today) for request in ordered], stream, look)
    _details(ordered, stream, look)
    stream.write("\n" + wrapped(total_sentence(ordered, report.today), look, "", "") + "\n")


def _row(request: RequestStatus, today: date) -> tuple[str, ...]:
    subjects = request.subjects
    return (
        printable(request.address),
        phase_words(request),
        f"{subjects.sent:,}/{subjects.declared:,}",
        f"{subjects.succeeded:,}/{subjects.declared:,}",
        str(request.due or "-"),
        str(request.submit_by or "-"),
        ", ".join(flags_of(request)) or "-",
        time_left(request, today) or "-",
    )


def _columns(rows: Sequence[Sequence[str]], stream: TextIO, look: Look) -> None:
    widths = [max(len(heading), *(len(row[index]) for row in rows)) for index, heading in enumerate(HEADINGS)]

    def line(row: Sequence[str]) -> str:
        return GAP.join(f"{cell:<{width}}" for cell, width in zip(row, widths, strict=True)).rstrip()

    stream.write(painted(line(HEADINGS), look, "bold") + "\n")
    stream.writelines(line(row) + "\n" for row in rows)


def _details(requests: Sequence[RequestStatus], stream: TextIO, look: Look) -> None:
    """What a row has no room for: where the other ids are, and the tasks by their status; nothing for what is simply done."""
    told = [(request, words) for request in requests if request.phase != "succeeded" and (words := standing_words(request))]
    if told:
        stream.write("\n")
    for request, words in told:
        stream.write(f"{printable(request.address)}\n" + wrapped(words, look, GAP, GAP) + "\n")
