"""Which files below the given paths are sources to look at, and their texts: what git ignores is passed over, and no link is followed."""

from __future__ import annotations

import os
import stat
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pathspec

from mixpriv_reconcile.sdks.scan import is_source

__all__ = ["MAX_BYTES", "Unread", "source_files", "text_of"]

MAX_BYTES = 2 * 2**20
"""A larger file is a packed bundle or data, no source that somebody writes."""

IGNORE_FILE = ".gitignore"
IGNORE_BYTES = 2**18
MAX_STARS = 6
"""Wildcards in a pattern of an ignore file: matching tries every way to share a path out among them. One with more is left out, so that
more is looked at, not less."""

MAX_FOLDERS = 100
"""Folders in one another."""


@dataclass(frozen=True, slots=True)
class Unread:
    """A file that isn't looked at, and why."""

    why: str


@dataclass(frozen=True, slots=True)
class _Ignores:
    """An ignore file's patterns, which count from the folder it lies in."""

    folder: str
    spec: pathspec.GitIgnoreSpec


def source_files(root: Path, path: str) -> Iterator[str]:
    """The sources at *path*, relative to *root*: itself where it is a file, else those below it, in a fixed order.

    Below a folder hidden folders, links, and what git ignores are left out: each level's `.gitignore`, those above it up to the
    repository's top, and `.git/info/exclude`. A folder that git ignores itself was asked for by name: then only ignore files within it
    count. Folders that can't be listed are passed over.
    """
    if not os.path.isdir(root / path):
        yield path
        return
    start = os.path.realpath(root / path)
    ignores = _above(start)
    if _is_ignored(f"{start}/", ignores):
        ignores = ()
    yield from (os.path.normpath(os.path.join(path, found)) for found in _below(start, "", ignores, 0))


def text_of(path: Path) -> str | Unread:
    """The text of the file at *path*, without a BOM."""
    try:
        descriptor = os.open(path, os.O_RDONLY | os.O_CLOEXEC | os.O_NONBLOCK)
        with os.fdopen(descriptor, "rb") as file:
            facts = os.fstat(file.fileno())
            if not stat.S_ISREG(facts.st_mode):
                return Unread("it is no regular file")
            content = file.read(MAX_BYTES + 1)
    except OSError as error:
        return Unread(os.strerror(error.errno) if error.errno else "it can't be opened")
    if len(content) > MAX_BYTES:
        return Unread(f"it is larger than {MAX_BYTES:,} bytes")
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError:
        return Unread("it isn't UTF-8")


def _below(start: str, folder: str, ignores: tuple[_Ignores, ...], depth: int) -> Iterator[str]:
    here = os.path.join(start, folder) if folder else start
    own = _patterns(os.path.join(here, IGNORE_FILE))
    ignores = (*ignores, _Ignores(here, own)) if own is not None else ignores
    try:
        with os.scandir(here) as entries:
            found = sorted((entry.name, entry.is_dir(follow_symlinks=False), entry.is_file(follow_symlinks=False)) for entry in entries)
    except OSError:
        return
    for name, is_folder, is_file in found:
        path = f"{folder}/{name}" if folder else name
        if is_folder and not name.startswith(".") and depth < MAX_FOLDERS and not _is_ignored(f"{here}/{name}/", ignores):
            yield from _below(start, path, ignores, depth + 1)
        elif is_file and is_source(name) and not _is_ignored(f"{here}/{name}", ignores):
            yield path


def _is_ignored(path: str, ignores: tuple[_Ignores, ...]) -> bool:
    """Whether git leaves *path* out; the nearest ignore file that has something to say decides."""
    for ignore in reversed(ignores):
        verdict = ignore.spec.check_file(path.removeprefix(ignore.folder.rstrip("/") + "/")).include
        if verdict is not None:
            return verdict
    return False


def _above(start: str) -> tuple[_Ignores, ...]:
    """The ignore files between a repository's top and *start*, the topmost first; none outside of a repository."""
    found: list[_Ignores] = []
    folder = start
    while True:
        if folder != start and (spec := _patterns(os.path.join(folder, IGNORE_FILE))) is not None:
            found.append(_Ignores(folder, spec))
        if os.path.exists(os.path.join(folder, ".git")):
            exclude = _patterns(os.path.join(folder, ".git", "info", "exclude"))
            found += [_Ignores(folder, exclude)] if exclude is not None else []
            return tuple(reversed(found))
        above = os.path.dirname(folder)
        if above == folder:
            return ()
        folder = above


def _patterns(path: str) -> pathspec.GitIgnoreSpec | None:
    """The patterns in an ignore file; None where there is none, or none that can be read."""
    try:
        descriptor = os.open(path, os.O_RDONLY | os.O_CLOEXEC | os.O_NONBLOCK | os.O_NOFOLLOW)
        with os.fdopen(descriptor, "rb") as file:
            if not stat.S_ISREG(os.fstat(file.fileno()).st_mode):
                return None
            text = file.read(IGNORE_BYTES).decode("utf-8-sig", "replace")
    except OSError:
        return None
    lines = [line for line in text.splitlines() if line.strip() and line.count("*") <= MAX_STARS and _is_pattern(line)]
    return pathspec.GitIgnoreSpec.from_lines(lines) if lines else None


def _is_pattern(line: str) -> bool:
    try:
        pathspec.GitIgnoreSpec.from_lines([line])
    except ValueError:
        return False
    return True
