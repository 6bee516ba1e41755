"""Whether a path in a manifest stays inside the workspace, by its letters alone; links are looked at where files are opened."""

from __future__ import annotations

import posixpath
import re

__all__ = ["folder_trouble", "hidden_part", "keeps_of_ours", "leaves", "published_part"]

KEY_FILE = "mixpriv.key"
SANDBOX_STATE = "mixpriv.sandbox.state.json"
"""Taken by `--sandbox`, contract §4."""

DRIVE = re.compile(r"[A-Za-z]:")

PUBLISHED = frozenset({"public", "static", "dist", "www", "wwwroot", "htdocs", "build", "public_html"})
"""Names of folders whose files are commonly served to everybody, or shipped to them."""


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
    if not why and hidden_part(posixpath.normpath(posixpath.join(base, path))):
        return "this path is hidden, or lies in a hidden folder"
    return why


def hidden_part(path: str) -> str:
    """The first name in *path* that begins with a dot, empty where none does."""
    return next((name for name in path.split("/") if name.startswith(".")), "")


def published_part(path: str) -> str:
    """The first folder on the way to the file *path* whose name says that it is published, empty where none does."""
    return next((name for name in path.split("/")[:-1] if name.lower() in PUBLISHED), "")


def keeps_of_ours(path: str, state: str) -> str:
    """Which of the program's own things stands at *path* or above it, by its letters; empty where none does.

    *state* is the path of the state's document; both are relative to the workspace and normal. The names are those of a local state.
    """
    here = {path, *(path[:at] for at, char in enumerate(path) if char == "/")}
    if KEY_FILE in here:
        return "the digest key"
    for document in (state, SANDBOX_STATE):
        stem = document.removesuffix(".json")
        if not here.isdisjoint({document, f"{document}.backup", f"{stem}.lock", f"{stem}.d"}):
            return "part of the state"
    return ""
