"""The ledger of one project's batches: each fate is written to the journal first, then counted, noted and told."""

from __future__ import annotations

from dataclasses import dataclass

from mixpriv_reconcile.apply.context import Context
from mixpriv_reconcile.apply.leftover import Leftovers
from mixpriv_reconcile.apply.sending import Sending
from mixpriv_reconcile.errors import StateError
from mixpriv_reconcile.model.diagnostics import Diagnostic, Severity
from mixpriv_reconcile.model.events import BatchesLeft, BatchSent
from mixpriv_reconcile.model.ids import IdSet
from mixpriv_reconcile.model.journal import Acknowledged, Intended, Unsettled
from mixpriv_reconcile.model.remote import Access
from mixpriv_reconcile.model.state import BatchPhase, TaskRecord
from mixpriv_reconcile.model.wording import people

__all__ = ["NO_DIGESTS", "Following", "Ledger"]

NO_DIGESTS = memoryview(b"")


@dataclass(frozen=True, slots=True)
class Following:
    """What is sent next if all goes well. Its intent may be written ahead, with the receipt of what is sent before it."""

    address: str
    ids: IdSet
    attempt: int


@dataclass(frozen=True, slots=True)
class _Ahead:
    """A batch whose intent is written down, and that isn't sent yet."""

    number: int
    of: Following


class Ledger:
    """What became of each batch of one project.

    `next_batch` holds, by address, the number the next batch of a request gets. `at_hand` is the address of a batch that didn't come
    to its end, `open_subjects` how many of its ids nothing is known of.
    """

    def __init__(self, access: Access, context: Context, leftovers: Leftovers) -> None:
        self._access = access
        self._context = context
        self._leftovers = leftovers
        self.next_batch: dict[str, int] = {}
        self.at_hand: str | None = None
        self.open_subjects = 0
        self._made: set[str] = set()
        self._ahead: _Ahead | None = None

    def holds(self, tracking_id: str) -> bool:
        """Whether the task holds a batch already, of this run or of one before."""
        return tracking_id in self._made or (self._access.project_id, tracking_id) in self._context.state.tasks

    def number(self, sending: Sending) -> int:
        """The number of a batch that is sent for the first time: a new one, or the one that its intent was written ahead with."""
        if self._ahead is not None and self._ahead.of == Following(sending.address, sending.ids, sending.attempt):
            return self._ahead.number
        self.drop_ahead()
        return self._new_number(sending.address)

    def next_number(self, address: str) -> int | None:
        """The number that the next batch of *address* gets or has already; None where nothing is known of the request."""
        if self._ahead is not None and self._ahead.of.address == address:
            return self._ahead.number
        return self.next_batch.get(address)

    def _new_number(self, address: str) -> int:
        """The number of a new batch; not written down before its intent is."""
        number = self.next_batch.get(address, 1)
        self.next_batch[address] = number + 1
        return number

    async def intend(self, number: int, sending: Sending, digests: memoryview) -> None:
        """Batch *number* is about to be sent; *digests* are empty where the journal has them already."""
        if self._ahead is not None:  # this batch, for `number` drops all others
            self._context.journal.check()
            self._ahead = None
            return
        await self._context.journal.append(self._intent(sending.address, number, sending.attempt, sending.ids, digests))

    def _intent(self, address: str, number: int, attempt: int, ids: IdSet, digests: memoryview) -> Intended:
        return Intended(address, number, attempt, ids.count, ids.sha256, self._context.clock.now(), digests)

    def _write_ahead(self, following: Following) -> Intended:
        """The intent of *following*, to be written with what is written now: one write less where each takes its time."""
        number = self._new_number(following.address)
        self._ahead = _Ahead(number, following)
        return self._intent(following.address, number, following.attempt, following.ids, following.ids.digests)

    def drop_ahead(self) -> None:
        """Note that the batch whose intent was written ahead, if there is one, isn't sent: nobody has to be in doubt about it."""
        if self._ahead is not None:
            address, number, self._ahead = self._ahead.of.address, self._ahead.number, None
            self._context.journal.ride(Unsettled(address, number, BatchPhase.RETURNED.value, "not sent", self._context.clock.now()))

    def set_apart(self, address: str, ids: IdSet, attempt: int) -> int:
        """The number of a new batch for *ids*, which were sent as part of another: nothing is sent for it, and its fate is written next."""
        number = self._new_number(address)
        self._context.journal.ride(self._intent(address, number, attempt, ids, ids.digests))
        return number

    async def acknowledge(
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
        following: Following | None = None,
    ) -> None:
        """The receipt: task *tracking_id* holds *ids*; with it the intent of *following*, where one is given.

        Raises `StateError` that names the task where it can't be written.
        """
        access, now = self._access, self._context.clock.now()
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
        await self._record(Acknowledged(address, number, task, now), following)
        self._made.add(tracking_id)
        self._context.tally.acknowledged += ids.count
        self._context.events.emit(BatchSent(address, number, ids.count, "adopted" if adopted else "acknowledged", tracking_id, status))

    async def _record(self, receipt: Acknowledged, following: Following | None) -> None:
        """Make *receipt* durable; where that fails, the task is named in the error, for nobody else knows of it now."""
        ahead = () if following is None else (self._write_ahead(following),)
        try:
            await self._context.journal.append(receipt, *ahead)
        except StateError as error:
            task = receipt.task
            lost = (
                f"Mixpanel acknowledged task {task.tracking_id} for {people(task.subjects)} of {receipt.address}, "
                "and that could not be recorded: the batch is in doubt"
            )
            raise type(error)(error.code, f"{error.message}; {lost}", error.hint) from error

    async def give_back(self, number: int, sending: Sending, why: str) -> None:
        """Batch *number* provably was not accepted. Its ids go out again, in this run or the next; `leave` says if not in this one."""
        await self._settle(number, sending.address, sending.ids, BatchPhase.RETURNED, why)

    async def doubt(self, number: int, address: str, ids: IdSet, why: str) -> None:
        """Nobody knows what became of batch *number*."""
        await self._settle(number, address, ids, BatchPhase.IN_DOUBT, why)
        self._context.tally.in_doubt += 1
        self.leave(address, number, ids.count, "in_doubt", why)
        self._context.report(
            "MP0804",
            Severity.WARNING,
            f"batch {number} with {people(ids.count)} is in doubt: {why}; it is not repeated in this run",
            f"{self._context.repeat.anew} later; where it stays so, see `mixpriv explain MP0804`"
            if why.startswith("HTTP 409")
            else "run `mixpriv plan`: it lists the batch; the next apply sends it again and adopts the task where Mixpanel answers 409",
            address,
        )

    async def refuse(self, number: int, sending: Sending, status: int) -> None:
        """Mixpanel refuses the only id of batch *number*."""
        await self._settle(number, sending.address, sending.ids, BatchPhase.REFUSED, f"HTTP {status}")
        self._context.tally.refused += sending.count
        self.leave(sending.address, number, sending.count, "refused", f"HTTP {status}")
        self._context.report_finding(
            Diagnostic(
                "MP0709",
                Severity.ERROR,
                f"Mixpanel refused the distinct id that stands here (HTTP {status}); it is not sent again until the request changes",
                f"correct or remove it, or `mixpriv apply --retry {sending.address}`",
                self._context.ids.place(sending.address, sending.ids),
                sending.address,
            )
        )

    def leave(self, address: str, number: int | None, count: int, outcome: str, why: str) -> None:
        """Note that *count* ids of the batch at hand are neither acknowledged nor adopted when this run ends."""
        self.open_subjects -= count
        self._leftovers.note(address, BatchesLeft(number, number, 1, count, outcome, why))

    async def _settle(self, number: int, address: str, ids: IdSet, phase: BatchPhase, why: str) -> None:
        await self._context.journal.append(Unsettled(address, number, phase.value, why, self._context.clock.now()))
        if phase is not BatchPhase.RETURNED:
            self._context.events.emit(BatchSent(address, number, ids.count, phase.value))
