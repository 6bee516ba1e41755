"""After a 409: which of the tasks it names hold ids of the batch, as far as that can be known (contract §3, API §1.6)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from mixpriv_reconcile.model.remote import Conflict, TaskSeen
from mixpriv_reconcile.model.secrets import RawIds
from mixpriv_reconcile.model.tasks import is_live

__all__ = ["Adoption", "Settlement", "listed", "settlement"]


SHOWN = 5
"""Tasks named in a message; of more, the number is."""


@dataclass(frozen=True, slots=True)
class Adoption:
    """A live task that holds some of the batch: *positions* within the batch, ascending from 0; *echo* is all it holds, if told."""

    tracking_id: str
    status: str
    positions: tuple[int, ...]
    echo: RawIds | None


@dataclass(frozen=True, slots=True)
class Settlement:
    """What a 409 comes to: the tasks to adopt, and what becomes of the ids that none of them holds.

    *doubt* says why nothing is known of those; "" where they may be sent again. With nothing adopted and no doubt the conflict
    is over: no task that was named is alive.
    """

    adopted: tuple[Adoption, ...] = ()
    doubt: str = ""


def settlement(batch: RawIds, conflict: Conflict, seen: Mapping[str, TaskSeen | None]) -> Settlement:
    """What to adopt for *batch*. Each id is given to one task, the first that holds it, in the order the 409 names them.

    *seen* has None for a task that can't be looked at: it counts as alive and silent. Tasks that *seen* lacks weren't looked at yet;
    the next 409 names them again. Where a task's ids aren't echoed the 409's own list counts, if it is the only live task named.
    """
    live = [task for task in conflict.tracking_ids if task in seen and _is_live(seen[task])]
    is_complete = not conflict.unreadable and all(task in seen for task in conflict.tracking_ids)
    at = {distinct_id: position for position, distinct_id in enumerate(batch)}
    adopted: list[Adoption] = []
    for name in live:
        task = seen[name]
        if task is None:
            continue
        held = task.ids if task.ids is not None else conflict.ids if is_complete and len(live) == 1 else ()
        positions = sorted({at.pop(one) for one in held if one in at})
        if positions:
            adopted.append(Adoption(name, task.status, tuple(positions), task.ids))
    return Settlement(tuple(adopted), _doubt(conflict, seen, live, adopted) if at else "")


def _is_live(task: TaskSeen | None) -> bool:
    return task is None or is_live(task.status)


def _doubt(conflict: Conflict, seen: Mapping[str, TaskSeen | None], live: Sequence[str], adopted: Sequence[Adoption]) -> str:
    """Why ids that no adopted task holds must not be sent past this 409, or ""."""
    unseen = [name for name in live if seen[name] is None]
    silent = [name for name in live if (task := seen[name]) is not None and task.ids is None]
    if conflict.unreadable:
        return f"HTTP 409 that names {listed(live) or 'no task'} and {conflict.unreadable:,} that can be no task ids"
    if not conflict.tracking_ids:
        return "HTTP 409 that names no task"
    if unseen:
        return f"HTTP 409, and {len(unseen)} of the tasks it names can't be looked at: {listed(unseen)}"
    if silent and (len(live) > 1 or any(name not in seen for name in conflict.tracking_ids)):
        return f"HTTP 409 names {len(live)} live tasks, and not all of them show their ids: {listed(silent)}"
    if live and not adopted:
        return f"HTTP 409, and the live tasks it names hold no id of this batch: {listed(live)}"
    if not adopted and len(seen) < len(conflict.tracking_ids):
        return f"HTTP 409 that names {len(conflict.tracking_ids):,} tasks, of which the first {len(seen):,} aren't alive"
    return ""


def listed(tasks: Sequence[str]) -> str:
    """The first of *tasks*, and how many more there are."""
    more = f" and {len(tasks) - SHOWN:,} more" if len(tasks) > SHOWN else ""
    return ", ".join(tasks[:SHOWN]) + more
