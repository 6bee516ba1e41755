"""The deadlines as a calendar that any program can read."""

from __future__ import annotations

import dataclasses
import uuid
from datetime import date, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mixpriv_reconcile import __version__
from mixpriv_reconcile.model.status import RequestStatus, StatusReport, Subjects
from mixpriv_reconcile.render.status_ics import status_ics

from .calendars import Component, parsed
from .golden import assert_golden
from .orders import ORDERS, STEERING
from .samples import MORNING, STATUS

HOSTILE = st.lists(st.sampled_from([*ORDERS, *STEERING, "END:VCALENDAR", "\r\n", "\n ", ";", ",", "\\", "\\n", "ä", "😀", "a" * 70]), max_size=8).map("".join)


def events(report: StatusReport) -> list[Component]:
    """The events of the report's calendar."""
    return parsed(status_ics(report, MORNING).encode()).named("VEVENT")


def test_golden() -> None:
    """The calendar reads exactly like this."""
    shown = status_ics(STATUS, MORNING).replace(f"mixpriv {__version__}//", "mixpriv VERSION//")
    assert_golden("status.ics", shown.replace("\r\n", "\n"))


def test_an_event_for_each_date_that_counts() -> None:
    """Each unfinished request has its due date, and its last day to submit while ids are to be sent; finished and undated ones none."""
    assert [
        ("20261105", "Answer due: web-eu.deletions.2026-10-late (GDPR)"),
        ("20261006", "Last day to submit: web-eu.deletions.2026-10-late (323 distinct ids to send)"),
        ("20261218", "Answer due: web-us.deletions.2026-11 (CCPA)"),
        ("20261118", "Last day to submit: web-us.deletions.2026-11 (3 distinct ids to send)"),
    ] == [(event.properties["DTSTART"], event.properties["SUMMARY"]) for event in events(STATUS)]


def test_events_are_whole_days() -> None:
    """A deadline is a day without an hour: it starts on that day, ends before the next, and makes nobody busy."""
    for event in events(STATUS):
        assert {";VALUE=DATE"} == {event.parameters["DTSTART"], event.parameters["DTEND"]}
        start, end = (date.fromisoformat(event.properties[name]) for name in ("DTSTART", "DTEND"))
        assert timedelta(days=1) == end - start
        assert "TRANSPARENT" == event.properties["TRANSP"]


@pytest.mark.parametrize(("days", "trigger"), [(7, "-P7D"), (0, "PT0S"), (30, "-P30D")])
def test_the_alarm_rings_when_it_is_due_soon(days: int, trigger: str) -> None:
    """Each event has an alarm as long before it as `policy.due_soon` says."""
    for event in events(dataclasses.replace(STATUS, due_soon_days=days)):
        (alarm,) = event.named("VALARM")
        assert ("DISPLAY", trigger) == (alarm.properties["ACTION"], alarm.properties["TRIGGER"])


def test_a_date_that_moves_is_the_same_event() -> None:
    """An extension moves an event and makes no second one; each date of each request has an identity of its own."""
    moved = [dataclasses.replace(request, due=date(2027, 2, 1), submit_by=date(2027, 1, 2)) for request in STATUS.requests]
    later = dataclasses.replace(STATUS, today=date(2026, 11, 30), serial=99, requests=tuple(moved))
    names = [event.properties["UID"] for event in events(STATUS)]

    assert len(names) == len(set(names))
    assert set(names) <= {event.properties["UID"] for event in events(later)}
    assert all(str(uuid.UUID(name)) == name for name in names)


def test_the_identity_of_an_event_never_changes() -> None:
    """Calendars know an event by its UID, also those that an earlier version made."""
    assert "427811a1-06e6-54c1-aa56-0ea30cd6bcdc" == events(STATUS)[2].properties["UID"]


def test_no_event_is_a_valid_calendar_too() -> None:
    """A calendar without any event is read like others."""
    assert [] == events(StatusReport(STATUS.today, (), 0))


def test_the_last_day_of_the_calendar() -> None:
    """A deadline on the last day there is has no next one, and is still a day."""
    (event,) = events(StatusReport(STATUS.today, (dataclasses.replace(STATUS.requests[3], due=date.max),), 0))
    assert ("99991231", None) == (event.properties["DTSTART"], event.properties.get("DTEND"))


@settings(deadline=None, derandomize=True, max_examples=200)
@given(HOSTILE)
def test_no_name_breaks_out(name: str) -> None:
    """Whatever an address holds, it adds no line and no event, and the calendar stays by the book."""
    request = RequestStatus(name, "deletions", "gdpr", STATUS.today, STATUS.today, STATUS.today, "unsent", Subjects(declared=1, unsent=1), ())
    found = events(StatusReport(STATUS.today, (request,), 0))
    assert 2 == len(found)
    assert {"VALARM"} == {inner.name for event in found for inner in event.components}
