"""Full disks and read-only folders: said clearly, with what was there before intact."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import cast

import pytest

from mixpriv_reconcile.model.journal import Intended
from mixpriv_reconcile.state import entries_of

from .memories import ADDRESS, STATE, contents, lived, opened, run

TOO_LARGE = "File too large"
JOURNAL = "mixpriv.state.d/journal"


def told(work: str, folder: Path, *numbers: int) -> list[str]:
    """What the user of the process that does *work* is told."""
    command = [sys.executable, "-m", f"{__package__}.child", work, str(folder), *map(str, numbers)]
    tests = Path(__file__).parent.parent
    paths = os.pathsep.join([str(tests), *filter(None, [os.environ.get("PYTHONPATH")])])
    done = subprocess.run(command, capture_output=True, text=True, check=False, env=os.environ | {"PYTHONPATH": paths})
    assert (done.returncode, done.stderr) == (0, "")
    return cast("list[str]", json.loads(done.stdout))


@pytest.fixture
def public() -> Iterator[Path]:
    """A folder that everybody can get at, for runs as somebody else."""
    folder = Path(tempfile.mkdtemp())
    folder.chmod(0o755)
    yield folder
    shutil.rmtree(folder)


def test_journal_on_a_full_disk(tmp_path: Path) -> None:
    """An entry that doesn't fit leaves the journal as it was, without half of it, and later ones may still fit."""
    lived(tmp_path, run())
    before = contents(tmp_path)
    (message,) = told("append_until_full", tmp_path)
    assert message.startswith(f"StateError: can't write journal: {TOO_LARGE}; what was there before is intact")
    after = contents(tmp_path)
    entries = entries_of(memoryview(after.pop(JOURNAL)))
    assert [entry.count for entry in entries if isinstance(entry, Intended)] == [2]
    assert len(entries) == 3
    assert after == before


def test_journal_that_cannot_begin(tmp_path: Path) -> None:
    """Where not even the first entry fits, nothing is sent, and the next run finds nothing to recover."""
    lived(tmp_path, run())
    (message,) = told("first_append", tmp_path)
    assert TOO_LARGE in message
    _, store = opened(tmp_path)
    assert store.load().recovered == ()


@pytest.mark.parametrize(("part", "spare"), [("[0-9a-f]{64}.seg", 4_096), ("mixpriv.state.json.backup", -1), ("mixpriv.state.json", 50)])
def test_publishing_on_a_full_disk(tmp_path: Path, part: str, spare: int) -> None:
    """A run that can't publish leaves the state as it was, and its journal holds all that was acknowledged."""
    lived(tmp_path, run())
    before = contents(tmp_path)
    limit = spare if part.endswith(".seg") else len(before[STATE]) + spare
    (message,) = told("publish", tmp_path, limit, 2_000 if part.endswith(".seg") else 1)
    assert re.match(f"StateError: can't write {part}: {TOO_LARGE}; what was there before is intact", message)
    after = contents(tmp_path)
    assert {name: after[name] for name in before} == before
    assert [name for name in after if name.endswith(".tmp")] == []
    _, store = opened(tmp_path)
    assert (1978118, f"task-{ADDRESS}-9") in store.load().state.tasks


def test_read_only_folder(public: Path) -> None:
    """In a folder that can't be written to, the state can be read; each attempt to write says so and changes nothing."""
    lived(public, run())
    before = contents(public)
    messages = told("read_only", public)
    assert len(messages) == 4
    for message, name in zip(messages, ("mixpriv.state.lock", "journal", STATE, "mixpriv.key"), strict=True):
        assert message.startswith("StateError: can't ")
        assert f"{name}: Permission denied" in message or f"{STATE}.backup: Permission denied" in message
    assert contents(public) == before


def test_key_on_a_full_disk(tmp_path: Path) -> None:
    """A key that can't be written whole isn't left there in part, for half a key would be taken for one."""
    (message,) = told("key", tmp_path)
    assert message.startswith(f"StateError: can't create mixpriv.key: {TOO_LARGE}")
    assert contents(tmp_path) == {}
