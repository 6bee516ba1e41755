"""Deletions: erasure requests under the GDPR or the CCPA. Requested: once sent they run for weeks (API §1)."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date

from mixpriv_reconcile.kinds.kind import Kind, Lifecycle
from mixpriv_reconcile.kinds.law import DEADLINE, LAW, UNKNOWN_LAW, extension_of, findings_of_law, received_of
from mixpriv_reconcile.model.deadlines import due_date
from mixpriv_reconcile.model.diagnostics import Diagnostic, Severity
from mixpriv_reconcile.model.plan import Action, Change
from mixpriv_reconcile.model.resource import Block, DeletionSpec, Spec
from mixpriv_reconcile.model.situation import Situation

__all__ = ["KIND"]

SCHEMA = {
    "title": "Deletion request",
    "description": "An erasure request: submitted in batches, irreversible once Mixpanel has started it. "
    "Its name and the project's are its identity.",
    "type": "object",
    "required": ["compliance"],
    "anyOf": [{"required": ["distinct_ids"]}, {"required": ["from"]}],
    "additionalProperties": False,
    "properties": {
        **LAW,
        "not_before": {
            "$ref": "#/$defs/date",
            "title": "Cooling-off",
            "description": "Optional: nothing is submitted before this day, so that people may change their mind.",
            "examples": ["2026-11-10"],
        },
        "distinct_ids": {"$ref": "#/$defs/distinctIds"},
        "from": {"$ref": "#/$defs/from"},
    },
}


def _read(block: Block) -> tuple[Spec | None, Iterable[Diagnostic]]:
    value = block.value
    findings = (*findings_of_law(block), *_cooling_off(block))
    not_before = date.fromisoformat(value["not_before"]) if "not_before" in value else None
    return DeletionSpec(value.get("compliance", UNKNOWN_LAW), block.sources, received_of(value), not_before, extension_of(value)), findings


def _cooling_off(block: Block) -> Iterable[Diagnostic]:
    """A warning of a cooling-off that outlasts the deadline."""
    value, received = block.value, received_of(block.value)
    if received is None or not {"compliance", "not_before"} <= value.keys() or not block.unsure.isdisjoint(DEADLINE):
        return
    due = due_date(value["compliance"], received, extension_of(value))
    not_before = date.fromisoformat(value["not_before"])
    if not_before > due:
        message = f"`not_before` lies after the answer is due, on {due}: nothing is submitted before it"
        yield block.diagnostic("MP0377", Severity.WARNING, message, "write an earlier day, or leave it out", ("not_before",))


def _diff(situation: Situation) -> Change | None:
    # Deciding takes numpy, which takes as long to load as all else of `validate`; reading a manifest does without.
    from mixpriv_reconcile.kinds.requests import request_change

    return request_change(situation, kind="deletions", submit_action=Action.DELETE, is_cancellable=True)


KIND = Kind(
    name="deletions",
    lifecycle=Lifecycle.REQUESTED,
    order=50,
    per_name=True,
    schema=SCHEMA,
    read=_read,
    diff=_diff,
    follows=("residency",),
)
