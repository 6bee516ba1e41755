"""Cancelling one task: look, DELETE, look again. Only a look that says REVOKED counts as cancelled."""

from __future__ import annotations

from dataclasses import dataclass

from mixpriv_reconcile.apply.context import Context, LaneStopped, no_time_for
from mixpriv_reconcile.ids.remembered import remembered
from mixpriv_reconcile.ids.sets import difference
from mixpriv_reconcile.kinds.wire import cancellation, lookup, read_cancellation, read_lookup
from mixpriv_reconcile.model.diagnostics import Diagnostic, Severity
from mixpriv_reconcile.model.events import BatchSent
from mixpriv_reconcile.model.journal import CancelAccepted, Polled
from mixpriv_reconcile.model.plan import CancelTask
from mixpriv_reconcile.model.remote import Cancelled, Denied, NotSent, RateLimited, TaskSeen, TooLate, Unclear
from mixpriv_reconcile.model.tasks import REVOKED, UNKNOWN, is_cancellable
from mixpriv_reconcile.model.wording import counted, verb
from mixpriv_reconcile.ports import Lane

__all__ = ["Ending", "cancel", "look", "looked"]

LOOKS_AFTER = 3
"""Looks after an accepted cancellation before it counts as not confirmed; each waits for its turn of the pace."""


@dataclass(frozen=True, slots=True)
class Ending:
    """How a cancellation ended, and the task's status then. *is_left* says that the next apply is to try again."""

    status: str
    is_left: bool = False

    @property
    def is_revoked(self) -> bool:
        return self.status == REVOKED


async def cancel(step: CancelTask, address: str, lane: Lane, context: Context) -> Ending:
    """Cancel one task; only REVOKED is cancelled. A task that has started meanwhile is left, and said to be so.

    Work is left where the task can't be looked at: then nothing is known of the cancellation. A task that shows ids which this
    workspace has not in it is somebody else's too, and never cancelled by itself (contract §3).
    """
    seen = await looked("deletions", step.tracking_id, lane, context)
    status = seen.status
    if is_cancellable(status) and _holds_others(step, seen, context):
        context.journal.ride(Polled(step.project_id, step.tracking_id, status, context.clock.now(), foreign=True))
        context.report(
            "MP0615",
            Severity.WARNING,
            f"task {step.tracking_id} holds ids this workspace hasn't in it and is never cancelled by itself; "
            f"{_left(step.withdrawn)} in it",
            "find out who made the task, and decide together",
            address,
        )
        return Ending(status)
    if is_cancellable(status):
        answer = await lane.send(cancellation(step.tracking_id))
        match read_cancellation(answer, lane.access, context.clock.now().timestamp()):
            case Cancelled():
                await context.journal.append(CancelAccepted(step.project_id, step.tracking_id, context.clock.now()))
            case Denied(status=404) | TooLate() | Unclear() | NotSent():
                pass  # the look that follows tells
            case Denied(finding=finding):
                raise LaneStopped(finding)
            case RateLimited() as busy:
                raise no_time_for(busy, context.clock.now())
        for _ in range(LOOKS_AFTER):
            status = await look("deletions", step.tracking_id, lane, context)
            if not is_cancellable(status):
                break
    revoked = status == REVOKED
    is_left = is_cancellable(status) or status == UNKNOWN
    outcome = "cancelled" if revoked else "returned" if is_left else "too_late"
    context.events.emit(BatchSent(address, None, step.withdrawn, outcome, step.tracking_id, status))
    if not revoked:
        context.report(
            "MP0801",
            Severity.WARNING,
            f"task {step.tracking_id} is {status} and was not cancelled: {_left(step.withdrawn)} in it",
            "a task that has started can't be recalled" if not is_left else context.repeat.same,
            address,
        )
    return Ending(status, is_left)


def _left(withdrawn: int) -> str:
    return f"{counted(withdrawn, 'withdrawn distinct id')} {verb(withdrawn, 'stays', 'stay')}"


async def look(kind: str, tracking_id: str, lane: Lane, context: Context) -> str:
    """The task's status now, as `looked` finds it."""
    return (await looked(kind, tracking_id, lane, context)).status


def _holds_others(step: CancelTask, seen: TaskSeen, context: Context) -> bool:
    """Whether the task shows ids that no request of this workspace has in it."""
    if seen.ids is None:
        return False
    rest = context.ids.digests(seen.ids)
    for address, record in context.state.requests.items():
        if record.project_id != step.project_id:
            continue
        numbers = {batch.number for batch in record.batches if batch.tracking_id == step.tracking_id}
        if numbers:
            kept = remembered(context.state, address).split(rest).kept
            for number in numbers & kept.keys():
                rest = difference(rest, kept[number])
    return bool(rest)


async def looked(kind: str, tracking_id: str, lane: Lane, context: Context) -> TaskSeen:
    """What a task of *kind* shows now; its status is remembered, but for UNKNOWN where the answer can't be read.

    Raises `LaneStopped` where Mixpanel refuses, `OutOfTime` where there is no time for it.
    """
    answer = await lane.send(lookup(kind, tracking_id))
    match read_lookup(answer, lane.access, context.clock.now().timestamp()):
        case TaskSeen(status) as seen:
            context.journal.ride(Polled(lane.access.project_id, tracking_id, status, context.clock.now()))
            return seen
        case Denied(finding=finding) | NotSent(finding=Diagnostic() as finding):
            raise LaneStopped(finding)
        case RateLimited() as busy:
            raise no_time_for(busy, context.clock.now())
        case Unclear(why) | NotSent(why):
            # One task that can't be read keeps nothing else back.
            context.report("MP0707", Severity.WARNING, f"task {tracking_id} can't be looked at: {why}", "run it again", lane.access.project)
            return TaskSeen(UNKNOWN)
