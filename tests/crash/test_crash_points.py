"""`kill -9`, or a power cut, at chosen points of a run: a sample of what `make crash` does at all of them."""

from __future__ import annotations

from functools import cache
from pathlib import Path

import pytest

from .disk import Disk
from .filtering import CALLS
from .points import HTTP, Kill, Point
from .scenarios import SCENARIOS
from .trial import Template, Told, prepared, trial

pytestmark = pytest.mark.skipif(not CALLS, reason="needs Linux's ptrace on a machine whose system calls are known")

JOURNAL = "mixpriv.state.d/journal"
POST, DELETE = "POST /api/app/data-deletions/v3.0/", "DELETE /api/app/data-deletions/v3.0/ID/"

SMALL = [
    Kill(Point("write", JOURNAL, 1), "torn"),
    Kill(Point("write", JOURNAL, 9), "after", "worst"),
    Kill(Point("fsync", JOURNAL, 9), "after", "worst"),
    Kill(Point("fsync", JOURNAL, 12), "before", 7),
    Kill(Point("fsync", "mixpriv.state.d", 1), "before", "worst"),
    Kill(Point("rename", "mixpriv.state.d/*.seg", 2), "after"),
    Kill(Point("rename", "mixpriv.state.json", 1), "before", 11),
    Kill(Point("rename", "mixpriv.state.json", 1), "after", "worst"),
    Kill(Point("unlink", JOURNAL, 1), "after", "worst"),
    Kill(Point("link", "mixpriv.key", 1), "before"),
    Kill(Point("link", "mixpriv.key", 1), "after", "worst"),
    Kill(Point(HTTP, f"arrived {POST}", 2), "at"),
    Kill(Point(HTTP, f"took effect {POST}", 2), "at", "worst"),
    Kill(Point(HTTP, f"half answered {POST}", 1), "at"),
    Kill(Point(HTTP, f"answered {POST}", 3), "at", 3),
]

CHANGES = [
    Kill(Point(HTTP, f"arrived {DELETE}", 1), "at"),
    Kill(Point(HTTP, f"took effect {DELETE}", 2), "at", "worst"),
    Kill(Point("rename", "mixpriv.state.json.backup", 1), "after", "worst"),
]

EXPORT, GET_EXPORT = "exports/web/export-*.zip", "GET /_exports/ID"

EXPORTS = [
    Kill(Point("mkdir", "exports/web", 1), "after"),
    Kill(Point("link", "exports/web/.gitignore", 1), "after", "worst"),
    Kill(Point(HTTP, f"half answered {GET_EXPORT}", 1), "at"),
    Kill(Point("write", "exports/web/#", 2), "torn", "worst"),
    Kill(Point("link", "exports/web/.export-*.zip.part", 1), "after"),
    Kill(Point("rename", EXPORT, 1), "after", "worst"),
    Kill(Point("fsync", "exports/web", 3), "after", 5),
]

ALL = (("small", SMALL), ("changes", CHANGES), ("exports", EXPORTS))


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("templates")


@cache
def _calm(folder: Path, name: str) -> tuple[Template, Told]:
    """What a scenario begins with, and its undisturbed run."""
    template = prepared(SCENARIOS[name], folder / name)
    return template, trial(SCENARIOS[name], template)


@pytest.mark.parametrize(("name", "kill"), [(name, kill) for name, kills in ALL for kill in kills], ids=str)
def test_nothing_is_lost_or_doubled(folder: Path, name: str, kill: Kill) -> None:
    """Wherever a run dies, each task is known or shown in doubt, the next run finishes, and the memory is that of an undisturbed run."""
    template, calm = _calm(folder, name)
    told = trial(SCENARIOS[name], template, kill, calm.view)
    assert told.is_dead, f"{kill} was not reached; there are {sorted(map(str, calm.seen))}"


def test_a_power_cut_takes_what_was_not_synced(tmp_path: Path) -> None:
    """The disk that trials are made on forgets bytes and names that weren't synced: without that, a missing fsync would go unseen."""
    (tmp_path / "kept").write_bytes(b"synced before")
    disk = Disk(tmp_path)
    (tmp_path / "kept").write_bytes(b"written since")
    (tmp_path / "new").write_bytes(b"in no synced folder")
    disk.cut()
    assert {path.name: path.read_bytes() for path in tmp_path.iterdir()} == {"kept": b"synced before"}
