"""Which files a pattern names, in an order that doesn't depend on the disk.

`*`, `?` and `[…]` stay within one name; `**` is any number of folders. As in a shell, none of them matches a leading dot;
`**` doesn't follow links, which could lead in circles.
"""

from __future__ import annotations

import fnmatch
import os
import re
from collections.abc import Iterator
from pathlib import Path

__all__ = ["is_pattern", "matches"]

_MAGIC = re.compile(r"[*?\[]")


def is_pattern(path: str) -> bool:
    """Whether *path* has wildcards."""
    return _MAGIC.search(path) is not None


def matches(root: Path, pattern: str) -> list[str]:
    """Relative POSIX paths below *root* that *pattern* names and that aren't folders, sorted."""
    return sorted(set(_below(root, "", tuple(pattern.split("/")))))


def _below(root: Path, folder: str, names: tuple[str, ...]) -> Iterator[str]:
    name, rest = names[0], names[1:]
    if name == "**":
        # a last ** means every file below, the same as **/*
        yield from _below(root, folder, rest or ("*",))
        for entry in _entries(root, folder):
            if not entry.name.startswith(".") and entry.is_dir(follow_symlinks=False):
                yield from _below(root, _join(folder, entry.name), names)
        return
    if not is_pattern(name):
        path = _join(folder, name)
        if rest:
            if os.path.isdir(root / path):
                yield from _below(root, path, rest)
        elif os.path.lexists(root / path) and not os.path.isdir(root / path):
            yield path
        return
    fits = re.compile(fnmatch.translate(name)).match
    for entry in _entries(root, folder):
        if not fits(entry.name) or (entry.name.startswith(".") and not name.startswith(".")):
            continue
        path = _join(folder, entry.name)
        if entry.is_dir():
            if rest:
                yield from _below(root, path, rest)
        elif not rest:
            yield path


def _entries(root: Path, folder: str) -> list[os.DirEntry[str]]:
    try:
        with os.scandir(root / folder) as entries:
            return list(entries)
    except OSError:  # a folder that can't be listed has no matches; a pattern that then has none says so
        return []


def _join(folder: str, name: str) -> str:
    return f"{folder}/{name}" if folder else name
