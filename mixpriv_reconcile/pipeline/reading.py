"""Reading a workspace's manifests, and nothing that needs a state or a key."""

from __future__ import annotations

import contextlib
import posixpath

from mixpriv_reconcile.errors import ManifestInvalid, OutOfMemory, StateError
from mixpriv_reconcile.ids.files import is_inside
from mixpriv_reconcile.ids.flaws import shown_path
from mixpriv_reconcile.manifest import Reading, read_workspace
from mixpriv_reconcile.model.diagnostics import Diagnostic
from mixpriv_reconcile.model.resource import DesiredState
from mixpriv_reconcile.model.workspace import StateLocation
from mixpriv_reconcile.pipeline.setting import Setting

__all__ = ["by_place", "check_state_folder", "desired_of", "merged", "read"]


def read(setting: Setting, remembered: frozenset[str] = frozenset()) -> Reading:
    """The workspace's manifests, read and checked; id sources are not looked at. Raises `OutOfMemory`."""
    with contextlib.suppress(MemoryError):
        return read_workspace(
            setting.root, today=setting.today, bounds=setting.bounds, remembered_files=remembered, show_ids=setting.show_ids
        )
    # Raised out here: within, the error would keep alive all that was read.
    hint = "put ids into files under `from:`, or give it more memory"
    raise OutOfMemory("MP0120", "the manifests take more memory than there is", hint)


def desired_of(reading: Reading) -> DesiredState:
    """What the manifests ask for; raises `ManifestInvalid` with every diagnostic of theirs where they have errors."""
    if reading.desired is None:
        raise ManifestInvalid(reading.diagnostics)
    return reading.desired


def check_state_folder(setting: Setting, location: StateLocation) -> None:
    """Raise `StateError` where the state's folder is, or lies behind, a link that leaves the workspace.

    Beside the state other files are made and have their modes narrowed, so that nobody's manifest may choose any folder.
    """
    folder = posixpath.dirname(location.path)
    if not is_inside(setting.root, folder):
        message = f"{shown_path(folder)}, the folder of the state, is a link that leaves the workspace"
        raise StateError("MP0372", message, "write a path that stays inside under `state: path:`")


def merged(*groups: tuple[Diagnostic, ...]) -> tuple[Diagnostic, ...]:
    """Findings of several stages, each once, in the order they were made."""
    return tuple(dict.fromkeys(found for group in groups for found in group))


def by_place(findings: tuple[Diagnostic, ...]) -> tuple[Diagnostic, ...]:
    """*findings* by file, line and column. One without a place follows the one before it of the same address, as it counts the like of it;
    where there is none it comes last, and first if it is about no address, which is the workspace as a whole."""
    places: dict[str, tuple[int, str, int, int]] = {}
    placed: list[tuple[tuple[int, str, int, int], Diagnostic]] = []
    for found in findings:
        if found.span is not None:
            places[found.address] = (1, found.span.file, found.span.line, found.span.column)
            placed.append((places[found.address], found))
        else:
            placed.append((places.get(found.address, (2, "", 0, 0)) if found.address else (0, "", 0, 0), found))
    return tuple(found for _, found in sorted(placed, key=lambda one: one[0]))
