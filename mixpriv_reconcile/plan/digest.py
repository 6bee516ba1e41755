"""The plan's digest: what a reviewer approves, and what must still be true when it is applied."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from typing import Any

from mixpriv_reconcile import __version__
from mixpriv_reconcile.model.ids import EMPTY_IDS
from mixpriv_reconcile.model.plan import Change, Plan, PlanOptions
from mixpriv_reconcile.model.resource import DesiredState
from mixpriv_reconcile.model.state import State

__all__ = ["PARTS", "PART_DIGITS", "digest_again", "digest_of", "part_hash"]

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
    declared = {str(address): ids.sha256 for address, ids in desired.ids.items()}
    return _digest(changes, declared, desired.fingerprint, state.lineage or None, __version__, options)


def digest_again(plan: Plan) -> str:
    """The digest of *plan* as it is now: another than the one it has, where somebody altered what that covers."""
    return _digest(plan.changes, plan.declared, plan.manifests, plan.lineage, plan.tool_version, plan.options)


def _digest(
    changes: Sequence[Change],
    declared: Mapping[str, str],
    manifests: str,
    lineage: str | None,
    tool_version: str,
    options: PlanOptions,
) -> str:
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
        "declared": dict(declared),
        "manifests": manifests,
        "lineage": lineage,
        "tool_version": tool_version,
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
