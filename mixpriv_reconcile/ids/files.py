"""Opening a source without being led astray: inside the workspace, a regular file, by no link that came meanwhile."""

from __future__ import annotations

import os
import stat
from collections.abc import Iterator
from pathlib import Path

from mixpriv_reconcile.ids.flaws import Flaw, shown_path

__all__ = ["blocks", "is_inside", "leaving", "location", "open_source"]

_FLAGS = os.O_RDONLY | os.O_CLOEXEC | os.O_NOFOLLOW


def location(root: Path, path: str) -> str:
    """Where *path* really lies below *root*, links resolved, POSIX. `Flaw` when that is outside, or not a regular file."""
    real_root = os.path.realpath(root)
    real = _inside(real_root, path)
    if real is None:  # before anything else: what there is outside is nobody's business
        raise leaving(path)
    try:
        mode = os.lstat(real).st_mode
        if stat.S_ISLNK(mode):  # links in a circle, which can't be resolved; this raises
            os.path.realpath(real, strict=True)
    except FileNotFoundError:
        raise Flaw("MP0401", f"{shown_path(path)} does not exist", "a link there leads nowhere") from None
    except OSError as trouble:
        raise _unreadable(path, trouble) from None
    if not stat.S_ISREG(mode):
        raise _not_regular(path, mode)
    return os.path.relpath(real, real_root)


def is_inside(root: Path, path: str) -> bool:
    """Whether *path*, links resolved, stays below *root*; it need not be there."""
    return _inside(os.path.realpath(root), path) is not None


def _inside(real_root: str, path: str) -> str | None:
    """Where *path* below *real_root* really lies, or would lie; None where that is outside."""
    try:
        real = os.path.realpath(os.path.join(real_root, path))
    except RecursionError:  # a chain of hundreds of links, which the library follows by calling itself
        return None
    return real if real == real_root or real.startswith(real_root.rstrip("/") + "/") else None


def leaving(path: str) -> Flaw:
    """What is said of a link that leaves the workspace."""
    return Flaw("MP0403", f"{shown_path(path)} is a link that leaves the workspace", "put the file itself there")


def open_source(root: Path, path: str) -> int:
    """A descriptor of the regular file *path*, opened folder by folder from *root* without following a link on the way.

    Links are resolved beforehand, so one that is put in a folder's or the file's place in between is refused, not followed.
    """
    names = location(root, path).split("/")
    here = os.open(os.path.realpath(root), _FLAGS | os.O_DIRECTORY)
    try:
        for name in names[:-1]:
            below = os.open(name, _FLAGS | os.O_DIRECTORY, dir_fd=here)
            os.close(here)
            here = below
        # O_NONBLOCK: a FIFO put there meanwhile is refused below instead of waited for
        file = os.open(names[-1], _FLAGS | os.O_NONBLOCK, dir_fd=here)
    except OSError as trouble:
        raise _unreadable(path, trouble) from None
    finally:
        os.close(here)
    mode = os.fstat(file).st_mode
    if not stat.S_ISREG(mode):
        os.close(file)
        raise _not_regular(path, mode)
    return file


def blocks(file: int, path: str, size: int) -> Iterator[bytes]:
    """The content of a descriptor in blocks of *size* bytes; `Flaw` when it is changed before the last was taken."""
    before = os.fstat(file)
    done = 0
    while True:
        try:
            block = os.pread(file, size, done)
        except OSError as trouble:
            raise _unreadable(path, trouble) from None
        if not block:
            break
        done += len(block)
        if done > before.st_size:  # a file that grows as fast as it is read would never end
            break
        yield block
    after = os.fstat(file)
    if done != before.st_size or (after.st_size, after.st_mtime_ns) != (before.st_size, before.st_mtime_ns):
        raise Flaw("MP0440", f"{shown_path(path)} was changed while it was read", "run the command again when the file is complete")


def _not_regular(path: str, mode: int) -> Flaw:
    kinds = {
        stat.S_IFDIR: "a folder",
        stat.S_IFIFO: "a FIFO",
        stat.S_IFSOCK: "a socket",
        stat.S_IFCHR: "a device",
        stat.S_IFBLK: "a device",
    }
    return Flaw(
        "MP0404", f"{shown_path(path)} is {kinds.get(stat.S_IFMT(mode), 'something else')}, not a regular file", "write the ids to a file"
    )


def _unreadable(path: str, trouble: OSError) -> Flaw:
    return Flaw("MP0408", f"{shown_path(path)} can't be read: {trouble.strerror or 'the system refuses it'}", "check that you may read it")
