"""How the requests stand, as a GitHub table for an issue, a comment or a job's summary: deadlines first."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date
from itertools import islice

from mixpriv_reconcile.model.report import Report
from mixpriv_reconcile.model.status import RequestStatus, StatusReport
from mixpriv_reconcile.model.urgency import presses
from mixpriv_reconcile.model.wording import counted
from mixpriv_reconcile.render.comment import Part, comment, marker
from mixpriv_reconcile.render.findings_markdown import finding_parts, first_errors, outcome_sentence
from mixpriv_reconcile.render.markdown import code, escaped, table_head, table_line, within
from mixpriv_reconcile.render.request_words import (
    by_urgency,
    flags_of,
    phase_words,
    running_sentence,
    standing_words,
    time_left,
    total_sentence,
)

__all__ = ["MAX_ROWS", "status_markdown"]

MAX_ROWS = 250
"""Requests in the table, so that there is room for where their ids are; a row has about two hundred bytes."""

HEADINGS = ("due", "time left", "submit by", "request", "law", "phase", "sent", "done")

PRESSING, ROWS, ERRORS, STANDING, WARNINGS, NOTES = range(6)
"""What is filled first, and left out last."""

PRESSING_CODE = "MP0640"
"""Of the finding that names what presses: the comment has a list of it."""

LONGEST_NAME, LONGEST_WORDS = 300, 1000
"""Bytes of an address, and of what is said of it: a task may have any status."""


def status_markdown(run: Report, report: StatusReport) -> str:
    """A sentence, the table with the most urgent first, and where ids stand that a row can't tell. Nothing in it is taken for markup."""
    top = [marker("status", run.folder, sandbox=run.sandbox, exit=run.exit_code), "## Privacy requests"]
    if report.apply_running is not None:
        top.append(f"> {within(running_sentence(report), LONGEST_WORDS, escaped)}")
    found = [one for one in run.findings if one.code != PRESSING_CODE]
    if errors := first_errors(found, run.folder, is_sandbox=run.sandbox):
        top += [outcome_sentence(run), *errors]
    findings = tuple(finding_parts(found, (ERRORS, WARNINGS, NOTES), run.folder, is_sandbox=run.sandbox))
    if not report.requests:
        return comment([*top, "No requests are declared or remembered."], findings)
    ordered = by_urgency(report.requests)
    top.append(escaped(f"As of {report.today}: {total_sentence(ordered, report.today)}"))
    return comment(top, (*_parts(ordered, report.today, run.due_within_days), *findings))


def _parts(ordered: Sequence[RequestStatus], today: date, due_within_days: int | None) -> Iterator[Part]:
    if due_within_days is not None:
        pressing = [request for request in ordered if presses(request, today, due_within_days)]
        items = (f"- {_address(request)}: {_flagged(request, today)}" for request in pressing)
        head = f"**Within {counted(due_within_days, 'day')} of a deadline, or past one: {counted(len(pressing), 'request')}.**\n\n"
        yield Part(PRESSING, len(pressing), islice(items, MAX_ROWS), "request that presses", "requests that press", before=head)
    rows = (table_line(_row(request, today)) for request in ordered[:MAX_ROWS])
    yield Part(ROWS, len(ordered), rows, "less urgent request", before=table_head(HEADINGS, right=2))
    told = [(request, words) for request in ordered[:MAX_ROWS] if request.phase != "succeeded" and (words := standing_words(request))]
    lines = (f"- {_address(request)}: {within(words, LONGEST_WORDS, escaped)}" for request, words in told)
    yield Part(STANDING, len(told), lines, "request", before="")


def _row(request: RequestStatus, today: date) -> tuple[str, ...]:
    subjects = request.subjects
    return (
        str(request.due or "–"),
        _flagged(request, today),
        str(request.submit_by or "–"),
        _address(request),
        within(request.compliance.upper(), LONGEST_NAME, escaped),
        escaped(phase_words(request)),
        f"{subjects.sent:,}/{subjects.declared:,}",
        f"{subjects.succeeded:,}/{subjects.declared:,}",
    )


def _flagged(request: RequestStatus, today: date) -> str:
    """The flags in bold, then the words: `**due soon**: due in 5 days`."""
    flags, left = ", ".join(flags_of(request)), time_left(request, today)
    return f"**{flags}**: {left}" if flags else left or "–"


def _address(request: RequestStatus) -> str:
    return within(request.address, LONGEST_NAME, code)
