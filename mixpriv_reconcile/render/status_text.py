"""How the requests stand, for people: one row a request, the most urgent first, days counted and lateness said in words."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from datetime import date
from typing import TextIO

from mixpriv_reconcile.model.status import RequestStatus, StatusReport
from mixpriv_reconcile.model.tasks import is_open
from mixpriv_reconcile.render.look import Look, counted, instant, painted, printable, wrapped

__all__ = ["days_left", "render_status"]

HEADINGS = ("ADDRESS", "PHASE", "DONE", "DUE", "SUBMIT BY", "TIME LEFT")
GAP = "  "
DONE = frozenset({"succeeded", "withdrawn"})
NOTEWORTHY = ("unsent", "submitted", "failed", "refused", "in_doubt", "held", "waiting")
PLAIN = frozenset({"unsent", "submitted"})
"""Told by the row itself, unless there is more to tell."""


def render_status(report: StatusReport, stream: TextIO, look: Look, *, is_terminal: bool = False) -> None:
    """Every request. Where a row doesn't fit the width, the address gets a line of its own: it is never cut."""
    if report.apply_running is not None:
        facts = report.apply_running
        holder = facts.get("who", "somebody") + (f" on {facts['host']}" if facts.get("host") else "")
        since = f" since {facts['since']}" if facts.get("since") else ""
        stream.write(
            wrapped(f"An apply is running: {holder}{since}; what follows is what it has written down so far.", look, "", "") + "\n\n"
        )
    if not report.requests:
        stream.write("No requests are declared or remembered.\n")
        return
    ordered = sorted(report.requests, key=lambda request: (request.phase in DONE, request.due or date.max, request.address))
    rows = [_row(request, report.today) for request in ordered]
    widths = [max(len(heading), *(len(row[index]) for row in rows)) for index, heading in enumerate(HEADINGS)]
    fits = sum(widths) + len(GAP) * (len(widths) - 1) <= look.columns
    if fits and is_terminal:
        # Here, not above: a pipeline never draws a table, and the library costs a tenth of a second to load.
        from mixpriv_reconcile.render.table import draw_table

        draw_table(HEADINGS, rows, stream, look)
    else:
        _columns(rows, widths, fits, stream, look)
    _details(ordered, stream, look)
    stream.write("\n" + wrapped(_total(ordered, report.today), look, "", "") + "\n")


def days_left(request: RequestStatus, today: date) -> str:
    """What the calendar says: days to submit while ids are yet to be sent, else days to the answer; lateness in words."""
    if request.phase in DONE:
        return ""
    if request.due is None:
        return "no deadline"
    if today > request.due:
        return f"overdue by {_days(today, request.due)}"
    subjects = request.subjects
    to_send = subjects.unsent + subjects.failed + subjects.refused + subjects.in_doubt + subjects.held + subjects.waiting
    if to_send and request.submit_by is not None:
        if today > request.submit_by:
            return f"submit {_days(today, request.submit_by)} late"
        return "submit today" if today == request.submit_by else f"submit in {_days(request.submit_by, today)}"
    return "due today" if today == request.due else f"due in {_days(request.due, today)}"


def _days(later: date, earlier: date) -> str:
    return counted((later - earlier).days, "day")


def _row(request: RequestStatus, today: date) -> tuple[str, ...]:
    subjects = request.subjects
    return (
        printable(request.address),
        request.phase.replace("_", " "),
        f"{subjects.succeeded:,}/{subjects.declared:,}",
        str(request.due or "-"),
        str(request.submit_by or "-"),
        days_left(request, today),
    )


def _columns(rows: Sequence[Sequence[str]], widths: Sequence[int], fits: bool, stream: TextIO, look: Look) -> None:
    first = 0 if fits else 1
    lead = "" if fits else GAP

    def line(row: Sequence[str]) -> str:
        cells = zip(row[first:], widths[first:], strict=True)
        return (lead + GAP.join(f"{cell:<{width}}" for cell, width in cells)).rstrip()

    if not fits:
        stream.write(painted(HEADINGS[0], look, "bold") + "\n")
    stream.write(painted(line(HEADINGS), look, "bold") + "\n")
    for row in rows:
        if not fits:
            stream.write(row[0] + "\n")
        stream.write(line(row) + "\n")


def _details(requests: Sequence[RequestStatus], stream: TextIO, look: Look) -> None:
    """What a row has no room for: where the other ids are, and the tasks by their status; nothing for what is simply done."""
    told = [(request, words) for request in requests if request.phase != "succeeded" and (words := _words(request))]
    if told:
        stream.write("\n")
    for request, words in told:
        stream.write(f"{printable(request.address)}\n" + wrapped(words, look, GAP, GAP) + "\n")


def _words(request: RequestStatus) -> str:
    counts = {name: getattr(request.subjects, name) for name in NOTEWORTHY}
    listed = ", ".join(f"{count:,} {name.replace('_', ' ')}" for name, count in counts.items() if count)
    if not request.tasks:
        return listed if any(count for name, count in counts.items() if name not in PLAIN) else ""
    statuses = Counter(printable(task.status) for task in request.tasks)
    tasks = ", ".join(f"{count:,} {status}" for status, count in statuses.items())
    looked_at = [task.checked_at for task in request.tasks if is_open(task.status)]  # one that has ended stays as it is
    known = f"{counted(len(request.tasks), 'task')} ({tasks})" + (f", known since {instant(min(looked_at))}" if looked_at else "")
    return f"{listed}; {known}" if listed else known


def _total(requests: Sequence[RequestStatus], today: date) -> str:
    phases = Counter(request.phase for request in requests)
    listed = ", ".join(f"{count:,} {phase.replace('_', ' ')}" for phase, count in phases.items())
    open_ones = [request.due for request in requests if request.phase not in DONE and request.due is not None]
    late = sum(due < today for due in open_ones)
    coming = min((due for due in open_ones if due >= today), default=None)
    text = f"{counted(len(requests), 'request')}: {listed}."
    if late:
        text += f" {late:,} overdue."
    return text + (f" Next deadline {coming}." if coming else "")
