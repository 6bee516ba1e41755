"""Tasks that serve several requests: who still wants an id of them."""

from __future__ import annotations

from collections.abc import Mapping

from mixpriv_reconcile.ids.remembered import remembered
from mixpriv_reconcile.ids.sets import difference
from mixpriv_reconcile.model.address import Address
from mixpriv_reconcile.model.ids import EMPTY_IDS
from mixpriv_reconcile.model.resource import DesiredState
from mixpriv_reconcile.model.state import RequestRecord, State, TaskKey
from mixpriv_reconcile.plan.keeping import Kept

__all__ = ["wanted_elsewhere"]


def wanted_elsewhere(
    desired: DesiredState, state: State, moved: Mapping[str, str], kept: Kept
) -> Mapping[TaskKey, frozenset[str]]:
    """For each task that several requests share (by adoption), the addresses that still want ids of it: declared and under no hold."""
    requests = state.requests
    holders: dict[TaskKey, set[str]] = {}
    for address, record in requests.items():
        for batch in record.batches:
            if batch.tracking_id is not None:
                holders.setdefault((record.project_id, batch.tracking_id), set()).add(address)
    shared = {key: addresses for key, addresses in holders.items() if len(addresses) > 1}
    now_at = {old: new for new, old in moved.items()}
    # Each request's ids are compared once, whatever the number of its tasks.
    wants = {
        address: _wanted_tasks(desired, state, requests[address], address, now_at.get(address, address), kept)
        for address in sorted(set().union(*shared.values()))
    }
    return {
        key: frozenset(now_at.get(address, address) for address in addresses if key[1] in wants[address])
        for key, addresses in shared.items()
    }


def _wanted_tasks(
    desired: DesiredState, state: State, record: RequestRecord, address: str, name: str, kept: Kept
) -> frozenset[str | None]:
    """Tracking ids of the tasks that hold ids which the request at *address*, now called *name*, still wants."""
    parsed = Address.parse(name)
    wanted = difference(desired.ids.get(parsed, EMPTY_IDS), kept.held_in(parsed))
    stayed = remembered(state, address).split(wanted).kept
    return frozenset(batch.tracking_id for batch in record.batches if batch.number in stayed.counts)
