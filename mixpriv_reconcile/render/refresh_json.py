"""What a refresh saw, as JSON: `refresh --format json`, and its report."""

from __future__ import annotations

from typing import Any

from mixpriv_reconcile.codec import plain
from mixpriv_reconcile.model.report import Report
from mixpriv_reconcile.render.apply_json import findings_documents, run_document
from mixpriv_reconcile.render.json_text import json_text

__all__ = ["refresh_json"]


def refresh_json(run: Report) -> str:
    """The document's text."""
    return json_text(refresh_document(run))


def refresh_document(run: Report) -> dict[str, Any]:
    """Each task that was looked at, in the order of the looks."""
    tasks = [
        {"project_id": seen.project_id, "tracking_id": seen.tracking_id, "status": seen.status, "at": plain(seen.at)} for seen in run.polled
    ]
    return {**run_document(run), "tasks": tasks, "diagnostics": findings_documents(run)}
