"""What one request comes to, gathered while its batches are walked: ids to send, tasks to cancel, and what is to be said."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from mixpriv_reconcile.ids.sets import difference, from_unsorted, intersection
from mixpriv_reconcile.model.diagnostics import Diagnostic, Severity
from mixpriv_reconcile.model.ids import EMPTY_IDS, IdSet
from mixpriv_reconcile.model.plan import CancelTask, Download
from mixpriv_reconcile.model.situation import Situation
from mixpriv_reconcile.model.state import BatchRecord

__all__ = ["Gathered", "all_of"]


@dataclass(slots=True)
class Gathered:
    """The findings of one address. Ids that wait for their export are set apart as they come; *held* are left out from the start."""

    situation: Situation
    is_cancellable: bool
    held: IdSet = EMPTY_IDS
    reasons: list[str] = field(default_factory=list)
    notes: list[Diagnostic] = field(default_factory=list)
    submit: dict[int, list[IdSet]] = field(default_factory=dict)  # by attempt
    pieces: list[tuple[BatchRecord, IdSet]] = field(default_factory=list)  # what is left of refused batches
    doubts: list[tuple[BatchRecord, IdSet]] = field(default_factory=list)
    refused: dict[str, int] = field(default_factory=dict)  # by answer; each id may be a batch of its own
    cancels: list[tuple[CancelTask, IdSet, IdSet, int]] = field(default_factory=list)  # step, gone, kept, attempt
    downloads: dict[str, Download] = field(default_factory=dict)  # by task
    waits: list[IdSet] = field(default_factory=list)
    doubtful: list[IdSet] = field(default_factory=list)  # newly withdrawn, of batches in doubt
    held_started: int = 0
    beyond_recall: int = 0
    failed: int = 0

    def because(self, reason: str) -> None:
        if reason not in self.reasons:
            self.reasons.append(reason)

    def note(self, code: str, severity: Severity, message: str, hint: str = "") -> None:
        resource = self.situation.resource
        span = resource.span if resource is not None else None
        self.notes.append(Diagnostic(code, severity, message, hint, span, str(self.situation.address)))

    def send(self, reason: str, ids: IdSet, attempt: int) -> None:
        """Plan to submit *ids*, as far as they needn't wait."""
        ids = self.sendable(ids)
        if ids:
            self.submit.setdefault(attempt, []).append(ids)
            self.because(reason)

    def sendable(self, ids: IdSet) -> IdSet:
        """Those of *ids* that don't wait for their export; the others are noted as waiting."""
        waiting = intersection(ids, self.situation.awaited)
        if not waiting:
            return ids
        self.waits.append(waiting)
        return difference(ids, waiting)

    @property
    def withdrawn(self) -> IdSet:
        """Every id of the address that leaves a task, or a batch in doubt."""
        return all_of([*(gone for _, gone, _, _ in self.cancels), *self.doubtful])

    @property
    def submitted(self) -> IdSet:
        """Every id of the address that goes out, whatever the reason."""
        again = [ids for sets in self.submit.values() for ids in sets]
        return all_of([*again, *(ids for _, ids in (*self.doubts, *self.pieces)), *(kept for _, _, kept, _ in self.cancels)])


def all_of(sets: Sequence[IdSet]) -> IdSet:
    """The union of *sets*, without a copy where only one holds anything."""
    filled = [ids for ids in sets if ids]
    if not filled:
        return EMPTY_IDS
    return filled[0] if len(filled) == 1 else from_unsorted(b"".join(ids.digests for ids in filled))
