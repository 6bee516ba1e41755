"""Where a batch stands: its own phase and its task's status, folded into the one word that decisions hang on."""

from __future__ import annotations

import enum

from mixpriv_reconcile.model.state import BatchPhase, BatchRecord, RequestRecord, State, TaskRecord
from mixpriv_reconcile.model.tasks import CANCELLABLE, FAILED, MISSING, REVOKED, SUCCEEDED

__all__ = ["Standing", "standing_of", "task_of"]


class Standing(enum.Enum):
    """The states of a batch that call for different decisions."""

    CANCELLABLE = "pending"
    RUNNING = "running"
    SUCCEEDED = "succeeded"
    FAILED = "failed"
    MISSING = "missing"
    REVOKED = "revoked"
    IN_DOUBT = "in_doubt"
    RETURNED = "unsent"
    REFUSED = "refused"

    @property
    def is_open(self) -> bool:
        return self in (Standing.CANCELLABLE, Standing.RUNNING)


def task_of(state: State, record: RequestRecord, batch: BatchRecord) -> TaskRecord | None:
    """The task that holds *batch*, if it has one."""
    return None if batch.tracking_id is None else state.tasks.get((record.project_id, batch.tracking_id))


def standing_of(state: State, record: RequestRecord, batch: BatchRecord) -> Standing:
    """Where *batch* stands. A status nobody documents counts as running: it is polled, never sent again."""
    match batch.phase:
        case BatchPhase.IN_DOUBT:
            return Standing.IN_DOUBT
        case BatchPhase.RETURNED:
            return Standing.RETURNED
        case BatchPhase.REFUSED:
            return Standing.REFUSED
        case BatchPhase.SENT:
            task = task_of(state, record, batch)
            if task is None:
                return Standing.MISSING
            if task.status in CANCELLABLE:
                return Standing.CANCELLABLE
            ended = {SUCCEEDED: Standing.SUCCEEDED, FAILED: Standing.FAILED, REVOKED: Standing.REVOKED, MISSING: Standing.MISSING}
            return ended.get(task.status, Standing.RUNNING)
