"""A run as JSON: what an apply did, what a refresh saw, a plan, a status or the state; of every other command, what was found."""

from __future__ import annotations

from mixpriv_reconcile.model.report import Report
from mixpriv_reconcile.render.apply_json import apply_json
from mixpriv_reconcile.render.diagnostics import diagnostics_document
from mixpriv_reconcile.render.json_text import json_text
from mixpriv_reconcile.render.plan_json import plan_json
from mixpriv_reconcile.render.refresh_json import refresh_json
from mixpriv_reconcile.render.state_json import state_json
from mixpriv_reconcile.render.status_json import status_json

__all__ = ["report"]


def report(run: Report) -> str:
    """The apply, the refresh, the plan, the status, the state or the findings."""
    if run.command == "apply":
        return apply_json(run)
    if run.command == "refresh":
        return refresh_json(run)
    if run.plan is not None:
        return plan_json(run.plan)
    if run.status is not None:
        return status_json(run.status)
    if run.state is not None:
        return state_json(run.state, run.apply_running)
    return json_text(diagnostics_document(run.findings, is_sandbox=run.sandbox))
