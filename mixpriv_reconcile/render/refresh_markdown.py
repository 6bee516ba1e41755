"""What a refresh saw, as a comment: tasks by their status, and what was found on the way."""

from __future__ import annotations

from collections.abc import Iterator

from mixpriv_reconcile.model.report import Report
from mixpriv_reconcile.render.comment import Part, comment, marker
from mixpriv_reconcile.render.findings_markdown import finding_parts, first_errors, outcome_sentence
from mixpriv_reconcile.render.markdown import escaped, table_head, table_line, within
from mixpriv_reconcile.render.refresh_seen import by_status

__all__ = ["refresh_markdown"]

COUNTS, ERRORS, WARNINGS, NOTES = range(4)
LONGEST_STATUS = 200
"""Bytes: a status is Mixpanel's own word, whatever it is."""


def refresh_markdown(run: Report) -> str:
    """The comment of a refresh, however it ended."""
    top = [marker("refresh", run.folder, sandbox=run.sandbox, exit=run.exit_code), outcome_sentence(run)]
    top += first_errors(run.findings, run.folder, is_sandbox=run.sandbox)
    return comment(top, tuple(_parts(run)))


def _parts(run: Report) -> Iterator[Part]:
    counts = by_status(run.polled)
    rows = (table_line((within(status, LONGEST_STATUS, escaped), f"{count:,}")) for status, count in counts)
    yield Part(COUNTS, len(counts), rows, "status", "statuses", before=table_head(("Status", "Tasks"), right=1))
    yield from finding_parts(run.findings, (ERRORS, WARNINGS, NOTES), run.folder, is_sandbox=run.sandbox)
