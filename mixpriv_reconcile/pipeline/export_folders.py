"""Folders for exports, looked at before anything is sent: whether an export can lie there as things stand on the disk."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Sequence
from pathlib import Path

from mixpriv_reconcile.errors import StateError
from mixpriv_reconcile.model.diagnostics import Diagnostic, Severity
from mixpriv_reconcile.model.paths import SANDBOX_STATE
from mixpriv_reconcile.model.resource import DesiredState, RetrievalSpec

__all__ = ["check_folder", "folders_checked", "state_folders"]


def folders_checked(root: Path, desired: DesiredState) -> tuple[Diagnostic, ...]:
    """An error for each folder that can't take exports as things stand: a file is in its way, or a link leads elsewhere."""
    guarded = state_folders(root, desired)
    found = []
    for resource in desired.resources:
        if isinstance(resource.spec, RetrievalSpec) and resource.spec.download_to:
            folder, place, address = resource.spec.download_to, resource.spec.place, str(resource.address)
            in_the_way = _file_on(root, folder)
            if in_the_way:
                message = f"{in_the_way} is a file, so that no export can lie there"
                hint = "write a folder of its own, e.g. `download_to: exports/dsar-4711`"
                found.append(Diagnostic("MP0375", Severity.ERROR, message, hint, place, address))
                continue
            try:
                check_folder(Path(os.path.realpath(root)), folder, guarded)
            except StateError as error:
                found.append(Diagnostic(error.code, Severity.ERROR, error.message, error.hint, place, address))
    return tuple(found)


def state_folders(root: Path, desired: DesiredState) -> tuple[str, ...]:
    """Where segments and journals lie, of both states, without links: no export may be among them."""
    states = (desired.workspace.state.path, SANDBOX_STATE)
    return tuple(os.path.realpath(root / f"{state.removesuffix('.json')}.d") for state in states)


def check_folder(root: Path, folder: str, guarded: Sequence[str]) -> None:
    """Raise `StateError` where *folder*, which need not be there, really lies where no export may.

    *root* and the *guarded* folders are without links.
    """
    try:
        real = os.path.realpath(root / folder)
    except (RecursionError, ValueError):  # a chain of hundreds of links, which the library follows by calling itself
        real = ""
    inside = real.startswith(f"{str(root).rstrip(os.sep)}{os.sep}")
    parts = os.path.relpath(real, root).split(os.sep) if inside else []
    is_ours = any(real == own or real.startswith(own + os.sep) for own in guarded)
    if not inside or is_ours or any(part.startswith(".") for part in parts):
        message = f"{folder} leads out of the workspace, into a hidden folder, or into the state's"
        raise StateError("MP0819", message, "remove the link; the folder is made anew")


def _file_on(root: Path, folder: str) -> str:
    """The first part of *folder* that is there and is no folder; empty where there is none."""
    parts = folder.split("/")
    for length in range(1, len(parts) + 1):
        path = root.joinpath(*parts[:length])
        with contextlib.suppress(OSError, ValueError):  # what can't be looked at is said when the folder is made
            if path.exists() and not path.is_dir():
                return "/".join(parts[:length])
    return ""
