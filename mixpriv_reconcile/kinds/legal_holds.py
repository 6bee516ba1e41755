"""Legal holds: ids that must not be erased, whatever a request says. Asserted: deletions look at them, nothing is done for them."""

from __future__ import annotations

from collections.abc import Iterable

from mixpriv_reconcile.kinds.kind import Kind, Lifecycle
from mixpriv_reconcile.model.diagnostics import Diagnostic
from mixpriv_reconcile.model.plan import Change
from mixpriv_reconcile.model.resource import Block, HoldSpec, Spec
from mixpriv_reconcile.model.situation import Situation

__all__ = ["KIND"]

SCHEMA = {
    "title": "Legal holds",
    "description": "Distinct ids of this project that must not be erased, whatever a request says: "
    "they are left out until they leave this list.",
    "type": "object",
    "anyOf": [{"required": ["distinct_ids"]}, {"required": ["from"]}],
    "additionalProperties": False,
    "properties": {
        "distinct_ids": {"$ref": "#/$defs/distinctIds"},
        "from": {"$ref": "#/$defs/from"},
    },
}


def _read(block: Block) -> tuple[Spec | None, Iterable[Diagnostic]]:
    return HoldSpec(block.sources), ()


def _diff(situation: Situation) -> Change | None:
    return None


KIND = Kind(name="legal_holds", lifecycle=Lifecycle.ASSERTED, order=60, per_name=False, schema=SCHEMA, read=_read, diff=_diff)
