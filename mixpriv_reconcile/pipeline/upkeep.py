"""`refresh`, `confirm` and `state rm`: what changes the memory without an apply."""

from __future__ import annotations

import asyncio
import dataclasses
from collections.abc import Callable, Collection
from datetime import datetime

from mixpriv_reconcile.apply import LOOK_SECONDS, Journaling
from mixpriv_reconcile.errors import Interrupted, WrongUsage
from mixpriv_reconcile.kinds.exports import kept_exports
from mixpriv_reconcile.kinds.standing import Standing, standing_of
from mixpriv_reconcile.model.address import Address
from mixpriv_reconcile.model.diagnostics import Diagnostic, Severity
from mixpriv_reconcile.model.journal import Entry, Forgot, Polled, Put, PutRequestEntry
from mixpriv_reconcile.model.resource import Confirmation, RetrievalSpec, SsoSpec
from mixpriv_reconcile.model.state import RequestRecord, SsoRecord, State
from mixpriv_reconcile.model.wording import counted
from mixpriv_reconcile.pipeline import session
from mixpriv_reconcile.pipeline.exports import exports_ready
from mixpriv_reconcile.pipeline.lanes import open_lanes
from mixpriv_reconcile.pipeline.opening import lock_facts, open_workspace
from mixpriv_reconcile.pipeline.outcome import Outcome
from mixpriv_reconcile.pipeline.reading import merged
from mixpriv_reconcile.pipeline.running import running
from mixpriv_reconcile.pipeline.setting import Setting
from mixpriv_reconcile.ports import Append, EventSink, Holder
from mixpriv_reconcile.refresh import Observed, poll, stale_tasks

__all__ = ["confirm", "forget", "refresh", "unlock"]


def refresh(setting: Setting, sink: EventSink, *, max_seconds: float | None, on_polled: Callable[[Polled], None]) -> Outcome:
    """Look at every open task, oldest look first, saving as it goes; *sink* is told of waits."""
    desired, findings, backend, store = open_workspace(setting)
    facts = lock_facts(setting)
    with session.locked(setting, backend, facts) as (lock, notes):
        loaded = session.recovered(setting, store)
        tasks = stale_tasks(loaded.state, now=setting.clock.now(), all_open=True)
        if not tasks:
            ready = exports_ready(setting.root, desired, loaded.state)
            return Outcome(0, "no open task", merged(findings, notes, ready))

        def work(append: Append) -> tuple[Observed, int | None]:
            journal = Journaling(append, setting.clock, is_shared=backend.is_shared)

            async def keep(seen: Polled) -> None:
                journal.ride(seen)
                await journal.flush(after_seconds=LOOK_SECONDS)
                on_polled(seen)

            async def look() -> tuple[Observed, int | None]:
                with (
                    running(setting, max_seconds, sink) as run,
                    open_lanes(setting, desired, loaded.state, run.patience, lock) as lanes,
                ):
                    try:
                        seen = await poll(tasks, lanes, setting.clock, run.patience, parallelism=setting.parallelism, on_polled=keep)
                    finally:
                        await journal.flush()
                    return seen, run.interrupted_by

            return asyncio.run(look())

        seen, interrupted_by = session.journaled(
            setting, loaded, store, backend, lock, session.began(setting, desired, loaded.state, facts), work
        )
        ready = exports_ready(setting.root, desired, store.load().state)
    if interrupted_by is not None:
        raise Interrupted(interrupted_by)
    diagnostics = merged(findings, notes, seen.diagnostics, ready)
    if seen.unseen:
        return Outcome(1 if seen.is_denied else 3, f"{seen.unseen} of {len(tasks)} open tasks were not looked at", diagnostics)
    return Outcome(0, f"looked at {counted(len(tasks), 'open task')}", diagnostics)


def confirm(setting: Setting, address: Address, by: str) -> Outcome:
    """Record that a person did what only a person can do: the manual step at *address*, or the handing over of its exports.

    A manual step is confirmed for the URL that the manifest has now, exports for the tasks that have succeeded by now.
    """
    desired, findings, backend, store = open_workspace(setting)
    resource = next((item for item in desired.resources if item.address == address), None)
    if resource is None or not isinstance(resource.spec, SsoSpec | RetrievalSpec):
        hint = "`mixpriv plan` lists the manual steps by address, `mixpriv status` the retrievals"
        raise WrongUsage("MP0530", f"{address} is no manual step and no retrieval of this workspace", hint)
    spec = resource.spec
    facts = lock_facts(setting)
    with session.locked(setting, backend, facts) as (lock, notes):
        loaded = session.recovered(setting, store)
        if not loaded.exists:
            raise WrongUsage("MP0531", "there is no state yet to record the confirmation in", "run `mixpriv apply` first")
        confirmed = Confirmation(by, setting.today(desired.workspace.timezone))
        entry = _confirmation(spec, address, confirmed, loaded.state, setting.clock.now())
        first = session.began(setting, desired, loaded.state, facts)
        session.journaled(setting, loaded, store, backend, lock, first, lambda append: append(entry))
        unfinished = _unfinished(address, loaded.state)
    return Outcome(0, f"confirmed {address} by {by}", merged(findings, notes, unfinished))


def _confirmation(spec: SsoSpec | RetrievalSpec, address: Address, confirmed: Confirmation, state: State, now: datetime) -> Entry:
    """What to write down; raises `WrongUsage` where there is no finished export to be handed over."""
    if isinstance(spec, SsoSpec):
        return Put(str(address), SsoRecord("sso", address.project, spec.postback_url, confirmed, now))
    record = state.records.get(str(address))
    if not isinstance(record, RequestRecord):
        raise WrongUsage("MP0634", f"{address} was never submitted", "run `mixpriv apply` first")
    finished = [
        batch.tracking_id
        for batch in record.batches
        if batch.tracking_id is not None and standing_of(state, record, batch) is Standing.SUCCEEDED
    ]
    if not finished:
        hint = "`mixpriv refresh` asks Mixpanel again; `mixpriv status` shows what is still open"
        raise WrongUsage("MP0634", f"no export of {address} is finished yet, so that none can have been handed over", hint)
    for tracking_id in dict.fromkeys(finished):
        known = next((export for export in record.downloads if export.get("tracking_id") == tracking_id), {})
        handed = {**known, "tracking_id": tracking_id, "handed_over_by": confirmed.by, "handed_over_on": confirmed.on.isoformat()}
        record = dataclasses.replace(record, downloads=kept_exports(record, handed))
    return PutRequestEntry(str(address), record, now)


def _unfinished(address: Address, state: State) -> tuple[Diagnostic, ...]:
    """A note where exports of the request are still to come: what was handed over wasn't all of it."""
    record = state.records.get(str(address))
    batches = record.batches if isinstance(record, RequestRecord) else ()
    tasks = {batch.tracking_id for batch in batches if isinstance(record, RequestRecord) and standing_of(state, record, batch).is_open}
    if not tasks:
        return ()
    message = "1 task isn't finished: its export is" if len(tasks) == 1 else f"{len(tasks)} tasks aren't finished: their exports are"
    hint = "`mixpriv apply` fetches what comes; then confirm once more"
    return (Diagnostic("MP0821", Severity.NOTE, f"{message} still to come, and not handed over yet", hint, address=str(address)),)


def forget(setting: Setting, patterns: Collection[str]) -> tuple[str, ...]:
    """`state rm`: the addresses that were forgotten. Nothing happens at Mixpanel: open tasks there go on.

    Works without segments: it is the way out where one is lost.
    """
    desired, _, backend, store = open_workspace(setting)
    facts = lock_facts(setting)
    with session.locked(setting, backend, facts) as (lock, _notes):
        loaded = session.recovered(setting, store, with_ids=False)
        chosen = [text for text in loaded.state.records if any(Address.parse(text).matches(pattern) for pattern in patterns)]
        if not chosen:
            raise WrongUsage("MP0532", "the state has no such address", "`mixpriv state list` shows them")

        def work(append: Callable[[Entry], None]) -> None:
            for address in chosen:
                append(Forgot(address))

        session.journaled(setting, loaded, store, backend, lock, session.began(setting, desired, loaded.state, facts), work)
    return tuple(chosen)


def unlock(setting: Setting, lock_id: str) -> Holder:
    """Take the lock *lock_id* from its holder, who neither sends nor writes from then on; the former holder."""
    _, _, backend, _ = open_workspace(setting)
    return backend.unlock(lock_id)
