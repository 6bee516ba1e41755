"""The state in local files: `mixpriv.state.json`, its `.backup`, its lock, and segments and journal in `mixpriv.state.d/`.

Who took the lock here writes only while it is still his: each write looks first. A process that was stopped and woken, and whose lock
somebody took meanwhile, must not remove the journal or the segments of the one who works now.
"""

from __future__ import annotations

import contextlib
import glob
import hashlib
import mmap
import os
import stat
from collections.abc import Mapping, Sequence
from pathlib import Path

from mixpriv_reconcile.errors import StateDamaged, StateError
from mixpriv_reconcile.model.workspace import StateLocation
from mixpriv_reconcile.ports import Holder, Stored
from mixpriv_reconcile.state.backends import Surroundings
from mixpriv_reconcile.state.elsewhere import changed_elsewhere, journal_gone
from mixpriv_reconcile.state.files import (
    is_at,
    make_folder,
    make_folders,
    read_whole,
    sync_folder,
    tighten,
    trouble,
    typed,
    write_all,
    write_atomically,
)
from mixpriv_reconcile.state.journal import journal_of, recovery_of
from mixpriv_reconcile.state.lock import FileLock, break_lock, holder_of, take
from mixpriv_reconcile.state.store import is_whole

__all__ = ["LocalBackend", "opened"]


def opened(location: StateLocation, surroundings: Surroundings) -> LocalBackend:
    """The state in the workspace's own files; raises `StateError` where a link would have files elsewhere written and narrowed."""
    backend = LocalBackend(surroundings.root / location.path)
    if backend.folder.is_symlink():
        message = f"{backend.folder.name}, the folder of the state's segments and journal, is a symbolic link"
        raise StateError("MP0372", message, "remove the link; the folder is made anew")
    return backend


class LocalBackend:
    """A state backend over one folder. *path* is the document's; all else lies beside it under names made from it."""

    def __init__(self, path: Path) -> None:
        stem = path.name.removesuffix(".json")
        self._path = path
        self._backup = path.with_name(path.name + ".backup")
        self._folder = path.with_name(stem + ".d")
        self._lock_path = path.with_name(stem + ".lock")
        self._journal_path = self._folder / "journal"
        self._journal: int | None = None
        self._lock: FileLock | None = None

    @property
    def path(self) -> Path:
        return self._path

    @property
    def place(self) -> str:
        return self._path.name

    @property
    def is_shared(self) -> bool:
        return False

    @property
    def most_ids(self) -> int | None:
        return None

    @property
    def files(self) -> tuple[Path, ...]:
        """Where the document, its backup and its lock lie."""
        return (self._path, self._backup, self._lock_path)

    @property
    def folder(self) -> Path:
        """Where segments and journal lie."""
        return self._folder

    @property
    def tightened(self) -> tuple[str, ...]:
        """Files whose mode was wider than 0600 and was narrowed, by name."""
        return tuple(path.name for path in (self._path, self._backup, self._folder, self._journal_path) if tighten(path))

    def read(self) -> Stored | None:
        content = read_whole(self._path, instead=lambda: f"move it away at once, then {self.recovery()}")
        if content is None:
            return None
        if not content:
            raise StateDamaged("MP0510", f"{self._path.name} is empty: that is damage, not a new state", self.recovery())
        return Stored(content, _version(content))

    def check_not_lost(self) -> None:
        """Raise `StateDamaged` where there is no document, and there was one: it has a backup, or segments that no journal accounts for."""
        remains = self._backup.exists() or (any(self._folder.glob("*.seg")) and not self._journal_path.exists())
        if not remains or self._path.exists():  # looked at last: it may be published in this very moment
            return
        raise StateDamaged(
            "MP0510",
            f"{self._path.name} is missing, and what belongs to it is still there: that is damage, not a new state",
            f"{self.recovery()}; to begin anew, move {typed(self._backup)} and {typed(self._folder)} away, too",
        )

    def recovery(self) -> str:
        """What can be done about a damaged document; the backup is named where it can be used."""
        with contextlib.suppress(StateError):
            if is_whole(self.backup_content() or b""):
                return (
                    f"restore it from your own backup, or from the state before: cp {typed(self._backup)} {typed(self._path)}; tasks made "
                    "since then are found again by the 409 that Mixpanel answers"
                )
        return f"restore it from your own backup, for {self._backup.name} can't be used; without one see `mixpriv explain MP0510`"

    def replace(self, content: bytes, *, expected: str | None) -> str:
        current = self._current(expected)
        if current is not None:
            write_atomically(self._backup, [current], before_rename=self._verify)
        write_atomically(self._path, [content], before_rename=lambda: self._check(expected))
        return _version(content)

    def _verify(self) -> None:
        """Raise `LockLost` where the lock that was taken here is no longer ours. Who took none isn't held to one."""
        if self._lock is not None:
            self._lock.verify()

    def _check(self, expected: str | None) -> None:
        self._current(expected)
        self._verify()

    def _current(self, expected: str | None) -> bytes | None:
        """The document's bytes; raises `StateError` where they aren't the version *expected*."""
        current = read_whole(self._path)
        version = None if current is None else _version(current)
        if version != expected:
            raise changed_elsewhere(self._path.name)
        return current

    def backup_content(self) -> bytes | None:
        return read_whole(self._backup)

    def fetch_segments(self, named: frozenset[str]) -> None:
        """They are here."""

    def read_segment(self, sha256: str) -> memoryview:
        path = self._segment(sha256)
        with trouble("read", path):
            try:
                descriptor = os.open(path, os.O_RDONLY | os.O_CLOEXEC | os.O_NONBLOCK)
            except FileNotFoundError:
                raise StateDamaged(
                    "MP0511", f"the segment {path.name} is missing from {self._folder.name}/", "restore the folder from your backup"
                ) from None
            try:
                if not stat.S_ISREG(os.fstat(descriptor).st_mode):
                    raise StateDamaged(
                        "MP0511", f"the segment {path.name} is not a regular file", "move it away, and restore it from your backup"
                    )
                if not os.fstat(descriptor).st_size:
                    return memoryview(b"")
                return memoryview(mmap.mmap(descriptor, 0, access=mmap.ACCESS_READ))
            finally:
                os.close(descriptor)

    def write_segment(self, sha256: str, parts: Sequence[bytes | memoryview]) -> None:
        make_folder(self._folder)
        path = self._segment(sha256)
        if not self._is_stored(sha256):
            write_atomically(path, parts, before_rename=self._verify)
            return
        with trouble("write", path):
            sync_folder(self._folder)  # who stored it may have been killed before its name was durable

    def _is_stored(self, sha256: str) -> bool:
        """Whether the segment is there with the bytes of its name: what is torn or altered is stored again, for it may be the last copy."""
        try:
            return hashlib.sha256(self.read_segment(sha256)).hexdigest() == sha256
        except StateError:
            return False

    def keep_segments(self, named: frozenset[str]) -> None:
        if not self._folder.is_dir():
            return
        unnamed = [path for path in self._folder.glob("*.seg") if path.stem not in named]
        leftovers = (*self._folder.glob(".*.tmp"), *self._path.parent.glob(f".{glob.escape(self._path.name)}*.tmp"))
        for path in (*unnamed, *leftovers):
            self._verify()
            with contextlib.suppress(OSError):
                path.unlink()

    def _segment(self, sha256: str) -> Path:
        return self._folder / f"{sha256}.seg"

    def read_journal(self) -> memoryview | None:
        self.check_journal()
        content = read_whole(self._journal_path, instead=recovery_of(journal_of(self.place, is_shared=False)))
        return None if content is None else memoryview(content)

    def append_journal(self, record: bytes) -> None:
        self._verify()
        with trouble("write", self._journal_path):
            if self._journal is None:
                make_folder(self._folder)
                flags = os.O_RDWR | os.O_CREAT | os.O_EXCL | os.O_APPEND | os.O_CLOEXEC
                self._journal = os.open(self._journal_path, flags, 0o600)
                sync_folder(self._folder)
            length = os.fstat(self._journal).st_size
            try:
                write_all(self._journal, record)
                os.fsync(self._journal)
            except OSError:
                with contextlib.suppress(OSError):
                    os.ftruncate(self._journal, length)  # a half-written record would look like a crash
                raise
        self.check_journal()  # what is durable in a file that no name leads to is lost

    def check_journal(self) -> None:
        """Return if the journal this run writes, if it does, is still the file at its path; else raises `StateError` naming its tasks.

        Raises `LockLost` where another run has the lock by now: it carried the journal on, and removed it.
        """
        if self._journal is None or is_at(self._journal, self._journal_path):
            return
        if self._lock is not None and self._lock.is_followed:
            self._lock.verify()
        with trouble("read", self._journal_path):
            content = os.pread(self._journal, os.fstat(self._journal).st_size, 0)
        raise journal_gone(
            f"{self._folder.name}/journal",
            content,
            f"if {self._folder.name} was moved, move it back: the next run carries on from it; if it is gone, restore it from your "
            "backup and run `mixpriv apply` again: tasks that aren't remembered are found again by the 409 that Mixpanel answers",
        )

    def remove_journal(self) -> None:
        self._verify()
        with trouble("remove", self._journal_path):
            if self._journal is not None:
                os.close(self._journal)
                self._journal = None
            with contextlib.suppress(FileNotFoundError):
                os.unlink(self._journal_path)
                sync_folder(self._folder)

    def lock(self, who: Mapping[str, str], *, timeout_seconds: float) -> FileLock:
        make_folders(self._path.parent)
        self._lock = take(self._lock_path, who, timeout_seconds=timeout_seconds)
        return self._lock

    def holder(self) -> Holder | None:
        return holder_of(self._lock_path)

    def unlock(self, lock_id: str) -> Holder:
        """Take the lock away from a holder that can't let go; the former holder."""
        return break_lock(self._lock_path, lock_id)


def _version(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()
