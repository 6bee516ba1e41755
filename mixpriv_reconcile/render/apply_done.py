"""What one apply did and what is left of it, address by address, as its events tell: for every report of it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Container, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime

from mixpriv_reconcile.model.events import ApplyComplete, ApplyErrored, BatchSent
from mixpriv_reconcile.model.exit_codes import ending
from mixpriv_reconcile.model.plan import Action, Change, ManualStep, Summary
from mixpriv_reconcile.model.report import Report
from mixpriv_reconcile.model.wording import counted, people
from mixpriv_reconcile.render.event_words import BATCH_OUTCOMES
from mixpriv_reconcile.render.look import as_typed

__all__ = ["Account", "Call", "Done", "account", "by_hand", "erased", "has_sent_nothing", "outcome_words", "to_do"]


TAKEN = frozenset({"acknowledged", "adopted"})
LIGHTEST = (3, 0)
"""Weighs less than any change (see `Change.weight`)."""


@dataclass(frozen=True, slots=True)
class Call:
    """One call that was answered, and when."""

    at: datetime
    sent: BatchSent


@dataclass(frozen=True, slots=True)
class Done:
    """What was done at one address; *completed* is there where nothing planned there is left."""

    address: str
    calls: tuple[Call, ...] = ()
    completed: ApplyComplete | None = None

    @property
    def is_complete(self) -> bool:
        return self.completed is not None


@dataclass(frozen=True, slots=True)
class Account:
    """What an apply came to: the same counts for whoever tells of it.

    *done* has every address that a call was answered for, or that is complete. *errored* are those that the apply said it could not
    finish; *unheard* those that it ended before, or without, telling of: of these nothing is known but how it ended. What a person does is
    in none of them, see `by_hand`. *subjects* are distinct ids by what became of the call that they were in; every outcome is there.
    """

    done: tuple[Done, ...]
    errored: tuple[ApplyErrored, ...]
    unheard: tuple[ApplyErrored, ...]
    summary: Summary
    subjects: Mapping[str, int]

    @property
    def left(self) -> tuple[ApplyErrored, ...]:
        """Every address that isn't finished."""
        return (*self.errored, *self.unheard)


def account(run: Report) -> Account:
    """What the events of *run* add up to. Each renderer asks once: a run may have very many."""
    calls: dict[str, list[Call]] = {}
    complete: dict[str, ApplyComplete] = {}
    errored: dict[str, ApplyErrored] = {}
    subjects = dict.fromkeys(BATCH_OUTCOMES, 0)
    for happened in run.happened:
        match happened.event:
            case BatchSent(outcome=outcome) as sent:
                calls.setdefault(sent.address, []).append(Call(happened.at, sent))
                subjects[outcome] = subjects.get(outcome, 0) + sent.subjects
            case ApplyComplete(address) as event:
                calls.setdefault(address, [])
                complete[address] = event
            case ApplyErrored(address) as event:
                errored[address] = event
            case _:
                pass
    # Of very many some are left out: what concerns people, and can't be undone, stands first.
    weights = {str(change.address): change.weight for change in run.plan.changes} if run.plan is not None else {}

    def weight(one: Done | ApplyErrored) -> tuple[int, int]:
        return weights.get(one.address, LIGHTEST)

    found = (Done(address, tuple(mine), complete.get(address)) for address, mine in calls.items())
    done = tuple(sorted(found, key=lambda one: (not one.calls, weight(one))))
    unheard = sorted(_unheard(run, done, complete.keys() | errored.keys()), key=weight)
    return Account(done, tuple(sorted(errored.values(), key=weight)), tuple(unheard), _summed(complete.values()), subjects)


def _unheard(run: Report, done: Iterable[Done], heard: Container[str]) -> Iterator[ApplyErrored]:
    if run.plan is None or not run.exit_code:
        return
    calls = {one.address: one.calls for one in done}
    for change in run.plan.pending:
        address = str(change.address)
        if address not in heard and not change.is_by_hand:
            yield ApplyErrored(address, run.why, _unacknowledged(change, calls.get(address, ())))


def _unacknowledged(change: Change, calls: Iterable[Call]) -> int:
    """Distinct ids of *change* that no task holds: those that it submits, but for what these *calls* brought into one.

    Who is in a task that was to be cancelled is acknowledged until it is, and so is who was to be withdrawn.
    """
    cancelled, taken = set[str | None](), 0
    for call in calls:
        if call.sent.outcome == "cancelled":
            cancelled.add(call.sent.tracking_id)
        elif call.sent.outcome in TAKEN:
            taken += call.sent.subjects
    open_ids = sum(batch.ids.count for batch in change.batches if batch.after is None or batch.after in cancelled)
    return max(0, open_ids - taken)


def _summed(complete: Iterable[ApplyComplete]) -> Summary:
    """The addresses that are complete, by their strongest action."""
    actions = Counter(event.action for event in complete)
    return Summary(add=actions[Action.CREATE.value], change=actions[Action.UPDATE.value], destroy=actions[Action.DELETE.value])


def erased(run: Report, done: Iterable[Done]) -> int:
    """Distinct ids that Mixpanel took for erasure."""
    if run.plan is None:
        return 0
    erasing = {str(change.address) for change in run.plan.pending if change.irreversible}
    taken = (call.sent for one in done if one.address in erasing for call in one.calls)
    return sum(sent.subjects for sent in taken if sent.outcome in TAKEN)


def by_hand(run: Report) -> Iterator[tuple[Change, ManualStep]]:
    """The steps that a person still does."""
    for change in run.plan.pending if run.plan is not None else ():
        yield from ((change, step) for step in change.manual_steps)


def outcome_words(one: Done) -> str:
    """`Mixpanel acknowledged 4,000 distinct ids (2 calls); …`: the calls of one address by what became of them."""
    calls, subjects = Counter[str](), Counter[str]()
    for call in one.calls:
        calls[call.sent.outcome] += 1
        subjects[call.sent.outcome] += call.sent.subjects
    words = [
        f"{BATCH_OUTCOMES.get(outcome, outcome).format(ids=people(subjects[outcome]))}{f' ({count:,} calls)' if count > 1 else ''}"
        for outcome, count in calls.items()
    ]
    return "; ".join([*words, *(["done"] if one.is_complete else [])])


def has_sent_nothing(run: Report) -> bool:
    """Whether work had not begun.

    That no `BatchSent` is there says less: of a call without an answer, or one that could not be recorded, only the `ApplyStart` of its
    address tells, and its `ApplyErrored`, where the run came to that.
    """
    return not run.happened


def to_do(run: Report, done: Iterable[Done]) -> Iterator[str]:
    """What stands to be done now, a sentence each."""
    yield from (as_typed(said, run.sandbox) for said in _to_do(run, done))


def _to_do(run: Report, done: Iterable[Done]) -> Iterator[str]:
    if after := ending(run.exit_code).after_apply:
        yield after
    steps = sum(1 for _ in by_hand(run))
    is_blocked = run.plan is not None and run.plan.is_blocked
    if steps and not is_blocked:  # what a person would do may be what the errors are about
        waiting = "waits" if steps == 1 else "wait"
        yield f"{counted(steps, 'manual step')} {waiting} for a person; `mixpriv confirm` records that it was done."
    if any(one.calls for one in done):
        yield "`mixpriv status` follows what Mixpanel makes of it, `mixpriv refresh` asks."
