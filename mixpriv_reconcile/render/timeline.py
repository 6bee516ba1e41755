"""The requests on a time line: received, submit-by and due of each on one scale, and today across all of them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from mixpriv_reconcile.model.deadlines import months_after
from mixpriv_reconcile.model.status import RequestStatus
from mixpriv_reconcile.model.wording import counted
from mixpriv_reconcile.render.html import NL, Html, breakable, el, joined
from mixpriv_reconcile.render.request_words import flags_of, phase_words, time_left

__all__ = ["MOST_LANES", "chips", "timeline"]

MOST_LANES = 100
"""Requests on the line; of more the least urgent are in the table alone."""

REACH = timedelta(days=120)
"""How far from today the scale goes at most: what lies beyond is shown at its end, or a forgotten request would squeeze all others."""

MARGIN = timedelta(days=3)

MOST_MONTHS = 5
"""Names of months that a phone has room for side by side."""

LATE_SHARE = 0.8
"""From here on a name on the scale stands left of its mark."""

MARKS = (("received", "received"), ("submit", "submit by"), ("due", "due"))


@dataclass(frozen=True, slots=True)
class Scale:
    """From *first* to *last* day, both on it; *last* is later."""

    first: date
    last: date

    def share(self, day: date) -> float:
        """How far along *day* is, from 0 to 1; a day beyond an end stands at that end."""
        return min(max((day - self.first) / (self.last - self.first), 0.0), 1.0)

    def percent(self, day: date) -> str:
        """The same as CSS has it."""
        return f"{self.share(day) * 100:.2f}%"

    def holds(self, day: date) -> bool:
        return self.first <= day <= self.last


def timeline(requests: Sequence[RequestStatus], today: date) -> Html | None:
    """A lane for each unfinished request with a deadline, in the order given; None where there is none.

    What a lane shows is also written below it, so that nobody depends on seeing or on colours.
    """
    dated = [request for request in requests if request.due is not None and not request.is_over]
    if not dated:
        return None
    shown = dated[:MOST_LANES]
    scale = _scale(shown, today)
    lanes = [joined(_lane(request, scale, today), NL) for request in shown]
    left_out = len(dated) - len(shown)
    return joined(
        _legend(),
        NL,
        _axis(scale, today),
        NL,
        el("ol", NL, *lanes, class_="time", role="list"),
        el("p", f"… and {counted(left_out, 'request')} more, less urgent, in the table below.", class_="soft") if left_out else None,
        NL,
    )


def chips(request: RequestStatus) -> Html:
    """The flags of *request* as words in frames, or that it is done."""
    found = [el("span", flag, class_=f"chip {'red' if flag == 'overdue' else 'amber'}") for flag in flags_of(request)]
    if not found and request.phase == "succeeded":
        found = [el("span", "done", class_="chip green")]
    return el("span", *found, class_="chips") if found else Html("")


def _scale(requests: Sequence[RequestStatus], today: date) -> Scale:
    days = [day for request in requests for _, day in _days(request)]
    earliest = max(min(*days, today), _moved(today, -REACH))
    latest = min(max(*days, today), _moved(today, REACH))
    return Scale(_moved(earliest, -MARGIN), _moved(latest, MARGIN))


def _moved(day: date, by: timedelta) -> date:
    """*day* moved *by* some days, as far as the calendar goes."""
    return date.fromordinal(min(max(day.toordinal() + by.days, 1), date.max.toordinal()))


def _days(request: RequestStatus) -> Iterator[tuple[str, date]]:
    """The marks of a request with their classes: the submit-by only while ids are to be sent."""
    if request.received is not None:
        yield "received", request.received
    if request.submit_by is not None and request.subjects.to_send:
        yield "submit", request.submit_by
    if request.due is not None:
        yield "due", request.due


def _legend() -> Html:
    marks = [el("span", el("i", class_=f"mark {class_}", aria_hidden="true"), words) for class_, words in MARKS]
    return el("p", *marks, el("span", el("i", class_="now", aria_hidden="true"), "today"), class_="legend")


def _axis(scale: Scale, today: date) -> Html:
    """Names of months along the top, and today; a picture of what each lane writes out, so it is left out of what is read aloud."""
    months = list(_months(scale))
    step = -(-len(months) // MOST_MONTHS)
    names = [_month(day, scale) for day in months[::step]]
    share = scale.share(today)
    end = " first" if share < 1 - LATE_SHARE else " last" if share > LATE_SHARE else ""
    now = el("span", f"today, {today}", class_=f"now{end}", style=_at(today, scale))
    return el("div", el("div", *names, now, class_="scale"), class_="axis", aria_hidden="true")


def _months(scale: Scale) -> Iterator[date]:
    """The first days of the months on the scale."""
    day = scale.first
    while (day.year, day.month) < (scale.last.year, scale.last.month):
        day = months_after(day.replace(day=1), 1)
        yield day


def _month(day: date, scale: Scale) -> Html:
    """A month's name at its first day, with the year in January; on the other side of it where it would hang over the end."""
    name = f"{day:%b} {day.year}" if day.month == 1 else f"{day:%b}"
    return el("span", name, class_="flip" if scale.share(day) > LATE_SHARE else None, style=_at(day, scale))


def _at(day: date, scale: Scale) -> str:
    return f"left:{scale.percent(day)}"


def _lane(request: RequestStatus, scale: Scale, today: date) -> Html:
    words = dict(MARKS)
    days = list(_days(request))
    head = joined(el("h3", breakable(request.address)), el("p", _standing(request, today), chips(request), class_="soft"))
    return el(
        "li",
        el("div", head),
        el(
            "div",
            el("div", *_spans(request, scale, today), *(_mark(name, day, scale) for name, day in days), class_="lane", aria_hidden="true"),
            el("p", *(el("span", f"{words[name]} {day}") for name, day in days), class_="days"),
        ),
    )


def _standing(request: RequestStatus, today: date) -> str:
    return f"{phase_words(request)}, {time_left(request, today)} "


def _spans(request: RequestStatus, scale: Scale, today: date) -> Iterator[Html]:
    """The time there is, from the receipt to the deadline, and the time it is late."""
    assert request.due is not None
    if request.received is not None:
        yield _span("span", request.received, request.due, scale)
    if today > request.due:
        yield _span("span late", request.due, today, scale)
    yield el("i", class_="now", style=_at(today, scale))


def _span(class_: str, start: date, end: date, scale: Scale) -> Html:
    width = max(scale.share(end) - scale.share(start), 0.0)
    return el("i", class_=class_, style=f"{_at(start, scale)};width:{width * 100:.2f}%")


def _mark(name: str, day: date, scale: Scale) -> Html:
    return el("i", class_=f"mark {name}" + ("" if scale.holds(day) else " past"), style=_at(day, scale))
