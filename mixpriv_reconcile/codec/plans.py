"""Plans and findings ↔ JSON."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any

from mixpriv_reconcile.codec.documents import FORMAT_VERSION, checked_address, typed
from mixpriv_reconcile.model.address import Address
from mixpriv_reconcile.model.diagnostics import Diagnostic, Severity, SourceSpan
from mixpriv_reconcile.model.ids import EMPTY_IDS, IdSet
from mixpriv_reconcile.model.plain import plain
from mixpriv_reconcile.model.plan import (
    Action,
    CancelTask,
    Change,
    Cost,
    Download,
    ManualStep,
    Plan,
    PlanOptions,
    Step,
    SubmitBatch,
    Summary,
    WriteList,
)

__all__ = ["change_document", "diagnostic_document", "plan_document", "plan_of"]

NOBODY_HELD: Mapping[str, Any] = {"count": 0, "sha256": EMPTY_IDS.sha256, "started": 0}
"""For a plan that was saved before there were legal holds."""

NOBODY_STUCK: Mapping[str, Any] = {"refused": 0, "failed": 0}
"""For a plan that was saved before these were counted."""


def diagnostic_document(found: Diagnostic) -> dict[str, Any]:
    """One diagnostic as contract §1 spells it."""
    return {
        "code": found.code,
        "severity": found.severity.value,
        "message": found.message,
        "hint": found.hint,
        "file": found.span.file if found.span else None,
        "line": found.span.line if found.span else None,
        "column": found.span.column if found.span else None,
        "address": found.address or None,
    }


def plan_document(plan: Plan) -> dict[str, Any]:
    """`plan --format json`, contract §5. Holds no id, no offset, no secret."""
    return {
        "format_version": FORMAT_VERSION,
        "tool_version": plan.tool_version,
        "lineage": plan.lineage,
        "serial": plan.serial,
        "digest": plan.digest,
        "resource_changes": [change_document(change) for change in plan.changes],
        "summary": plain(plan.summary),
        "cost": plain(plan.cost),
        "totals": {"erases": plan.erases, "withdraws": plan.withdraws, "cancels": plan.cancels, "resubmits": plan.resubmits},
        "next_deadline": plain(plan.next_deadline),
        "partial": plan.options.is_partial,
        "options": plain(plan.options),
        "manifests": plan.manifests,
        "declared": plain(plan.declared),
        "known_since": plain(plan.known_since),
        "today": plain(plan.today),
        "refusals": [diagnostic_document(found) for found in plan.refusals],
        "diagnostics": [diagnostic_document(found) for found in plan.diagnostics],
    }


def change_document(change: Change) -> dict[str, Any]:
    """One entry of `resource_changes`."""
    return {
        "address": str(change.address),
        "kind": change.kind,
        "project": change.project,
        "project_id": change.project_id,
        "change": {"actions": plain(change.actions), "before": plain(change.before), "after": plain(change.after)},
        "reason": change.reasons[0] if change.reasons else None,
        "reasons": list(change.reasons),
        "irreversible": change.irreversible,
        "subjects": change.subjects,
        "requests": change.requests,
        "deadline": plain(change.deadline),
        "source": {"file": change.source.file, "line": change.source.line, "column": change.source.column} if change.source else None,
        "submits": _ids_document(change.submits),
        "withdraws": {
            **_ids_document(change.withdraws),
            "unsent": change.withdrawn_unsent,
            "beyond_recall": change.beyond_recall,
        },
        "waits": _ids_document(change.waits),
        "held": {**_ids_document(change.held), "started": change.held_started},
        "stuck": {"refused": change.refused, "failed": change.failed},
        "steps": [document for step in change.steps if (document := _step_document(step)) is not None],
    }


def _ids_document(ids: IdSet) -> dict[str, Any]:
    return {"count": ids.count, "sha256": ids.sha256}


def _step_document(step: Step) -> dict[str, Any] | None:
    match step:
        case SubmitBatch(ids, attempt, origin, after):
            return {"step": "submit_batch", **_ids_document(ids), "attempt": attempt, "origin": origin, "after": after}
        case CancelTask():
            return {"step": "cancel_task", **plain(step)}
        case Download():
            return {"step": "download", **plain(step)}
        case ManualStep():
            return {"step": "manual_step", **plain(step)}
        case WriteList(ids, write_to, digest, replaces):
            return {"step": "write_list", **_ids_document(ids), "write_to": write_to, "digest": digest, "replaces": replaces}
        case _:
            return None


def plan_of(document: Any) -> Plan:
    """The plan that a document spells; its id sets hold counts and hashes only."""
    try:
        return Plan(
            tool_version=_text(document["tool_version"]),
            lineage=typed(document["lineage"], str | None),  # type: ignore[arg-type]
            serial=typed(document["serial"], int),
            digest=_text(document["digest"]),
            changes=tuple(_change_of(change) for change in _listed(document["resource_changes"])),
            diagnostics=tuple(_diagnostic_of(found) for found in _listed(document["diagnostics"])),
            refusals=tuple(_diagnostic_of(found) for found in _listed(document["refusals"])),
            summary=typed(document["summary"], Summary),
            cost=typed(document["cost"], Cost),
            **typed(document["totals"], dict[str, int]),
            next_deadline=typed(document["next_deadline"], date | None),  # type: ignore[arg-type]
            options=typed(document["options"], PlanOptions),
            manifests=_text(document["manifests"]),
            declared=typed(document["declared"], dict[str, str]),
            known_since=typed(document["known_since"], datetime | None),  # type: ignore[arg-type]
            today=typed(document.get("today"), date | None),  # type: ignore[arg-type]
        )
    except (KeyError, TypeError, AttributeError):
        raise ValueError("not a plan") from None


def _text(value: object) -> str:
    if not isinstance(value, str):
        raise ValueError("not a text")
    return value


def _listed(value: object) -> list[Any]:
    if not isinstance(value, list):
        raise ValueError("not a list")
    return value


def _change_of(document: Any) -> Change:
    source, withdraws = document["source"], document["withdraws"]
    held, stuck = document.get("held", NOBODY_HELD), document.get("stuck", NOBODY_STUCK)
    actions = tuple(typed(action, Action) for action in _listed(document["change"]["actions"]))
    if not actions:
        raise ValueError("not a change")
    return Change(
        address=Address.parse(checked_address(_text(document["address"]))),
        kind=_text(document["kind"]),
        project=_text(document["project"]),
        project_id=typed(document["project_id"], int),
        actions=actions,
        reasons=typed(document["reasons"], tuple[str, ...]),
        before=typed(document["change"]["before"], dict[str, Any] | None),  # type: ignore[arg-type]
        after=typed(document["change"]["after"], dict[str, Any] | None),  # type: ignore[arg-type]
        steps=tuple(_step_of(step) for step in _listed(document["steps"])),
        irreversible=typed(document["irreversible"], bool),
        submits=_ids_of(document["submits"]),
        withdraws=_ids_of(withdraws),
        waits=_ids_of(document["waits"]),
        held=_ids_of(held),
        held_started=typed(held["started"], int),
        withdrawn_unsent=typed(withdraws["unsent"], int),
        beyond_recall=typed(withdraws.get("beyond_recall", 0), int),
        refused=typed(stuck["refused"], int),
        failed=typed(stuck["failed"], int),
        deadline=typed(document["deadline"], date | None),  # type: ignore[arg-type]
        source=None if source is None else SourceSpan(_text(source["file"]), typed(source["line"], int), typed(source["column"], int)),
    )


def _ids_of(document: Any) -> IdSet:
    return IdSet(typed(document["count"], int), _text(document["sha256"]), memoryview(b""))


def _step_of(document: Any) -> Step:
    facts = {key: value for key, value in document.items() if key != "step"}
    match document["step"]:
        case "submit_batch":
            after = typed(facts["after"], str | None)  # type: ignore[arg-type]
            return SubmitBatch(_ids_of(facts), typed(facts["attempt"], int), _text(facts["origin"]), after)
        case "cancel_task":
            return typed(facts, CancelTask)
        case "download":
            return typed(facts, Download)
        case "manual_step":
            return typed(facts, ManualStep)
        case "write_list":
            replaces = typed(facts["replaces"], str | None)  # type: ignore[arg-type]
            return WriteList(_ids_of(facts), _text(facts["write_to"]), _text(facts["digest"]), replaces)
        case _:
            raise ValueError("not a step")


def _diagnostic_of(document: Any) -> Diagnostic:
    span = None
    if document["file"] is not None:
        span = SourceSpan(_text(document["file"]), typed(document["line"], int), typed(document["column"], int))
    return Diagnostic(
        _text(document["code"]),
        typed(document["severity"], Severity),
        _text(document["message"]),
        _text(document["hint"]),
        span,
        typed(document["address"], str | None) or "",  # type: ignore[arg-type]
    )
