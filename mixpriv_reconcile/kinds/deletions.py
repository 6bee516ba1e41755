"""Deletions: erasure requests under the GDPR or the CCPA. Requested: once sent they run for weeks (API §1)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date

from mixpriv_reconcile.kinds.kind import Kind, Lifecycle
from mixpriv_reconcile.model.deadlines import due_date
from mixpriv_reconcile.model.diagnostics import Diagnostic, Severity
from mixpriv_reconcile.model.plan import Action, Change, Situation
from mixpriv_reconcile.model.resource import Block, DeletionSpec, Extension, Spec

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
        "compliance": {
            "type": "string",
            "enum": ["gdpr", "ccpa"],
            "title": "Law",
            "description": "The law the person invokes; it decides the deadline.",
        },
        "received": {
            "$ref": "#/$defs/date",
            "title": "Received",
            "description": "The day the person's request arrived: the legal clock starts.",
        },
        "not_before": {
            "$ref": "#/$defs/date",
            "title": "Cooling-off",
            "description": "Not submitted before this day.",
        },
        "extension": {
            "type": "object",
            "title": "Extension",
            "description": "The person was told that the answer takes longer: three months (GDPR) or 90 days (CCPA) in all.",
            "required": ["notified", "reason"],
            "additionalProperties": False,
            "properties": {
                "notified": {"$ref": "#/$defs/date", "title": "Notified", "description": "The day on which the person was told."},
                "reason": {
                    "type": "string",
                    "minLength": 1,
                    "title": "Reason",
                    "description": "Why it takes longer, as the person was told.",
                    "examples": ["complex request"],
                },
            },
        },
        "distinct_ids": {"$ref": "#/$defs/distinctIds"},
        "from": {"$ref": "#/$defs/from"},
    },
}


def _read(block: Block) -> tuple[Spec | None, Iterable[Diagnostic]]:
    value = block.value
    received, not_before = _day(value.get("received")), _day(value.get("not_before"))
    extension = _extension(value.get("extension", {}))
    findings = []
    if received is None:
        findings.append(
            block.diagnostic(
                "MP0361",
                Severity.WARNING,
                "without `received` there is no deadline",
                "write the day the person's request arrived, e.g. `received: 2026-11-03`",
                (),
                key=True,
            )
        )
    elif received > block.today:
        findings.append(
            block.diagnostic(
                "MP0362", Severity.ERROR, "`received` lies in the future", f"write a day up to today, {block.today}", ("received",)
            )
        )
    elif extension is not None and "compliance" in value:
        first_deadline = due_date(value["compliance"], received)
        if not received <= extension.notified <= first_deadline:
            findings.append(
                block.diagnostic(
                    "MP0363",
                    Severity.ERROR,
                    f"an extension must be notified between the receipt and the first deadline, {first_deadline}",
                    "write the day the person was told; after the first deadline no extension is possible",
                    ("extension", "notified"),
                )
            )
        elif extension.notified > block.today:
            findings.append(
                block.diagnostic(
                    "MP0363",
                    Severity.ERROR,
                    "`notified` lies in the future",
                    "write the day the person was told",
                    ("extension", "notified"),
                )
            )
    if "compliance" not in value:
        return None, findings
    return DeletionSpec(value["compliance"], block.sources, received, not_before, extension), findings


def _day(text: str | None) -> date | None:
    return None if text is None else date.fromisoformat(text)


def _extension(value: Mapping[str, str]) -> Extension | None:
    if not {"notified", "reason"} <= value.keys():
        return None
    return Extension(date.fromisoformat(value["notified"]), value["reason"])


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
