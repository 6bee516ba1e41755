"""Which files a pattern names, in an order that doesn't depend on the disk.

`*`, `?` and `[…]` stay within one name; `**` is any number of folders. As in a shell, none of them matches a leading dot;
`**` doesn't follow links, which could lead in circles; no wildcard looks behind a link that leaves the workspace.
"""

from __future__ import annotations

import fnmatch
import os
import re
from collections.abc import Iterator
from pathlib import Path

from mixpriv_reconcile.ids.files import is_inside, leaving

__all__ = ["is_pattern", "matches"]

_MAGIC = re.compile(r"[*?\[]")


def is_pattern(path: str) -> bool:
    """Whether *path* has wildcards."""
    return _MAGIC.search(path) is not None


def matches(root: Path, pattern: str) -> list[str]:
    """Relative POSIX paths below *root* that *pattern* names and that aren't folders, sorted.

    `Flaw` where a folder that *pattern* spells out is a link that leaves *root*: its files aren't even listed.
    """
    found: set[str] = set()
    todo = [("", tuple(pattern.split("/")))]
    while todo:  # and no recursion: a folder may lie deeper than the interpreter's stack reaches
        folder, names = todo.pop()
        for path, rest in _below(root, folder, names):
            if rest:
                todo.append((path, rest))
            else:
                found.add(path)
    return sorted(found)


def _below(root: Path, folder: str, names: tuple[str, ...]) -> Iterator[tuple[str, tuple[str, ...]]]:
    """What the first of *names* names in *folder*: paths, each with the names that are still to be looked for below it."""
    name, rest = names[0], names[1:]
    if name == "**":
        # a last ** means every file below, the same as **/*
        yield from _below(root, folder, rest or ("*",))
        for entry in _entries(root, folder):
            if not entry.name.startswith(".") and entry.is_dir(follow_symlinks=False):
                yield _join(folder, entry.name), names
        return
    if not is_pattern(name):
        path = _join(folder, name)
        if not rest:
            if os.path.lexists(root / path) and not os.path.isdir(root / path):
                yield path, ()
        elif not is_inside(root, path):
            raise leaving(path)
        elif os.path.isdir(root / path):
            yield path, rest
        return
    fits = re.compile(fnmatch.translate(name)).match
    for entry in _entries(root, folder):
        if not fits(entry.name) or (entry.name.startswith(".") and not name.startswith(".")):
            continue
        path = _join(folder, entry.name)
        if not entry.is_dir():
            if not rest:
                yield path, ()
        elif rest and is_inside(root, path):
            yield path, rest


def _entries(root: Path, folder: str) -> list[os.DirEntry[str]]:
    try:
        with os.scandir(root / folder) as entries:
            return list(entries)
    except OSError:  # a folder that can't be listed has no matches; a pattern that then has none says so
        return []


def _join(folder: str, name: str) -> str:
    return f"{folder}/{name}" if folder else name
