"""One run that writes: its lock, and its journal from first entry to publication."""

from __future__ import annotations

import contextlib
import dataclasses
import uuid
from collections.abc import Callable, Iterator, Mapping
from typing import TypeAlias, TypeVar

from mixpriv_reconcile import __version__
from mixpriv_reconcile.errors import StateLocked
from mixpriv_reconcile.ids.keys import DigestKey
from mixpriv_reconcile.model.diagnostics import Diagnostic, Severity
from mixpriv_reconcile.model.fold import fold
from mixpriv_reconcile.model.journal import Began
from mixpriv_reconcile.model.resource import DesiredState
from mixpriv_reconcile.model.state import KeyRecord, PolicyRecord, SourceRecord, State
from mixpriv_reconcile.pipeline.opening import project_records
from mixpriv_reconcile.pipeline.setting import Setting
from mixpriv_reconcile.ports import Append, Lock, StateBackend
from mixpriv_reconcile.state import JournalWriter, Loaded, Store, entries_of

__all__ = ["began", "journaled", "locked", "published", "recovered"]

T = TypeVar("T")

Proofs: TypeAlias = Callable[[State], tuple[SourceRecord, ...]]
"""What a state is to remember of the sources its ids were read from."""


@contextlib.contextmanager
def locked(setting: Setting, backend: StateBackend, facts: Mapping[str, str]) -> Iterator[tuple[Lock, tuple[Diagnostic, ...]]]:
    """Hold the state's lock while the block runs; with it, a note where somebody was succeeded who didn't let go."""
    lock = _taken(setting, backend, facts)
    notes: tuple[Diagnostic, ...] = ()
    before = lock.taken_over_from
    if before is not None:
        why = "its lease had run out" if backend.is_shared else "that process is dead"
        message = f"the lock of {before.who} on {before.host} (pid {before.pid}, since {before.since}) was taken over: {why}"
        notes = (Diagnostic("MP0525", Severity.NOTE, message),)
    try:
        yield lock, notes
    finally:
        lock.release()


def _taken(setting: Setting, backend: StateBackend, facts: Mapping[str, str]) -> Lock:
    """The lock, at once or after a wait that is told."""
    try:
        return backend.lock(facts, timeout_seconds=0)
    except StateLocked as locked:
        if not setting.lock_timeout_seconds:
            raise
        setting.tell(f"{locked.message}; waiting for it, {setting.lock_timeout_seconds:.0f} s at most …")
    return backend.lock(facts, timeout_seconds=setting.lock_timeout_seconds)


def recovered(setting: Setting, store: Store, *, with_ids: bool = True) -> Loaded:
    """The memory, with what an earlier run left in its journal published first."""
    loaded = store.load(with_ids=with_ids)
    if not loaded.recovered:
        store.drop_spent_journal()
        return loaded
    store.publish(loaded.state, expected=loaded.version, now=setting.clock.now())
    return store.load(with_ids=with_ids)


def began(
    setting: Setting,
    desired: DesiredState,
    state: State,
    facts: Mapping[str, str],
    *,
    key: DigestKey | None = None,
    digest: str | None = None,
) -> Began:
    """The journal's first entry. Only an apply (with a plan's *digest*) remembers policy, manifests and projects."""
    policy = desired.workspace.policy
    is_apply = digest is not None
    return Began(
        journal_id=facts["lock_id"],
        lineage=state.lineage or str(uuid.uuid4()),
        serial=state.serial,
        tool_version=__version__,
        at=setting.clock.now(),
        command=setting.command,
        who=f"{facts['who']}@{facts['host']}",
        plan_digest=digest,
        digest_key=KeyRecord(key.scheme, key.check) if key is not None else None,
        policy=PolicyRecord(policy.max_deletions, policy.max_withdrawals, policy.opt_out, policy.allow_placeholder_ids)
        if is_apply
        else None,
        manifests=desired.manifests if is_apply else None,
        projects=project_records(desired) if is_apply else {},
    )


def journaled(
    setting: Setting,
    loaded: Loaded,
    store: Store,
    backend: StateBackend,
    lock: Lock,
    first: Began,
    work: Callable[[Append], T],
    proofs: Proofs | None = None,
) -> T:
    """Do *work*, which writes journal entries, and publish what they come to."""
    journal = JournalWriter(backend)
    journal.append(first)
    result = work(journal.append)
    published(setting, loaded, store, backend, lock, proofs)
    return result


def published(
    setting: Setting, loaded: Loaded, store: Store, backend: StateBackend, lock: Lock, proofs: Proofs | None = None
) -> None:
    """Fold the journal into the state and publish it, if the lock is still ours; with what *proofs* says of the sources, where given.

    Proofs only save reading, so the journal has none: after a crash the sources are read once more.
    """
    lock.verify()
    state = folded(loaded, backend)
    if proofs is not None:
        state = dataclasses.replace(state, sources=proofs(state))
    store.publish(state, expected=loaded.version, now=setting.clock.now())


def folded(loaded: Loaded, backend: StateBackend) -> State:
    """The state as the journal has it at this moment."""
    return fold(loaded.state, entries_of(backend.read_journal() or memoryview(b"")))
