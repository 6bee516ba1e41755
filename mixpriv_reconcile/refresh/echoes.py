"""Asking tasks which ids they hold: one GET each, projects side by side. Unlike a poll, it is all or nothing for whoever asks."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass

from mixpriv_reconcile.errors import CredentialMissing, MixprivError
from mixpriv_reconcile.kinds.wire import lookup, read_lookup
from mixpriv_reconcile.model.diagnostics import Diagnostic, Severity
from mixpriv_reconcile.model.grouping import by_project
from mixpriv_reconcile.model.remote import Denied, NotSent, RateLimited, TaskSeen, Unclear
from mixpriv_reconcile.model.state import TaskRecord
from mixpriv_reconcile.ports import Clock, Lane, Patience

__all__ = ["Asked", "ask"]


@dataclass(frozen=True, slots=True)
class Asked:
    """How many tasks could not be asked, and what kept them; *is_denied* says that for some of them waiting can't help."""

    unseen: int
    is_denied: bool
    diagnostics: tuple[Diagnostic, ...]


async def ask(
    tasks: Sequence[TaskRecord],
    lanes: Callable[[str], Awaitable[Lane]],
    clock: Clock,
    patience: Patience,
    *,
    parallelism: int,
    on_answer: Callable[[TaskRecord, TaskSeen | str], None],
) -> Asked:
    """Ask *tasks* in their order within each project; *on_answer* gets what each tells, or why its answer tells nothing.

    A project that can't be reached is left out, with what is to be done; one project's trouble doesn't stop the others. What concerns
    the whole run (a lost lock) ends it, and is raised as it is.
    """
    fatal: list[MixprivError] = []
    denied: list[str] = []
    found: list[Diagnostic] = []
    answered = 0
    places = asyncio.Semaphore(parallelism)

    async def one(project: str, mine: Sequence[TaskRecord]) -> None:
        nonlocal answered
        async with places:
            try:
                lane = await lanes(project)
            except CredentialMissing as missing:
                denied.append(project)
                found.append(Diagnostic(missing.code, Severity.ERROR, missing.message, missing.hint, address=project))
                return
            try:
                for task in mine:
                    if patience.is_over or fatal:
                        return
                    if (task.project_id, task.region) != (lane.access.project_id, lane.access.region):
                        # With another project's token the answer would be 404, and a living task be taken for lost.
                        denied.append(project)
                        found.append(_elsewhere(task))
                        return
                    answer = await lane.send(lookup(task.kind, task.tracking_id))
                    match read_lookup(answer, lane.access, clock.now().timestamp()):
                        case TaskSeen() as seen:
                            on_answer(task, seen)
                            answered += 1
                        case Unclear(why, status=200):  # it was answered: to ask again wouldn't help
                            on_answer(task, why)
                            answered += 1
                        case Denied(finding=finding) | NotSent(finding=Diagnostic() as finding):
                            denied.append(project)
                            found.append(finding)
                            return
                        case RateLimited() as limited:
                            found.append(_not_now(task, limited.told(clock.now())))
                            return
                        case Unclear(why) | NotSent(why):
                            found.append(_not_now(task, why))
                            return
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
    return Asked(len(tasks) - answered, bool(denied), tuple(sorted(found, key=lambda each: each.address)))


def _elsewhere(task: TaskRecord) -> Diagnostic:
    message = f"task {task.tracking_id} belongs to project {task.project_id} in {task.region.value}, and {task.project} is another one now"
    hint = "put `id` and `residency` back, or give the new project a name of its own"
    return Diagnostic("MP0607", Severity.ERROR, message, hint, address=task.project)


def _not_now(task: TaskRecord, why: str) -> Diagnostic:
    message = f"task {task.tracking_id} of {task.project} can't be asked for its distinct ids now: {why}"
    return Diagnostic("MP0584", Severity.WARNING, message, "run the same command again later", address=task.project)
