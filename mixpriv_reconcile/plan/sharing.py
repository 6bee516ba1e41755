"""Tasks that serve several requests: who still wants an id of them."""

from __future__ import annotations

from collections.abc import Mapping

from mixpriv_reconcile.ids.remembered import remembered
from mixpriv_reconcile.model.address import Address
from mixpriv_reconcile.model.ids import EMPTY_IDS
from mixpriv_reconcile.model.resource import DesiredState
from mixpriv_reconcile.model.state import RequestRecord, State, TaskKey

__all__ = ["wanted_elsewhere"]


def wanted_elsewhere(desired: DesiredState, state: State, moved: Mapping[str, str]) -> Mapping[TaskKey, frozenset[str]]:
    """For each task that several requests share (by adoption), the addresses that still declare ids of it."""
    holders: dict[TaskKey, set[str]] = {}
    requests = state.requests
    for address, record in requests.items():
        for batch in record.batches:
            if batch.tracking_id is not None:
                holders.setdefault((record.project_id, batch.tracking_id), set()).add(address)
    shared = {key: addresses for key, addresses in holders.items() if len(addresses) > 1}
    now_at = {old: new for new, old in moved.items()}
    wanted: dict[TaskKey, frozenset[str]] = {}
    for key, addresses in shared.items():
        wanted[key] = frozenset(
            now_at.get(address, address)
            for address in addresses
            if _wants(desired, state, address, requests[address], now_at.get(address, address), key[1])
        )
    return wanted


def _wants(desired: DesiredState, state: State, address: str, record: RequestRecord, name: str, tracking_id: str) -> bool:
    declared = desired.ids.get(Address.parse(name), EMPTY_IDS)
    kept = remembered(state, address).split(declared).kept
    batches = {batch.number: batch for batch in record.batches}
    return any(batches[number].tracking_id == tracking_id for number in kept)
