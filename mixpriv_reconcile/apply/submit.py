"""Sending one batch: intent, POST, receipt; and every other way in which a POST can end."""

from __future__ import annotations

from mixpriv_reconcile.apply.adoption import listed
from mixpriv_reconcile.apply.conflict import resolved, revealing
from mixpriv_reconcile.apply.context import Context, LaneStopped, no_time_for
from mixpriv_reconcile.apply.ledger import NO_DIGESTS, Following, Ledger
from mixpriv_reconcile.apply.refusal import EXTRA_CALLS, digests_of, parts_of
from mixpriv_reconcile.apply.sending import Sending
from mixpriv_reconcile.errors import LockLost, StateError
from mixpriv_reconcile.kinds.wire import read_submission, submission
from mixpriv_reconcile.model.diagnostics import Severity
from mixpriv_reconcile.model.journal import LearnedCap
from mixpriv_reconcile.model.plan import SubmitBatch
from mixpriv_reconcile.model.remote import Accepted, Conflict, Denied, NotSent, RateLimited, Refused, SubmitOutcome, Unclear
from mixpriv_reconcile.model.resource import RetrievalSpec
from mixpriv_reconcile.model.secrets import RawIds
from mixpriv_reconcile.model.wording import people, verb
from mixpriv_reconcile.model.workspace import MAX_IDS_PER_DELETION
from mixpriv_reconcile.ports import Lane

__all__ = ["Submitter"]

CONFLICT_ROUNDS = 4
"""Times that one batch is sent again after a 409 was settled in part; each round needs a live task to have been adopted."""


class Submitter:
    """Sends batches of one project, and writes to *ledger* what becomes of them."""

    def __init__(self, lane: Lane, context: Context, ledger: Ledger) -> None:
        self._lane = lane
        self._context = context
        self._ledger = ledger
        self._cap: int | None = None
        project = context.state.projects.get(lane.access.project)
        self._learned_before = project.learned_cap if project is not None else None
        self._largest_accepted = 0
        self._extra_calls = 0
        self._untried = 0

    async def submit(self, address: str, kind: str, step: SubmitBatch, following: tuple[str, SubmitBatch] | None = None) -> None:
        """See one batch to its end: acknowledged, adopted, refused, in doubt; raises `LaneStopped` or `OutOfTime` otherwise.

        *following* is what this project is to submit next, and at which address.
        """
        self._ledger.at_hand, self._ledger.open_subjects = address, step.ids.count
        raw = self._context.ids.raw_ids(address, step.ids)
        self._extra_calls, self._untried = EXTRA_CALLS, 0
        whole = Sending(address, kind, step.ids, raw, step.attempt, CONFLICT_ROUNDS)
        size = whole.count if self._cap is None else self._cap
        for start in range(0, whole.count, size):
            self._context.check_time()
            end = min(start + size, whole.count)
            then = (address, step) if end < whole.count else following
            await self._send(whole.slice(start, end - start), self._following(then, end % whole.count, size))
        if self._untried:
            self._leave_untried(address)
        self._ledger.at_hand = None

    def _leave_untried(self, address: str) -> None:
        self._ledger.leave(address, None, self._untried, "unsent", "refused as part of a larger batch")
        message = (
            f"{people(self._untried)} of a refused batch {verb(self._untried, 'waits', 'wait')} for the next apply: "
            f"the {EXTRA_CALLS} further calls that one batch may take are spent"
        )
        hint = f"{self._context.repeat.anew}: it goes on where this one stopped"
        self._context.report("MP0806", Severity.WARNING, message, hint, address)

    def _following(self, then: tuple[str, SubmitBatch] | None, start: int, size: int) -> Following | None:
        """What is sent of the batch *then* from position *start* on: where each write takes its time, its intent is written ahead."""
        if then is None or not self._context.journal.is_shared:
            return None
        address, step = then
        if start == 0:  # another batch, which is cut anew
            size = step.ids.count if self._cap is None else self._cap
        count = min(size, step.ids.count - start)
        return Following(address, digests_of(step.ids, start, count), step.attempt)

    async def _send(self, sending: Sending, following: Following | None = None) -> bool:
        """Whether the whole batch was acknowledged as it is. *following* is sent next if it is, and only then."""
        ledger, address, number = self._ledger, sending.address, self._ledger.number(sending)
        outcome = await self._posted(number, sending)
        match outcome:
            case Accepted():
                return await self._accepted(number, sending, outcome, following)
            case Conflict():
                await self._resolve(outcome, number, sending)
            case Refused(status) if sending.count == 1:
                await ledger.refuse(number, sending, status)
            case Refused(status):
                await ledger.give_back(number, sending, f"HTTP {status}")
                await self._in_parts(sending)
            case Denied(status, finding):
                await ledger.give_back(number, sending, f"HTTP {status}")
                ledger.leave(address, number, sending.count, "returned", f"HTTP {status}")
                raise LaneStopped(finding)
            case Unclear(why):
                await ledger.doubt(number, address, sending.ids, why)
            case RateLimited() | NotSent():
                why = outcome.why if isinstance(outcome, NotSent) else "HTTP 429"
                ledger.leave(address, number, sending.count, "returned", why)
                if isinstance(outcome, NotSent) and outcome.finding is not None:
                    raise LaneStopped(outcome.finding)
                raise no_time_for(outcome, self._context.clock.now())
        return False

    async def _posted(self, number: int, sending: Sending) -> SubmitOutcome:
        """The POST's outcome, after as many waits as its 429 and refused connections ask for and the time allows."""
        context, access = self._context, self._lane.access
        spec = context.requests[sending.address]
        disclosure = spec.disclosure if isinstance(spec, RetrievalSpec) else None
        request = submission(sending.kind, sending.raw, spec.compliance, disclosure)
        digests, tries, waited = sending.ids.digests, 0, 0.0
        while True:
            await self._ledger.intend(number, sending, digests)
            digests = NO_DIGESTS
            try:
                answer = await self._lane.send(request)
            except StateError as error:
                if not isinstance(error, LockLost):  # who lost the lock doesn't write
                    await self._ledger.give_back(number, sending, "not sent")
                raise
            outcome = read_submission(answer, access, context.clock.now().timestamp())
            match outcome:
                case RateLimited(asked, scans):
                    why, reason = ("outstanding_scans" if scans else "rate"), "HTTP 429"
                case NotSent(reason):
                    why, asked = "network", None
                case _:
                    return outcome
            await self._ledger.give_back(number, sending, reason)
            if isinstance(outcome, NotSent) and outcome.finding is not None:
                return outcome
            tries += 1
            seconds = await context.patience.wait(access.project, why, tries, waited, asked)
            if seconds is None:
                return outcome
            waited += seconds

    async def _accepted(self, number: int, sending: Sending, answer: Accepted, following: Following | None) -> bool:
        """Whether an acknowledgement can be believed; if not, its batch is in doubt."""
        odd = self._oddity(sending, answer)
        if odd is not None:
            await self._ledger.doubt(number, sending.address, sending.ids, odd)
            return False
        echo, task = answer.echo, answer.tracking_id
        has_others = echo is not None and len(set(echo)) > sending.count
        await self._ledger.acknowledge(
            sending.address,
            sending.kind,
            number,
            sending.ids,
            task,
            answer.status,
            foreign=has_others,
            following=None if self._context.patience.is_over else following,
        )
        self._ledger.open_subjects -= sending.count
        self._largest_accepted = max(self._largest_accepted, sending.count)
        if self._learned_before is not None and sending.count > self._learned_before:
            self._unlearn(self._learned_before, sending)
        if answer.weak:
            message = f"Mixpanel named batch {number} only by the number {task}; it may not be found under it"
            self._context.report(
                "MP0708", Severity.WARNING, message, "run `mixpriv refresh` and look whether the task is known", sending.address
            )
        if echo is not None and set(echo) != set(sending.raw):
            message = f"task {task} echoes other distinct ids than batch {number} was sent with"
            hint = "look at the task in Mixpanel, and at what stands between this machine and Mixpanel"
            self._context.report("MP0715", Severity.WARNING, message, hint, sending.address)
        return True

    def _oddity(self, sending: Sending, answer: Accepted) -> str | None:
        """Why an acknowledgement can't be believed, or None: the id of another batch's task, or ids that are missing (API §1.8 #15)."""
        is_id = not self._context.ids.undeclared(self._lane.access.project, RawIds((answer.tracking_id,)))  # of whichever request
        if is_id or revealing(self._lane.access, sending.raw, answer.echo).are_in(answer.tracking_id):
            return "the task is named after a distinct id or a token; that name is not kept"
        if self._ledger.holds(answer.tracking_id):
            return f"the answer names task {answer.tracking_id}, which holds another batch"
        if answer.echo is not None and not set(sending.raw) <= set(answer.echo):
            return f"task {answer.tracking_id} doesn't echo all of the distinct ids that were sent"
        return None

    async def _in_parts(self, sending: Sending) -> None:
        """Send a refused batch in smaller parts; a cap is learned where all of them are accepted, and nothing as large ever was."""
        accepted, start = True, 0
        for count in parts_of(sending.count):
            if not self._extra_calls:
                self._untried += sending.count - start
                return
            self._context.check_time()
            self._extra_calls -= 1
            accepted = await self._send(sending.slice(start, count)) and accepted
            start += count
        if accepted and sending.count > self._largest_accepted:
            self._learn(max(parts_of(sending.count)), sending.address)

    def _learn(self, largest: int, address: str) -> None:
        project = self._lane.access.project
        self._cap = largest if self._cap is None else min(self._cap, largest)
        self._context.journal.ride(LearnedCap(project, self._cap))
        message = f"Mixpanel takes at most {people(self._cap)} in one request of {project}; this is remembered"
        hint = f"write `limits: {{distinct_ids_per_request: {self._cap}}}` or the project's `data_groups`"
        self._context.report("MP0807", Severity.NOTE, message, hint, address)

    def _unlearn(self, learned: int, sending: Sending) -> None:
        """A larger batch was accepted than what an earlier run learned: from here on only the cap that every project has counts."""
        project, self._learned_before = self._lane.access.project, None
        self._context.journal.ride(LearnedCap(project, MAX_IDS_PER_DELETION))
        message = f"Mixpanel took {people(sending.count)} in one request of {project}: the learned cap of {learned:,} is dropped"
        self._context.report("MP0807", Severity.NOTE, message, address=sending.address)

    async def _resolve(self, conflict: Conflict, number: int, sending: Sending) -> None:
        """Adopt what a 409 names, then send what no task holds, as long as there are rounds left."""
        rest, named = await resolved(conflict, number, sending, self._ledger, self._lane, self._context)
        if rest is None:
            return
        self._context.check_time()
        if rest.rounds:
            await self._send(rest.again())
            return
        self._ledger.leave(rest.address, None, rest.count, "returned", f"HTTP 409, {CONFLICT_ROUNDS + 1} times")
        was, is_left = verb(rest.count, "was", "were"), verb(rest.count, "is", "are")
        message = (
            f"{people(rest.count)} {was} answered with HTTP 409 {CONFLICT_ROUNDS + 1} times and {is_left} left for the next apply; "
            f"it named {listed(named)} the last time"
        )
        self._context.report("MP0805", Severity.WARNING, message, f"{self._context.repeat.anew} later", rest.address)
