"""The manifest that is named where a finding has no place of its own, and a format can't do without one."""

from __future__ import annotations

import contextlib
from pathlib import Path

from mixpriv_reconcile.manifest.discovery import yaml_files
from mixpriv_reconcile.manifest.read import LOOKS_LIKE_ONE

__all__ = ["NO_MANIFEST", "manifest_in"]

NO_MANIFEST = "mixpriv.yaml"
"""What `mixpriv init` calls its one."""

HEAD_BYTES = 2**20
"""Of a file that are looked at: `workspace:` stands where a person finds it."""


def manifest_in(root: Path) -> str:
    """The first manifest below *root*, by name, that has the workspace, else projects; what is ignored isn't looked at."""
    first = ""
    for name in yaml_files(root):
        keys = _keys(root / name)
        if "workspace" in keys:
            return name
        if keys and not first:
            first = name
    return first or NO_MANIFEST


def _keys(path: Path) -> str:
    """What of a manifest's two keys is in a file; nothing where it can't be read, or is no file."""
    with contextlib.suppress(OSError):
        if path.is_file():
            with path.open("rb") as file:
                return " ".join(found[0] for found in LOOKS_LIKE_ONE.finditer(file.read(HEAD_BYTES).decode("utf-8", "replace")))
    return ""
