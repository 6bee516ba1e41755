"""Looking at tasks: one GET each, projects side by side, as far as the time allows."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass

from mixpriv_reconcile.errors import CredentialMissing
from mixpriv_reconcile.kinds.wire import lookup, read_lookup
from mixpriv_reconcile.model.diagnostics import Diagnostic, Severity
from mixpriv_reconcile.model.journal import Polled
from mixpriv_reconcile.model.remote import Denied, NotSent, RateLimited, TaskSeen, Unclear
from mixpriv_reconcile.model.state import TaskRecord
from mixpriv_reconcile.ports import Clock, Lane, Patience
from mixpriv_reconcile.refresh.side_by_side import is_elsewhere, side_by_side

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
    polled: list[Polled] = []
    denied: list[str] = []
    diagnostics: list[Diagnostic] = []

    def left(task: TaskRecord, why: str, code: str = "MP0707", hint: str = "try again later") -> None:
        message = f"task {task.tracking_id} can't be looked at: {why}; it is taken from the state"
        diagnostics.append(Diagnostic(code, Severity.WARNING, message, hint, address=task.project))

    def without(project: str, mine: Sequence[TaskRecord], missing: CredentialMissing) -> None:
        denied.append(project)
        message = f"{len(mine)} open tasks of {project} are taken from the state: {missing.message}"
        diagnostics.append(Diagnostic(missing.code, Severity.WARNING, message, missing.hint, address=project))

    async def one(project: str, mine: Sequence[TaskRecord], lane: Lane, is_over: Callable[[], bool]) -> None:
        failures = 0
        for number, task in enumerate(mine):
            if is_over():
                return
            if is_elsewhere(task, lane):
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
                    diagnostics.append(Diagnostic(finding.code, Severity.WARNING, finding.message, finding.hint, address=finding.address))
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

    await side_by_side(tasks, lanes, patience, one, without, parallelism=parallelism)
    ordered = tuple(sorted(polled, key=lambda seen: (seen.project_id, seen.tracking_id)))
    return Observed(ordered, tuple(sorted(diagnostics, key=lambda found: found.address)), len(tasks) - len(polled), bool(denied))


def _busy(project: str, count: int, limited: RateLimited, clock: Clock) -> Diagnostic:
    """What is said where a project's tasks can't be looked at because there is no time to wait."""
    message = f"{count:,} open tasks of {project} are taken from the state: {limited.told(clock.now())}"
    return Diagnostic("MP0716", Severity.NOTE, message, "try again later, with more time", address=project)
