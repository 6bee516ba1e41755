"""`apply`: READ → OBSERVE → DECIDE → approval → ACT → REMEMBER, under the state's lock."""

from __future__ import annotations

import asyncio
import dataclasses
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from mixpriv_reconcile.apply import ApplyResult, Context, Tally, carry_out, wait_for_tasks
from mixpriv_reconcile.errors import Interrupted, MixprivError, NewStateRefused, PlanStale, StateError, WrongUsage
from mixpriv_reconcile.ids.remembered import remembered
from mixpriv_reconcile.model.address import Address
from mixpriv_reconcile.model.diagnostics import Diagnostic, Severity
from mixpriv_reconcile.model.events import ChangeSummary, DiagnosticRaised, PlannedChange
from mixpriv_reconcile.model.ids import EMPTY_IDS
from mixpriv_reconcile.model.journal import Entry, Polled
from mixpriv_reconcile.model.plan import Download, Plan, PlanOptions
from mixpriv_reconcile.model.resource import DesiredState, RequestSpec, RetrievalSpec
from mixpriv_reconcile.model.state import RequestRecord, State
from mixpriv_reconcile.model.tasks import is_open
from mixpriv_reconcile.pipeline import session
from mixpriv_reconcile.pipeline.catalogue import Catalogue
from mixpriv_reconcile.pipeline.drift import drift
from mixpriv_reconcile.pipeline.export_folders import folders_checked, state_folders
from mixpriv_reconcile.pipeline.exports import Exports
from mixpriv_reconcile.pipeline.guarding import guarded
from mixpriv_reconcile.pipeline.lanes import check_credentials, open_lanes
from mixpriv_reconcile.pipeline.opening import digest_key, key_note, lock_facts, open_workspace
from mixpriv_reconcile.pipeline.outcome import Outcome
from mixpriv_reconcile.pipeline.plan import REFRESH_SECONDS, files_seen, planned, scanned, verdict
from mixpriv_reconcile.pipeline.reading import merged
from mixpriv_reconcile.pipeline.running import running
from mixpriv_reconcile.pipeline.saved import SavedPlan
from mixpriv_reconcile.pipeline.setting import Setting
from mixpriv_reconcile.pipeline.written import ListFiles
from mixpriv_reconcile.plan import changes_gone, changes_moved, inputs_moved
from mixpriv_reconcile.ports import EventSink, Lock, StateBackend
from mixpriv_reconcile.remote import SPACING_SECONDS
from mixpriv_reconcile.state import JournalWriter, Loaded, Store

__all__ = ["Approval", "apply"]


@dataclass(frozen=True, slots=True)
class Approval:
    """Who says yes: a saved plan, a digest, `--auto-approve`, or *ask*, which is called with the plan."""

    saved: SavedPlan | None = None
    digest: str | None = None
    is_automatic: bool = False
    ask: Callable[[Plan], bool] | None = None


def apply(
    setting: Setting,
    options: PlanOptions,
    approval: Approval,
    sink: EventSink,
    *,
    show: Callable[[Plan], None],
    wait_seconds: float | None = None,
    max_seconds: float | None = None,
    new_state: bool = False,
) -> Outcome:
    """Carry out the plan of this moment, if it is what was approved. Raises what keeps it from starting; see `errors`."""
    desired, findings, backend, store = open_workspace(setting, needs_key=True)
    findings = (*findings, *folders_checked(setting.root, desired))
    facts = lock_facts(setting)
    with session.locked(setting, backend, facts) as (lock, notes):
        loaded = session.recovered(setting, store)
        notes = (*notes, *key_note(setting))
        key = digest_key(setting, loaded, new_state=new_state)
        if not loaded.exists and setting.in_ci and not setting.sandbox and not new_state:
            raise NewStateRefused(
                "MP0504",
                "there is no state, and CI is set: no new state is made by itself, for a lost one would erase everybody again",
                "restore the state, or pass --new-state if this really is the first apply",
            )
        if approval.saved is not None:
            approval.saved.check_seal(key)
        guards = guarded(setting, desired, loaded.state.projects)
        with Catalogue(setting.root, key, setting.bounds, guards, loaded.state, sends=True, progress=setting.reading) as catalogue:
            desired, findings = scanned(setting, desired, (*findings, *notes, *drift(setting, desired)), catalogue)
            files = files_seen(setting, desired, loaded.state)
            if approval.saved is not None:  # before any request, and so from memory alone
                offline, _ = planned(setting, desired, loaded, findings, options, None, files)
                _refuse_moved(inputs_moved(approval.saved.plan, offline, created_by_plan=loaded.state.created_by_plan))
            made, polled = planned(setting, desired, loaded, findings, options, REFRESH_SECONDS, files)
            made = dataclasses.replace(made, diagnostics=(*made.diagnostics, *_done_since(made, approval)))
            show(made)
            _tell(made, sink)
            verdict(made)
            _check_approval(made, approval)
            first = session.began(setting, desired, loaded.state, facts, key=key, digest=made.digest)
            waits = wait_seconds is not None and any(is_open(task.status) for task in loaded.state.tasks.values())
            if not made.pending and not waits:
                if polled or catalogue.proofs(loaded.state) != loaded.state.sources:
                    session.journaled(
                        setting, loaded, store, backend, lock, first, lambda append: _append_all(append, polled), catalogue.proofs
                    )
                return Outcome(0, "no changes", made.diagnostics)
            if made.pending and not _is_approved(made, approval):
                return Outcome(1, "not approved; nothing was done", made.diagnostics)
            check_credentials(
                {change.project for change in made.pending if change.requests or change.downloads}, setting, desired, loaded.state
            )
            catalogue.prepare(str(change.address) for change in made.pending if change.batches or change.lists)
            begin: tuple[Entry, ...] = (first, *polled)
            return _act(
                setting, made, approval.saved, desired, loaded, store, backend, lock, catalogue, sink, begin, wait_seconds, max_seconds
            )


def _tell(made: Plan, sink: EventSink) -> None:
    """Say what is planned, also where it will be refused."""
    for change in made.pending:
        sink.emit(PlannedChange(change))
    sink.emit(ChangeSummary("plan", made.summary, made.erases, made.withdraws, made.cost.requests, made.cost.seconds, made.next_deadline))


def _append_all(append: Callable[[Entry], None], polled: Sequence[Polled]) -> None:
    for seen in polled:
        append(seen)


def _check_approval(made: Plan, approval: Approval) -> None:
    """Raise `PlanStale` where *made* is more than, or other than, what was approved."""
    if approval.saved is not None:
        _refuse_moved(changes_moved(approval.saved.plan, made))
    if approval.digest is not None and approval.digest != made.digest:
        raise PlanStale(
            "MP0609",
            f"the plan's digest is now {made.digest}, not {approval.digest}: a manifest, a source, the state or the tool moved",
            "plan again and have the new digest approved",
        )


def _done_since(made: Plan, approval: Approval) -> tuple[Diagnostic, ...]:
    """A note where less is left to do than a saved plan shows: a batch was sent meanwhile, a task finished."""
    gone = changes_gone(approval.saved.plan, made) if approval.saved is not None else ()
    if not gone:
        return ()
    return (Diagnostic("MP0622", Severity.NOTE, f"less is left to do than the saved plan shows: {'; '.join(gone)}"),)


def _refuse_moved(moved: tuple[str, ...]) -> None:
    if moved:
        raise PlanStale("MP0608", "the saved plan no longer fits; moved: " + "; ".join(moved), "plan again and have the new plan approved")


def _is_approved(made: Plan, approval: Approval) -> bool:
    if approval.is_automatic or approval.saved is not None or approval.digest is not None:
        return True
    if approval.ask is None:
        raise WrongUsage(
            "MP0618", "apply needs an approval, and there is nobody to ask", "pass a saved plan, --expect DIGEST, or --auto-approve"
        )
    return approval.ask(made)


def _act(
    setting: Setting,
    made: Plan,
    saved: SavedPlan | None,
    desired: DesiredState,
    loaded: Loaded,
    store: Store,
    backend: StateBackend,
    lock: Lock,
    catalogue: Catalogue,
    sink: EventSink,
    begin: Sequence[Entry],
    wait_seconds: float | None,
    max_seconds: float | None,
) -> Outcome:
    journal = JournalWriter(backend)
    for entry in begin:
        journal.append(entry)
    tally = Tally()

    async def work() -> tuple[ApplyResult, int, int | None]:
        with running(setting, max_seconds, sink) as run, open_lanes(setting, desired, loaded.state, run.patience, lock) as lanes:
            context = Context(
                state=loaded.state,
                journal=journal,
                ids=catalogue,
                clock=setting.clock,
                patience=run.patience,
                events=sink,
                tally=tally,
                exports=Exports(setting.root, state_folders(setting.root, desired), lock.verify),
                requests=_requests(desired),
                spacing_seconds=SPACING_SECONDS / desired.workspace.limits.requests_per_second,
                lists=ListFiles(setting, desired, lock),
                requires_opt_out=desired.workspace.policy.opt_out == "require",
            )
            result = await carry_out(made, context, lanes, parallelism=setting.parallelism, stop=run.stop)
            still_open = 0
            if wait_seconds is not None and result.fatal is None and not run.patience.is_over:
                now = session.folded(loaded, backend)
                with (
                    running(setting, wait_seconds, sink, within=run) as waiting,
                    open_lanes(setting, desired, loaded.state, waiting.patience, lock) as lanes,
                ):
                    waits = dataclasses.replace(context, patience=waiting.patience)
                    tally.records.update(now.requests)
                    still_open = await wait_for_tasks(
                        tuple(now.tasks.values()),
                        waits,
                        lanes,
                        exports=_exports(desired, now, made, saved),
                        parallelism=setting.parallelism,
                        stop=waiting.stop,
                    )
                result = dataclasses.replace(
                    result,
                    diagnostics=tuple(tally.diagnostics),
                    remaining=tally.remaining,
                    errored=(*result.errored, *tally.errored[len(result.errored) :]),
                    fatal=tally.fatal,
                )
            return result, still_open, run.interrupted_by

    result, still_open, interrupted_by = asyncio.run(work())
    for event in result.errored:
        sink.emit(event)
    try:
        backend.check_journal()
        if result.fatal is None or result.fatal.exit_code != 5:
            session.published(setting, loaded, store, backend, lock, catalogue.proofs)
    except StateError as error:
        _tell_first(result.fatal, error, sink)
        raise _ranked(error, result) from None
    if interrupted_by is not None:
        raise Interrupted(interrupted_by)
    if result.fatal is not None:
        raise _ranked(result.fatal, result)
    return _outcome(result, still_open, made)


def _tell_first(first: MixprivError | None, error: StateError, sink: EventSink) -> None:
    """Say what stopped the run, where saving it then failed for another reason, or for the same one at another file."""
    if first is not None and first.message != error.message:
        sink.emit(DiagnosticRaised(Diagnostic(first.code, Severity.ERROR, first.message, first.hint)))


def _ranked(error: MixprivError, result: ApplyResult) -> MixprivError:
    """*error*, ending with what comes first where several exit codes fit (contract §4): 1, 6, 4, 5."""
    codes = {error.exit_code} | ({result.fatal.exit_code} if result.fatal is not None else set()) | ({1} if result.has_errors else set())
    error.exit_code = next((code for code in (1, 6, 4, 5) if code in codes), error.exit_code)
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


def _waited(made: Plan) -> tuple[Diagnostic, ...]:
    """A note on those who waited for their export: where it is there by now, another apply erases them."""
    waits = sum(change.waits.count for change in made.changes if "after_retrieval" in change.reasons)
    if not waits:
        return ()
    who = "1 distinct id waits for its export and was" if waits == 1 else f"{waits:,} distinct ids wait for their exports and were"
    message = f"{who} not submitted"
    return (Diagnostic("MP0823", Severity.NOTE, message, "run `mixpriv apply` again once the exports are downloaded"),)


def _outcome(result: ApplyResult, still_open: int, made: Plan) -> Outcome:
    diagnostics = merged(made.diagnostics, result.diagnostics, _waited(made))
    if result.has_errors:
        return Outcome(1, "some work was refused; see the diagnostics", diagnostics, result.done)
    if result.in_doubt or result.remaining:
        left = [f"{result.remaining:,} distinct id{'' if result.remaining == 1 else 's'} left"] if result.remaining else []
        left += [f"{result.in_doubt:,} batch{'' if result.in_doubt == 1 else 'es'} in doubt"] if result.in_doubt else []
        return Outcome(3, f"stopped early: {' and '.join(left)}; nothing is lost, run again", diagnostics, result.done)
    return Outcome(0, f"done; {still_open} tasks still open" if still_open else "done", diagnostics, result.done)
