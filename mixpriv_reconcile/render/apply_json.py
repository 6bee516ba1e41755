"""What one apply did and when, as one JSON document: the proof for an auditor."""

from __future__ import annotations

import dataclasses
from typing import Any

from mixpriv_reconcile.codec import FORMAT_VERSION, diagnostic_document, plain, plan_document
from mixpriv_reconcile.model.report import Report
from mixpriv_reconcile.render.apply_done import Call, Done, account
from mixpriv_reconcile.render.json_text import json_text
from mixpriv_reconcile.render.look import as_typed

__all__ = ["apply_json", "findings_documents", "run_document"]


def apply_json(run: Report) -> str:
    """The document's text."""
    return json_text(apply_document(run))


def apply_document(run: Report) -> dict[str, Any]:
    """How the run ended, the plan it carried out (null where it came to none), what was done and what is left. No distinct id is in it."""
    told = account(run)
    return {
        **run_document(run),
        "plan": plan_document(run.plan) if run.plan is not None else None,
        "summary": plain(told.summary),
        "subjects": dict(told.subjects),
        "done": [_done(one) for one in told.done],
        "left": [plain(event) for event in told.left],
        "diagnostics": findings_documents(run),
    }


def run_document(run: Report) -> dict[str, Any]:
    """What is said of every run: which program, when it ended, how, and why."""
    return {
        "format_version": FORMAT_VERSION,
        "tool_version": run.tool_version,
        "command": run.command,
        "sandbox": run.sandbox,
        "at": plain(run.at),
        "exit_code": run.exit_code,
        "why": run.why,
    }


def findings_documents(run: Report) -> list[dict[str, Any]]:
    """Every finding, its hint as it is typed where the run was."""
    return [diagnostic_document(dataclasses.replace(found, hint=as_typed(found.hint, run.sandbox))) for found in run.findings]


def _done(one: Done) -> dict[str, Any]:
    return {"address": one.address, "complete": one.is_complete, "batches": [_call(call) for call in one.calls]}


def _call(call: Call) -> dict[str, Any]:
    sent = call.sent
    return {
        "batch": sent.batch,
        "subjects": sent.subjects,
        "outcome": sent.outcome,
        "tracking_id": sent.tracking_id,
        "status": sent.status,
        "at": plain(call.at),
    }
