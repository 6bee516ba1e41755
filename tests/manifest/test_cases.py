"""Cases as files: a workspace in a folder, and exactly what is printed about it."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

import pytest

from .workspace import read, shown

FOLDER = Path(__file__).parent.parent / "cases" / "manifest"


@pytest.mark.parametrize("case", sorted(folder.name for folder in FOLDER.iterdir()))
def test_case(case: str, tmp_path: Path) -> None:
    """A workspace with the faults of its name gives the text of its `expected.txt`; `MIXPRIV_UPDATE_GOLDENS=1` writes it anew."""
    shutil.copytree(FOLDER / case, tmp_path, dirs_exist_ok=True)
    expected = FOLDER / case / "expected.txt"
    text = shown(read(tmp_path))
    if os.environ.get("MIXPRIV_UPDATE_GOLDENS") == "1":
        expected.write_text(text, encoding="utf-8", newline="\n")

    assert expected.read_text(encoding="utf-8") == text
