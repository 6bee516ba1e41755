"""A run as JSON: the document that `--format json` has for the command, or the findings where there is none."""

from __future__ import annotations

from mixpriv_reconcile.model.report import Report
from mixpriv_reconcile.render.diagnostics import diagnostics_document
from mixpriv_reconcile.render.json_text import json_text
from mixpriv_reconcile.render.plan_json import plan_json
from mixpriv_reconcile.render.status_json import status_json

__all__ = ["report"]


def report(run: Report) -> str:
    """The plan, the status, or the findings; each document has its schema in `schemas/`."""
    if run.plan is not None:
        return plan_json(run.plan)
    if run.status is not None:
        return status_json(run.status)
    return json_text(diagnostics_document(run.findings, is_sandbox=run.sandbox))
