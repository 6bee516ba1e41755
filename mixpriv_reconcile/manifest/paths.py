"""Whether a path in a manifest stays inside the workspace, by its letters alone; links are looked at where files are opened."""

from __future__ import annotations

import posixpath
import re

__all__ = ["leaves"]

DRIVE = re.compile(r"[A-Za-z]:")


def leaves(path: str, base: str = "") -> str:
    """Why *path*, relative to *base* within the workspace, can't be used; empty where it stays inside."""
    if "\0" in path:
        return "this path holds a NUL"
    if "\\" in path:
        return "this path holds a backslash; folders are separated by /"
    if path.startswith("/") or DRIVE.match(path):
        return "this path is absolute"
    if path.startswith("~"):
        return "this path begins with ~, which is not expanded"
    normal = posixpath.normpath(posixpath.join(base, path))
    if normal == ".." or normal.startswith("../"):
        return "this path leaves the workspace"
    is_folder = path.rpartition("/")[2] in ("", ".", "..") or normal in (".", base)
    return "this path names a folder" if is_folder else ""
