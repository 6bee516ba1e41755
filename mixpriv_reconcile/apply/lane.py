"""One project's work, one call after another: what can still be stopped is stopped, finished exports are fetched, batches are sent."""

from __future__ import annotations

import dataclasses
from collections import deque
from collections.abc import Sequence

from mixpriv_reconcile.apply.cancel import cancel
from mixpriv_reconcile.apply.context import Context, LaneStopped, OutOfTime
from mixpriv_reconcile.apply.download import download
from mixpriv_reconcile.apply.ledger import Ledger
from mixpriv_reconcile.apply.leftover import Leftovers, errored
from mixpriv_reconcile.apply.listing import held_back, write_list
from mixpriv_reconcile.apply.submit import Submitter
from mixpriv_reconcile.errors import ListNotWritten, MixprivError
from mixpriv_reconcile.model.diagnostics import Diagnostic, Severity
from mixpriv_reconcile.model.events import ApplyComplete, ApplyStart, BatchesLeft
from mixpriv_reconcile.model.journal import Put, PutRequestEntry
from mixpriv_reconcile.model.plan import CancelTask, Change, PutRecord, PutRequest, SubmitBatch, WriteList
from mixpriv_reconcile.model.state import RequestRecord, ResidencyRecord, SsoRecord
from mixpriv_reconcile.model.wording import people, verb
from mixpriv_reconcile.ports import Lane

__all__ = ["leave_undone", "work_through"]


async def work_through(changes: Sequence[Change], lane: Lane | None, context: Context) -> None:
    """Carry out *changes* of one project; *lane* is None where they need no call.

    Trouble of this project ends up in the tally, per address; only what concerns the whole run (a lost lock, a full disk, a
    moved source) is raised, after it is noted what was left.
    """
    work = _Work(changes, lane, context)
    try:
        for change in changes:
            await work.begin(change)
        for change in changes:
            await work.fetch(change)
        work.line_up()
        for change in changes:
            if not work.is_held_back(change):
                await work.submit(change)
        work.check_opted_out()
    except LaneStopped as stopped:
        context.report_finding(stopped.finding)
        work.leave(stopped.finding.message)
    except OutOfTime as out:
        work.leave(out.why)
    except MixprivError as error:
        work.leave(error.message)
        raise
    finally:
        work.end()


def leave_undone(changes: Sequence[Change], context: Context, why: str) -> None:
    """Note that nothing of *changes* was begun."""
    _Work(changes, None, context).leave(why)


class _Work:
    def __init__(self, changes: Sequence[Change], lane: Lane | None, context: Context) -> None:
        self._changes = changes
        self._lane = lane
        self._context = context
        self._calls_left = sum(change.requests for change in changes)
        self._passed: dict[str, int] = {}  # by address, how many of its cancellations and batches have come to their end
        self._fetched: dict[str, int] = {}  # by address, how many of its downloads have come to their end
        self._finished: set[str] = set()
        self._revoked: dict[str, bool] = {}
        self._held_back: Diagnostic | None = None
        self._line: deque[tuple[str, SubmitBatch]] = deque()
        self._leftovers = Leftovers()
        self._ledger = Ledger(lane.access, context, self._leftovers) if lane is not None else None
        self._submitter = Submitter(lane, context, self._ledger) if lane is not None and self._ledger is not None else None

    async def begin(self, change: Change) -> None:
        """Remember what is declared, and stop what is withdrawn."""
        address, context = str(change.address), self._context
        context.check_time()
        context.events.emit(ApplyStart(address, change.action.value, change.requests, change.subjects, change.withdrawn))
        for step in change.steps:
            match step:
                case PutRecord(record):
                    assert isinstance(record, ResidencyRecord | SsoRecord)
                    context.journal.ride(Put(address, dataclasses.replace(record, recorded_at=context.clock.now())))
                case PutRequest(record, moved_from, withdrawn):
                    context.journal.ride(PutRequestEntry(address, record, context.clock.now(), moved_from, withdrawn))
                    self._number_from(address, record)
                    context.tally.records[address] = record
                case CancelTask():
                    context.check_time()
                    ending = await cancel(step, address, self._open_lane(), context)
                    self._revoked[step.tracking_id] = ending.is_revoked
                    if ending.is_left:
                        why = f"the task is {ending.status}"
                        self._leftovers.note(address, BatchesLeft(None, None, 1, step.withdrawn, "not_cancelled", why))
                    self._count(address, step.withdrawn)
                case WriteList() if not await self._write(change, step):
                    return
        if not change.batches and not change.downloads:
            self._finish(change)

    async def _write(self, change: Change, step: WriteList) -> bool:
        """Write the opt-out list, and whether that went well; where it must before ids are erased, nothing is submitted otherwise."""
        address, context = str(change.address), self._context
        try:
            await write_list(change, step, context)
        except ListNotWritten as error:
            context.report(error.code, Severity.ERROR, error.message, error.hint, address)
            if context.requires_opt_out and any(each.irreversible for each in self._changes):
                self._held_back = held_back(change)
            self._finished.add(address)
            context.tally.errored.append(errored(address, error.message, ()))
            return False
        return True

    def is_held_back(self, change: Change) -> bool:
        """Whether *change* erases people who may not be erased, because the opt-out list isn't written."""
        return change.irreversible and self._held_back is not None

    def check_opted_out(self) -> None:
        """Raise `LaneStopped` where something was held back; all else is through by now."""
        if self._held_back is not None:
            raise LaneStopped(self._held_back)

    def _number_from(self, address: str, record: RequestRecord) -> None:
        if self._ledger is not None:
            self._ledger.next_batch[address] = record.next_batch

    async def fetch(self, change: Change) -> None:
        """Download the change's finished exports: after what can still be stopped, and before more is asked for."""
        address = str(change.address)
        for step in change.downloads:
            why = await download(step, address, self._open_lane(), self._context)
            self._fetched[address] = self._fetched.get(address, 0) + 1
            if why:
                self._leftovers.note(address, BatchesLeft(None, None, 1, step.subjects, "not_downloaded", why))
        if change.downloads and not change.batches:
            self._finish(change)

    def line_up(self) -> None:
        """See which batches are to be submitted, now that it is known which tasks could be cancelled: each is told what comes after it."""
        open_changes = [change for change in self._changes if not self.is_held_back(change)]
        self._line.extend((str(change.address), step) for change in open_changes for step in change.batches if self._is_free(step))

    async def submit(self, change: Change) -> None:
        """Send the change's batches, in the plan's order."""
        address = str(change.address)
        for step in change.batches:
            self._context.check_time()
            if not self._is_free(step):
                self._context.report(
                    "MP0802",
                    Severity.WARNING,
                    f"{people(step.ids.count)} {verb(step.ids.count, 'stays', 'stay')} in task {step.after}, which wasn't cancelled; "
                    f"{verb(step.ids.count, 'it is', 'they are')} not sent again",
                    address=address,
                )
                self._leftovers.note(address, BatchesLeft(None, None, 1, step.ids.count, "kept", "it wasn't cancelled"))
            else:
                assert self._submitter is not None
                self._line.popleft()
                await self._submitter.submit(address, change.kind, step, self._line[0] if self._line else None)
            self._count(address, step.ids.count)
        if change.batches:
            self._finish(change)

    def _is_free(self, step: SubmitBatch) -> bool:
        """Whether the ids of *step* are in no task any more."""
        return step.after is None or self._revoked.get(step.after, False)

    def end(self) -> None:
        """Settle what was announced and isn't sent any more."""
        if self._ledger is not None:
            self._ledger.drop_ahead()

    def _open_lane(self) -> Lane:
        assert self._lane is not None
        return self._lane

    def _count(self, address: str, subjects: int) -> None:
        self._calls_left -= 1
        self._passed[address] = self._passed.get(address, 0) + 1
        self._context.step_done(subjects, self._calls_left)

    def _finish(self, change: Change) -> None:
        """Count the address as done, if every id of it was settled; a manual step is done by a person, not here."""
        address = str(change.address)
        self._finished.add(address)
        self._context.tally.remaining += self._leftovers.undone(address)
        if self._leftovers.unsettled(address):
            self._context.tally.errored.append(errored(address, "not all of it was acknowledged", self._leftovers.of(address)))
            return
        if change.is_by_hand:
            self._tell_by_hand(change)
            return
        self._context.tally.finished.append(change)
        self._context.events.emit(ApplyComplete(str(change.address), change.action.value, change.subjects, change.withdrawn))

    def _tell_by_hand(self, change: Change) -> None:
        """Say what is left to a person: the program did nothing, and mustn't seem to have."""
        address = str(change.address)
        for step in change.manual_steps:
            hint = f"then run `mixpriv confirm {address} --by WHO`"
            self._context.report("MP0822", Severity.NOTE, f"to be done by hand: {step.title}", hint, address)

    def leave(self, why: str) -> None:
        """Say, address by address, what was not done."""
        for change in self._changes:
            address = str(change.address)
            if address in self._finished:
                continue
            self._note_the_rest(change, why)
            left = self._leftovers.of(address)
            remaining = self._leftovers.undone(address)
            self._context.tally.remaining += max(remaining, 1)
            self._context.tally.errored.append(errored(address, why, left))
            finding = Diagnostic(
                "MP0803",
                Severity.WARNING,
                f"left undone: {remaining:,} of {people(change.subjects)} ({why})",
                f"{self._context.repeat.same}; what was acknowledged is not sent twice",
                address=address,
            )
            self._context.report_finding(finding)

    def _note_the_rest(self, change: Change, why: str) -> None:
        """Note what of *change* wasn't come to: tasks to cancel, what is left of the batch at hand, and the batches after it."""
        address, passed = str(change.address), self._passed.get(str(change.address), 0)
        for task in change.cancels[passed:]:
            self._leftovers.note(address, BatchesLeft(None, None, 1, task.withdrawn, "not_cancelled", why))
        for step in change.downloads[self._fetched.get(address, 0) :]:
            self._leftovers.note(address, BatchesLeft(None, None, 1, step.subjects, "not_downloaded", why))
        counts = [batch.ids.count for batch in change.batches[max(0, passed - len(change.cancels)) :]]
        if self._ledger is not None and self._ledger.at_hand == address and counts:
            counts[0] = self._ledger.open_subjects
        number = self._next_number(change)
        for count in filter(None, counts):
            self._leftovers.note(address, BatchesLeft(number, number, 1, count, "unsent", why))
            number += 1

    def _next_number(self, change: Change) -> int:
        """The number that the next batch of *change* gets."""
        address = str(change.address)
        known = self._ledger.next_number(address) if self._ledger is not None else None
        if known is not None:
            return known
        return next((step.record.next_batch for step in change.steps if isinstance(step, PutRequest)), 1)
