"""Whether a path in a manifest stays inside the workspace, by its letters alone; links are looked at where files are opened."""

from __future__ import annotations

import posixpath
import re

__all__ = ["folder_trouble", "is_published", "leaves"]

PUBLISHED = frozenset({"dist", "htdocs", "public", "public_html", "static", "www", "wwwroot"})
"""Folders that build tools and web servers hand out to everybody."""

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


def folder_trouble(path: str, base: str = "") -> str:
    """Why *path*, relative to *base*, can't be a folder that the program writes to; empty where it can."""
    why = leaves(path.rstrip("/") or path, base)
    if not why and any(part.startswith(".") for part in posixpath.normpath(posixpath.join(base, path)).split("/")):
        return "this path is hidden, or lies in a hidden folder"
    return why


def is_published(path: str) -> bool:
    """Whether a folder of *path* has a name that is usually published."""
    return not PUBLISHED.isdisjoint(path.lower().split("/"))
