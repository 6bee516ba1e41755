"""The plan's digest: what a reviewer approves, and what must still be true when it is applied."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence

from mixpriv_reconcile import __version__
from mixpriv_reconcile.model.plan import Change, PlanOptions
from mixpriv_reconcile.model.resource import DesiredState
from mixpriv_reconcile.model.state import State

__all__ = ["digest_of"]


def digest_of(desired: DesiredState, state: State, changes: Sequence[Change], options: PlanOptions) -> str:
    """SHA-256 (hex) over the changes, the manifests, the lineage, the tool version and the options that choose work.

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
    return hashlib.sha256(json.dumps(sealed, sort_keys=True, separators=(",", ":")).encode()).hexdigest()
