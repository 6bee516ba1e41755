"""The deadlines as a calendar (RFC 5545): an all-day event for each, with an alarm, for any calendar program to subscribe to."""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta

from mixpriv_reconcile import __version__
from mixpriv_reconcile.model.status import RequestStatus, StatusReport
from mixpriv_reconcile.model.wording import people
from mixpriv_reconcile.render.look import printable
from mixpriv_reconcile.render.request_words import by_urgency, phase_words, progress_words

__all__ = ["status_ics"]

FOLD_OCTETS = 75
"""Most octets of a line without its end. Source: RFC 5545 §3.1."""

NAMESPACE = uuid.UUID("5f0a1c0e-6d0b-5c8e-9a51-0d3c5f2f7a10")
"""Of our events' UIDs, which RFC 7986 §5.3 wants to be UUIDs. Never to be changed: calendars know their events by them."""

NO_ZONE = ("BEGIN:VTIMEZONE", "TZID:UTC", "BEGIN:STANDARD", "DTSTART:19700101T000000", "TZOFFSETFROM:+0000", "TZOFFSETTO:+0000")
"""RFC 5545 §3.6 wants at least one component in a calendar; this one is in ours so that one without events is valid too."""


def status_ics(report: StatusReport, now: datetime) -> str:
    """The calendar, with CRLF line ends, made *now*: the due date of each unfinished request, and the submit-by where ids are to be sent.

    An event's UID follows from the request's address and the kind of date alone: a deadline that moves is the same event, moved.
    """
    lines = [
        "BEGIN:VCALENDAR",
        "VERSION:2.0",
        f"PRODID:-//mixpriv//mixpriv {_text(__version__)}//EN",
        "CALSCALE:GREGORIAN",
        "METHOD:PUBLISH",
        "NAME:Privacy requests",
        "X-WR-CALNAME:Privacy requests",
        "REFRESH-INTERVAL;VALUE=DURATION:P1D",
        *NO_ZONE,
        "END:STANDARD",
        "END:VTIMEZONE",
    ]
    for request in by_urgency(report.requests):
        if not request.is_over:
            lines += _events(request, report, now)
    return "".join(f"{_folded(line)}\r\n" for line in [*lines, "END:VCALENDAR"])


def _events(request: RequestStatus, report: StatusReport, now: datetime) -> Iterator[str]:
    law = request.compliance.upper()
    days = f"Received {request.received}, due {request.due}, to be submitted by {request.submit_by}."
    told = f"{request.kind}, {law}, {phase_words(request)}: {progress_words(request)}.\n{days}"
    if request.due is not None:
        yield from _event(request, "due", request.due, f"Answer due: {request.address} ({law})", told, report, now)
    to_send = request.subjects.to_send
    if request.submit_by is not None and to_send:
        summary = f"Last day to submit: {request.address} ({people(to_send)} to send)"
        yield from _event(request, "submit-by", request.submit_by, summary, told, report, now)


def _event(
    request: RequestStatus, kind: str, day: date, summary: str, description: str, report: StatusReport, now: datetime
) -> Iterator[str]:
    yield "BEGIN:VEVENT"
    yield f"UID:{uuid.uuid5(NAMESPACE, f'{kind} {printable(request.address)}')}"
    yield f"DTSTAMP:{now.astimezone(UTC):%Y%m%dT%H%M%SZ}"
    yield f"DTSTART;VALUE=DATE:{_day(day)}"
    if day < date.max:  # else a day's length is what a reader assumes anyway (RFC 5545 §3.6.1)
        yield f"DTEND;VALUE=DATE:{_day(day + timedelta(days=1))}"
    yield f"SUMMARY:{_text(summary)}"
    yield f"DESCRIPTION:{_text(description)}"
    yield "TRANSP:TRANSPARENT"  # a deadline makes nobody busy
    yield "BEGIN:VALARM"
    yield "ACTION:DISPLAY"
    yield f"DESCRIPTION:{_text(summary)}"
    yield f"TRIGGER:-P{report.due_soon_days}D" if report.due_soon_days else "TRIGGER:PT0S"
    yield "END:VALARM"
    yield "END:VEVENT"


def _day(day: date) -> str:
    return f"{day.year:04}{day.month:02}{day.day:02}"  # strftime doesn't pad years


def _text(value: str) -> str:
    """*value* as a TEXT (RFC 5545 §3.3.11); of controls only line ends are left, as `\\n`."""
    pieces = (printable(piece) for piece in value.split("\n"))
    return "\\n".join(piece.replace("\\", "\\\\").replace(";", "\\;").replace(",", "\\,") for piece in pieces)


def _folded(line: str) -> str:
    """*line* in pieces of at most 75 octets, the later ones behind a blank; no character is cut in two."""
    if len(line.encode()) <= FOLD_OCTETS:
        return line
    pieces, piece, size = [], "", 0
    for char in line:
        octets = len(char.encode())
        if size + octets > FOLD_OCTETS:
            pieces.append(piece)
            piece, size = " ", 1
        piece += char
        size += octets
    return "\r\n".join([*pieces, piece])
