"""Goldens: the exact text a renderer gives, as files that a person can read."""

from __future__ import annotations

import os
from pathlib import Path

FOLDER = Path(__file__).parent.parent / "goldens" / "render"


def assert_golden(name: str, text: str) -> None:
    """*text* is what the file *name* holds; with `MIXPRIV_UPDATE_GOLDENS=1` the file is written instead."""
    path = FOLDER / name
    if os.environ.get("MIXPRIV_UPDATE_GOLDENS") == "1":
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8", newline="\n")
    assert path.read_text(encoding="utf-8") == text
