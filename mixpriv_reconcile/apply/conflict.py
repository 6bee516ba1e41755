"""After a 409: look at the tasks it names, and adopt those that hold ids of the batch (contract §3, API §1.6)."""

from __future__ import annotations

from collections.abc import Sequence

from mixpriv_reconcile.apply.adoption import Adoption, settlement
from mixpriv_reconcile.apply.context import Context, LaneStopped, OutOfTime, no_time_for
from mixpriv_reconcile.apply.ledger import Ledger
from mixpriv_reconcile.apply.sending import Sending
from mixpriv_reconcile.ids.remembered import remembered
from mixpriv_reconcile.ids.sets import difference, from_unsorted, union
from mixpriv_reconcile.kinds.wire import lookup, read_lookup
from mixpriv_reconcile.model.diagnostics import Diagnostic, Severity
from mixpriv_reconcile.model.disguises import Disguises
from mixpriv_reconcile.model.ids import EMPTY_IDS, IdSet
from mixpriv_reconcile.model.remote import Access, Conflict, Denied, NotSent, RateLimited, TaskSeen, Unclear
from mixpriv_reconcile.model.secrets import RawIds
from mixpriv_reconcile.model.state import BatchPhase
from mixpriv_reconcile.model.wording import people, verb
from mixpriv_reconcile.ports import Lane

__all__ = ["MAX_NAMED_TASKS", "resolved", "revealing"]

MAX_NAMED_TASKS = 64
"""Tasks of one 409 that are looked at; each look takes its turn of the pace."""

MAX_READ_TASKS = 1_000
"""Tasks of one 409 whose names are read at all: more than any batch has, and few enough to be checked in a moment."""

MORE_RETURNED_IDS = 1_000
"""Ids that an answer may hold beyond those that were sent and still be looked for in the names of tasks."""


async def resolved(
    conflict: Conflict, number: int, sending: Sending, ledger: Ledger, lane: Lane, context: Context
) -> tuple[Sending | None, Sequence[str]]:
    """What no live task holds and is to be sent again, if anything is; and the tasks that were named.

    The live tasks are adopted; where they don't tell enough, the batch or the rest of it is in doubt. Raises `LaneStopped` or
    `OutOfTime` where they can't be looked at, with the batch given back.
    """
    hidden = revealing(lane.access, sending.raw, conflict.ids)
    named = tuple(task for task in conflict.tracking_ids[:MAX_READ_TASKS] if not hidden.are_in(task))
    conflict = Conflict(conflict.ids, named, conflict.unreadable + len(conflict.tracking_ids) - len(named))
    try:
        seen = await _looked_at(sending.kind, named, lane, context)
    except (LaneStopped, OutOfTime):
        await ledger.give_back(number, sending, "HTTP 409")
        ledger.leave(sending.address, number, sending.count, "returned", "HTTP 409")
        raise
    found = settlement(sending.raw, conflict, seen)
    if len(found.adopted) == 1 and len(found.adopted[0].positions) == sending.count:
        await _adopt(number, sending, found.adopted[0], ledger, lane.access, context)
        return None, named
    if not found.adopted and found.doubt:
        await ledger.doubt(number, sending.address, sending.ids, found.doubt)
        return None, named
    await ledger.give_back(number, sending, "HTTP 409")
    for adoption in found.adopted:
        held_part = sending.at(adoption.positions)
        part_number = ledger.set_apart(sending.address, held_part.ids, sending.attempt)
        await _adopt(part_number, held_part, adoption, ledger, lane.access, context)
    held = {position for adoption in found.adopted for position in adoption.positions}
    free = tuple(position for position in range(sending.count) if position not in held)
    if not free:
        return None, named
    rest = sending.at(free)
    if found.doubt:
        rest_number = ledger.set_apart(sending.address, rest.ids, sending.attempt)
        await ledger.doubt(rest_number, sending.address, rest.ids, found.doubt)
        return None, named
    return rest, named


def revealing(access: Access, sent: RawIds, returned: RawIds | None) -> Disguises:
    """What a task's name must not hold: a hostile or broken server could send ids or tokens back to have them written down.

    Ids that the server *returned* count where they are about as many as were *sent*: a receipt can't wait for millions of hashes.
    """
    words = {access.token.reveal(), access.bearer.reveal()}.union(sent)
    if returned is not None and len(returned) <= len(sent) + MORE_RETURNED_IDS:
        words.update(returned)
    return Disguises(words)


async def _looked_at(kind: str, tracking_ids: Sequence[str], lane: Lane, context: Context) -> dict[str, TaskSeen | None]:
    """What the first of these tasks are, None for an unreadable answer; raises `LaneStopped` or `OutOfTime` where there is none."""
    seen: dict[str, TaskSeen | None] = {}
    for tracking_id in tracking_ids[:MAX_NAMED_TASKS]:
        context.check_time()
        answer = await lane.send(lookup(kind, tracking_id))
        match read_lookup(answer, lane.access, context.clock.now().timestamp()):
            case TaskSeen() as found:
                seen[tracking_id] = found
            case Denied(finding=finding) | NotSent(finding=Diagnostic() as finding):
                raise LaneStopped(finding)
            case RateLimited() as busy:
                raise no_time_for(busy, context.clock.now())
            case Unclear() | NotSent():
                seen[tracking_id] = None
    return seen


async def _adopt(number: int, sending: Sending, adoption: Adoption, ledger: Ledger, access: Access, context: Context) -> None:
    address, echo = sending.address, adoption.echo
    held = context.ids.held(access.project, echo) if echo is not None and sending.kind == "deletions" else EMPTY_IDS
    withdrawn = difference(_withdrawn_in(address, echo, context), held) if echo is not None else EMPTY_IDS
    linked = union(withdrawn, held)
    foreign = echo is None or context.ids.undeclared(access.project, echo) > withdrawn.count
    task, status = adoption.tracking_id, adoption.status
    await ledger.acknowledge(address, sending.kind, number, sending.ids, task, status, adopted=True, foreign=foreign)
    ledger.open_subjects -= sending.count
    if linked:
        # Held, or withdrawn while in doubt, and now found in this task: the next plan cancels it, or is refused.
        apart = ledger.set_apart(address, linked, 1)
        await ledger.acknowledge(address, sending.kind, apart, linked, task, status, adopted=True, foreign=foreign)
    if held:
        context.tally.remaining += held.count
        context.report(
            "MP0824",
            Severity.WARNING,
            f"{people(held.count)} under a legal hold {verb(held.count, 'is', 'are')} in task {task}, which was adopted",
            f"{context.repeat.anew} at once: it cancels the task while that is possible",
            address,
        )
    if withdrawn:
        was, is_in = verb(withdrawn.count, "was", "were"), verb(withdrawn.count, "is", "are")
        context.report(
            "MP0808",
            Severity.WARNING,
            f"{people(withdrawn.count)} that {was} withdrawn while in doubt {is_in} in task {task}",
            f"{context.repeat.anew} at once: it cancels the task while that is possible",
            address,
        )
    message = f"{people(sending.count)} {verb(sending.count, 'is', 'are')} in task {task} already; it was adopted, nothing was sent twice"
    context.report("MP0710", Severity.NOTE, message, address=address)


def _withdrawn_in(address: str, echo: RawIds, context: Context) -> IdSet:
    """Ids among *echo* that this request no longer declares, and whose batch is in doubt: they were ours."""
    record = context.state.requests.get(address)
    gone = context.ids.withdrawn(address, echo)
    if record is None or not gone:
        return EMPTY_IDS
    kept = remembered(context.state, address).split(gone).kept
    doubtful = [batch.number for batch in record.batches if batch.phase is BatchPhase.IN_DOUBT and batch.number in kept]
    return from_unsorted(b"".join(kept[number].digests for number in doubtful)) if doubtful else EMPTY_IDS
