"""`.mixpriv/state-location.json`: where this machine last found the state of the workspace, so that a changed manifest is noticed.

It saves nobody but the one who changed `state:` and moved nothing: who deletes it loses no more than this check.
"""

from __future__ import annotations

import contextlib
import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from mixpriv_reconcile.errors import StateError
from mixpriv_reconcile.model.state import State
from mixpriv_reconcile.model.state_place import is_same_place, location_from, public_settings
from mixpriv_reconcile.model.workspace import StateLocation
from mixpriv_reconcile.state.files import make_folder, read_whole, write_atomically

__all__ = ["LAST_PLACE", "LastPlace", "last_place", "remember_place"]

LAST_PLACE = ".mixpriv/state-location.json"

VERSION = 1
"""Of this file. Another one is as none: what a later version means by it isn't known here."""


@dataclass(frozen=True, slots=True)
class LastPlace:
    """Where the state is, without credentials; *moved_from* is where `state migrate` copied it from, if it did.

    *lineage* and *serial* are the state's as it was seen last: elsewhere, the same or a later one is that state, moved.
    """

    location: StateLocation
    moved_from: StateLocation | None = None
    lineage: str = ""
    serial: int = 0


def last_place(root: Path) -> LastPlace | None:
    """Where the state of the workspace at *root* was when this machine last used it; None where nothing usable tells."""
    try:
        document: Any = json.loads(read_whole(root / LAST_PLACE) or b"null")
        if document["version"] != VERSION:
            return None
        location, moved_from = location_from(document["settings"]), location_from(document["moved_from"])
        lineage, serial = str(document["lineage"]), int(document["serial"])
    except (StateError, ValueError, TypeError, LookupError, RecursionError):
        return None
    return None if location is None else LastPlace(location, moved_from, lineage, serial)


def remember_place(root: Path, location: StateLocation, *, state: State | None = None, moved_from: StateLocation | None = None) -> None:
    """Note that the state is at *location*, and which one. Writes only what is new; where it can't be written, nothing is remembered."""
    last = last_place(root)
    is_there = last is not None and is_same_place(last.location, location)
    lineage, serial = ("", 0) if last is None else (last.lineage, last.serial)
    if state is not None:
        lineage, serial = state.lineage, state.serial
    if moved_from is None and is_there and last is not None:
        if (last.lineage, last.serial) == (lineage, serial):
            return
        moved_from = last.moved_from
    document = {
        "version": VERSION,
        "place": location.shown,
        "settings": dict(public_settings(location)),
        "moved_from": None if moved_from is None else dict(public_settings(moved_from)),
        "lineage": lineage,
        "serial": serial,
    }
    path = root / LAST_PLACE
    with contextlib.suppress(StateError, OSError):
        make_folder(path.parent)
        for leftover in path.parent.glob(f".{path.name}.*.tmp"):  # of a run that was killed right here
            leftover.unlink()
        write_atomically(path, [json.dumps(document, indent=1).encode() + b"\n"])
