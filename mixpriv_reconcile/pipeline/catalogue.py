"""The ids of every request of a workspace: scanned once, counted by digest, read again batch by batch."""

from __future__ import annotations

import contextlib
from collections.abc import Mapping
from pathlib import Path
from types import TracebackType

from mixpriv_reconcile.errors import MixprivError, OutOfMemory, SourceMoved, StateError
from mixpriv_reconcile.ids.guarded import Guarded
from mixpriv_reconcile.ids.keys import DigestKey
from mixpriv_reconcile.ids.origins import Origins
from mixpriv_reconcile.ids.raw import id_set_of
from mixpriv_reconcile.ids.scan import scan
from mixpriv_reconcile.ids.sets import difference
from mixpriv_reconcile.ids.spool import sweep
from mixpriv_reconcile.model.address import Address
from mixpriv_reconcile.model.bounds import Bounds
from mixpriv_reconcile.model.diagnostics import Diagnostic, Severity, SourceSpan
from mixpriv_reconcile.model.ids import EMPTY_IDS, IdSet
from mixpriv_reconcile.model.resource import DeletionSpec, DesiredState
from mixpriv_reconcile.model.secrets import RawIds
from mixpriv_reconcile.state.files import tighten, trouble

__all__ = ["Catalogue", "check_private_folder"]


PRIVATE_FOLDERS = (".mixpriv", ".mixpriv/sandbox")


def check_private_folder(root: Path) -> None:
    """Take others' rights from `.mixpriv` and what holds ids in it, where they are there already.

    Raises `StateError` where one of them, or a file of the sandbox's store, is a link: what is spooled or pretended there would leave
    the workspace.
    """
    for name in PRIVATE_FOLDERS:
        folder = root / name
        try:
            has_files = name != PRIVATE_FOLDERS[0] and folder.is_dir() and not folder.is_symlink()
        except PermissionError:
            return  # where this process may not enter it can't write, either
        with trouble("read", folder):
            for path in (folder, *(folder.iterdir() if has_files else ())):
                if path.is_symlink():
                    shown = path.relative_to(root).as_posix()
                    raise StateError(
                        "MP0527", f"{shown} is a symbolic link; raw ids would be written elsewhere", f"rm {shown}: it is made anew"
                    )
                tighten(path)


class Catalogue:
    """Ids by request. Implements the port `RawIdSource`; what it unpacked of compressed sources is gone when the `with` block ends."""

    def __init__(self, root: Path, key: DigestKey, bounds: Bounds, guarded: Guarded) -> None:
        self._root = root
        self._guarded = guarded
        self._key = key
        self._bounds = bounds
        self._origins: dict[str, Origins] = {}
        self._declared: dict[str, IdSet] = {}
        self._by_project: dict[str, list[IdSet]] = {}
        self._diagnostics: list[Diagnostic] = []

    def __enter__(self) -> Catalogue:
        check_private_folder(self._root)
        try:
            sweep(self._root)  # what a killed run left behind holds raw ids
        except MixprivError as error:
            if error.code != "MP0528":
                raise
            # A workspace that may only be read can still be planned.
            self._diagnostics.append(Diagnostic(error.code, Severity.WARNING, error.message, error.hint))
        return self

    def __exit__(self, kind: type[BaseException] | None, value: BaseException | None, trace: TracebackType | None) -> None:
        for origins in self._origins.values():
            origins.close()

    @property
    def diagnostics(self) -> tuple[Diagnostic, ...]:
        """What is wrong in the sources, in the order of addresses."""
        return tuple(self._diagnostics)

    def scan(self, desired: DesiredState) -> Mapping[Address, IdSet]:
        """The ids of each request; findings are kept in `diagnostics`. Raises `OutOfMemory`."""
        with contextlib.suppress(MemoryError):
            return self._scanned(desired)
        self._origins.clear()  # and raised out here: within, the error would keep alive all that was read
        self._declared.clear()
        self._by_project.clear()
        message = "the distinct ids of all requests together take more memory than there is"
        raise OutOfMemory(
            "MP0445", message, "about 30 bytes an id are needed, doubles counted: give it more memory, or divide the workspace"
        )

    def _scanned(self, desired: DesiredState) -> Mapping[Address, IdSet]:
        allowed = frozenset(desired.workspace.policy.allow_placeholder_ids)
        found: dict[Address, IdSet] = {}
        for resource in desired.resources:
            if not isinstance(resource.spec, DeletionSpec):
                continue
            address = str(resource.address)
            scanned = scan(
                self._root,
                resource.spec.sources,
                self._key,
                bounds=self._bounds,
                allowed_placeholders=allowed,
                address=address,
                guarded=self._guarded,
            )
            found[resource.address] = scanned.ids
            self._origins[address] = scanned.origins
            self._declared[address] = scanned.ids
            self._by_project.setdefault(resource.address.project, []).append(scanned.ids)
            self._diagnostics.extend(scanned.diagnostics)
        return found

    def raw_ids(self, address: str, ids: IdSet) -> RawIds:
        """The ids of one batch, in the order of their digests; raises `SourceMoved` where a source changed since the scan."""
        return self._origins[address].raw_ids(ids.digests)

    def place(self, address: str, ids: IdSet) -> SourceSpan | None:
        """Where the first of *ids* stands; None where its source changed meanwhile."""
        try:
            return self._origins[address].place(ids.digests)
        except SourceMoved:
            return None

    def digests(self, ids: RawIds) -> IdSet:
        """*ids* by digest."""
        return id_set_of(self._key, ids)

    def withdrawn(self, address: str, ids: RawIds) -> IdSet:
        """Those of *ids* that the request at *address* doesn't declare, by digest."""
        return difference(id_set_of(self._key, ids), self._declared.get(address, EMPTY_IDS))

    def undeclared(self, project: str, ids: RawIds) -> int:
        """How many of *ids* no request of *project* declares."""
        rest = id_set_of(self._key, ids)
        for declared in self._by_project.get(project, ()):
            rest = difference(rest, declared)
        return rest.count
