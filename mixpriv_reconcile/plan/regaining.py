"""Which id went in which batch, found again without the key of before: from the ids that tasks echo. Pure, from sets under the new key.

What the state still tells without that key is how many ids each batch has, and in which task; never which ids.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TypeAlias

from mixpriv_reconcile.ids.known import Known
from mixpriv_reconcile.ids.remembered import remembered
from mixpriv_reconcile.ids.sets import difference, intersection, union
from mixpriv_reconcile.model.ids import EMPTY_IDS, IdSet
from mixpriv_reconcile.model.state import State, TaskKey
from mixpriv_reconcile.model.tasks import is_live

__all__ = ["Batched", "Found", "Share", "known_again", "regained", "shares"]

Batched: TypeAlias = Mapping[int, IdSet]
"""By number of a batch of one request, ids of it under the new key. Where several batches have an id, the highest number counts."""

Found: TypeAlias = Mapping[str, Batched]
"""The same by address."""


@dataclass(frozen=True, slots=True)
class Share:
    """What one request has in one task: its batches there that are the latest of *count* ids. A batch without a task stands alone."""

    address: str
    project_id: int
    tracking_id: str | None
    numbers: tuple[int, ...]
    count: int

    @property
    def task(self) -> TaskKey | None:
        return None if self.tracking_id is None else (self.project_id, self.tracking_id)


def shares(state: State) -> tuple[Share, ...]:
    """All that *state* remembers, by address, then in the order of batches; a batch whose ids all went out again later has no share."""
    found: list[Share] = []
    for address, record in sorted(state.requests.items()):
        counts = remembered(state, address).batches().counts
        by_task: dict[str, list[int]] = {}
        alone: list[int] = []
        for batch in record.batches:
            if batch.number not in counts:
                continue
            if batch.tracking_id is None:
                alone.append(batch.number)
            else:
                by_task.setdefault(batch.tracking_id, []).append(batch.number)
        mine = [Share(address, record.project_id, None, (number,), counts[number]) for number in alone]
        for tracking_id, numbers in by_task.items():
            mine.append(Share(address, record.project_id, tracking_id, tuple(numbers), sum(counts[number] for number in numbers)))
        found += sorted(mine, key=lambda share: share.numbers)
    return tuple(found)


def known_again(found: Batched) -> Known:
    """The ids found of one request, as memory has them."""
    return Known([(found[number].digests, number) for number in sorted(found) if found[number]])


def regained(
    state: State, every: Sequence[Share], shown: Mapping[TaskKey, IdSet], declared: Mapping[str, IdSet], statuses: Mapping[TaskKey, str]
) -> Found:
    """The ids of batches as far as tasks tell: *shown* are the ids that each echoes, *statuses* their latest words.

    An id of a task is given to every request that has a share in it and declares the id. One that none of them declares was withdrawn
    since: it is given to the one request that has a share, or to those of several whose share isn't complete without it; unless the
    task holds strangers' ids too, for then nobody can say whose it is. No id is given to a request on any other ground, such as that
    the number fits: an id that was taken for submitted, and wasn't, would never be erased.
    """
    by_task: dict[TaskKey, list[Share]] = {}
    for share in every:
        if share.task is not None and share.task in shown:
            by_task.setdefault(share.task, []).append(share)
    found: dict[str, dict[int, IdSet]] = {}
    most = _most(state)
    for key, sharing in by_task.items():
        wanted = {share.address: declared.get(share.address, EMPTY_IDS) for share in sharing}
        rest = shown[key]
        for ids in wanted.values():
            rest = difference(rest, ids)
        is_shared_with_strangers = state.tasks[key].foreign or shown[key].count > most[key]
        for share in sharing:
            mine = intersection(shown[key], wanted[share.address])
            if not is_shared_with_strangers and (len(sharing) == 1 or mine.count < share.count):
                mine = union(mine, rest)
            if mine:
                # Batches of one request in one task stand alike, so that any of them may have its ids.
                found.setdefault(share.address, {})[share.numbers[-1]] = mine
    return _without_surplus(found, [share for sharing in by_task.values() for share in sharing], statuses)


def _most(state: State) -> Mapping[TaskKey, int]:
    """The most ids that each task can hold of this workspace: those of all batches that were ever put into it."""
    most: dict[TaskKey, int] = {}
    for record in state.requests.values():
        for batch in record.batches:
            if batch.tracking_id is not None:
                key = (record.project_id, batch.tracking_id)
                most[key] = most.get(key, 0) + batch.count
    return most


def _without_surplus(found: dict[str, dict[int, IdSet]], given: Sequence[Share], statuses: Mapping[TaskKey, str]) -> Found:
    """*found* without the shares of dead tasks that came to more ids than they have.

    Some of those ids went out again in a later batch that shows none. In a live task it does no harm to count them there, for they are
    in it; but of a dead one it isn't known which of them are to be sent, and the live task that has the others would be forgotten.
    """
    by_address: dict[str, list[Share]] = {}
    for share in given:
        by_address.setdefault(share.address, []).append(share)
    for address, mine in found.items():
        has_changed = True
        while has_changed:  # what a share had that was left out may be another's now
            has_changed = False
            counts = known_again(mine).batches().counts
            for share in by_address[address]:
                number = share.numbers[-1]
                assert share.task is not None
                if number in mine and not is_live(statuses[share.task]) and counts.get(number, 0) > share.count:
                    del mine[number]
                    has_changed = True
    return found
