"""Which tasks are worth a look: only those that can change the plan."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime, timedelta

from mixpriv_reconcile.model.state import State, TaskKey, TaskRecord
from mixpriv_reconcile.model.tasks import is_open

__all__ = ["FRESH_FOR", "stale_tasks"]

FRESH_FOR = timedelta(hours=24)
"""A task looked at within this time is taken from the state (contract §4); a look in the future is a wrong clock's, and none."""


def stale_tasks(state: State, *, now: datetime, to_cancel: Collection[TaskKey] = (), all_open: bool = False) -> tuple[TaskRecord, ...]:
    """The open tasks to look at, in this order: those about to be cancelled, then those not looked at for 24 hours, oldest first.

    With *all_open*, every open task, oldest look first.
    """
    open_tasks = [task for task in state.tasks.values() if is_open(task.status)]
    chosen = [task for task in open_tasks if all_open or task.key in to_cancel or abs(now - task.checked_at) >= FRESH_FOR]
    return tuple(sorted(chosen, key=lambda task: (task.key not in to_cancel, task.checked_at, task.key)))
