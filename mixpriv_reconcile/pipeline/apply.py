"""`apply`: READ → OBSERVE → DECIDE → approval → ACT → REMEMBER, under the state's lock."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from mixpriv_reconcile.errors import NewStateRefused, PlanStale, WrongUsage
from mixpriv_reconcile.model.diagnostics import Diagnostic, Severity
from mixpriv_reconcile.model.events import ChangeSummary, PlannedChange
from mixpriv_reconcile.model.journal import Polled
from mixpriv_reconcile.model.plan import Plan, PlanOptions
from mixpriv_reconcile.model.tasks import is_open
from mixpriv_reconcile.pipeline import session
from mixpriv_reconcile.pipeline.acting import Work, act
from mixpriv_reconcile.pipeline.catalogue import Catalogue
from mixpriv_reconcile.pipeline.drift import drift
from mixpriv_reconcile.pipeline.export_folders import folders_checked
from mixpriv_reconcile.pipeline.guarding import guarded
from mixpriv_reconcile.pipeline.lanes import check_credentials
from mixpriv_reconcile.pipeline.opening import digest_key, kept_elsewhere, key_note, lock_facts, no_state, open_workspace
from mixpriv_reconcile.pipeline.outcome import Outcome
from mixpriv_reconcile.pipeline.plan import REFRESH_SECONDS, files_seen, planned, scanned, verdict
from mixpriv_reconcile.pipeline.saved import SavedPlan
from mixpriv_reconcile.pipeline.setting import Setting
from mixpriv_reconcile.plan import changes_gone, changes_moved, inputs_moved
from mixpriv_reconcile.ports import Append, EventSink

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
                f"{no_state(setting, desired)}, and CI is set: no new state is made by itself, for a lost one would erase everybody again",
                f"restore the state, or pass --new-state if this really is the first apply{kept_elsewhere(setting, desired)}",
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
            made, polled = planned(setting, desired, loaded, findings, options, REFRESH_SECONDS, files, most_ids=backend.most_ids)
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
            work = Work(
                setting, made, approval.saved, desired, loaded, store, backend, lock, catalogue, sink, wait_seconds, max_seconds
            )
            return act(work, (first, *polled))


def _tell(made: Plan, sink: EventSink) -> None:
    """Say what is planned, also where it will be refused."""
    for change in made.pending:
        sink.emit(PlannedChange(change))
    sink.emit(ChangeSummary("plan", made.summary, made.erases, made.withdraws, made.cost.requests, made.cost.seconds, made.next_deadline))


def _append_all(append: Append, polled: Sequence[Polled]) -> None:
    """Write down what was seen, in one write."""
    if polled:
        append(*polled)


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


