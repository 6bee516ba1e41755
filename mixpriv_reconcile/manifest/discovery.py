"""Which files may be manifests: every `*.yaml` and `*.yml` below the workspace that nothing excludes."""

from __future__ import annotations

import errno
import os
import stat
from collections.abc import Callable
from pathlib import Path

import pathspec

__all__ = ["IGNORE_FILE", "Trouble", "yaml_files"]

IGNORE_FILE = ".mixprivignore"

IGNORE_BYTES = 2**20
MAX_STARS, MAX_DEEP = 4, 4
"""Wildcards in one part of a pattern, and `**` in all of it: with many, matching one long name takes for ever."""

MAX_PATTERNS = 1000
"""Lines that are patterns: every file is held against each."""

Trouble = Callable[[str, int, str], None]
"""Is told a path, a line of it (0 for the whole) and why it can't be used."""


def _no_trouble(path: str, line: int, why: str) -> None:
    """For those who ask only which files there are."""


def yaml_files(root: Path, trouble: Trouble = _no_trouble) -> tuple[str, ...]:
    """Paths below *root*, posix and relative, in a fixed order.

    Hidden files and folders, symbolic links to folders, and what `.mixprivignore` names (gitignore syntax) are left out. Folders
    that can't be listed, and lines that mean nothing, go to *trouble*.
    """
    ignored = pathspec.GitIgnoreSpec.from_lines(_patterns(root, trouble))
    found: list[str] = []
    folders = [""]
    while folders:
        folder = folders.pop()
        for name, is_folder in _entries(root, folder, trouble):
            path = f"{folder}/{name}" if folder else name
            if is_folder:
                if not ignored.match_file(path + "/"):
                    folders.append(path)
            elif name.endswith((".yaml", ".yml")) and not ignored.match_file(path):
                found.append(path)
    return tuple(sorted(found))


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
    for number, line in enumerate(text.split("\n"), start=1):
        pattern = line.removesuffix("\r")
        if not pattern.strip() or pattern.startswith("#"):
            continue
        if len(patterns) == MAX_PATTERNS:
            trouble(IGNORE_FILE, number, f"this file has more than {MAX_PATTERNS:,} patterns")
            break
        why = _unfit(pattern)
        if why:
            trouble(IGNORE_FILE, number, why)
        else:
            patterns.append(pattern)
    return patterns


def _unfit(pattern: str) -> str:
    """Why *pattern* can't be used; empty where it can."""
    parts = pattern.split("/")
    if parts.count("**") > MAX_DEEP or any(part.count("*") > MAX_STARS for part in parts):
        return f"this line has too many wildcards: at most {MAX_DEEP} times ** and {MAX_STARS} times * between two slashes"
    try:
        pathspec.GitIgnoreSpec.from_lines([pattern])
    except ValueError:
        return "this line is no pattern of gitignore's syntax"
    return ""
