"""How the requests stand, as a GitHub table for an issue, a comment or a job's summary: deadlines first."""

from __future__ import annotations

import html
import re
from collections.abc import Sequence
from datetime import date

from mixpriv_reconcile.model.status import RequestStatus, StatusReport
from mixpriv_reconcile.render.look import printable
from mixpriv_reconcile.render.request_words import (
    by_urgency,
    flags_of,
    phase_words,
    running_sentence,
    standing_words,
    time_left,
    total_sentence,
)

__all__ = ["MAX_ROWS", "escaped", "status_markdown"]

MAX_ROWS = 250
"""Requests in the table: GitHub takes 65,536 characters in a comment, and a row has about two hundred."""

HEADINGS = ("due", "time left", "submit by", "request", "law", "phase", "sent", "done")
MARKUP = re.compile(r"[\\`*_\[\]|~$]")
"""ASCII punctuation that Markdown, a table or GitHub's maths takes for markup inside a line; `&`, `<` and `>` become references."""

LINKED = re.compile(r"(?<=[@#])|(?<=:)(?=//)|(?<=www)(?=\.)", re.IGNORECASE)
"""Where a comment is put so that GitHub, which looks at what is rendered, sees no mention, reference to an issue or bare URL."""


def status_markdown(report: StatusReport) -> str:
    """A sentence, the table with the most urgent first, and where ids stand that a row can't tell. Nothing in it is taken for markup."""
    lines = ["## Privacy requests", ""]
    if report.apply_running is not None:
        lines += [f"> {escaped(running_sentence(report))}", ""]
    if not report.requests:
        return "\n".join([*lines, "No requests are declared or remembered.", ""])
    ordered = by_urgency(report.requests)
    shown = ordered[:MAX_ROWS]
    lines += [escaped(f"As of {report.today}: {total_sentence(ordered, report.today)}"), ""]
    lines += [_line(HEADINGS), _line(["---"] * 6 + ["---:"] * 2)]
    lines += [_line(_row(request, report.today)) for request in shown]
    if len(ordered) > len(shown):
        lines += ["", f"… and {len(ordered) - len(shown):,} more, less urgent ones (see `--format json`)."]
    lines += _details(shown)
    return "\n".join(lines) + "\n"


def escaped(text: str) -> str:
    """*text* as text: no markup, HTML, mention or link comes of it, and no line or cell is broken."""
    linked = LINKED.sub("\0", printable(text))  # a character that no printable text holds
    return MARKUP.sub(r"\\\g<0>", html.escape(linked, quote=False)).replace("\0", "<!-- -->")


def _row(request: RequestStatus, today: date) -> tuple[str, ...]:
    subjects = request.subjects
    return (
        str(request.due or "–"),
        _flagged(request, today),
        str(request.submit_by or "–"),
        _address(request),
        escaped(request.compliance.upper()),
        phase_words(request),
        f"{subjects.sent:,}/{subjects.declared:,}",
        f"{subjects.succeeded:,}/{subjects.declared:,}",
    )


def _flagged(request: RequestStatus, today: date) -> str:
    """The flags in bold, then the words: `**due soon**: due in 5 days`."""
    flags, left = ", ".join(flags_of(request)), time_left(request, today)
    return f"**{flags}**: {left}" if flags else left or "–"


def _address(request: RequestStatus) -> str:
    return f"<code>{escaped(request.address)}</code>"


def _line(cells: Sequence[str]) -> str:
    return f"| {' | '.join(cells)} |"


def _details(requests: Sequence[RequestStatus]) -> list[str]:
    told = [(request, words) for request in requests if request.phase != "succeeded" and (words := standing_words(request))]
    return ["", *(f"- {_address(request)}: {escaped(words)}" for request, words in told)] if told else []
