"""Which files may be manifests: every `*.yaml` and `*.yml` below the workspace that nothing excludes."""

from __future__ import annotations

import errno
import os
import stat
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathspec import GitIgnoreSpec

__all__ = ["IGNORE_FILE", "TooManyNames", "Trouble", "yaml_files"]

IGNORE_FILE = ".mixprivignore"

IGNORE_BYTES = 2**16
MAX_STARS, MAX_DEEP, MAX_WILD = 2, 2, 3
"""Wildcards in a pattern: `*`, `**`, and both. Matching tries every way to share a path out among them, so each one more costs
a long path a hundred times as much."""

MAX_PATTERNS, MAX_HEAVY, HEAVY_LENGTH = 1000, 10, 60
"""Lines that are patterns, as every file is held against each; those of them with more than one wildcard, and how long these may be.
All bounds together keep the worst file that they allow below a second for the longest path."""

MAX_FOLDERS = 100
"""Folders in one another: each of them is held against every pattern, and what `**` costs grows with the square of their number."""

Trouble = Callable[[str, int, str], None]
"""Is told a path, a line of it (0 for the whole) and why it can't be used."""


def _no_trouble(path: str, line: int, why: str) -> None:
    """For those who ask only which files there are."""


class TooManyNames(Exception):
    """There are more names than the caller has the time to look at."""


def yaml_files(root: Path, trouble: Trouble = _no_trouble, most_names: int | None = None) -> tuple[str, ...]:
    """Paths below *root*, posix and relative, in a fixed order.

    Hidden files and folders, symbolic links to folders, and what `.mixprivignore` names (gitignore syntax) are left out. Folders
    that can't be listed or lie too deep, and lines that mean nothing, go to *trouble*. Raises `TooManyNames` where more than *most_names*
    files and folders would have to be looked at.
    """
    is_ignored = _matching(_patterns(root, trouble))
    found: list[str] = []
    folders = [""]
    seen = 0
    while folders:
        folder = folders.pop()
        for name, is_folder in _entries(root, folder, trouble):
            seen += 1
            if most_names is not None and seen > most_names:
                raise TooManyNames
            path = f"{folder}/{name}" if folder else name
            if is_folder:
                if is_ignored(path + "/"):
                    continue
                if path.count("/") < MAX_FOLDERS:
                    folders.append(path)
                else:
                    trouble(path, 0, f"it lies more than {MAX_FOLDERS} folders deep")
            elif name.endswith((".yaml", ".yml")) and not is_ignored(path):
                found.append(path)
    return tuple(sorted(found))


def _matching(patterns: list[str]) -> Callable[[str], bool]:
    """Whether a path is ignored. Without patterns none is, and nothing need be asked for each of thousands of files."""
    if not patterns:
        return lambda _: False
    return _spec(patterns).match_file


def _spec(patterns: list[str]) -> GitIgnoreSpec:
    import pathspec  # most workspaces have no ignore file, and it takes a tenth of a small one's time to load

    return pathspec.GitIgnoreSpec.from_lines(patterns)


def _entries(root: Path, folder: str, trouble: Trouble) -> list[tuple[str, bool]]:
    """Names in *folder* that aren't hidden, and whether each is a folder of its own (a link to one isn't)."""
    try:
        with os.scandir(root / folder) as entries:
            return [(entry.name, entry.is_dir(follow_symlinks=False)) for entry in entries if not entry.name.startswith(".")]
    except OSError as error:
        trouble(folder or ".", 0, os.strerror(error.errno) if error.errno else "it can't be listed")
        return []


def _ignore_text(path: Path) -> str:
    """The file's text; raises `OSError` for what is no small regular file of its own."""
    descriptor = os.open(path, os.O_RDONLY | os.O_CLOEXEC | os.O_NONBLOCK | os.O_NOFOLLOW)
    with os.fdopen(descriptor, "rb") as file:
        facts = os.fstat(file.fileno())
        if not stat.S_ISREG(facts.st_mode) or facts.st_size > IGNORE_BYTES:
            raise OSError(errno.EINVAL, "not a small regular file")
        return file.read(IGNORE_BYTES).decode("utf-8-sig", "replace")


def _patterns(root: Path, trouble: Trouble) -> list[str]:
    """The lines of `.mixprivignore`, in git's way: UTF-8 with or without BOM, LF or CRLF."""
    try:
        text = _ignore_text(root / IGNORE_FILE)
    except FileNotFoundError:
        return []
    except OSError as error:
        trouble(IGNORE_FILE, 0, os.strerror(error.errno) if error.errno else "it can't be opened")
        return []
    patterns: list[str] = []
    heavy = 0
    for number, line in enumerate(text.split("\n"), start=1):
        pattern = line.removesuffix("\r")
        if not pattern.strip() or pattern.startswith("#"):
            continue
        if len(patterns) == MAX_PATTERNS:
            trouble(IGNORE_FILE, number, f"this file has more than {MAX_PATTERNS:,} patterns")
            break
        heavy += sum(_wildcards(pattern)) > 1
        if heavy > MAX_HEAVY:
            trouble(IGNORE_FILE, number, f"this file has more than {MAX_HEAVY} patterns with several wildcards")
            break
        why = _unfit(pattern)
        if why:
            trouble(IGNORE_FILE, number, why)
        else:
            patterns.append(pattern)
    return patterns


def _wildcards(pattern: str) -> tuple[int, int]:
    """How many `*` and how many `**` of *pattern* cost something: not those at its end, nor a `**/` before a mere name."""
    rest = pattern.removeprefix("!").rstrip().rstrip("*")
    if rest.startswith("**/") and "/" not in rest[3:].removesuffix("/"):
        rest = rest[3:]
    parts = rest.split("/")
    return sum(part.count("*") for part in parts if part != "**"), parts.count("**")


def _unfit(pattern: str) -> str:
    """Why *pattern* can't be used; empty where it can."""
    stars, deep = _wildcards(pattern)
    if stars > MAX_STARS or deep > MAX_DEEP or stars + deep > MAX_WILD:
        return f"this line has too many wildcards: at most {MAX_STARS} times * and {MAX_DEEP} times **, {MAX_WILD} together"
    if stars + deep > 1 and len(pattern) > HEAVY_LENGTH:
        return f"this line is too long for one with several wildcards: at most {HEAVY_LENGTH} characters"
    try:
        _spec([pattern])
    except ValueError:
        return "this line is no pattern of gitignore's syntax"
    return ""
