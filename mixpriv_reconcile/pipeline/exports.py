"""Where finished exports lie: what is there already, and how a new one gets there."""

from __future__ import annotations

import contextlib
import hashlib
import os
import posixpath
import stat
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import BinaryIO

from mixpriv_reconcile.ids.remembered import remembered
from mixpriv_reconcile.kinds.exports import is_delivered
from mixpriv_reconcile.kinds.standing import Standing, standing_of
from mixpriv_reconcile.model.diagnostics import Diagnostic, Severity
from mixpriv_reconcile.model.files import FileSeen
from mixpriv_reconcile.model.remote import Fetched
from mixpriv_reconcile.model.resource import DesiredState, RetrievalSpec
from mixpriv_reconcile.model.state import RequestRecord, State
from mixpriv_reconcile.pipeline.export_folders import check_folder
from mixpriv_reconcile.ports import ExportFile
from mixpriv_reconcile.state.files import create_whole, give_name, make_folders, new_file, sha256_of, sync_folder, trouble

__all__ = ["Exports", "exports_ready", "exports_seen"]

PRIVATE = b"*\n"
"""The `.gitignore` of a folder that was made for exports, or was empty: personal data must not be committed by a careless `git add`."""


def exports_seen(root: Path, desired: DesiredState, state: State) -> Mapping[str, FileSeen]:
    """The exports of declared retrievals that are where they were downloaded to, with their size and hash."""
    seen: dict[str, FileSeen] = {}
    for resource in desired.resources:
        if isinstance(resource.spec, RetrievalSpec):
            for path in _recorded(state, str(resource.address), desired):
                if path not in seen and (found := _seen(root, path)) is not None:
                    seen[path] = found
    return seen


def exports_ready(root: Path, desired: DesiredState, state: State) -> tuple[Diagnostic, ...]:
    """A note where declared retrievals have finished exports that are neither downloaded nor handed over; it takes no digest key."""
    files = exports_seen(root, desired, state)
    ready: set[tuple[str, str]] = set()
    for resource in desired.resources:
        address = str(resource.address)
        record = state.records.get(address)
        if isinstance(resource.spec, RetrievalSpec) and isinstance(record, RequestRecord):
            latest = remembered(state, address).batches().counts  # what went out again in a new batch is asked for there
            for batch in record.batches:
                is_finished = batch.number in latest and standing_of(state, record, batch) is Standing.SUCCEEDED
                if is_finished and not is_delivered(record, batch.tracking_id, files):
                    ready.add((address, str(batch.tracking_id)))
    if not ready:
        return ()
    what = "1 export is" if len(ready) == 1 else f"{len(ready):,} exports are"
    return (Diagnostic("MP0820", Severity.NOTE, f"{what} ready to be fetched", "run `mixpriv apply`"),)


def _recorded(state: State, address: str, desired: DesiredState) -> Iterator[str]:
    """Files of the request at *address*, and of those that left the manifests, for it may be one of them under a new name."""
    declared = {str(resource.address) for resource in desired.resources}
    for known, record in state.records.items():
        if isinstance(record, RequestRecord) and (known == address or known not in declared):
            yield from (export["file"] for export in record.downloads if "file" in export)


def _seen(root: Path, path: str) -> FileSeen | None:
    """None for a file that isn't there, can't be read, or is a link: it counts as not downloaded."""
    try:
        descriptor = os.open(root / path, os.O_RDONLY | os.O_CLOEXEC | os.O_NOFOLLOW | os.O_NONBLOCK)
        try:
            facts = os.fstat(descriptor)
            if not stat.S_ISREG(facts.st_mode):
                return None
            return FileSeen(path, facts.st_size, sha256_of(descriptor))
        finally:
            os.close(descriptor)
    except (OSError, ValueError):
        return None


class Exports:
    """The workspace as a place for exports. Implements the port `ExportFolder`."""

    def __init__(self, root: Path, guarded: tuple[str, ...], verify: Callable[[], None] = lambda: None) -> None:
        """*guarded* folders take none; *verify* is called before an export gets its name, and raises what forbids that."""
        self._root = Path(os.path.realpath(root))
        self._guarded = guarded
        self._verify = verify

    def begin(self, path: str) -> ExportFile:
        """A new file at *path*; folders are made (0700). Raises `StateError` where a link leads elsewhere."""
        name = posixpath.dirname(path)
        folder = self._root / name
        check_folder(self._root, name, self._guarded)
        make_folders(folder)
        check_folder(self._root, name, self._guarded)
        with trouble("read", folder):
            is_empty = not any(folder.iterdir())  # made just now, or by a run that died before it came to this
        if is_empty:
            create_whole(folder / ".gitignore", PRIVATE)
        return _Partial(folder / posixpath.basename(path), self._verify)


class _Partial:
    """An export on its way, beside where it will lie (0600): without a name, so that a killed run leaves nothing of it.

    Where the file system has no such files it has a hidden name, always the same, so that the next download takes a leftover away.
    """

    def __init__(self, path: Path, verify: Callable[[], None]) -> None:
        self._path = path
        self._verify = verify
        self._temporary = path.with_name(f".{path.name}.part")
        self._file: BinaryIO | None = None
        self._is_named = False
        self._digest = hashlib.sha256()
        self._size = 0

    def restart(self) -> None:
        self.drop()
        self._digest, self._size = hashlib.sha256(), 0
        with trouble("write", self._path):
            descriptor, self._is_named = new_file(self._temporary)
            self._file = os.fdopen(descriptor, "wb")

    def write(self, block: bytes) -> None:
        assert self._file is not None
        with trouble("write", self._path):
            self._file.write(block)
        self._digest.update(block)
        self._size += len(block)

    def keep(self) -> Fetched:
        assert self._file is not None
        with trouble("write", self._path):
            self._file.flush()
            os.fsync(self._file.fileno())
            self._verify()  # a process that was stopped may have lost the lock meanwhile
            if not self._is_named:
                give_name(self._file.fileno(), self._temporary)  # no call puts a nameless file in place of another
            self._file.close()
            self._file = None
            os.replace(self._temporary, self._path)
            sync_folder(self._path.parent)
        return Fetched(self._size, self._digest.hexdigest())

    def drop(self) -> None:
        if self._file is not None:
            with contextlib.suppress(OSError):  # what a full disk didn't take can't be flushed
                self._file.close()
            self._file = None
        with contextlib.suppress(OSError):  # mostly it isn't there; what can't be removed makes the next restart fail
            os.unlink(self._temporary)
