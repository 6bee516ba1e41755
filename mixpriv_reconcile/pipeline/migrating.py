"""`state migrate`: the whole memory is copied to another place, byte for byte, and verified there; the old one is left as it is."""

from __future__ import annotations

import hashlib
import os
from pathlib import Path

from mixpriv_reconcile.errors import StateError, WrongUsage
from mixpriv_reconcile.manifest.state_argument import location_of
from mixpriv_reconcile.model.migrated import Migrated
from mixpriv_reconcile.model.state_place import as_block, is_same_place, public_settings, settings
from mixpriv_reconcile.model.workspace import StateLocation
from mixpriv_reconcile.pipeline import session
from mixpriv_reconcile.pipeline.destination import Kept, cleared
from mixpriv_reconcile.pipeline.last_place import last_place, remember_place
from mixpriv_reconcile.pipeline.opening import backend_at, lock_facts
from mixpriv_reconcile.pipeline.place_check import left_behind
from mixpriv_reconcile.pipeline.reading import desired_of, merged, read
from mixpriv_reconcile.pipeline.setting import Setting
from mixpriv_reconcile.pipeline.uncopied import is_stored, uncopied
from mixpriv_reconcile.ports import Lock, StateBackend
from mixpriv_reconcile.state import Store

__all__ = ["migrate"]


def migrate(setting: Setting, to: str, source: str | None = None) -> Migrated:
    """Copy the state to the place that *to* describes as a manifest would; from *source*, else from where it was used last.

    Segments go first, then a journal that wasn't published, last the document, which makes it a state. Killed at any moment, the
    same call finishes it. Nothing is replaced at the destination but an earlier look at the same. Raises `ManifestInvalid`,
    `WrongUsage`, `StateError`.
    """
    if setting.sandbox:
        raise WrongUsage("MP0574", "the sandbox's state stays where it is", "leave out --sandbox to move the real state")
    destination = location_of(to, "--to", setting.bounds)
    declared = desired_of(read(setting)).workspace.state
    origin = _origin(setting, declared, destination) if source is None else location_of(source, "--from", setting.bounds)
    if _is_one(setting.root, origin, destination):
        raise WrongUsage(
            "MP0574",
            f"the state is kept at {destination.shown} already; there is nothing to move",
            f"the manifest's `workspace:` has `state: {as_block(settings(destination))}`; --from says where else it is to be taken from",
        )
    old, new = backend_at(setting, origin), backend_at(setting, destination)
    _check_there(old, origin)
    with session.locked(setting, old, lock_facts(setting)) as (lock, notes):
        kept = _kept(old)
        with session.locked(setting, new, lock_facts(setting)) as (_, more):
            has_copied = _copied(setting, kept, new, lock, destination)
        remember_place(setting.root, destination, moved_from=origin)
    counts = [segment.count for record in kept.state.requests.values() for segment in record.segments]
    return Migrated(
        source=origin,
        destination=destination,
        lineage=kept.state.lineage,
        serial=kept.state.serial,
        addresses=len(kept.state.records),
        segments=len(kept.segments),
        ids=sum(counts),
        size=len(kept.content or b"") + len(kept.journal or b"") + sum(map(len, kept.segments.values())),
        has_journal=kept.journal is not None,
        has_copied=has_copied,
        is_declared=is_same_place(declared, destination),
        diagnostics=merged(notes, more),
    )


# Where from


def _origin(setting: Setting, declared: StateLocation, destination: StateLocation) -> StateLocation:
    """Where the state is: where this machine last used it, else where the manifests say, if nothing was left behind by their change."""
    last = last_place(setting.root)
    if last is not None:
        if is_same_place(last.location, declared):
            return declared  # which has the references to credentials, too
        # The file lies in the workspace, where a stranger's branch may have put it: checked as if it were typed.
        return location_of(as_block(public_settings(last.location)), "--from", setting.bounds)
    behind = left_behind(setting.root, declared)
    return behind if behind is not None and is_same_place(declared, destination) else declared


def _is_one(root: Path, one: StateLocation, other: StateLocation) -> bool:
    """Whether both are one place; in the workspace a link may make two paths one."""
    if one.is_shared or other.is_shared:
        return is_same_place(one, other)
    return os.path.realpath(root / one.path) == os.path.realpath(root / other.path)


def _check_there(old: StateBackend, origin: StateLocation) -> None:
    old.check_not_lost()
    if old.read() is None and old.read_journal() is None:
        raise WrongUsage(
            "MP0573",
            f"there is no state at {origin.shown}: nothing was moved",
            "say where it is with --from '{backend: …}'; a workspace without a state needs only the manifest changed",
        )


def _kept(old: StateBackend) -> Kept:
    """All that is kept at the source, every segment of it verified; raises `StateDamaged` and `StateTooNew`."""
    loaded = Store(old, recovery=old.recovery).load()
    stored, journal = old.read(), old.read_journal()
    if (None if stored is None else stored.version) != loaded.version:
        raise StateError("MP0514", f"{old.place} was changed by somebody else meanwhile; nothing was moved", "run the same command again")
    names = {reference.sha256 for record in loaded.state.requests.values() for reference in record.segments}
    return Kept(
        state=loaded.state,
        content=None if stored is None else stored.content,
        segments={sha256: old.read_segment(sha256) for sha256 in sorted(names)},
        # One that was published already is of no use to anybody.
        journal=bytes(journal) if journal is not None and loaded.recovered else None,
    )


# Where to


def _copied(setting: Setting, kept: Kept, new: StateBackend, lock: Lock, destination: StateLocation) -> bool:
    """Copy and verify; whether anything had to be copied. *lock* is the source's."""
    found = cleared(kept, new, destination.shown)
    has_copied = False
    with uncopied(setting, destination) as reader:
        missing = [sha256 for sha256 in kept.segments if not is_stored(reader, sha256)]
    for sha256 in missing:
        new.write_segment(sha256, [kept.segments[sha256]])
        has_copied = True
    if kept.journal is not None and not found.has_journal:
        new.append_journal(kept.journal)
        has_copied = True
    with uncopied(setting, destination) as reader:
        _check_read_back(_segments_and_journal(reader, kept), destination, "its state is not published, and nobody reads it")
        if kept.content is not None and not found.has_document:
            lock.verify()  # else somebody may be writing at the source, and what was read is old
            new.replace(kept.content, expected=found.version)
            has_copied = True
    with uncopied(setting, destination) as reader:
        _check_read_back(_whole(reader, kept), destination, "don't use it; the state at the source is as it was")
    lock.verify()
    return has_copied


def _segments_and_journal(reader: StateBackend, kept: Kept) -> str:
    """What differs of them where they were copied to; empty where nothing does."""
    for sha256 in kept.segments:
        if hashlib.sha256(reader.read_segment(sha256)).hexdigest() != sha256:
            return f"the segment {sha256[:12]}"
    return "" if reader.read_journal() == kept.journal else "the journal"


def _whole(reader: StateBackend, kept: Kept) -> str:
    """The same of the document, and of the state that all of it comes to."""
    stored = reader.read()
    if (None if stored is None else stored.content) != kept.content:
        return "the document"
    return "" if Store(reader, recovery=reader.recovery).load().state == kept.state else "the state"


def _check_read_back(differs: str, destination: StateLocation, so: str) -> None:
    if differs:
        raise StateError(
            "MP0576",
            f"{differs} that was read back from {destination.shown} is not what was written; {so}",
            "something else writes there, or the storage is at fault: look into it, then run the same command again",
        )
