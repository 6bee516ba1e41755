"""A private folder for raw ids that can't be read where they lie: gone at exit, and after a crash at the next start.

Every spool holds a locked file. The kernel drops the lock with the process, so a spool whose lock can be had is a dead one's.
"""

from __future__ import annotations

import contextlib
import fcntl
import os
import secrets
import shutil
import stat
from collections.abc import Iterable, Iterator
from pathlib import Path
from types import TracebackType
from typing import IO

from mixpriv_reconcile.errors import MixprivError

__all__ = ["Spool", "sweep"]

_HOME = ".mixpriv"
_SPOOLS = "spool"
_LOCK = "lock"
_DOOR = ".door"  # held while a spool is made or swept away, so that none is seen half made


class Spool:
    """The folder `.mixpriv/spool/<random>` of the workspace *root* (0700), made on entry, its files 0600."""

    __slots__ = ("_folder", "_lock", "_root")

    def __init__(self, root: Path) -> None:
        self._root = root
        self._folder: Path | None = None
        self._lock = -1

    @property
    def folder(self) -> Path:
        if self._folder is None:
            raise RuntimeError("the spool is not open")
        return self._folder

    def __enter__(self) -> Spool:
        try:
            with _door(self._root) as spools:
                _sweep(spools)
                folder = spools / secrets.token_hex(8)
                folder.mkdir(mode=0o700)
                self._lock = os.open(folder / _LOCK, os.O_RDWR | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)
                fcntl.flock(self._lock, fcntl.LOCK_EX)
        except OSError as trouble:
            raise _unusable(trouble.strerror or "the system refuses it") from None
        self._folder = folder
        return self

    def __exit__(self, kind: type[BaseException] | None, value: BaseException | None, trace: TracebackType | None) -> None:
        self.close()

    def create(self) -> IO[bytes]:
        """A new empty file of the spool (0600), open for writing and reading."""
        path = self.folder / secrets.token_hex(8)
        try:
            # Unbuffered: bytes that a full disk didn't take would be tried again when the file is closed.
            return os.fdopen(os.open(path, os.O_RDWR | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600), "w+b", buffering=0)
        except OSError as trouble:
            raise _unusable(trouble.strerror or "the system refuses it") from None

    def filled(self, pieces: Iterable[bytes]) -> IO[bytes]:
        """A new file of the spool that holds *pieces*, one after the other."""
        copy = self.create()
        try:
            for piece in pieces:
                rest = memoryview(piece)
                while rest:
                    rest = rest[copy.write(rest) :]
        except BaseException as trouble:
            copy.close()
            if isinstance(trouble, OSError):
                raise _unusable(trouble.strerror or "the system refuses it") from None
            raise
        return copy

    def close(self) -> None:
        """Remove the folder with all that is in it; may be called twice."""
        if self._folder is not None:
            shutil.rmtree(self._folder, ignore_errors=True)
            os.close(self._lock)
            self._folder = None


def sweep(root: Path) -> int:
    """Remove the spools that dead processes left in the workspace *root*; how many there were. Raises where one can't be removed."""
    spools = root / _HOME / _SPOOLS
    if not os.path.isdir(spools):
        return 0
    try:
        with _door(root):
            return _sweep(spools)
    except OSError as trouble:
        if not _left(spools):
            return 0
        raise MixprivError(
            "MP0528",
            f"what a killed run unpacked can't be removed from {_HOME}/{_SPOOLS}: {trouble.strerror or 'the system refuses it'}",
            f"it holds distinct ids; as somebody who may: rm -r {_HOME}/{_SPOOLS}",
        ) from None


@contextlib.contextmanager
def _door(root: Path) -> Iterator[Path]:
    """The folder of all spools, with nobody else making or sweeping one."""
    home = root / _HOME
    for folder in (home, home / _SPOOLS):
        with contextlib.suppress(FileExistsError):
            folder.mkdir(mode=0o700)
        # a link here, brought by a repository, would carry raw ids elsewhere
        if not stat.S_ISDIR(folder.lstat().st_mode):
            raise _unusable(f"{folder.relative_to(root).as_posix()} is not a folder")
        if stat.S_IMODE(folder.lstat().st_mode) & 0o077:
            folder.chmod(0o700)
    spools = home / _SPOOLS
    door = os.open(spools / _DOOR, os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW | os.O_CLOEXEC, 0o600)
    try:
        fcntl.flock(door, fcntl.LOCK_EX)
        yield spools
    finally:
        os.close(door)


def _sweep(spools: Path) -> int:
    removed = 0
    for folder in _left(spools):
        if not _is_alive(folder):
            shutil.rmtree(folder)
            removed += 1
    return removed


def _left(spools: Path) -> list[Path]:
    with os.scandir(spools) as entries:
        return [Path(entry.path) for entry in entries if entry.is_dir(follow_symlinks=False)]


def _is_alive(folder: Path) -> bool:
    try:
        lock = os.open(folder / _LOCK, os.O_RDWR | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC)
    except FileNotFoundError:
        return False
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        return True
    finally:
        os.close(lock)
    return False


def _unusable(why: str) -> MixprivError:
    return MixprivError(
        "MP0442",
        f"the private spool in {_HOME}/{_SPOOLS} can't be used: {why}",
        f"make {_HOME} a folder of your own, with room on its disk",
    )
