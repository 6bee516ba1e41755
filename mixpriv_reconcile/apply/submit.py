"""Sending one batch: intent, POST, receipt; and every other way in which a POST can end."""

from __future__ import annotations

from collections.abc import Sequence

from mixpriv_reconcile.apply.adoption import Adoption, listed, settlement
from mixpriv_reconcile.apply.context import Context, LaneStopped, OutOfTime, no_time_for
from mixpriv_reconcile.apply.leftover import Leftovers
from mixpriv_reconcile.apply.refusal import EXTRA_CALLS, part, parts_of, slice_of
from mixpriv_reconcile.errors import LockLost, StateError
from mixpriv_reconcile.ids.remembered import remembered
from mixpriv_reconcile.ids.sets import from_unsorted
from mixpriv_reconcile.kinds.wire import lookup, read_lookup, read_submission, submission
from mixpriv_reconcile.model.diagnostics import Diagnostic, Severity
from mixpriv_reconcile.model.disguises import Disguises
from mixpriv_reconcile.model.events import BatchesLeft, BatchSent
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
    """Sends batches of one project, and notes in *leftovers* what wasn't acknowledged.

    `next_batch` holds, by address, the number the next batch of a request gets. `at_hand` is the address of a batch that didn't come
    to its end, `open_subjects` how many of its ids nothing is known of.
    """

    def __init__(self, lane: Lane, context: Context, leftovers: Leftovers) -> None:
        self._lane = lane
        self._context = context
        self.next_batch: dict[str, int] = {}
        self.at_hand: str | None = None
        self.open_subjects = 0
        self._leftovers = leftovers
        self._cap: int | None = None
        self._largest_accepted = 0
        self._extra_calls = 0
        self._untried = 0
        self._held = {tracking_id for project_id, tracking_id in context.state.tasks if project_id == lane.access.project_id}

    async def submit(self, address: str, kind: str, step: SubmitBatch) -> None:
        """See one batch to its end: acknowledged, adopted, refused, in doubt; raises `LaneStopped` or `OutOfTime` otherwise."""
        self.at_hand, self.open_subjects = address, step.ids.count
        await self._submit(address, kind, step)
        self.at_hand = None

    async def _submit(self, address: str, kind: str, step: SubmitBatch) -> None:
        raw = self._context.ids.raw_ids(address, step.ids)
        self._extra_calls, self._untried = EXTRA_CALLS, 0
        size = step.ids.count if self._cap is None else self._cap
        for start in range(0, step.ids.count, size):
            self._check_time()
            ids, ids_raw = slice_of(step.ids, raw, start, min(size, step.ids.count - start))
            await self._send(address, kind, ids, ids_raw, step.attempt, CONFLICT_ROUNDS)
        if self._untried:
            self._context.tally.remaining += self._untried
            self._leave(address, None, self._untried, "unsent", "refused as part of a larger batch")
            message = (
                f"{self._untried:,} distinct ids of a refused batch wait for the next apply: "
                f"the {EXTRA_CALLS} further calls that one batch may take are spent"
            )
            self._context.report(
                "MP0806", Severity.WARNING, message, "run `mixpriv apply` again: it goes on where this one stopped", address
            )

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
                has_others = echo is not None and len(set(echo)) > ids.count
                self._acknowledge(address, kind, number, ids, tracking_id, status, foreign=has_others)
                self.open_subjects -= ids.count
                self._largest_accepted = max(self._largest_accepted, ids.count)
                self._look_at_answer(address, number, tracking_id, raw, echo, weak=weak)
                return True
            case Conflict():
                await self._resolve(address, kind, number, ids, raw, attempt, outcome, rounds)
            case Refused(status) if ids.count == 1:
                self._refuse(address, number, ids, status)
            case Refused(status):
                self._unsettled(address, number, ids, BatchPhase.RETURNED, f"HTTP {status}")
                await self._in_parts(address, kind, ids, raw, attempt, rounds)
            case Denied(status, finding):
                self._unsettled(address, number, ids, BatchPhase.RETURNED, f"HTTP {status}")
                self._leave(address, number, ids.count, "returned", f"HTTP {status}")
                raise LaneStopped(finding)
            case Unclear(why):
                self._doubt(address, number, ids, why)
            case RateLimited() | NotSent():
                self._leave(address, number, ids.count, "returned", outcome.why if isinstance(outcome, NotSent) else "HTTP 429")
                raise no_time_for(outcome, self._context.clock.now())
        return False

    async def _in_parts(self, address: str, kind: str, ids: IdSet, raw: RawIds, attempt: int, rounds: int) -> None:
        """Send a refused batch in smaller parts; a cap is learned where all of them are accepted, and nothing as large ever was."""
        accepted, start = True, 0
        for count in parts_of(ids.count):
            if not self._extra_calls:
                self._untried += ids.count - start
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
        self._leave(address, number, ids.count, "refused", f"HTTP {status}")
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

    def _leave(self, address: str, number: int | None, count: int, outcome: str, why: str) -> None:
        """Note that *count* ids of the batch at hand are neither acknowledged nor adopted."""
        self.open_subjects -= count
        self._leftovers.note(address, BatchesLeft(number, number, 1, count, outcome, why))

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
            try:
                answer = await self._lane.send(request)
            except StateError as error:
                if not isinstance(error, LockLost):  # who lost the lock doesn't write
                    self._unsettled(address, number, ids, BatchPhase.RETURNED, "not sent")
                raise
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
        """Adopt the live tasks that a 409 names; what none of them holds is sent again, or is in doubt."""
        revealing = self._revealing(raw, conflict.ids)
        named = tuple(task for task in conflict.tracking_ids[:MAX_READ_TASKS] if not revealing.are_in(task))
        conflict = Conflict(conflict.ids, named, conflict.unreadable + len(conflict.tracking_ids) - len(named))
        try:
            seen = await self._looked_at(kind, named)
        except (LaneStopped, OutOfTime):
            self._unsettled(address, number, ids, BatchPhase.RETURNED, "HTTP 409")
            self._leave(address, number, ids.count, "returned", "HTTP 409")
            raise
        found = settlement(raw, conflict, seen)
        if len(found.adopted) == 1 and len(found.adopted[0].positions) == ids.count:
            self._adopt(address, kind, number, ids, found.adopted[0])
            return
        if not found.adopted and found.doubt:
            self._doubt(address, number, ids, found.doubt)
            return
        self._unsettled(address, number, ids, BatchPhase.RETURNED, "HTTP 409")
        for adoption in found.adopted:
            held_ids = part(ids, adoption.positions)
            self._adopt(address, kind, self._intended(address, held_ids, attempt), held_ids, adoption)
        held = {position for adoption in found.adopted for position in adoption.positions}
        free = tuple(position for position in range(ids.count) if position not in held)
        if free and found.doubt:
            rest = part(ids, free)
            self._doubt(address, self._intended(address, rest, attempt), rest, found.doubt)
        elif free:
            await self._again(address, kind, part(ids, free), RawIds(tuple(raw[position] for position in free)), attempt, rounds, named)

    def _intended(self, address: str, ids: IdSet, attempt: int) -> int:
        """The number of a new batch for *ids*, which were sent as part of another: nothing is sent for it."""
        number, now = self._number(address), self._context.clock.now()
        self._context.journal.append(Intended(address, number, attempt, ids.count, ids.sha256, now, ids.digests))
        return number

    async def _again(self, address: str, kind: str, ids: IdSet, raw: RawIds, attempt: int, rounds: int, named: Sequence[str]) -> None:
        self._check_time()
        if rounds:
            await self._send(address, kind, ids, raw, attempt, rounds - 1)
            return
        self._context.tally.remaining += ids.count
        self._leave(address, None, ids.count, "returned", f"HTTP 409, {CONFLICT_ROUNDS + 1} times")
        self._context.report(
            "MP0805",
            Severity.WARNING,
            f"{ids.count:,} distinct ids were answered with HTTP 409 {CONFLICT_ROUNDS + 1} times and are left for the next apply; "
            f"it named {listed(named)} the last time",
            "run `mixpriv apply` again later",
            address,
        )

    async def _looked_at(self, kind: str, tracking_ids: Sequence[str]) -> dict[str, TaskSeen | None]:
        """What the first of these tasks are, None for an unreadable answer; raises `LaneStopped` or `OutOfTime` where there is none."""
        seen: dict[str, TaskSeen | None] = {}
        for tracking_id in tracking_ids[:MAX_NAMED_TASKS]:
            self._check_time()
            answer = await self._lane.send(lookup(kind, tracking_id))
            match read_lookup(answer, self._lane.access, self._context.clock.now().timestamp()):
                case TaskSeen() as found:
                    seen[tracking_id] = found
                case Denied(finding=finding):
                    raise LaneStopped(finding)
                case RateLimited() as busy:
                    raise no_time_for(busy, self._context.clock.now())
                case Unclear() | NotSent():
                    seen[tracking_id] = None
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
        self.open_subjects -= ids.count
        if linked:
            # Withdrawn while it was in doubt, and now found in this task: the next plan can cancel it.
            number = self._intended(address, linked, 1)
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
        self._record(Acknowledged(address, number, task, now))
        self._held.add(tracking_id)
        self._context.tally.acknowledged += ids.count
        self._context.events.emit(BatchSent(address, number, ids.count, "adopted" if adopted else "acknowledged", tracking_id, status))

    def _record(self, receipt: Acknowledged) -> None:
        """Make *receipt* durable; where that fails, the task is named in the error, for nobody else knows of it now."""
        try:
            self._context.journal.append(receipt)
        except StateError as error:
            task = receipt.task
            lost = (
                f"Mixpanel acknowledged task {task.tracking_id} for {task.subjects:,} distinct ids of {receipt.address}, "
                "and that could not be recorded: the batch is in doubt"
            )
            raise type(error)(error.code, f"{error.message}; {lost}", error.hint) from error

    def _doubt(self, address: str, number: int, ids: IdSet, why: str) -> None:
        self._unsettled(address, number, ids, BatchPhase.IN_DOUBT, why)
        self._context.tally.in_doubt += 1
        self._leave(address, number, ids.count, "in_doubt", why)
        self._context.report(
            "MP0804",
            Severity.WARNING,
            f"batch {number} with {ids.count:,} distinct ids is in doubt: {why}; it is not repeated in this run",
            "run `mixpriv apply` again later; where it stays so, see `mixpriv explain MP0804`"
            if why.startswith("HTTP 409")
            else "run `mixpriv plan`: it lists the batch; the next apply sends it again and adopts the task where Mixpanel answers 409",
            address,
        )

    def _unsettled(self, address: str, number: int, ids: IdSet, phase: BatchPhase, why: str) -> None:
        self._context.journal.append(Unsettled(address, number, phase.value, why, self._context.clock.now()))
        if phase is not BatchPhase.RETURNED:
            self._context.events.emit(BatchSent(address, number, ids.count, phase.value))
