"""The part of `apply` that sends: a plan that was approved is carried out, waited for where that is wished, and remembered."""

from __future__ import annotations

import asyncio
import dataclasses
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from mixpriv_reconcile.apply import ApplyResult, Context, Journaling, Tally, carry_out, wait_for_tasks
from mixpriv_reconcile.errors import Interrupted, MixprivError, StateError
from mixpriv_reconcile.ids.remembered import remembered
from mixpriv_reconcile.model.address import Address
from mixpriv_reconcile.model.diagnostics import Diagnostic, Severity
from mixpriv_reconcile.model.events import DiagnosticRaised
from mixpriv_reconcile.model.exit_codes import strongest
from mixpriv_reconcile.model.ids import EMPTY_IDS
from mixpriv_reconcile.model.journal import Entry
from mixpriv_reconcile.model.plan import Download, Plan
from mixpriv_reconcile.model.repeating import Repeat
from mixpriv_reconcile.model.resource import DesiredState, RequestSpec, RetrievalSpec
from mixpriv_reconcile.model.state import RequestRecord, State
from mixpriv_reconcile.model.wording import counted, people
from mixpriv_reconcile.pipeline import session
from mixpriv_reconcile.pipeline.catalogue import Catalogue
from mixpriv_reconcile.pipeline.export_folders import state_folders
from mixpriv_reconcile.pipeline.exports import Exports
from mixpriv_reconcile.pipeline.lanes import open_lanes
from mixpriv_reconcile.pipeline.outcome import Outcome
from mixpriv_reconcile.pipeline.reading import merged
from mixpriv_reconcile.pipeline.running import Run, running
from mixpriv_reconcile.pipeline.saved import SavedPlan
from mixpriv_reconcile.pipeline.setting import Setting
from mixpriv_reconcile.pipeline.written import ListFiles
from mixpriv_reconcile.ports import EventSink, Lock, Patience, StateBackend
from mixpriv_reconcile.remote import SPACING_SECONDS
from mixpriv_reconcile.state import JournalWriter, Loaded, Store

__all__ = ["Work", "act"]


@dataclass(frozen=True, slots=True)
class Work:
    """What one plan is carried out with. *saved* is there where a saved plan was approved; seconds may be None: no wait, no limit.

    *repeat* has the words of hints to carry on.
    """

    setting: Setting
    plan: Plan
    saved: SavedPlan | None
    desired: DesiredState
    loaded: Loaded
    store: Store
    backend: StateBackend
    lock: Lock
    catalogue: Catalogue
    sink: EventSink
    wait_seconds: float | None
    max_seconds: float | None
    repeat: Repeat


@dataclass(frozen=True, slots=True)
class _Ended:
    """How the sending ended: *still_open* tasks after a wait, and the signal that stopped it, if one did."""

    result: ApplyResult
    still_open: int
    interrupted_by: int | None


def act(work: Work, begin: Sequence[Entry]) -> Outcome:
    """Carry out the plan, and publish what it came to; the journal begins with *begin*."""
    journal = Journaling(JournalWriter(work.backend).append, work.setting.clock, is_shared=work.backend.is_shared)
    journal.ride(*begin)
    ended = asyncio.run(_carried_out(work, journal))
    result = ended.result
    for event in result.errored:
        work.sink.emit(event)
    try:
        work.backend.check_journal()
        if result.fatal is None or result.fatal.exit_code != 5:
            session.published(work.setting, work.loaded, work.store, work.backend, work.lock, work.catalogue.proofs)
    except StateError as error:
        _tell_first(result.fatal, error, work.sink)
        raise _ranked(error, result) from None
    if ended.interrupted_by is not None:
        raise Interrupted(ended.interrupted_by)
    if result.fatal is not None:
        raise _ranked(result.fatal, result)
    return _outcome(result, ended.still_open, work.plan, work.repeat)


async def _carried_out(work: Work, journal: Journaling) -> _Ended:
    setting, desired = work.setting, work.desired
    with (
        running(setting, work.max_seconds, work.sink) as run,
        open_lanes(setting, desired, work.loaded.state, run.patience, work.lock) as lanes,
    ):
        context = _context(work, journal, run.patience)
        result = await carry_out(work.plan, context, lanes, parallelism=setting.parallelism, stop=run.stop)
        still_open = 0
        if work.wait_seconds is not None and result.fatal is None and not run.patience.is_over:
            still_open = await _waited_for(work, work.wait_seconds, context, run)
            tally = context.tally
            result = dataclasses.replace(
                result,
                diagnostics=tuple(tally.diagnostics),
                remaining=tally.remaining,
                errored=(*result.errored, *tally.errored[len(result.errored) :]),
                fatal=tally.fatal,
            )
        return _Ended(result, still_open, run.interrupted_by)


def _context(work: Work, journal: Journaling, patience: Patience) -> Context:
    setting, desired = work.setting, work.desired
    return Context(
        state=work.loaded.state,
        journal=journal,
        ids=work.catalogue,
        clock=setting.clock,
        patience=patience,
        events=work.sink,
        tally=Tally(),
        exports=Exports(setting.root, state_folders(setting.root, desired), work.lock.verify),
        requests=_requests(desired),
        spacing_seconds=SPACING_SECONDS / desired.workspace.limits.requests_per_second,
        lists=ListFiles(setting, desired, work.lock),
        requires_opt_out=desired.workspace.policy.opt_out == "require",
        repeat=work.repeat,
    )


async def _waited_for(work: Work, seconds: float, context: Context, run: Run) -> int:
    """How many tasks are still open after a wait of at most *seconds*."""
    setting, now = work.setting, session.folded(work.loaded, work.backend)
    with (
        running(setting, seconds, work.sink, within=run) as waiting,
        open_lanes(setting, work.desired, work.loaded.state, waiting.patience, work.lock) as lanes,
    ):
        context.tally.records.update(now.requests)
        return await wait_for_tasks(
            tuple(now.tasks.values()),
            # An export of what was just submitted is no part of a plan that was saved before.
            dataclasses.replace(context, patience=waiting.patience, repeat=Repeat(work.repeat.anew, work.repeat.anew)),
            lanes,
            exports=_exports(work.desired, now, work.plan, work.saved),
            parallelism=setting.parallelism,
            stop=waiting.stop,
        )


def _tell_first(first: MixprivError | None, error: StateError, sink: EventSink) -> None:
    """Say what stopped the run, where saving it then failed for another reason, or for the same one at another file."""
    if first is not None and first.message != error.message:
        sink.emit(DiagnosticRaised(Diagnostic(first.code, Severity.ERROR, first.message, first.hint)))


def _ranked(error: MixprivError, result: ApplyResult) -> MixprivError:
    """*error*, ending with the exit code that counts where several fit."""
    codes = {error.exit_code} | ({result.fatal.exit_code} if result.fatal is not None else set()) | ({1} if result.has_errors else set())
    error.exit_code = strongest(codes)
    return error


def _requests(desired: DesiredState) -> Mapping[str, RequestSpec]:
    return {str(item.address): item.spec for item in desired.resources if isinstance(item.spec, RequestSpec)}


def _exports(
    desired: DesiredState, state: State, made: Plan, saved: SavedPlan | None
) -> Mapping[str, Sequence[tuple[str, Download]]]:
    """By retrieval task, the declared requests that want its export, and how it is fetched.

    Only what was approved is: what --target names, and of a saved plan the requests that it submits or fetches.
    """
    targets = made.options.targets
    shown = None if saved is None else {str(change.address) for change in saved.plan.changes if change.batches or change.downloads}
    found: dict[str, list[tuple[str, Download]]] = {}
    for address, spec in _requests(desired).items():
        is_targeted = not targets or any(Address.parse(address).matches(target) for target in targets)
        if not is_targeted or (shown is not None and address not in shown):
            continue
        record = state.records.get(address)
        if isinstance(spec, RetrievalSpec) and isinstance(record, RequestRecord):
            subjects: dict[str, int] = {}
            kept = remembered(state, address).split(desired.ids.get(Address.parse(address), EMPTY_IDS)).kept.counts
            for batch in record.batches:
                if batch.tracking_id is not None and batch.number in kept:
                    subjects[batch.tracking_id] = subjects.get(batch.tracking_id, 0) + kept[batch.number]
            for tracking_id, count in subjects.items():
                step = Download(record.project_id, tracking_id, spec.download_to, count)
                found.setdefault(tracking_id, []).append((address, step))
    return found


def _waited(made: Plan, repeat: Repeat) -> tuple[Diagnostic, ...]:
    """A note on those who waited for their export: where it is there by now, another apply erases them."""
    waits = sum(change.waits.count for change in made.changes if "after_retrieval" in change.reasons)
    if not waits:
        return ()
    who = "1 distinct id waits for its export and was" if waits == 1 else f"{waits:,} distinct ids wait for their exports and were"
    message = f"{who} not submitted"
    return (Diagnostic("MP0823", Severity.NOTE, message, f"{repeat.anew} once the exports are downloaded"),)


def _outcome(result: ApplyResult, still_open: int, made: Plan, repeat: Repeat) -> Outcome:
    diagnostics = merged(made.diagnostics, result.diagnostics, _waited(made, repeat))
    if result.has_errors:
        return Outcome(1, "some work was refused; see the diagnostics", diagnostics, result.done)
    if result.in_doubt or result.remaining:
        left = [f"{people(result.remaining)} left"] if result.remaining else []
        left += [f"{counted(result.in_doubt, 'batch', 'batches')} in doubt"] if result.in_doubt else []
        return Outcome(3, f"stopped early: {' and '.join(left)}; nothing is lost, run again", diagnostics, result.done)
    return Outcome(0, f"done; {counted(still_open, 'task')} still open" if still_open else "done", diagnostics, result.done)
