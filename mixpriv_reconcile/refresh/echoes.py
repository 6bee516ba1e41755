"""Asking tasks which ids they hold: one GET each, projects side by side. Unlike a poll, it is all or nothing for whoever asks."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass

from mixpriv_reconcile.errors import CredentialMissing
from mixpriv_reconcile.kinds.wire import lookup, read_lookup
from mixpriv_reconcile.model.diagnostics import Diagnostic, Severity
from mixpriv_reconcile.model.remote import Denied, NotSent, RateLimited, TaskSeen, Unclear
from mixpriv_reconcile.model.state import TaskRecord
from mixpriv_reconcile.ports import Clock, Lane, Patience
from mixpriv_reconcile.refresh.side_by_side import is_elsewhere, side_by_side

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
    denied: list[str] = []
    found: list[Diagnostic] = []
    answered = 0

    def without(project: str, mine: Sequence[TaskRecord], missing: CredentialMissing) -> None:
        denied.append(project)
        found.append(Diagnostic(missing.code, Severity.ERROR, missing.message, missing.hint, address=project))

    async def one(project: str, mine: Sequence[TaskRecord], lane: Lane, is_over: Callable[[], bool]) -> None:
        nonlocal answered
        for task in mine:
            if is_over():
                return
            if is_elsewhere(task, lane):
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

    await side_by_side(tasks, lanes, patience, one, without, parallelism=parallelism)
    return Asked(len(tasks) - answered, bool(denied), tuple(sorted(found, key=lambda each: each.address)))


def _elsewhere(task: TaskRecord) -> Diagnostic:
    message = f"task {task.tracking_id} belongs to project {task.project_id} in {task.region.value}, and {task.project} is another one now"
    hint = "put `id` and `residency` back, or give the new project a name of its own"
    return Diagnostic("MP0607", Severity.ERROR, message, hint, address=task.project)


def _not_now(task: TaskRecord, why: str) -> Diagnostic:
    message = f"task {task.tracking_id} of {task.project} can't be asked for its distinct ids now: {why}"
    return Diagnostic("MP0584", Severity.WARNING, message, "run the same command again later", address=task.project)
