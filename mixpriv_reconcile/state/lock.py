"""One writer at a time: a kernel lock, which a dead holder doesn't keep, on a file that says who holds it."""

from __future__ import annotations

import contextlib
import fcntl
import json
import os
import time
from collections.abc import Iterator, Mapping
from pathlib import Path

from mixpriv_reconcile.errors import LockLost, StateError
from mixpriv_reconcile.ports import Holder
from mixpriv_reconcile.state.files import check_regular, is_at, trouble, write_all
from mixpriv_reconcile.state.holders import check_whose, locked_by, lost_lock, parsed_holder

__all__ = ["FileLock", "break_lock", "holder_of", "take"]

FIRST_WAIT_SECONDS = 0.1
LONGEST_WAIT_SECONDS = 2.0

FIRST_BYTES = b'{"command": '
"""What every holder writes first."""

LOOK_SECONDS = 2.0
"""How long a lock that nobody holds is tried for beyond the timeout: `holder_of` shares it for a moment."""


class FileLock:
    """The lock, held. *taken_over_from* is the holder that died without letting go, if there was one."""

    def __init__(self, path: Path, descriptor: int, lock_id: str, taken_over_from: Holder | None) -> None:
        self._path = path
        self._descriptor = descriptor
        self._lock_id = lock_id
        self.taken_over_from = taken_over_from

    def verify(self) -> None:
        """Return if the file at the path is still the one locked by us and names us; raises `LockLost` if not."""
        try:
            named = parsed_holder(os.pread(self._descriptor, 4096, 0))
        except OSError:
            named = None
        if not is_at(self._descriptor, self._path) or named is None or named.lock_id != self._lock_id:
            raise lost_lock(self._lock_id)

    @property
    def is_followed(self) -> bool:
        """Whether somebody took the lock after it was taken away from us: another file is in its place, and not just none."""
        return os.path.lexists(self._path) and not is_at(self._descriptor, self._path)

    def release(self) -> None:
        """Let go; the file stays, empty, so that its name keeps meaning one lock."""
        try:
            self.verify()
            os.ftruncate(self._descriptor, 0)
        except (LockLost, OSError):
            pass
        finally:
            os.close(self._descriptor)


def take(path: Path, facts: Mapping[str, str], *, timeout_seconds: float) -> FileLock:
    """The lock at *path*, waiting up to *timeout_seconds*; raises `StateLocked` naming the holder."""
    deadline = time.monotonic() + timeout_seconds
    wait = FIRST_WAIT_SECONDS
    while True:
        with trouble("lock", path):
            descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC | os.O_NOFOLLOW | os.O_NONBLOCK, 0o600)
            try:
                check_regular(descriptor, path, instead="move it away; the next run makes it anew")
                is_locked = _try(descriptor)
            except BaseException:
                os.close(descriptor)
                raise
        with _alone(path.parent) as is_alone:
            if is_locked and is_alone and is_at(descriptor, path):
                return _named(descriptor, path, facts)
        os.close(descriptor)
        remaining = deadline - time.monotonic()
        if remaining <= 0:
            holder = holder_of(path)
            if holder is not None or remaining < -LOOK_SECONDS:
                raise locked_by(holder)
            remaining = FIRST_WAIT_SECONDS  # nobody holds it: it was let go just now, or somebody only looked
        time.sleep(min(wait, remaining))
        wait = min(wait * 2, LONGEST_WAIT_SECONDS)


def _named(descriptor: int, path: Path, facts: Mapping[str, str]) -> FileLock:
    """The lock behind *descriptor*, which is locked, with *facts* written into it; closed where that fails."""
    try:
        content = os.pread(descriptor, 4096, 0)
        _check_ours(content, path)
        with trouble("write", path):
            os.ftruncate(descriptor, 0)
            os.lseek(descriptor, 0, os.SEEK_SET)
            write_all(descriptor, json.dumps(dict(facts), sort_keys=True).encode() + b"\n")
            os.fsync(descriptor)
    except BaseException:
        os.close(descriptor)
        raise
    return FileLock(path, descriptor, facts["lock_id"], parsed_holder(content))


@contextlib.contextmanager
def _alone(folder: Path) -> Iterator[bool]:
    """Whether, while the block runs, nobody else takes or breaks a lock in *folder*: who breaks one looks whose it is before it goes.

    The folder's own lock keeps others out. Where a file system has none the two follow upon each other at once, no more.
    """
    with contextlib.ExitStack() as stack:
        is_alone = True
        with contextlib.suppress(OSError):
            descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
            stack.callback(os.close, descriptor)
            is_alone = _try(descriptor)
        yield is_alone


def _check_ours(content: bytes, path: Path) -> None:
    """Raise `StateError` where the file in the lock's place is somebody else's: `poetry.json` as a state would make `poetry.lock` the lock.

    What a killed holder left may be cut short, or zeros.
    """
    written = content.rstrip(b"\0")
    if not (written.startswith(FIRST_BYTES) or FIRST_BYTES.startswith(written)):
        raise StateError(
            "MP0518",
            f"{path.name} is no lock of mixpriv, and would be overwritten",
            "give the state another name: `state: {backend: local, path: …}`; its lock has the same name with .lock",
        )


def holder_of(path: Path) -> Holder | None:
    """Who holds the lock at this moment, None if nobody does. Takes nothing."""
    try:
        descriptor = os.open(path, os.O_RDONLY | os.O_CLOEXEC | os.O_NOFOLLOW | os.O_NONBLOCK)
    except OSError:
        return None
    try:
        if _try(descriptor, shared=True):
            return None
    except OSError:
        return None  # a file system without locks: `take` says so
    else:
        return parsed_holder(_written(descriptor)) or Holder("unknown", "unknown", "unknown", 0, "unknown", "unknown")
    finally:
        os.close(descriptor)


def break_lock(path: Path, lock_id: str) -> Holder:
    """Take the lock *lock_id* away from its holder, who will neither send nor write again; the former holder."""
    deadline = time.monotonic() + LOOK_SECONDS
    while True:
        with _alone(path.parent) as is_alone:
            if is_alone:
                return _broken(path, lock_id)
        if time.monotonic() > deadline:
            raise locked_by(None)
        time.sleep(FIRST_WAIT_SECONDS)


def _broken(path: Path, lock_id: str) -> Holder:
    """The same, once nobody can take it in between: a lock that its holder lets go meanwhile is nobody's, and not the next one's."""
    holder = check_whose(holder_of(path), lock_id)
    with trouble("unlock", path):
        os.unlink(path)
    return holder


def _try(descriptor: int, *, shared: bool = False) -> bool:
    try:
        fcntl.flock(descriptor, (fcntl.LOCK_SH if shared else fcntl.LOCK_EX) | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def _written(descriptor: int) -> bytes:
    """What the lock file says; nothing where it is of a kind that can't be read at a place, a FIFO for one."""
    try:
        return os.pread(descriptor, 4096, 0)
    except OSError:
        return b""
