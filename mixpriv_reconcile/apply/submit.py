"""Sending one batch: intent, POST, receipt; and every other way in which a POST can end."""

from __future__ import annotations

from collections.abc import Sequence

from mixpriv_reconcile.apply.adoption import Adoption, Undecided, adoptions
from mixpriv_reconcile.apply.context import Context, LaneStopped, OutOfTime
from mixpriv_reconcile.apply.refusal import EXTRA_CALLS, part, parts_of, slice_of
from mixpriv_reconcile.ids.remembered import remembered
from mixpriv_reconcile.ids.sets import from_unsorted
from mixpriv_reconcile.kinds.wire import lookup, read_lookup, read_submission, submission
from mixpriv_reconcile.model.diagnostics import Diagnostic, Severity
from mixpriv_reconcile.model.disguises import Disguises
from mixpriv_reconcile.model.events import BatchSent
from mixpriv_reconcile.model.ids import EMPTY_IDS, IdSet
from mixpriv_reconcile.model.journal import Acknowledged, Intended, LearnedCap, Unsettled
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

MAX_NAMED_TASKS = 64
"""Tasks of one 409 that are looked at; each look takes its turn of the pace."""

MAX_READ_TASKS = 1_000
"""Tasks of one 409 whose names are read at all: more than any batch has, and few enough to be checked in a moment."""

NO_DIGESTS = memoryview(b"")


class Submitter:
    """Sends batches of one project. `next_batch` holds, by address, the number the next batch of a request gets."""

    def __init__(self, lane: Lane, context: Context) -> None:
        self._lane = lane
        self._context = context
        self.next_batch: dict[str, int] = {}
        self.unsettled: dict[str, int] = {}
        self._cap: int | None = None
        self._largest_accepted = 0
        self._extra_calls = 0
        self._held = {tracking_id for project_id, tracking_id in context.state.tasks if project_id == lane.access.project_id}

    async def submit(self, address: str, kind: str, step: SubmitBatch) -> None:
        """See one batch to its end: acknowledged, adopted, refused, in doubt; raises `LaneStopped` or `OutOfTime` otherwise."""
        raw = self._context.ids.raw_ids(address, step.ids)
        self._extra_calls = EXTRA_CALLS
        if self._cap is None or step.ids.count <= self._cap:
            await self._send(address, kind, step.ids, raw, step.attempt, CONFLICT_ROUNDS)
            return
        for start in range(0, step.ids.count, self._cap):
            self._check_time()
            ids, ids_raw = slice_of(step.ids, raw, start, min(self._cap, step.ids.count - start))
            await self._send(address, kind, ids, ids_raw, step.attempt, CONFLICT_ROUNDS)

    def _check_time(self) -> None:
        if self._context.patience.is_over:
            raise OutOfTime

    async def _send(self, address: str, kind: str, ids: IdSet, raw: RawIds, attempt: int, rounds: int) -> bool:
        """Whether the whole batch was acknowledged as it is."""
        number = self._number(address)
        outcome = await self._posted(address, kind, number, ids, raw, attempt)
        match outcome:
            case Accepted(tracking_id, status, weak, echo):
                odd = self._oddity(tracking_id, raw, echo)
                if odd is not None:
                    self._doubt(address, number, ids, odd)
                    return False
                self._acknowledge(address, kind, number, ids, tracking_id, status)
                self._largest_accepted = max(self._largest_accepted, ids.count)
                self._look_at_answer(address, number, tracking_id, raw, echo, weak=weak)
                return True
            case Conflict():
                await self._resolve(address, kind, number, ids, raw, attempt, outcome, rounds)
            case Refused(status) if ids.count == 1:
                self._refuse(address, number, ids, status)
            case Refused(status):
                self._unsettled(address, number, ids, BatchPhase.RETURNED, f"HTTP {status}")
                await self._in_parts(address, kind, ids, raw, attempt, rounds, status)
            case Denied(status, finding):
                self._unsettled(address, number, ids, BatchPhase.RETURNED, f"HTTP {status}")
                raise LaneStopped(finding)
            case Unclear(why):
                self._doubt(address, number, ids, why)
            case RateLimited() | NotSent():
                raise OutOfTime
        return False

    async def _in_parts(self, address: str, kind: str, ids: IdSet, raw: RawIds, attempt: int, rounds: int, status: int) -> None:
        """Send a refused batch in smaller parts; a cap is learned where all of them are accepted, and nothing as large ever was."""
        accepted, start = True, 0
        for count in parts_of(ids.count):
            if not self._extra_calls:
                rest = ids.count - start
                self._context.tally.remaining += rest
                self._leave_open(address, rest)
                message = f"{rest:,} distinct ids of a refused batch (HTTP {status}) wait for the next apply: {EXTRA_CALLS} calls are spent"
                self._context.report("MP0806", Severity.WARNING, message, "run `mixpriv apply` again", address)
                return
            self._check_time()
            self._extra_calls -= 1
            part_ids, part_raw = slice_of(ids, raw, start, count)
            accepted = await self._send(address, kind, part_ids, part_raw, attempt, rounds) and accepted
            start += count
        largest = max(parts_of(ids.count))
        if accepted and ids.count > self._largest_accepted:
            self._cap = largest if self._cap is None else min(self._cap, largest)
            self._context.journal.append(LearnedCap(self._lane.access.project, self._cap))
            message = f"Mixpanel takes at most {self._cap:,} distinct ids in one request of {self._lane.access.project}; this is remembered"
            hint = f"write `limits: {{distinct_ids_per_request: {self._cap}}}` or the project's `data_groups`"
            self._context.report("MP0807", Severity.NOTE, message, hint, address)

    def _refuse(self, address: str, number: int, ids: IdSet, status: int) -> None:
        self._unsettled(address, number, ids, BatchPhase.REFUSED, f"HTTP {status}")
        self._context.tally.refused += ids.count
        self._leave_open(address, ids.count)
        place = self._context.ids.place(address, ids)
        self._context.report_finding(
            Diagnostic(
                "MP0709",
                Severity.ERROR,
                f"Mixpanel refused the distinct id that stands here (HTTP {status}); it is not sent again until the request changes",
                f"correct or remove it, or `mixpriv apply --retry {address}`",
                place,
                address,
            )
        )

    def _look_at_answer(self, address: str, number: int, tracking_id: str, raw: RawIds, echo: RawIds | None, *, weak: bool) -> None:
        """Say what is odd about an acknowledgement (API §1.8 #2, #15)."""
        if weak:
            self._context.report(
                "MP0708",
                Severity.WARNING,
                f"Mixpanel named batch {number} only by the number {tracking_id}; it may not be found under it",
                "run `mixpriv refresh` and look whether the task is known",
                address,
            )
        if echo is not None and set(echo) != set(raw):
            self._context.report(
                "MP0715",
                Severity.WARNING,
                f"task {tracking_id} echoes other distinct ids than batch {number} was sent with",
                "look at the task in Mixpanel, and at what stands between this machine and Mixpanel",
                address,
            )

    def _leave_open(self, address: str, count: int) -> None:
        """Note that *count* ids of *address* are neither acknowledged nor adopted; `unsettled` tells them by address."""
        self.unsettled[address] = self.unsettled.get(address, 0) + count

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
        revealing = self._revealing(raw, conflict.ids)
        named = tuple(task for task in conflict.tracking_ids[:MAX_READ_TASKS] if not revealing.are_in(task))
        try:
            seen = await self._looked_at(kind, named)
        except (LaneStopped, OutOfTime):
            self._unsettled(address, number, ids, BatchPhase.RETURNED, "HTTP 409")
            raise
        found = adoptions(raw, Conflict(conflict.ids, named), seen)
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
            held_ids, part_number = part(ids, adoption.positions), self._number(address)
            now = self._context.clock.now()
            self._context.journal.append(Intended(address, part_number, attempt, held_ids.count, held_ids.sha256, now, held_ids.digests))
            self._adopt(address, kind, part_number, held_ids, adoption)
        held = {position for adoption in found for position in adoption.positions}
        free = tuple(position for position in range(ids.count) if position not in held)
        if free:
            await self._again(address, kind, part(ids, free), RawIds(tuple(raw[position] for position in free)), attempt, rounds)

    async def _again(self, address: str, kind: str, ids: IdSet, raw: RawIds, attempt: int, rounds: int) -> None:
        self._check_time()
        if rounds:
            await self._send(address, kind, ids, raw, attempt, rounds - 1)
            return
        self._context.tally.remaining += ids.count
        self._leave_open(address, ids.count)
        self._context.report(
            "MP0805",
            Severity.WARNING,
            f"{ids.count:,} distinct ids were answered with HTTP 409 {CONFLICT_ROUNDS + 1} times and are left for the next apply",
            "run `mixpriv apply` again later",
            address,
        )

    async def _looked_at(self, kind: str, tracking_ids: Sequence[str]) -> dict[str, TaskSeen]:
        """What each task is, as far as it can be looked at; raises `LaneStopped` or `OutOfTime` where no look is possible."""
        seen: dict[str, TaskSeen] = {}
        for tracking_id in tracking_ids[:MAX_NAMED_TASKS]:
            self._check_time()
            answer = await self._lane.send(lookup(kind, tracking_id))
            match read_lookup(answer, self._lane.access, self._context.clock.now().timestamp()):
                case TaskSeen() as found:
                    seen[tracking_id] = found
                case Denied(finding=finding):
                    raise LaneStopped(finding)
                case RateLimited():
                    raise OutOfTime
                case Unclear() | NotSent():
                    pass  # a task that can't be looked at leaves the batch in doubt
        return seen

    def _revealing(self, *ids: RawIds | None) -> Disguises:
        """What a task's name must not hold: a hostile or broken server could send ids or tokens back to have them written down."""
        access = self._lane.access
        return Disguises({access.token.reveal(), access.bearer.reveal()}.union(*(some for some in ids if some is not None)))

    def _oddity(self, tracking_id: str, raw: RawIds, echo: RawIds | None) -> str | None:
        """Why an acknowledgement can't be believed, or None: the id of another batch's task, or ids that are missing (API §1.8 #15)."""
        if self._revealing(raw, echo).are_in(tracking_id):
            return "the task is named after a distinct id or a token; that name is not kept"
        if tracking_id in self._held:
            return f"the answer names task {tracking_id}, which holds another batch"
        if echo is not None and not set(raw) <= set(echo):
            return f"task {tracking_id} doesn't echo all of the distinct ids that were sent"
        return None

    def _adopt(self, address: str, kind: str, number: int, ids: IdSet, adoption: Adoption) -> None:
        echo = adoption.echo
        linked = self._withdrawn_in(address, echo) if echo is not None else EMPTY_IDS
        foreign = echo is None or self._context.ids.undeclared(self._lane.access.project, echo) > linked.count
        self._acknowledge(address, kind, number, ids, adoption.tracking_id, adoption.status, adopted=True, foreign=foreign)
        if linked:
            # Withdrawn while it was in doubt, and now found in this task: the next plan can cancel it.
            number, now = self._number(address), self._context.clock.now()
            self._context.journal.append(Intended(address, number, 1, linked.count, linked.sha256, now, linked.digests))
            self._acknowledge(address, kind, number, linked, adoption.tracking_id, adoption.status, adopted=True, foreign=foreign)
            message = f"{linked.count:,} distinct ids that were withdrawn while in doubt are in task {adoption.tracking_id}"
            self._context.report(
                "MP0808",
                Severity.WARNING,
                message,
                "run `mixpriv apply` again at once: it cancels the task while that is possible",
                address,
            )
        self._context.report(
            "MP0710",
            Severity.NOTE,
            f"{ids.count:,} distinct ids are in task {adoption.tracking_id} already; it was adopted, nothing was sent twice",
            address=address,
        )

    def _withdrawn_in(self, address: str, echo: RawIds) -> IdSet:
        """Ids among *echo* that this request no longer declares, and whose batch is in doubt: they were ours."""
        record = self._context.state.requests.get(address)
        gone = self._context.ids.withdrawn(address, echo)
        if record is None or not gone:
            return EMPTY_IDS
        kept = remembered(self._context.state, address).split(gone).kept
        doubtful = [batch.number for batch in record.batches if batch.phase is BatchPhase.IN_DOUBT and batch.number in kept]
        return from_unsorted(b"".join(kept[number].digests for number in doubtful)) if doubtful else EMPTY_IDS

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
            tracking_id,
            kind,
            access.project,
            access.project_id,
            access.region,
            status,
            ids.count,
            now,
            now,
            adopted=adopted,
            foreign=foreign,
        )
        self._context.journal.append(Acknowledged(address, number, task, now))
        self._held.add(tracking_id)
        self._context.tally.acknowledged += ids.count
        self._context.events.emit(BatchSent(address, number, ids.count, "adopted" if adopted else "acknowledged", tracking_id, status))

    def _doubt(self, address: str, number: int, ids: IdSet, why: str) -> None:
        self._unsettled(address, number, ids, BatchPhase.IN_DOUBT, why)
        self._context.tally.in_doubt += 1
        self._leave_open(address, ids.count)
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
