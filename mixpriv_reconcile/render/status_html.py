"""How the requests stand, as a page: what presses in a sentence, the requests on a time line, then all of them in a table."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date

from mixpriv_reconcile.model.diagnostics import Diagnostic
from mixpriv_reconcile.model.status import RequestStatus, StatusReport, Subjects
from mixpriv_reconcile.model.wording import counted, people
from mixpriv_reconcile.render.findings_html import finding_cards
from mixpriv_reconcile.render.html import Html, Piece, breakable, el, joined
from mixpriv_reconcile.render.html_page import card, page, table, tiles
from mixpriv_reconcile.render.request_words import by_urgency, phase_words, running_sentence, standing_words, time_left
from mixpriv_reconcile.render.timeline import chips, timeline

__all__ = ["progress_bar", "status_html"]

COLUMNS = (
    ("Request", ""),
    ("Phase", ""),
    ("Time left", ""),
    ("Received", "day"),
    ("Submit by", "day"),
    ("Due", "day"),
    ("Progress", ""),
)


MOST_FOUND = 1000
"""Findings; the JSON report of a refresh holds every one."""


def status_html(report: StatusReport, found: Sequence[Diagnostic] = (), *, is_sandbox: bool = False) -> str:
    """One self-contained page, with what was *found* on the way; nothing of an address or a task's status can become markup."""
    ordered = by_urgency(report.requests)
    return page(
        f"Privacy requests as of {report.today}",
        lead=_lead(ordered),
        sub=(_next(ordered, report.today), running_sentence(report)),
        body=(*finding_cards(found, MOST_FOUND, is_sandbox=is_sandbox), *_sections(ordered, report)),
    )


def progress_bar(subjects: Subjects) -> Html:
    """How much is done and how much is sent, drawn; the words beside it say the same."""
    total = max(subjects.declared, subjects.sent, 1)
    parts = [el("i", style=f"width:{count * 100 / total:.2f}%") for count in (subjects.succeeded, subjects.submitted)]
    return el("span", *parts, class_="bar", aria_hidden="true")


def _lead(requests: Sequence[RequestStatus]) -> str:
    """The one sentence: what is late, else what is near, else that nothing presses."""
    if not requests:
        return "No requests are declared or remembered."
    unfinished = [request for request in requests if not request.is_over]
    if not unfinished:
        return f"Nothing is owed: {'the one request is' if len(requests) == 1 else f'all {len(requests):,} requests are'} finished."
    counts = (
        (sum(request.overdue for request in unfinished), "{} overdue"),
        (sum(request.due_soon for request in unfinished), "{} due soon"),
        (sum(request.submit_overdue and not request.overdue for request in unfinished), "{} past the last day to submit"),
    )
    told = [words.format(f"{count:,} {_are(count)}") for count, words in counts if count]
    head = f"Of {counted(len(unfinished), 'unfinished request')}, "
    if not told:
        return f"{counted(len(unfinished), 'request')} unfinished, none of them close to a deadline."
    return head + (told[0] if len(told) == 1 else f"{', '.join(told[:-1])} and {told[-1]}") + "."


def _are(count: int) -> str:
    return "is" if count == 1 else "are"


def _next(requests: Sequence[RequestStatus], today: date) -> str:
    """The next deadline, and whose it is."""
    for request in requests:
        if request.due is not None and request.due >= today and not request.is_over:
            return f"The next deadline is {request.due}, of {request.address}."
    return ""


def _sections(requests: Sequence[RequestStatus], report: StatusReport) -> Iterator[Piece]:
    if not requests:
        return
    yield tiles(_facts(requests))
    drawn = timeline(requests, report.today)
    if drawn is not None:
        yield card("Time line", drawn, name="timeline")
    rows = [_row(request, report.today) for request in requests]
    yield card("All requests", table("All requests", COLUMNS, rows), name="requests")
    yield _details(requests)


def _facts(requests: Sequence[RequestStatus]) -> list[tuple[str, str, str]]:
    unfinished = [request for request in requests if not request.is_over]
    late, soon = sum(request.overdue for request in unfinished), sum(request.due_soon for request in unfinished)
    declared = sum(request.subjects.declared for request in unfinished)
    to_send = sum(request.subjects.to_send for request in unfinished)
    return [
        (f"{late:,}", "overdue", "red" if late else ""),
        (f"{soon:,}", "due soon", "amber" if soon else ""),
        (f"{to_send:,}", f"of {people(declared)} still to be sent", ""),
        (f"{len(unfinished):,}", f"of {counted(len(requests), 'request')} unfinished", ""),
    ]


def _row(request: RequestStatus, today: date) -> tuple[Piece, ...]:
    subjects = request.subjects
    progress = joined(f"{subjects.succeeded:,} of {subjects.declared:,} done, {subjects.sent:,} sent", progress_bar(subjects))
    return (
        joined(breakable(request.address), el("br"), el("span", request.compliance.upper(), class_="soft")),
        phase_words(request),
        joined(time_left(request, today), " ", chips(request)),
        str(request.received or ""),
        str(request.submit_by or ""),
        str(request.due or ""),
        progress,
    )


def _details(requests: Sequence[RequestStatus]) -> Html | None:
    """Where the ids are that a row can't tell, folded away."""
    told = [(request, words) for request in requests if request.phase != "succeeded" and (words := standing_words(request))]
    if not told:
        return None
    items = [el("div", el("dt", breakable(request.address)), el("dd", words)) for request, words in told]
    folded = el("details", el("summary", f"Ids and tasks of {counted(len(told), 'request')}"), el("dl", *items, class_="stacked"))
    return card("Where the ids are", folded, name="details")
