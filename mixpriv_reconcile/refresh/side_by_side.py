"""One GET after another for each project, projects side by side, each with a lane of its own."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from typing import TypeAlias

from mixpriv_reconcile.errors import CredentialMissing, MixprivError
from mixpriv_reconcile.model.grouping import by_project
from mixpriv_reconcile.model.state import TaskRecord
from mixpriv_reconcile.ports import Lane, Patience

__all__ = ["Work", "is_elsewhere", "side_by_side"]

Work: TypeAlias = Callable[[str, Sequence[TaskRecord], Lane, Callable[[], bool]], Awaitable[None]]
"""What is done for a project's tasks over its lane; it asks before each call whether the run is over."""


async def side_by_side(
    tasks: Sequence[TaskRecord],
    lanes: Callable[[str], Awaitable[Lane]],
    patience: Patience,
    work: Work,
    without: Callable[[str, Sequence[TaskRecord], CredentialMissing], None],
    *,
    parallelism: int,
) -> None:
    """Do *work* for the tasks of each project, and *without* for those of one whose credentials are missing.

    What concerns the whole run (a lost lock, a full disk) ends it, and is raised as it is.
    """
    fatal: list[MixprivError] = []
    places = asyncio.Semaphore(parallelism)

    def is_over() -> bool:
        return patience.is_over or bool(fatal)

    async def one(project: str, mine: Sequence[TaskRecord]) -> None:
        async with places:
            try:
                lane = await lanes(project)
            except CredentialMissing as missing:
                without(project, mine, missing)
                return
            try:
                await work(project, mine, lane, is_over)
            finally:
                await lane.aclose()

    async def guarded(project: str, mine: Sequence[TaskRecord]) -> None:
        try:
            await one(project, mine)
        except MixprivError as error:  # raised below: a task group would wrap it
            fatal.append(error)

    async with asyncio.TaskGroup() as group:
        for project, mine in by_project(tasks).items():
            group.create_task(guarded(project, mine))
    if fatal:
        raise fatal[0]


def is_elsewhere(task: TaskRecord, lane: Lane) -> bool:
    """Whether *lane* leads to another project than the task's: its 404 would have a living task be taken for lost."""
    return (task.project_id, task.region) != (lane.access.project_id, lane.access.region)
