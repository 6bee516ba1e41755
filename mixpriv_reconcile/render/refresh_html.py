"""What a refresh saw, as a page: tasks by their status, the findings, then each task."""

from __future__ import annotations

from collections.abc import Iterator

from mixpriv_reconcile.model.report import Report
from mixpriv_reconcile.model.wording import capitalised, full_stopped
from mixpriv_reconcile.render.findings_html import finding_cards
from mixpriv_reconcile.render.html import Piece
from mixpriv_reconcile.render.html_page import card, more, page, table, tiles
from mixpriv_reconcile.render.look import instant
from mixpriv_reconcile.render.refresh_seen import by_status

__all__ = ["refresh_html"]

MOST_SHOWN = 1000
"""Tasks and findings; the JSON holds every one."""

COLUMNS = (("Task", ""), ("Project id", "num"), ("Status", ""), ("Looked at", ""))


def refresh_html(run: Report) -> str:
    """One self-contained page of a refresh, however it ended."""
    title = "Refresh, in the sandbox" if run.sandbox else "Refresh"
    lead = full_stopped(capitalised(run.why))
    return page(title, lead=lead, sub=(f"Exit code {run.exit_code}, {instant(run.at)}.",), body=_sections(run))


def _sections(run: Report) -> Iterator[Piece]:
    if run.polled:
        yield tiles((f"{count:,}", f"{'task' if count == 1 else 'tasks'} {status}", "") for status, count in by_status(run.polled))
    yield from finding_cards(run.findings, MOST_SHOWN, is_sandbox=run.sandbox)
    if run.polled:
        rows = ((seen.tracking_id, str(seen.project_id), seen.status, instant(seen.at)) for seen in run.polled[:MOST_SHOWN])
        yield card("Tasks", table("Tasks", COLUMNS, rows), more(len(run.polled) - MOST_SHOWN, "task"), name="tasks")
