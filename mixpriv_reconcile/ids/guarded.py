"""Files that are no id sources, whatever a manifest says: what is read from a source is sent to Mixpanel."""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from mixpriv_reconcile.ids.flaws import Flaw, shown_path

__all__ = ["NOTHING_GUARDED", "Guarded", "guarding"]

HIDDEN = frozenset({".git", ".hg", ".svn", ".mixpriv"})
"""Folders whose files are never ids: the credentials of a checkout lie in the first three, the program's own things in the last."""


@dataclass(frozen=True, slots=True)
class Guarded:
    """*what* each guarded file is, by device and inode, so that links of both kinds are seen through; and guarded *folders*."""

    what: Mapping[tuple[int, int], str] = field(default_factory=dict, repr=False)
    folders: tuple[str, ...] = ()

    def check(self, root: Path, path: str, real: str) -> None:
        """Raise `Flaw` where *path*, which lies at *real* below *root*, is a guarded file. It isn't opened."""
        what = self._what(root, real)
        if what is not None:
            raise Flaw("MP0443", f"{shown_path(path)} is {what}, not a list of ids", "write the ids to a file of their own")

    def _what(self, root: Path, real: str) -> str | None:
        hidden = HIDDEN.intersection(real.split("/")[:-1])
        if hidden:
            return f"a file in {min(hidden)}/"
        if any(real.startswith(f"{folder}/") for folder in self.folders):
            return "part of the state"
        try:
            facts = os.lstat(root / real)
        except OSError:
            return None  # gone again; opening it says so
        return self.what.get((facts.st_dev, facts.st_ino))


NOTHING_GUARDED = Guarded()


def guarding(root: Path, files: Iterable[tuple[str, str]], folders: Iterable[str]) -> Guarded:
    """Guards *files* (a path, and what it is) and *folders*, relative to *root* or absolute; those that aren't there are passed over.

    The files are looked at, never opened.
    """
    what: dict[tuple[int, int], str] = {}
    for path, name in files:
        try:
            facts = os.stat(root / path)
        except (OSError, ValueError):
            continue
        what.setdefault((facts.st_dev, facts.st_ino), name)
    return Guarded(what, tuple(real for folder in folders if (real := _below(root, folder)) is not None))


def _below(root: Path, folder: str) -> str | None:
    """Where *folder* really lies, relative to *root*; None where it is a chain of links without end."""
    try:
        return os.path.relpath(os.path.realpath(root / folder), os.path.realpath(root))
    except RecursionError:
        return None
