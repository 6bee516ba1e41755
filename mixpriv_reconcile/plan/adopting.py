"""Which ids of a task made elsewhere are to be recorded for a request, and why none may be."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from mixpriv_reconcile.errors import WrongUsage
from mixpriv_reconcile.ids.remembered import remembered
from mixpriv_reconcile.ids.sets import difference, intersection
from mixpriv_reconcile.kinds.standing import Standing, standing_of
from mixpriv_reconcile.model.ids import IdSet
from mixpriv_reconcile.model.plan import Change, PutRequest
from mixpriv_reconcile.model.state import BatchRecord, RequestRecord, State
from mixpriv_reconcile.model.wording import people, verb

__all__ = ["Adoptable", "adoptable", "record_of"]

LIVE = frozenset({Standing.CANCELLABLE, Standing.RUNNING, Standing.SUCCEEDED})

SHOWN = 5
"""Tasks named in a message."""


@dataclass(frozen=True, slots=True)
class Adoptable:
    """*ids* to record with the task; *known* of its ids are recorded with it already."""

    ids: IdSet
    known: int


def adoptable(state: State, address: str, declared: IdSet, held: IdSet, tracking_id: str) -> Adoptable:
    """What of *held*, the ids of task *tracking_id*, the request remembered at *address* declares and no live task has yet.

    Raises `WrongUsage` where it declares none of them, or another live task of the request has some: an id is recorded once.
    """
    ours = intersection(held, declared)
    if not ours:
        raise WrongUsage(
            "MP0663",
            f"task {tracking_id} holds no distinct id that {address} declares; nothing was recorded",
            "declare them first, or give the address of the request that does; `mixpriv validate` reads what is declared",
        )
    record = state.requests.get(address)
    if record is None:
        return Adoptable(ours, 0)
    batches = {batch.number: batch for batch in record.batches}
    kept = remembered(state, address).split(ours).kept
    here = [number for number in kept if batches[number].tracking_id == tracking_id]
    elsewhere = [number for number in kept if number not in here and standing_of(state, record, batches[number]) in LIVE]
    if elsewhere:
        count = sum(kept.counts[number] for number in elsewhere)
        raise WrongUsage(
            "MP0665",
            f"{people(count)} of task {tracking_id} {verb(count, 'is', 'are')} in a live task of {address} already: "
            f"{_named(batches[number] for number in elsewhere)}; nothing was recorded",
            f"look at both with `mixpriv state show {address}`; an id is recorded with one task only",
        )
    free = ours
    for number in here:
        free = difference(free, kept[number])
    return Adoptable(free, ours.count - free.count)


def _named(batches: Iterable[BatchRecord]) -> str:
    tasks = list(dict.fromkeys(batch.tracking_id or "" for batch in batches))
    more = f" and {len(tasks) - SHOWN:,} more" if len(tasks) > SHOWN else ""
    return ", ".join(tasks[:SHOWN]) + more


def record_of(change: Change | None) -> tuple[RequestRecord, str | None] | None:
    """What a planned *change* remembers of its request before its work starts, and the address it is remembered under so far."""
    steps = change.steps if change is not None else ()
    return next(((step.record, step.moved_from) for step in steps if isinstance(step, PutRequest)), None)
