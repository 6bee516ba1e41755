"""The plan's digest: what a reviewer approves, and what must still be true when it is applied."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from typing import Any

from mixpriv_reconcile import __version__
from mixpriv_reconcile.model.ids import EMPTY_IDS
from mixpriv_reconcile.model.plan import Change, PlanOptions
from mixpriv_reconcile.model.resource import DesiredState
from mixpriv_reconcile.model.state import State

__all__ = ["PARTS", "PART_DIGITS", "digest_of", "part_hash"]

NOTHING: tuple[Any, ...] = (EMPTY_IDS.sha256, 0, [])
"""What a change has of a part that it has nothing of."""

PARTS = ("manifests", "declared", "lineage", "tool_version", "options", "actions", "submits", "waits", "withdraws", "files")
"""What the digits after the dash tell of, two each, in this order."""

PART_DIGITS = 2
"""Hex digits of a part: one moved part in 256 looks as if it hadn't. They explain; what decides is the SHA-256 before the dash."""


def digest_of(desired: DesiredState, state: State, changes: Sequence[Change], options: PlanOptions) -> str:
    """SHA-256 (hex) over the changes, the manifests, the lineage, the tool version and the options that choose work; then a dash and
    two hex digits for each of `PARTS`, by which can be told what moved.

    Ids enter as the SHA-256 over their sorted keyed digests. The order of files, keys and ids, and comments, don't enter.
    """
    sealed = {
        "changes": [
            {
                "address": str(change.address),
                "actions": [action.value for action in change.actions],
                "reasons": list(change.reasons),
                "submits": change.submits.sha256,
                "waits": change.waits.sha256,
                "held": change.held.sha256,
                "withdraws": change.withdraws.sha256,
                "withdrawn_unsent": change.withdrawn_unsent,
                "batches": [[batch.ids.sha256, batch.attempt, batch.origin] for batch in change.batches],
                "cancels": [step.tracking_id for step in change.cancels],
                "lists": [[step.ids.sha256, step.write_to, step.digest] for step in change.lists],
                "downloads": [[step.tracking_id, step.folder] for step in change.downloads],
            }
            for change in changes
            if change.is_pending or change.waits or change.held
        ],
        "declared": {str(address): ids.sha256 for address, ids in sorted(desired.ids.items())},
        "manifests": desired.fingerprint,
        "lineage": state.lineage or None,
        "tool_version": __version__,
        "targets": sorted(options.targets),
        "retry": sorted(options.retry),
        "sandbox": options.sandbox,
    }
    values = _parts(sealed)
    return f"{_sha256(sealed)}-{''.join(part_hash(name, values[name]) for name in PARTS)}"


def part_hash(name: str, value: Any) -> str:
    """The two hex digits of the part *name* of a digest."""
    return _sha256([name, value])[:PART_DIGITS]


def _parts(sealed: Mapping[str, Any]) -> Mapping[str, Any]:
    """Each of `PARTS` by its name. Of the changes, only those count in a part that have something of it: a request that merely waits
    has nothing to submit, so that one which starts or ends to wait moves no more parts than it must."""

    def of_changes(*keys: str) -> list[list[Any]]:
        listed = [[change["address"], *(change[key] for key in keys)] for change in sealed["changes"]]
        return [entry for entry in listed if any(value not in NOTHING for value in entry[1:])]

    return {
        "manifests": sealed["manifests"],
        "declared": sealed["declared"],
        "lineage": sealed["lineage"],
        "tool_version": sealed["tool_version"],
        "options": [sealed["targets"], sealed["retry"], sealed["sandbox"]],
        "actions": of_changes("actions", "reasons"),
        "submits": of_changes("submits", "batches"),
        "waits": of_changes("waits", "held"),
        "withdraws": of_changes("withdraws", "withdrawn_unsent", "cancels"),
        "files": of_changes("lists", "downloads"),
    }


def _sha256(value: Any) -> str:
    return hashlib.sha256(json.dumps(value, sort_keys=True, separators=(",", ":")).encode()).hexdigest()
