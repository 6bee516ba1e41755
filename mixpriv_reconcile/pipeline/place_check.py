"""Whether the manifests' `state:` is where the state of this workspace is: a changed one alone moves nothing, and would begin anew."""

from __future__ import annotations

import os
import shlex
from collections.abc import Callable
from pathlib import Path

from mixpriv_reconcile.errors import StateError
from mixpriv_reconcile.model.state import State
from mixpriv_reconcile.model.state_place import as_block, is_same_place, settings
from mixpriv_reconcile.model.workspace import StateLocation
from mixpriv_reconcile.pipeline.last_place import LAST_PLACE, last_place
from mixpriv_reconcile.ports import StateBackend

__all__ = ["check_left_behind", "check_remembered", "left_behind", "migrate_line"]


def check_remembered(root: Path, location: StateLocation, now_there: Callable[[], State | None]) -> None:
    """Raise `StateError` where this machine last used the state elsewhere than at *location*, which the manifests name.

    *now_there* reads what lies there: the same state, no older than it was seen last, is one that somebody else moved.
    """
    last = last_place(root)
    if last is None or is_same_place(last.location, location):
        return
    if last.moved_from is not None and is_same_place(last.moved_from, location):
        raise _still_old(last.location, location)
    found = now_there() if last.lineage else None
    if found is not None and found.lineage == last.lineage and found.serial >= last.serial:
        return
    raise StateError(
        "MP0572",
        f"the state of this workspace was kept at {last.location.shown}; the manifests now say {location.shown}, and nothing was moved",
        f"{migrate_line(last.location, location)}; if it was moved by hand, or you mean to begin anew: {_anew(last.location)}",
    )


def check_left_behind(root: Path, location: StateLocation, backend: StateBackend) -> None:
    """Raise `StateError` where nothing is at the shared place *location*, which *backend* leads to, and a state lies in the workspace."""
    behind = left_behind(root, location)
    if behind is not None and backend.read() is None and backend.read_journal() is None:
        raise StateError(
            "MP0572",
            f"the state of this workspace was kept at {behind.shown}; the manifests now say {location.shown}, where there is none, "
            "and nothing was moved",
            f"{migrate_line(behind, location)}; if you mean to begin anew: {_anew(behind)}",
        )


def left_behind(root: Path, location: StateLocation) -> StateLocation | None:
    """The state in the workspace's own files where *location* is shared, if there is one at the usual path."""
    local = StateLocation()
    return local if location.is_shared and os.path.lexists(root / local.path) else None


def migrate_line(source: StateLocation, destination: StateLocation) -> str:
    """What to type to move a state."""
    typed = [shlex.quote(as_block(settings(location))) for location in (source, destination)]
    return f"mixpriv state migrate --from {typed[0]} --to {typed[1]}"


def _anew(old: StateLocation) -> str:
    """How the old place is given up."""
    if old.is_shared:
        return f"rm {LAST_PLACE}, and see that nobody uses {old.shown} any more"
    stem = old.path.removesuffix(".json")
    return f"rm -f {LAST_PLACE}, and move {old.path} and {stem}.d away"


def _still_old(now: StateLocation, old: StateLocation) -> StateError:
    return StateError(
        "MP0572",
        f"the state of this workspace was moved to {now.shown}; the manifests still say {old.shown}, which must not be used any more",
        f"write `state: {as_block(settings(now))}` under `workspace:`; or move it back: {migrate_line(now, old)}",
    )
