"""Which ids of a project deletions must leave alone: those under a legal hold, and those whose export is yet to be downloaded."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from mixpriv_reconcile.ids.remembered import remembered
from mixpriv_reconcile.ids.sets import difference, union
from mixpriv_reconcile.kinds.exports import is_delivered
from mixpriv_reconcile.model.address import Address
from mixpriv_reconcile.model.files import FileSeen
from mixpriv_reconcile.model.ids import EMPTY_IDS, IdSet
from mixpriv_reconcile.model.resource import DesiredState, HoldSpec, RetrievalSpec
from mixpriv_reconcile.model.state import BatchPhase, RequestRecord, State

__all__ = ["Kept", "keeping"]


@dataclass(frozen=True, slots=True)
class Kept:
    """By project, the ids that no deletion may submit: *held* as long as the hold is declared, *awaited* until their export is there."""

    held: Mapping[str, IdSet] = field(default_factory=dict)
    awaited: Mapping[str, IdSet] = field(default_factory=dict)

    def held_in(self, address: Address) -> IdSet:
        """What a hold keeps from the request at *address*; it concerns deletions alone."""
        return self.held.get(address.project, EMPTY_IDS) if address.kind == "deletions" else EMPTY_IDS

    def awaited_in(self, address: Address) -> IdSet:
        """What a retrieval keeps from the request at *address* for now; it concerns deletions alone."""
        return self.awaited.get(address.project, EMPTY_IDS) if address.kind == "deletions" else EMPTY_IDS


def keeping(desired: DesiredState, state: State, moved: Mapping[str, str], files: Mapping[str, FileSeen]) -> Kept:
    """What must be kept, of the declared holds and retrievals (contract §3). *moved* are the new addresses with their old ones."""
    held: dict[str, IdSet] = {}
    awaited: dict[str, IdSet] = {}
    for resource in desired.resources:
        project, ids = resource.address.project, desired.ids.get(resource.address, EMPTY_IDS)
        match resource.spec:
            case HoldSpec():
                held[project] = ids
            case RetrievalSpec():
                address = str(resource.address)
                rest = difference(ids, _delivered(state, moved.get(address, address), ids, files))
                awaited[project] = union(awaited.get(project, EMPTY_IDS), rest)
    return Kept(held, awaited)


def _delivered(state: State, address: str, ids: IdSet, files: Mapping[str, FileSeen]) -> IdSet:
    """Those of *ids* whose export was downloaded or handed over."""
    record = state.records.get(address)
    if not isinstance(record, RequestRecord) or not record.downloads:
        return EMPTY_IDS
    kept = remembered(state, address).split(ids).kept
    done = EMPTY_IDS
    for batch in record.batches:
        is_done = batch.phase is BatchPhase.SENT and batch.number in kept and is_delivered(record, batch.tracking_id, files)
        if is_done:
            done = union(done, kept[batch.number])
    return done
