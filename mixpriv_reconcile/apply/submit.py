"""Sending one batch: intent, POST, receipt; and every other way in which a POST can end."""

from __future__ import annotations

from collections.abc import Sequence

from mixpriv_reconcile.apply.adoption import Adoption, Undecided, adoptions
from mixpriv_reconcile.apply.context import Context, LaneStopped, OutOfTime
from mixpriv_reconcile.ids.sets import id_set
from mixpriv_reconcile.kinds.wire import lookup, read_lookup, read_submission, submission
from mixpriv_reconcile.model.diagnostics import Severity
from mixpriv_reconcile.model.events import BatchSent
from mixpriv_reconcile.model.ids import DIGEST_BYTES, IdSet
from mixpriv_reconcile.model.journal import Acknowledged, Intended, Unsettled
from mixpriv_reconcile.model.plan import SubmitBatch
from mixpriv_reconcile.model.remote import (
    Accepted,
    Conflict,
    Denied,
    NotSent,
    RateLimited,
    Refused,
    SubmitOutcome,
    TaskSeen,
    Unclear,
)
from mixpriv_reconcile.model.secrets import RawIds
from mixpriv_reconcile.model.state import BatchPhase, TaskRecord
from mixpriv_reconcile.ports import Lane

__all__ = ["Submitter"]

CONFLICT_ROUNDS = 4
"""Times that one batch is sent again after a 409 was settled in part; each round needs a live task to have been adopted."""

NO_DIGESTS = memoryview(b"")


class Submitter:
    """Sends batches of one project. `next_batch` holds, by address, the number the next batch of a request gets."""

    def __init__(self, lane: Lane, context: Context) -> None:
        self._lane = lane
        self._context = context
        self.next_batch: dict[str, int] = {}

    async def submit(self, address: str, kind: str, step: SubmitBatch) -> None:
        """See one batch to its end: acknowledged, adopted, refused, in doubt; raises `LaneStopped` or `OutOfTime` otherwise."""
        raw = self._context.ids.raw_ids(address, step.ids)
        await self._send(address, kind, step.ids, raw, step.attempt, CONFLICT_ROUNDS)

    async def _send(self, address: str, kind: str, ids: IdSet, raw: RawIds, attempt: int, rounds: int) -> None:
        number = self._number(address)
        outcome = await self._posted(address, kind, number, ids, raw, attempt)
        match outcome:
            case Accepted(tracking_id, status, weak):
                self._acknowledge(address, kind, number, ids, tracking_id, status)
                if weak:
                    self._context.report(
                        "MP0708",
                        Severity.WARNING,
                        f"Mixpanel named batch {number} only by the number {tracking_id}; it may not be found under it",
                        "run `mixpriv refresh` and look whether the task is known",
                        address,
                    )
            case Conflict():
                await self._resolve(address, kind, number, ids, raw, attempt, outcome, rounds)
            case Refused(status):
                self._unsettled(address, number, ids, BatchPhase.REFUSED, f"HTTP {status}")
                self._context.tally.refused += ids.count
                self._context.report(
                    "MP0709",
                    Severity.ERROR,
                    f"Mixpanel refused batch {number} with {ids.count:,} distinct ids (HTTP {status}); they are not sent again by themselves",
                    f"look through the ids, then `mixpriv apply --retry {address}`",
                    address,
                )
            case Denied(status, finding):
                self._unsettled(address, number, ids, BatchPhase.RETURNED, f"HTTP {status}")
                raise LaneStopped(finding)
            case Unclear(why):
                self._doubt(address, number, ids, why)
            case RateLimited() | NotSent():
                raise OutOfTime

    def _number(self, address: str) -> int:
        number = self.next_batch.get(address, 1)
        self.next_batch[address] = number + 1
        return number

    async def _posted(self, address: str, kind: str, number: int, ids: IdSet, raw: RawIds, attempt: int) -> SubmitOutcome:
        """The POST's outcome, after as many waits as its 429 and refused connections ask for and the time allows."""
        context, access = self._context, self._lane.access
        request = submission(kind, raw, context.compliance[address])
        digests, tries, waited = ids.digests, 0, 0.0
        while True:
            context.journal.append(Intended(address, number, attempt, ids.count, ids.sha256, context.clock.now(), digests))
            digests = NO_DIGESTS
            answer = await self._lane.send(request)
            outcome = read_submission(answer, access, context.clock.now().timestamp())
            match outcome:
                case RateLimited(asked, scans):
                    why, reason = ("outstanding_scans" if scans else "rate"), "HTTP 429"
                case NotSent(reason):
                    why, asked = "network", None
                case _:
                    return outcome
            self._unsettled(address, number, ids, BatchPhase.RETURNED, reason)
            tries += 1
            seconds = await context.patience.wait(access.project, why, tries, waited, asked)
            if seconds is None:
                return outcome
            waited += seconds

    async def _resolve(
        self, address: str, kind: str, number: int, ids: IdSet, raw: RawIds, attempt: int, conflict: Conflict, rounds: int
    ) -> None:
        """Adopt the live tasks that a 409 names, then send what none of them holds."""
        found = adoptions(raw, conflict, await self._looked_at(kind, conflict.tracking_ids))
        if isinstance(found, Undecided):
            if found.is_settled and rounds:
                self._unsettled(address, number, ids, BatchPhase.RETURNED, "HTTP 409")
                await self._again(address, kind, ids, raw, attempt, rounds)
            else:
                self._doubt(address, number, ids, found.why)
            return
        if len(found) == 1 and len(found[0].positions) == ids.count:
            self._adopt(address, kind, number, ids, found[0])
            return
        self._unsettled(address, number, ids, BatchPhase.RETURNED, "HTTP 409")
        for adoption in found:
            part, part_number = _part(ids, adoption.positions), self._number(address)
            now = self._context.clock.now()
            self._context.journal.append(Intended(address, part_number, attempt, part.count, part.sha256, now, part.digests))
            self._adopt(address, kind, part_number, part, adoption)
        held = {position for adoption in found for position in adoption.positions}
        free = tuple(position for position in range(ids.count) if position not in held)
        if free:
            await self._again(address, kind, _part(ids, free), RawIds(tuple(raw[position] for position in free)), attempt, rounds)

    async def _again(self, address: str, kind: str, ids: IdSet, raw: RawIds, attempt: int, rounds: int) -> None:
        if self._context.patience.is_over:
            raise OutOfTime
        if rounds:
            await self._send(address, kind, ids, raw, attempt, rounds - 1)
            return
        self._context.tally.remaining += ids.count
        self._context.report(
            "MP0805",
            Severity.WARNING,
            f"{ids.count:,} distinct ids were answered with HTTP 409 {CONFLICT_ROUNDS + 1} times and are left for the next apply",
            "run `mixpriv apply` again later",
            address,
        )

    async def _looked_at(self, kind: str, tracking_ids: Sequence[str]) -> dict[str, TaskSeen]:
        seen: dict[str, TaskSeen] = {}
        for tracking_id in tracking_ids:
            answer = await self._lane.send(lookup(kind, tracking_id))
            found = read_lookup(answer, self._lane.access, self._context.clock.now().timestamp())
            # A task that can't be looked at counts as alive and silent: nothing is sent past it.
            seen[tracking_id] = found if isinstance(found, TaskSeen) else TaskSeen("UNKNOWN")
        return seen

    def _adopt(self, address: str, kind: str, number: int, ids: IdSet, adoption: Adoption) -> None:
        echo = adoption.echo
        foreign = echo is None or self._context.ids.undeclared(self._lane.access.project, echo) > 0
        self._acknowledge(address, kind, number, ids, adoption.tracking_id, adoption.status, adopted=True, foreign=foreign)
        self._context.report(
            "MP0710",
            Severity.NOTE,
            f"{ids.count:,} distinct ids are in task {adoption.tracking_id} already; it was adopted, nothing was sent twice",
            address=address,
        )

    def _acknowledge(
        self,
        address: str,
        kind: str,
        number: int,
        ids: IdSet,
        tracking_id: str,
        status: str,
        *,
        adopted: bool = False,
        foreign: bool = False,
    ) -> None:
        access, now = self._lane.access, self._context.clock.now()
        task = TaskRecord(
            tracking_id, kind, access.project, access.project_id, access.region, status, ids.count, now, now, adopted=adopted, foreign=foreign
        )
        self._context.journal.append(Acknowledged(address, number, task, now))
        self._context.tally.acknowledged += ids.count
        self._context.events.emit(BatchSent(address, number, ids.count, "adopted" if adopted else "acknowledged", tracking_id, status))

    def _doubt(self, address: str, number: int, ids: IdSet, why: str) -> None:
        self._unsettled(address, number, ids, BatchPhase.IN_DOUBT, why)
        self._context.tally.in_doubt += 1
        self._context.report(
            "MP0804",
            Severity.WARNING,
            f"batch {number} with {ids.count:,} distinct ids is in doubt: {why}; it is not repeated in this run",
            "run `mixpriv plan`: it lists the batch; the next apply sends it again and adopts the task where Mixpanel answers 409",
            address,
        )

    def _unsettled(self, address: str, number: int, ids: IdSet, phase: BatchPhase, why: str) -> None:
        self._context.journal.append(Unsettled(address, number, phase.value, why, self._context.clock.now()))
        if phase is not BatchPhase.RETURNED:
            self._context.events.emit(BatchSent(address, number, ids.count, phase.value))


def _part(ids: IdSet, positions: Sequence[int]) -> IdSet:
    """The ids at *positions* (ascending) as a set of their own."""
    return id_set(memoryview(b"".join(ids.digests[at * DIGEST_BYTES : (at + 1) * DIGEST_BYTES] for at in positions)))
