"""Files that the program writes for others to read: where they may lie, what stands there, and how they are replaced."""

from __future__ import annotations

import contextlib
import errno
import hashlib
import json
import os
import re
import secrets
import stat
from collections.abc import Iterator, Mapping
from pathlib import Path

from mixpriv_reconcile.codec import canonical
from mixpriv_reconcile.errors import ListNotWritten
from mixpriv_reconcile.model.bounds import Bounds
from mixpriv_reconcile.model.diagnostics import Diagnostic, Severity
from mixpriv_reconcile.model.files import FileSeen, Origin
from mixpriv_reconcile.model.opt_out_list import OptOutList, is_list_of_ours
from mixpriv_reconcile.model.paths import hidden_part
from mixpriv_reconcile.model.resource import DesiredState, OptOutSpec
from mixpriv_reconcile.model.state import OptOutRecord, State
from mixpriv_reconcile.pipeline.guarding import guarded_paths
from mixpriv_reconcile.pipeline.setting import Setting
from mixpriv_reconcile.ports import Lock
from mixpriv_reconcile.state.files import REMEDIES, pieces_of, sha256_of, write_all

__all__ = ["ListFiles", "lists_seen", "misplaced"]

HEAD_BYTES = 2**16
ESCAPED = 6
"""Bytes that one byte of an id takes in JSON at most."""

FOLDER_FLAGS = os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC | os.O_NOFOLLOW


class _Misplaced(Exception):
    """Why a list can't lie where its path leads."""


# Where they may lie


def misplaced(setting: Setting, desired: DesiredState) -> tuple[Diagnostic, ...]:
    """An error for each list whose path leads, by a link, out of the workspace, into a hidden folder or to another's place."""
    return tuple(_misplaced(setting, desired))


def _misplaced(setting: Setting, desired: DesiredState) -> Iterator[Diagnostic]:
    taken: dict[str, str] = {}
    every = [(resource, resource.spec) for resource in desired.resources if isinstance(resource.spec, OptOutSpec)]
    lists = [(resource, spec) for resource, spec in every if spec.write_to]
    guarded = guarded_paths(setting, desired) if lists else {}
    for resource, spec in lists:
        address = str(resource.address)
        try:
            real = _location(setting.root, spec.write_to, guarded)
            if taken.setdefault(real, address) != address:
                raise _Misplaced(f"it leads to the same file as that of {taken[real]}")
        except _Misplaced as why:
            message = f"the opt-out list can't be written to {spec.write_to}: {why}"
            hint = "take the link away, or give `write_to` another path"
            yield Diagnostic("MP0386", Severity.ERROR, message, hint, resource.span, address)


def _location(root: Path, path: str, guarded: Mapping[str, str]) -> str:
    """Where *path* really lies below *root*, links among its folders resolved; the file itself may be anything.

    *guarded* are absolute paths, and what lies there. Raises `_Misplaced`.
    """
    real_root = os.path.realpath(root)
    folder, _, name = path.rpartition("/")
    try:
        real = os.path.join(os.path.realpath(os.path.join(real_root, folder)), name)
    except RecursionError:
        raise _Misplaced("its folder is a chain of links without end") from None
    below = os.path.relpath(real, real_root)
    if below == ".." or below.startswith("../"):
        raise _Misplaced("its folder is a link that leaves the workspace")
    if hidden_part(below):
        raise _Misplaced("its folder is a link into a hidden folder")
    for place in (real, *map(str, Path(real).parents)):
        if place in guarded:
            raise _Misplaced(f"this is the place of {guarded[place]}")
    return below


# What stands there


def lists_seen(setting: Setting, desired: DesiredState, state: State) -> Mapping[str, FileSeen]:
    """What stands at the place of each opt-out list, by its path in the workspace; nothing where nothing is there."""
    known = {record.file: record for record in state.records.values() if isinstance(record, OptOutRecord)}
    specs = (resource.spec for resource in desired.resources)
    paths = [spec.write_to for spec in specs if isinstance(spec, OptOutSpec)]
    seen = {path: _seen(setting.root / path, path, known.get(path), setting.bounds) for path in paths}
    return {path: file for path, file in seen.items() if file is not None}


def _seen(where: Path, path: str, known: OptOutRecord | None, bounds: Bounds) -> FileSeen | None:
    try:
        descriptor = os.open(where, os.O_RDONLY | os.O_CLOEXEC | os.O_NONBLOCK | os.O_NOFOLLOW)
    except FileNotFoundError:
        return None
    except OSError:  # a link, or what may not be read: nobody can say that it is ours
        return FileSeen(path, 0, "", Origin.OTHER)
    try:
        size = os.fstat(descriptor).st_size
        if not stat.S_ISREG(os.fstat(descriptor).st_mode):
            return FileSeen(path, 0, "", Origin.OTHER)
        sha256 = sha256_of(descriptor)
        if known is not None and known.sha256 == sha256:
            return FileSeen(path, size, sha256, Origin.OURS)
        is_huge = size > HEAD_BYTES + bounds.opt_out_entries * (ESCAPED * bounds.id_bytes + 8)
        return FileSeen(path, size, sha256, Origin.OTHER if is_huge else _origin(b"".join(pieces_of(descriptor))))
    except OSError:
        return FileSeen(path, 0, "", Origin.OTHER)
    finally:
        os.close(descriptor)


def _origin(content: bytes) -> Origin:
    """Whose *content* is: a list of ours is one whose checksum fits, in whatever spaces and order of keys."""
    try:
        document = json.loads(content)
    except (ValueError, RecursionError):
        return Origin.OTHER
    if not is_list_of_ours(document):
        return Origin.OTHER
    checksum = document.pop("checksum")
    try:
        fits = checksum == hashlib.sha256(canonical(document)).hexdigest()
    except (ValueError, RecursionError):
        fits = False
    return Origin.OURS if fits else Origin.EDITED


# How they are replaced


class ListFiles:
    """Writes opt-out lists into the workspace. Implements the port `ListWriter`."""

    def __init__(self, setting: Setting, desired: DesiredState, lock: Lock) -> None:
        self._root = setting.root
        self._guarded = guarded_paths(setting, desired)
        self._lock = lock

    def write(self, path: str, content: OptOutList, *, replaces: str | None) -> FileSeen:
        """Write *content* to *path*; missing folders are made.

        A file that is replaced keeps its mode; a new one gets 0600 where it holds ids as they are, else what the umask leaves of 0644.
        """
        try:
            folders = _location(self._root, path, self._guarded).split("/")
            name = folders.pop()
            folder = _opened(os.path.realpath(self._root), folders)
        except _Misplaced as why:
            raise ListNotWritten("MP0811", f"{path} was not written: {why}", "take the link away, then apply again") from None
        except OSError as error:
            raise _not_written(path, error) from None
        try:
            return self._replace(path, folder, name, content, replaces)
        except OSError as error:
            raise _not_written(path, error) from None
        finally:
            os.close(folder)

    def _replace(self, path: str, folder: int, name: str, content: OptOutList, replaces: str | None) -> FileSeen:
        _sweep(folder, name)
        mode = _check(path, folder, name, replaces)
        temporary = f".{name}.{secrets.token_hex(6)}.tmp"
        wanted = 0o600 if content.digest == "none" else 0o644
        descriptor = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC | os.O_NOFOLLOW, wanted, dir_fd=folder)
        hashed, size = hashlib.sha256(), 0
        try:
            try:
                if mode is not None:
                    os.fchmod(descriptor, mode)
                for piece in content.pieces():
                    write_all(descriptor, piece)
                    hashed.update(piece)
                    size += len(piece)
                os.fsync(descriptor)
            finally:
                os.close(descriptor)
            self._lock.verify()
            _check(path, folder, name, replaces)
            os.rename(temporary, name, src_dir_fd=folder, dst_dir_fd=folder)
        except BaseException:
            with contextlib.suppress(OSError):
                os.unlink(temporary, dir_fd=folder)
            raise
        os.fsync(folder)
        return FileSeen(path, size, hashed.hexdigest(), Origin.OURS)


def _opened(root: str, names: list[str]) -> int:
    """A descriptor of the folder that *names* lead to from *root*, made where it is missing; no link is followed on the way."""
    here = os.open(root, FOLDER_FLAGS)
    try:
        for name in names:
            with contextlib.suppress(FileExistsError):
                os.mkdir(name, 0o755, dir_fd=here)
                os.fsync(here)
            below = os.open(name, FOLDER_FLAGS, dir_fd=here)
            os.close(here)
            here = below
    except BaseException:
        os.close(here)
        raise
    return here


def _sweep(folder: int, name: str) -> None:
    """Remove what a killed run left beside the list: it holds ids, or their hashes."""
    left = re.compile(re.escape(f".{name}.") + "[0-9a-f]{12}" + re.escape(".tmp"))
    for entry in os.listdir(folder):
        if left.fullmatch(entry):
            os.unlink(entry, dir_fd=folder)


def _check(path: str, folder: int, name: str, replaces: str | None) -> int | None:
    """The mode of the file that is replaced, None where there is none. Raises `ListNotWritten` where something else stands there."""
    try:
        descriptor = os.open(name, os.O_RDONLY | os.O_CLOEXEC | os.O_NONBLOCK | os.O_NOFOLLOW, dir_fd=folder)
    except FileNotFoundError:
        if replaces is None:
            return None
        raise _changed(path, "is gone") from None
    except OSError as error:
        if error.errno in (errno.ELOOP, errno.EMLINK):
            raise _changed(path, "became a link") from None
        raise
    try:
        mode = os.fstat(descriptor).st_mode
        if replaces is None or not stat.S_ISREG(mode) or sha256_of(descriptor) != replaces:
            raise _changed(path, "was written by somebody else")
        return stat.S_IMODE(mode)
    finally:
        os.close(descriptor)


def _changed(path: str, what: str) -> ListNotWritten:
    return ListNotWritten("MP0811", f"{path} {what} since the plan was made; it was left as it is", "run `mixpriv plan` again")


def _not_written(path: str, error: OSError) -> ListNotWritten:
    reason = os.strerror(error.errno) if error.errno else type(error).__name__
    remedy = REMEDIES.get(error.errno or 0, "look after the disk")
    return ListNotWritten("MP0810", f"can't write {path}: {reason}", f"what was there before is intact; {remedy}, then apply again")
