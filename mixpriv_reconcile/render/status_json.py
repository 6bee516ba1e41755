"""How the requests stand, as JSON: `status --format json`, contract §5."""

from __future__ import annotations

from typing import Any

from mixpriv_reconcile.codec import FORMAT_VERSION, plain
from mixpriv_reconcile.model.status import StatusReport
from mixpriv_reconcile.render.json_text import json_text

__all__ = ["status_document", "status_json"]


def status_document(report: StatusReport) -> dict[str, Any]:
    """Every request in the report's order, with its tasks; *apply_running* is null where nobody holds the lock."""
    return {
        "format_version": FORMAT_VERSION,
        "today": plain(report.today),
        "serial": report.serial,
        "apply_running": plain(report.apply_running),
        "requests": plain(report.requests),
    }


def status_json(report: StatusReport) -> str:
    """One document, indented by two spaces, in ASCII, with a newline at its end."""
    return json_text(status_document(report))
