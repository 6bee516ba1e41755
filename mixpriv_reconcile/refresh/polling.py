"""Looking at tasks: one GET each, projects side by side, as far as the time allows."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass

from mixpriv_reconcile.errors import CredentialMissing, MixprivError
from mixpriv_reconcile.kinds.wire import lookup, read_lookup
from mixpriv_reconcile.model.diagnostics import Diagnostic, Severity
from mixpriv_reconcile.model.grouping import by_project
from mixpriv_reconcile.model.journal import Polled
from mixpriv_reconcile.model.remote import Denied, NotSent, RateLimited, TaskSeen, Unclear
from mixpriv_reconcile.model.state import TaskRecord
from mixpriv_reconcile.ports import Clock, Lane, Patience

__all__ = ["Observed", "poll"]


@dataclass(frozen=True, slots=True)
class Observed:
    """What was seen, what went wrong, and how many tasks weren't seen. *is_denied* says that for some of them waiting can't help."""

    polled: tuple[Polled, ...] = ()
    diagnostics: tuple[Diagnostic, ...] = ()
    unseen: int = 0
    is_denied: bool = False


async def poll(
    tasks: Sequence[TaskRecord],
    lanes: Callable[[str], Awaitable[Lane]],
    clock: Clock,
    patience: Patience,
    *,
    parallelism: int,
    on_polled: Callable[[Polled], Awaitable[None]] | None = None,
) -> Observed:
    """Look at *tasks* in their order within each project; *on_polled* is awaited for each answer as it comes.

    A project whose credentials are missing, or that answers no, is left to the state, with a warning; so is a single task with an
    unreadable answer. What concerns the whole run (a lost lock, a full disk) ends it, and is raised as it is.
    """
    fatal: list[MixprivError] = []
    polled: list[Polled] = []
    denied: list[str] = []
    diagnostics: list[Diagnostic] = []
    places = asyncio.Semaphore(parallelism)

    def left(task: TaskRecord, why: str, code: str = "MP0707", hint: str = "try again later") -> None:
        message = f"task {task.tracking_id} can't be looked at: {why}; it is taken from the state"
        diagnostics.append(Diagnostic(code, Severity.WARNING, message, hint, address=task.project))

    async def one(project: str, mine: Sequence[TaskRecord]) -> None:
        async with places:
            try:
                lane = await lanes(project)
            except CredentialMissing as missing:
                denied.append(project)
                message = f"{len(mine)} open tasks of {project} are taken from the state: {missing.message}"
                diagnostics.append(Diagnostic(missing.code, Severity.WARNING, message, missing.hint, address=project))
                return
            failures = 0
            try:
                for number, task in enumerate(mine):
                    if patience.is_over or fatal:
                        return
                    if (task.project_id, task.region) != (lane.access.project_id, lane.access.region):
                        # With another project's token the answer would be 404, and a living task be taken for lost.
                        denied.append(project)
                        why = f"it belongs to project {task.project_id} in {task.region.value}, and {project} is another one now"
                        left(task, why, "MP0607", "put `id` and `residency` back, or give the new project a name of its own")
                        continue
                    answer = await lane.send(lookup(task.kind, task.tracking_id))
                    match read_lookup(answer, lane.access, clock.now().timestamp()):
                        case TaskSeen(status):
                            seen = Polled(task.project_id, task.tracking_id, status, clock.now())
                            polled.append(seen)
                            if on_polled is not None:
                                await on_polled(seen)
                            failures = 0
                        case Denied(finding=finding):
                            denied.append(project)
                            diagnostics.append(
                                Diagnostic(finding.code, Severity.WARNING, finding.message, finding.hint, address=finding.address)
                            )
                            return
                        case RateLimited() as limited:
                            diagnostics.append(_busy(project, len(mine) - number, limited, clock))
                            return
                        case NotSent(finding=Diagnostic() as finding):
                            diagnostics.append(finding)
                            return
                        case (Unclear(why) | NotSent(why)) as unseen:
                            left(task, why)
                            failures += 1
                            # One task alone may be the trouble, and the oldest look comes first: it mustn't keep all others back for ever.
                            if isinstance(unseen, NotSent) or (unseen.status != 200 and failures > 1):
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
    ordered = tuple(sorted(polled, key=lambda seen: (seen.project_id, seen.tracking_id)))
    return Observed(ordered, tuple(sorted(diagnostics, key=lambda found: found.address)), len(tasks) - len(polled), bool(denied))


def _busy(project: str, count: int, limited: RateLimited, clock: Clock) -> Diagnostic:
    """What is said where a project's tasks can't be looked at because there is no time to wait."""
    message = f"{count:,} open tasks of {project} are taken from the state: {limited.told(clock.now())}"
    return Diagnostic("MP0716", Severity.NOTE, message, "try again later, with more time", address=project)
