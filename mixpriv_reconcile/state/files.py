"""Files that are whole or not there: temporary file, fsync, rename, fsync of the folder; 0600 in folders of 0700."""

from __future__ import annotations

import contextlib
import errno
import hashlib
import os
import secrets
import shlex
import stat
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

from mixpriv_reconcile.errors import StateError

__all__ = [
    "REMEDIES",
    "check_regular",
    "create_whole",
    "give_name",
    "is_at",
    "make_folder",
    "make_folders",
    "new_file",
    "pieces_of",
    "read_whole",
    "sha256_of",
    "sync_folder",
    "tighten",
    "trouble",
    "typed",
    "write_all",
    "write_atomically",
]

PIECE_BYTES = 2**20
"""Read at once of a file that may be large."""

REMEDIES = {
    errno.ENOSPC: "free space on its disk",
    errno.EDQUOT: "free space within your quota",
    errno.EFBIG: "raise the limit of file sizes (`ulimit -f`)",
    errno.EACCES: "correct the rights of the file and its folder",
    errno.EPERM: "correct the rights of the file and its folder",
    errno.EROFS: "make its disk writable",
    errno.ENOENT: "put its folder back, or name another one",
    errno.ENOTDIR: "move away what stands where its folder should be",
    errno.EISDIR: "move away the folder that stands there",
    errno.ELOOP: "move away the symbolic link that stands there",
}
"""What a person can do about an error of the system."""


def write_atomically(
    path: Path, parts: Sequence[bytes | memoryview], *, before_rename: Callable[[], object] | None = None, mode: int = 0o600
) -> None:
    """Replace *path* by *parts*, durably; on any failure *path* is as it was and `StateError` says why.

    *mode* is what the umask leaves of it. *before_rename* is the last look before *path* changes; what it raises stops the replacement.
    """
    with trouble("write", path):
        temporary = path.with_name(f".{path.name}.{secrets.token_hex(6)}.tmp")
        descriptor = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, mode)
        try:
            try:
                for part in parts:
                    write_all(descriptor, part)
                os.fsync(descriptor)
            finally:
                os.close(descriptor)
            if before_rename is not None:
                before_rename()
            try:
                os.replace(temporary, path)
            except FileNotFoundError:
                if before_rename is not None:
                    before_rename()  # whoever took the lock from us swept the temporary file
                raise
        except BaseException:
            with contextlib.suppress(OSError):
                os.unlink(temporary)
            raise
        sync_folder(path.parent)


def create_whole(path: Path, content: bytes) -> None:
    """Make *path* (0600) with *content*, durably; raises `StateError` where something is there already, and leaves it.

    The name appears with the whole file behind it, or not at all. Where the file system has no files without a name, a kill in between
    can leave the file empty.
    """
    with trouble("create", path):
        descriptor, is_named = new_file(path)
        try:
            try:
                write_all(descriptor, content)
                os.fsync(descriptor)
                if not is_named:
                    give_name(descriptor, path)
            finally:
                os.close(descriptor)
        except BaseException:
            if is_named:
                with contextlib.suppress(OSError):
                    os.unlink(path)  # half of it would be taken for the whole
            raise
        sync_folder(path.parent)


def new_file(path: Path) -> tuple[int, bool]:
    """An empty file in *path*'s folder (0600), open for writing, and whether it has its name already.

    One without a name is gone when the process dies. `FileExistsError` where it must have its name and something stands there.
    """
    if hasattr(os, "O_TMPFILE") and os.path.isdir("/proc/self/fd"):
        with contextlib.suppress(OSError):
            return os.open(path.parent, os.O_WRONLY | os.O_TMPFILE | os.O_CLOEXEC, 0o600), False
    return os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600), True


def give_name(descriptor: int, path: Path) -> None:
    """Let the file behind *descriptor*, which has no name yet, be *path*; `FileExistsError` where something stands there."""
    folder = os.open(path.parent, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        # Only with a folder's descriptor does `os.link` follow the link in /proc.
        os.link(f"/proc/self/fd/{descriptor}", path.name, dst_dir_fd=folder, follow_symlinks=True)
    finally:
        os.close(folder)


def write_all(descriptor: int, content: bytes | memoryview) -> None:
    """Write all of *content*, however many calls it takes."""
    rest = memoryview(content)
    while rest:
        rest = rest[os.write(descriptor, rest) :]


def sync_folder(folder: Path) -> None:
    """Make the names in *folder* durable."""
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def make_folder(path: Path) -> None:
    """Create *path* with mode 0700 if it isn't there, in a folder that is: one that vanished is not made anew."""
    with trouble("create", path):
        try:
            os.mkdir(path, mode=0o700)
        except FileExistsError:
            if path.is_symlink() or not path.is_dir():
                raise
        else:
            sync_folder(path.parent)


def make_folders(path: Path) -> None:
    """The same, with what is missing above it: one by one, for made in one go those above would get the umask's mode."""
    for folder in reversed([folder for folder in (path, *path.parents) if not folder.is_dir()]):
        make_folder(folder)


def is_at(descriptor: int, path: Path) -> bool:
    """Whether *path* still leads to the open file: it may have been removed, moved or replaced meanwhile."""
    try:
        ours, there = os.fstat(descriptor), os.stat(path)
    except OSError:
        return False
    return (ours.st_dev, ours.st_ino) == (there.st_dev, there.st_ino)


def read_whole(path: Path, *, instead: str | Callable[[], str] = "move it away, and put back the file that was there") -> bytes | None:
    """The bytes of a regular file, None where there is none; where something else stands, the hint says what to do *instead*."""
    with trouble("read", path):
        try:
            descriptor = os.open(path, os.O_RDONLY | os.O_CLOEXEC | os.O_NONBLOCK | os.O_NOFOLLOW)
        except FileNotFoundError:
            return None
        except OSError:
            if path.is_symlink():
                raise _not_regular(path, "a symbolic link", instead) from None
            raise
        try:
            check_regular(descriptor, path, instead=instead)
            with os.fdopen(descriptor, "rb", closefd=False) as file:
                return file.read()
        finally:
            os.close(descriptor)


def pieces_of(descriptor: int) -> Iterator[bytes]:
    """The content of an open file, piece by piece from its beginning; where the descriptor stands doesn't matter and isn't moved."""
    at = 0
    while piece := os.pread(descriptor, PIECE_BYTES, at):
        yield piece
        at += len(piece)


def sha256_of(descriptor: int) -> str:
    """The SHA-256 (hex) of an open file's content."""
    hashed = hashlib.sha256()
    for piece in pieces_of(descriptor):
        hashed.update(piece)
    return hashed.hexdigest()


def check_regular(descriptor: int, path: Path, *, instead: str | Callable[[], str]) -> None:
    """Raise `StateError` where what was opened at *path* is a folder, a FIFO or a device: reading it might take for ever."""
    mode = os.fstat(descriptor).st_mode
    if not stat.S_ISREG(mode):
        raise _not_regular(path, "a folder" if stat.S_ISDIR(mode) else "a FIFO or a device", instead)


def _not_regular(path: Path, what: str, instead: str | Callable[[], str]) -> StateError:
    hint = instead if isinstance(instead, str) else instead()
    return StateError("MP0520", f"can't use {path.name}: it is not a regular file but {what}", hint)


def typed(path: Path) -> str:
    """*path* as it can be typed into a shell: from the current folder where it lies below it."""
    with contextlib.suppress(OSError, ValueError):
        path = path.relative_to(Path.cwd())
    return shlex.quote(str(path))


def tighten(path: Path) -> bool:
    """Take every right but the owner's from *path*; whether that changed anything."""
    try:
        if path.is_symlink():
            return False  # what a link points to isn't ours to change
        mode = path.stat().st_mode & 0o777
        if mode & 0o077:
            path.chmod(mode & 0o700)
            return True
    except OSError:
        return False
    return False


@contextlib.contextmanager
def trouble(verb: str, path: Path) -> Iterator[None]:
    """Turn an `OSError` of the block into a `StateError` that names the file, the reason and the way on."""
    try:
        yield
    except OSError as error:
        reason = os.strerror(error.errno) if error.errno else type(error).__name__
        before = "nothing was changed" if verb == "read" else "what was there before is intact"
        remedy = REMEDIES.get(error.errno or 0, "look after the disk")
        raise StateError("MP0520", f"can't {verb} {path.name}: {reason}", f"{before}; {remedy}, then run the same command again") from error
