"""`refresh`, `confirm` and `state rm`: what changes the memory without an apply."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Collection

from mixpriv_reconcile.errors import Interrupted, WrongUsage
from mixpriv_reconcile.model.address import Address
from mixpriv_reconcile.model.journal import Entry, Forgot, Polled, Put
from mixpriv_reconcile.model.resource import Confirmation, SsoSpec
from mixpriv_reconcile.model.state import SsoRecord
from mixpriv_reconcile.pipeline import session
from mixpriv_reconcile.pipeline.lanes import open_lanes
from mixpriv_reconcile.pipeline.opening import lock_facts, open_workspace
from mixpriv_reconcile.pipeline.outcome import Outcome
from mixpriv_reconcile.pipeline.reading import merged
from mixpriv_reconcile.pipeline.running import running
from mixpriv_reconcile.pipeline.setting import Setting
from mixpriv_reconcile.ports import EventSink, Holder
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
            return Outcome(0, "no open task", (*findings, *notes))

        def work(append: Callable[[Entry], None]) -> tuple[Observed, int | None]:
            def keep(seen: Polled) -> None:
                append(seen)
                on_polled(seen)

            async def look() -> tuple[Observed, int | None]:
                with (
                    running(setting, max_seconds, sink) as run,
                    open_lanes(setting, desired, loaded.state, run.patience, lock) as lanes,
                ):
                    seen = await poll(tasks, lanes, setting.clock, run.patience, parallelism=setting.parallelism, on_polled=keep)
                    return seen, run.interrupted_by

            return asyncio.run(look())

        seen, interrupted_by = session.journaled(
            setting, loaded, store, backend, lock, session.began(setting, desired, loaded.state, facts), work
        )
    if interrupted_by is not None:
        raise Interrupted(interrupted_by)
    diagnostics = merged(findings, notes, seen.diagnostics)
    if seen.unseen:
        return Outcome(1 if seen.is_denied else 3, f"{seen.unseen} of {len(tasks)} open tasks were not looked at", diagnostics)
    return Outcome(0, f"looked at {len(tasks)} open tasks", diagnostics)


def confirm(setting: Setting, address: Address, by: str) -> Outcome:
    """Record that a person did the manual step at *address*, for the URL that the manifest has now."""
    desired, findings, backend, store = open_workspace(setting)
    resource = next((item for item in desired.resources if item.address == address), None)
    if resource is None or not isinstance(resource.spec, SsoSpec):
        raise WrongUsage("MP0530", f"{address} is no manual step of this workspace", "`mixpriv plan` lists the manual steps by address")
    spec = resource.spec
    facts = lock_facts(setting)
    with session.locked(setting, backend, facts) as (lock, notes):
        loaded = session.recovered(setting, store)
        if not loaded.exists:
            raise WrongUsage("MP0531", "there is no state yet to record the confirmation in", "run `mixpriv apply` first")
        now = setting.clock.now()
        confirmed = Confirmation(by, setting.today(desired.workspace.timezone))
        record = SsoRecord("sso", address.project, spec.postback_url, confirmed, now)
        session.journaled(
            setting,
            loaded,
            store,
            backend,
            lock,
            session.began(setting, desired, loaded.state, facts),
            lambda append: append(Put(str(address), record)),
        )
    return Outcome(0, f"confirmed {address} by {by}", merged(findings, notes))


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
