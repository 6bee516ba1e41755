"""Which files may be manifests: every `*.yaml` and `*.yml` below the workspace that nothing excludes."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pathspec

__all__ = ["IGNORE_FILE", "yaml_files"]

IGNORE_FILE = ".mixprivignore"


def yaml_files(root: Path) -> tuple[str, ...]:
    """Paths below *root*, posix and relative, in a fixed order.

    Hidden files and folders, symbolic links to folders, and what `.mixprivignore` names (gitignore syntax) are left out.
    """
    ignored = _ignored(root)
    return tuple(sorted(_walk(root, "", ignored)))


def _ignored(root: Path) -> pathspec.GitIgnoreSpec:
    try:
        lines = (root / IGNORE_FILE).read_text("utf-8", errors="replace").splitlines()
    except OSError:
        lines = []
    return pathspec.GitIgnoreSpec.from_lines(lines)


def _walk(root: Path, folder: str, ignored: pathspec.GitIgnoreSpec) -> Iterator[str]:
    try:
        entries = sorted(os.scandir(root / folder), key=lambda entry: entry.name)
    except OSError:
        return
    for entry in entries:
        if entry.name.startswith("."):
            continue
        path = f"{folder}/{entry.name}" if folder else entry.name
        if entry.is_dir(follow_symlinks=False):
            if not ignored.match_file(path + "/"):
                yield from _walk(root, path, ignored)
        elif entry.name.endswith((".yaml", ".yml")) and not ignored.match_file(path):
            yield path
