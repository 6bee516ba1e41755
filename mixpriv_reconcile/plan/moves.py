"""Requests that were renamed: the same ids of the same Mixpanel project under a new address."""

from __future__ import annotations

from collections.abc import Mapping

from mixpriv_reconcile.model.resource import DesiredState
from mixpriv_reconcile.model.state import State

__all__ = ["moves"]


def moves(desired: DesiredState, state: State) -> Mapping[str, str]:
    """New address → old address, for each request that vanished while a new name of the same project id holds the same ids.

    An empty request never moves. Where several vanished ones fit, the first address in order is taken, each once.
    """
    wished = {str(resource.address): resource for resource in desired.resources}
    vanished: dict[tuple[str, int, str], list[str]] = {}
    for address, record in sorted(state.requests.items()):
        if address not in wished and record.declared.count and record.withdrawn_at is None:
            vanished.setdefault((record.kind, record.project_id, record.declared.sha256), []).append(address)
    moved: dict[str, str] = {}
    for address, resource in sorted(wished.items()):
        ids = desired.ids.get(resource.address)
        if address in state.records or ids is None:
            continue
        project = desired.projects[resource.address.project]
        candidates = vanished.get((resource.address.kind, project.project_id, ids.sha256))
        if candidates:
            moved[address] = candidates.pop(0)
    return moved
