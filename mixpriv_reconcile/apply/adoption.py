"""After a 409: which of the tasks it names hold ids of the batch, as far as that can be known (contract §3, API §1.6)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from mixpriv_reconcile.model.remote import Conflict, TaskSeen
from mixpriv_reconcile.model.secrets import RawIds
from mixpriv_reconcile.model.tasks import is_live

__all__ = ["Adoption", "Undecided", "adoptions"]


SHOWN = 5
"""Tasks named in a message."""


@dataclass(frozen=True, slots=True)
class Adoption:
    """A live task that holds some of the batch: *positions* within the batch, ascending from 0; *echo* is all it holds, if told."""

    tracking_id: str
    status: str
    positions: tuple[int, ...]
    echo: RawIds | None


@dataclass(frozen=True, slots=True)
class Undecided:
    """Nothing can be adopted. *is_settled* says that no task named is alive: the conflict is over, or never named its cause."""

    why: str
    is_settled: bool


def adoptions(batch: RawIds, conflict: Conflict, seen: Mapping[str, TaskSeen]) -> Sequence[Adoption] | Undecided:
    """The tasks to adopt for *batch*. Each id is given to one task, the first that holds it, in the order the 409 names them.

    Where a task's ids aren't echoed the 409's own list counts, if it is the only live task named.
    """
    unseen = [task for task in conflict.tracking_ids if task not in seen]
    if unseen:
        return Undecided(
            f"HTTP 409, and {len(unseen)} of the tasks it names can't be looked at: {', '.join(unseen[:SHOWN])}", is_settled=False
        )
    live = [task for task in conflict.tracking_ids if task in seen and is_live(seen[task].status)]
    if not conflict.tracking_ids:
        return Undecided("HTTP 409 that names no task", is_settled=False)
    if not live:
        return Undecided("HTTP 409, and none of the tasks it names is alive", is_settled=True)
    at = {distinct_id: position for position, distinct_id in enumerate(batch)}
    found: list[Adoption] = []
    for task in live:
        echo = seen[task].ids
        if echo is None and len(live) > 1:
            return Undecided(
                f"HTTP 409 names {len(live)} live tasks, and their ids aren't shown: {', '.join(live[:SHOWN])}", is_settled=False
            )
        positions = sorted({at.pop(held) for held in (echo if echo is not None else conflict.ids) if held in at})
        if positions:
            found.append(Adoption(task, seen[task].status, tuple(positions), echo))
    if not found:
        return Undecided(f"HTTP 409, and the live tasks it names hold no id of this batch: {', '.join(live[:SHOWN])}", is_settled=False)
    return found
