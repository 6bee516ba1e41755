"""`state pull` and `state push`: the whole memory as one document, and back."""

from __future__ import annotations

import contextlib
import os
import stat
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from mixpriv_reconcile.errors import StateDamaged, StateError, WrongUsage
from mixpriv_reconcile.ids.segments import encode
from mixpriv_reconcile.model.diagnostics import Diagnostic, Severity
from mixpriv_reconcile.model.state import State
from mixpriv_reconcile.pipeline import session
from mixpriv_reconcile.pipeline.opening import key_at_hand, lock_facts, open_workspace, state_of
from mixpriv_reconcile.pipeline.reading import desired_of, merged, read
from mixpriv_reconcile.pipeline.setting import Setting
from mixpriv_reconcile.pipeline.status import Remembered, remembered
from mixpriv_reconcile.pipeline.uncopied import is_stored, uncopied
from mixpriv_reconcile.ports import StateBackend
from mixpriv_reconcile.state import MemoryBackend, Portable, Store, portable_state, portable_text
from mixpriv_reconcile.state.journal import journal_of

__all__ = ["Pushed", "pull", "pulled_file", "pulled_input", "push"]

STEP_BYTES = 2**20

PAST_DAMAGE = {
    "MP0510": "to push, move it away first, and {journal} aside if there is one: see `mixpriv explain MP0515`",
    "MP0515": "to push, move {journal} aside first; put it back afterwards, and it counts if it continues what was pushed",
}
"""How to push where the state here can't be used: never over it, for the journal may be the only trace of a task."""


def pull(setting: Setting) -> tuple[Iterator[str], tuple[Diagnostic, ...]]:
    """The portable state of this moment, piece by piece, and notes on it. Takes no lock, writes nothing, needs no key.

    The document is the one that was published. Where a journal continues it, that is what its run would publish now.
    """
    memory, content = _consistent(setting)
    state = memory.loaded.state
    if not memory.loaded.exists:
        raise WrongUsage("MP0549", "there is no state to pull: nothing is remembered yet", "run `mixpriv apply` first, or give -C DIR")
    copy = MemoryBackend(None if memory.loaded.recovered else content)
    for sha256, part in state.open_segments.items():
        copy.write_segment(sha256, encode(part))
    if memory.loaded.recovered:
        Store(copy).publish(state, expected=None, now=setting.clock.now())
    published = copy.read()
    assert published is not None
    return portable_text(published.content, copy.segments, is_sandbox=setting.sandbox), memory.notes


def _consistent(setting: Setting) -> tuple[Remembered, bytes | None]:
    """The memory, and the bytes of the very document that it was read from: an apply may publish in between."""
    while True:
        memory = remembered(setting, with_ids=True)
        stored = memory.backend.read()
        if (stored.version if stored is not None else None) == memory.loaded.version:
            return memory, stored.content if stored is not None else None


def pulled_input(setting: Setting) -> bytes:
    """The bytes on standard input; raises `WrongUsage` where it is closed, or holds more than its bound."""
    try:
        with os.fdopen(0, "rb", closefd=False) as stream:
            return _all_of(stream, "standard input", setting)
    except OSError as error:
        raise _unreadable("standard input", error) from None


def pulled_file(path: Path, setting: Setting) -> bytes:
    """The bytes of a file that `state pull` may have made; raises `WrongUsage` where it is none, or larger than its bound."""
    try:
        # O_NONBLOCK: a FIFO that nobody writes to would keep us waiting for ever.
        descriptor = os.open(path, os.O_RDONLY | os.O_CLOEXEC | os.O_NONBLOCK | os.O_NOCTTY)
        try:
            if not stat.S_ISREG(os.fstat(descriptor).st_mode):
                raise WrongUsage("MP0551", f"can't read {path.name}: it is not a regular file", "give a file, or - for standard input")
            with os.fdopen(descriptor, "rb", closefd=False) as stream:
                return _all_of(stream, path.name, setting)
        finally:
            os.close(descriptor)
    except (OSError, ValueError) as error:
        raise _unreadable(path.name, error) from None


def _all_of(stream: BinaryIO, name: str, setting: Setting) -> bytes:
    """The bytes of *stream* to its end, read in steps: a bound is no reason to take so much memory."""
    bound, content = setting.bounds.pulled_bytes, bytearray()
    while step := stream.read(STEP_BYTES):
        content += step
        if len(content) > bound:
            variable = setting.bounds.variable("pulled_bytes")
            raise WrongUsage("MP0551", f"{name} has more than {bound:,} bytes", f"if it is right, set {variable} to a larger number")
    return bytes(content)


def _unreadable(name: str, error: OSError | ValueError) -> WrongUsage:
    reason = os.strerror(error.errno) if isinstance(error, OSError) and error.errno else "no file can have such a name"
    return WrongUsage("MP0551", f"can't read {name}: {reason}", "give the file that `mixpriv state pull > FILE` made")


@dataclass(frozen=True, slots=True)
class Pushed:
    """What is remembered now. *has_changed* is False where the same was remembered before; then at most segments were restored."""

    lineage: str
    serial: int
    addresses: int
    has_changed: bool
    diagnostics: tuple[Diagnostic, ...]


def push(setting: Setting, content: bytes, name: str, *, force: bool) -> Pushed:
    """Remember the portable state *content*, called *name*, in place of what is remembered now, which becomes the backup.

    All of *content* is verified before the lock is taken. A journal that an earlier run left is published first, as every
    command does that writes: so what Mixpanel acknowledged in it is compared with, and is in the backup even with *force*.
    """
    pushed = portable_state(content, name)
    _check_sandbox(setting, pushed.is_sandbox, name)
    with _way_past_damage(setting):
        desired, findings, backend, store = open_workspace(setting, is_replaced=True)
        if not force:
            _check_key(setting, pushed.state, name)
        with session.locked(setting, backend, lock_facts(setting)) as (_, notes):
            # Without ids: what is pushed may be what heals a segment.
            loaded = session.recovered(setting, store, with_ids=False)
            with uncopied(setting, state_of(setting, desired)) as reader:
                restored = _restored(backend, reader, loaded.state, pushed, name)
            state, has_changed = pushed.state, pushed.state != loaded.state
            if loaded.exists and not force and not _is_successor(loaded.state, pushed.state, name, or_stay=bool(restored)):
                state, has_changed = loaded.state, False
            if has_changed:
                for sha256, segment in pushed.segments.items():
                    backend.write_segment(sha256, [segment])
                store.publish(state, expected=loaded.version, now=setting.clock.now())
    return Pushed(state.lineage, state.serial, len(state.records), has_changed, merged(findings, notes, restored))


@contextlib.contextmanager
def _way_past_damage(setting: Setting) -> Iterator[None]:
    """Add to the hint of damage how to push all the same."""
    try:
        yield
    except StateDamaged as damage:
        if damage.code not in PAST_DAMAGE:
            raise
        location = state_of(setting, desired_of(read(setting)))
        way = PAST_DAMAGE[damage.code].format(journal=journal_of(location.shown, is_shared=location.is_shared))
        raise StateDamaged(damage.code, damage.message, f"{damage.hint}; {way}") from None


def _restored(backend: StateBackend, reader: StateBackend, known: State, pushed: Portable, name: str) -> tuple[Diagnostic, ...]:
    """Store those segments of *known* anew that *reader* finds missing or altered, as far as *pushed* has them; a note if there were."""
    named = {reference.sha256 for record in known.requests.values() for reference in record.segments}
    damaged = [sha256 for sha256 in sorted(named & pushed.segments.keys()) if not is_stored(reader, sha256)]
    for sha256 in damaged:
        backend.write_segment(sha256, [pushed.segments[sha256]])
    if not damaged:
        return ()
    message = f"{len(damaged)} segments of the state here were missing or altered, and were restored from {name}"
    return (Diagnostic("MP0556", Severity.NOTE, message),)


def _check_sandbox(setting: Setting, is_sandbox: bool, name: str) -> None:
    """Raise `StateError` where a pretended memory would become the real one, or the other way round; nothing allows that."""
    if is_sandbox and not setting.sandbox:
        raise StateError(
            "MP0555",
            f"{name} is of the sandbox: in it people count as erased whom nobody erased",
            "push it with --sandbox, or pull the real one",
        )
    if setting.sandbox and not is_sandbox:
        raise StateError("MP0555", f"{name} is a real state; the sandbox has none of its tasks", "leave out --sandbox")


def _check_key(setting: Setting, pushed: State, name: str) -> None:
    """Raise `StateError` where the key at hand can't read the digests of *pushed*."""
    key, known = key_at_hand(setting), pushed.digest_key
    if key is not None and known is not None and known.check != key.check:
        raise StateError(
            "MP0554",
            f"{name} was made with another digest key than the one at hand: nobody could tell from it which ids were submitted",
            "bring the key that belongs to it (mixpriv.key or MIXPRIV_DIGEST_KEY) and push again; --force pushes all the same",
        )


def _is_successor(known: State, pushed: State, name: str, *, or_stay: bool) -> bool:
    """Whether *pushed*, of the same lineage, is what *known* could have become. Raises `StateError` where not, unless one may *or_stay*."""
    if pushed.lineage != known.lineage:
        raise StateError(
            "MP0552",
            f"{name} is of lineage {pushed.lineage}, the state here of {known.lineage}: they were never one",
            "push it in the workspace it was pulled from; --force replaces the state here all the same",
        )
    if pushed.serial < known.serial or (pushed.serial == known.serial and pushed != known):
        if or_stay:
            return False
        older = f"has serial {pushed.serial}, the state here {known.serial}"
        same = f"has serial {pushed.serial} as the state here, and says something else"
        raise StateError(
            "MP0553",
            f"{name} {older if pushed.serial < known.serial else same}: tasks made since it was pulled would be forgotten",
            "pull again; --force goes back to it all the same, and what was submitted since is sent a second time",
        )
    return True
