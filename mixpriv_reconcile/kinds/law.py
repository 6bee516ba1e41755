"""What every request says of the law: which one, since when, and an extension; read from the manifest alike for all of them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date

from mixpriv_reconcile.model.deadlines import due_date
from mixpriv_reconcile.model.diagnostics import Diagnostic, Severity
from mixpriv_reconcile.model.resource import Block, Extension

__all__ = ["DEADLINE", "LAW", "UNKNOWN_LAW", "extension_of", "findings_of_law", "received_of"]

LAW = {
    "compliance": {
        "type": "string",
        "enum": ["gdpr", "ccpa"],
        "title": "Law",
        "description": "The law the person invokes; it decides the deadline: one calendar month (gdpr) or 45 days (ccpa) after `received`.",
    },
    "received": {
        "$ref": "#/$defs/date",
        "title": "Received",
        "description": "The day the person's request arrived: the legal clock starts. Never in the future; without it no deadline.",
        "examples": ["2026-11-03"],
    },
    "extension": {
        "type": "object",
        "title": "Extension",
        "description": "The person was told that the answer takes longer: three months (GDPR) or 90 days (CCPA) in all.",
        "required": ["notified", "reason"],
        "additionalProperties": False,
        "properties": {
            "notified": {
                "$ref": "#/$defs/date",
                "title": "Notified",
                "description": "The day on which the person was told; not after the first deadline.",
                "examples": ["2026-11-20"],
            },
            "reason": {
                "type": "string",
                "minLength": 1,
                "title": "Reason",
                "description": "Why it takes longer, as the person was told.",
                "examples": ["complex request"],
            },
        },
    },
}
"""Schemas of the keys that this module reads."""


UNKNOWN_LAW = "gdpr"
"""Stands in a spec for a law that is missing or was refused, which is an error; nothing is planned from it."""

DEADLINE = frozenset({"compliance", "received", "extension"})
"""Keys that the day depends on by which a request must be answered."""


def received_of(value: Mapping[str, str]) -> date | None:
    """The day the legal clock started, if it is written."""
    text = value.get("received")
    return None if text is None else date.fromisoformat(text)


def extension_of(value: Mapping[str, Mapping[str, str]]) -> Extension | None:
    """The extension, if it is written whole."""
    given = value.get("extension", {})
    if not {"notified", "reason"} <= given.keys():
        return None
    return Extension(date.fromisoformat(given["notified"]), given["reason"])


def findings_of_law(block: Block) -> Iterable[Diagnostic]:
    """No receipt, a receipt in the future, an extension that came too late or in the future."""
    value = block.value
    received, extension = received_of(value), extension_of(value)
    if received is None and "received" not in block.unsure:
        yield block.diagnostic(
            "MP0361",
            Severity.WARNING,
            "without `received` there is no deadline",
            "write the day the person's request arrived, e.g. `received: 2026-11-03`",
            (),
            key=True,
        )
    elif received is not None and received > block.today:
        hint = f"write a day up to today, {block.today}"
        yield block.diagnostic("MP0362", Severity.ERROR, "`received` lies in the future", hint, ("received",))
    elif received is not None and extension is not None and "compliance" in value and block.unsure.isdisjoint(DEADLINE):
        first_deadline = due_date(value["compliance"], received)
        if not received <= extension.notified <= first_deadline:
            yield block.diagnostic(
                "MP0363",
                Severity.ERROR,
                f"an extension must be notified between the receipt and the first deadline, {first_deadline}",
                "write the day the person was told; after the first deadline no extension is possible",
                ("extension", "notified"),
            )
        elif extension.notified > block.today:
            hint = "write the day the person was told"
            yield block.diagnostic("MP0363", Severity.ERROR, "`notified` lies in the future", hint, ("extension", "notified"))
