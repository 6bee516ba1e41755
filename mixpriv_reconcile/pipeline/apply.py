"""`apply`: READ → OBSERVE → DECIDE → approval → ACT → REMEMBER, under the state's lock."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Mapping, Sequence
from functools import partial

from mixpriv_reconcile.errors import NewStateRefused
from mixpriv_reconcile.model.events import ChangeSummary, PlannedChange
from mixpriv_reconcile.model.ids_shown import IdsShown
from mixpriv_reconcile.model.journal import Polled
from mixpriv_reconcile.model.plan import Plan, PlanOptions
from mixpriv_reconcile.model.tasks import is_open
from mixpriv_reconcile.pipeline import session
from mixpriv_reconcile.pipeline.acting import Work, act
from mixpriv_reconcile.pipeline.approval import Approval, check_approval, done_since, is_approved, stale_inputs
from mixpriv_reconcile.pipeline.catalogue import Catalogue
from mixpriv_reconcile.pipeline.drift import drift
from mixpriv_reconcile.pipeline.export_folders import folders_checked
from mixpriv_reconcile.pipeline.guarding import guarded
from mixpriv_reconcile.pipeline.ids_shown import ids_asked_for
from mixpriv_reconcile.pipeline.lanes import check_credentials
from mixpriv_reconcile.pipeline.offline import wished
from mixpriv_reconcile.pipeline.opening import digest_key, kept_elsewhere, key_note, lock_facts, no_state, open_workspace
from mixpriv_reconcile.pipeline.outcome import Outcome
from mixpriv_reconcile.pipeline.plan import REFRESH_SECONDS, files_seen, planned, scanned, verdict
from mixpriv_reconcile.pipeline.setting import Setting
from mixpriv_reconcile.ports import Append, EventSink

__all__ = ["Approval", "apply"]


def apply(
    setting: Setting,
    options: PlanOptions,
    approval: Approval,
    sink: EventSink,
    *,
    show: Callable[[Plan, Mapping[str, IdsShown]], None],
    wait_seconds: float | None = None,
    max_seconds: float | None = None,
    new_state: bool = False,
) -> Outcome:
    """Carry out the plan of this moment, if it is what was approved. Raises what keeps it from starting; see `errors`.

    *show* is called with the plan before anybody is asked, and with ids by address for a person who wants to see them.
    """
    desired, findings, backend, store = open_workspace(setting, needs_key=True, find=partial(wished, setting))
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
        reading, show_ids = setting.reading, setting.show_ids
        with Catalogue(
            setting.root, key, setting.bounds, guards, loaded.state, sends=True, progress=reading, show_ids=show_ids
        ) as catalogue:
            desired, findings = scanned(setting, desired, (*findings, *notes, *drift(setting, desired)), catalogue)
            files = files_seen(setting, desired, loaded.state)

            def check_offline(offline: Plan) -> None:
                stale = stale_inputs(offline, approval, loaded.state)
                if stale is not None:
                    _tell(offline, ids_asked_for(setting, offline, desired, catalogue), show, sink)
                    verdict(offline)  # a conflict or a policy says more than that the approval is out of date
                    raise stale

            made, polled = planned(
                setting,
                desired,
                loaded,
                findings,
                options,
                REFRESH_SECONDS,
                files,
                most_ids=backend.most_ids,
                check_offline=check_offline,
            )
            made = dataclasses.replace(made, diagnostics=(*made.diagnostics, *done_since(made, approval)))
            _tell(made, ids_asked_for(setting, made, desired, catalogue), show, sink)
            verdict(made)
            check_approval(made, approval, loaded.state, polled)
            first = session.began(setting, desired, loaded.state, facts, key=key, digest=made.sha256)
            waits = wait_seconds is not None and any(is_open(task.status) for task in loaded.state.tasks.values())
            if not made.pending and not waits:
                if polled or catalogue.proofs(loaded.state) != loaded.state.sources:
                    session.journaled(
                        setting, loaded, store, backend, lock, first, lambda append: _append_all(append, polled), catalogue.proofs
                    )
                return Outcome(0, "no changes", made.diagnostics)
            if made.pending and not is_approved(made, approval):
                return Outcome(1, "not approved; nothing was done", made.diagnostics)
            check_credentials(
                {change.project for change in made.pending if change.requests or change.downloads}, setting, desired, loaded.state
            )
            catalogue.prepare(str(change.address) for change in made.pending if change.batches or change.lists)
            work = Work(
                setting,
                made,
                approval.saved,
                desired,
                loaded,
                store,
                backend,
                lock,
                catalogue,
                sink,
                wait_seconds,
                max_seconds,
                approval.repeat,
            )
            return act(work, (first, *polled))


def _tell(made: Plan, ids: Mapping[str, IdsShown], show: Callable[[Plan, Mapping[str, IdsShown]], None], sink: EventSink) -> None:
    """Show and say what is planned, also where it will be refused."""
    show(made, ids)
    for change in made.pending:
        sink.emit(PlannedChange(change))
    sink.emit(ChangeSummary("plan", made.summary, made.erases, made.withdraws, made.cost.requests, made.cost.seconds, made.next_deadline))


def _append_all(append: Append, polled: Sequence[Polled]) -> None:
    """Write down what was seen, in one write."""
    if polled:
        append(*polled)
