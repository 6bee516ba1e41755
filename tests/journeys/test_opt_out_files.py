"""The last look before an opt-out list gets its name: what came meanwhile is left as it is."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

import pytest

from mixpriv_reconcile.errors import ListNotWritten, LockLost
from mixpriv_reconcile.model.files import FileSeen
from mixpriv_reconcile.model.opt_out_list import OptOutList
from mixpriv_reconcile.model.resource import DesiredState
from mixpriv_reconcile.model.workspace import Workspace
from mixpriv_reconcile.pipeline.clock import SystemClock
from mixpriv_reconcile.pipeline.setting import Setting
from mixpriv_reconcile.pipeline.written import ListFiles

LIST = "server/opt-outs.json"


class Holding:
    """A lock; what it is given happens at the last look, between the list's content and its name."""

    def __init__(self, meanwhile: Callable[[], object] = lambda: None) -> None:
        self._meanwhile = meanwhile

    def verify(self) -> None:
        self._meanwhile()

    def release(self) -> None:
        pass


def write(root: Path, *ids: str, replaces: str | None = None, meanwhile: Callable[[], object] = lambda: None) -> FileSeen:
    setting = Setting(root, {}, SystemClock())
    content = OptOutList("web", 17, "none", [one.encode() for one in ids])
    return ListFiles(setting, DesiredState(Workspace(), {}, (), ""), Holding(meanwhile)).write(LIST, content, replaces=replaces)


def link_of_its_folder(root: Path) -> None:
    (root / "elsewhere").mkdir()
    (root / "server").rename(root / "server.before")
    (root / "server").symlink_to(root / "elsewhere")


CHANGES: dict[str, Callable[[Path], object]] = {
    "written": lambda root: (root / LIST).write_text("{}"),
    "gone": lambda root: (root / LIST).unlink(),
    "a link": lambda root: ((root / LIST).unlink(), (root / LIST).symlink_to(root / "other.json")),
    "a folder": lambda root: ((root / LIST).unlink(), (root / LIST).mkdir()),
}


@pytest.mark.parametrize("change", CHANGES)
@pytest.mark.parametrize("is_late", [False, True], ids=["before", "at the last moment"])
def test_what_came_meanwhile_is_left(tmp_path: Path, change: str, is_late: bool) -> None:
    """Where the file is no longer the one that was planned against, nothing is written, and nothing is left beside it."""
    before = write(tmp_path, "u1")
    if not is_late:
        CHANGES[change](tmp_path)
    with pytest.raises(ListNotWritten) as caught:
        write(tmp_path, "u2", replaces=before.sha256, meanwhile=lambda: CHANGES[change](tmp_path) if is_late else None)
    assert caught.value.code == "MP0811"
    assert os.listdir(tmp_path / "server") in ([], ["opt-outs.json"])
    assert not (tmp_path / "other.json").exists()


def test_a_list_that_appeared_is_left(tmp_path: Path) -> None:
    """A list that was planned as new isn't written over one that came meanwhile."""
    write(tmp_path, "u1")
    content = (tmp_path / LIST).read_bytes()
    with pytest.raises(ListNotWritten):
        write(tmp_path, "u2")
    assert content == (tmp_path / LIST).read_bytes()


def test_a_folder_that_is_swapped_for_a_link_is_not_followed(tmp_path: Path) -> None:
    """A link that takes the folder's place at the last moment leads nothing astray: the list stays in the folder that was opened."""
    before = write(tmp_path, "u1")
    write(tmp_path, "u2", replaces=before.sha256, meanwhile=lambda: link_of_its_folder(tmp_path))
    assert [] == os.listdir(tmp_path / "elsewhere")
    assert b"u2" in (tmp_path / "server.before/opt-outs.json").read_bytes()


def test_who_lost_the_lock_writes_nothing(tmp_path: Path) -> None:
    """A run whose lock was taken from it leaves the list as it is."""

    def lost() -> None:
        raise LockLost("MP0524", "the lock was lost")

    before = write(tmp_path, "u1")
    content = (tmp_path / LIST).read_bytes()
    with pytest.raises(LockLost):
        write(tmp_path, "u2", replaces=before.sha256, meanwhile=lost)
    assert (content, ["opt-outs.json"]) == ((tmp_path / LIST).read_bytes(), os.listdir(tmp_path / "server"))


def test_only_left_overs_of_this_list_are_removed(tmp_path: Path) -> None:
    """What a killed run left beside the list goes with the next write; other hidden files stay."""
    (tmp_path / "server").mkdir()
    left, others = ".opt-outs.json.0123456789ab.tmp", [".opt-outs.json.swp", ".other.json.0123456789ab.tmp"]
    for name in (left, *others):
        (tmp_path / "server" / name).write_text("x")
    write(tmp_path, "u1")
    assert sorted([*others, "opt-outs.json"]) == sorted(os.listdir(tmp_path / "server"))


def test_a_file_in_place_of_a_folder_is_said(tmp_path: Path) -> None:
    """Where a file stands on the way to the list, the error names the list and the reason."""
    (tmp_path / "server").write_text("")
    with pytest.raises(ListNotWritten) as caught:
        write(tmp_path, "u1")
    assert ("MP0810", f"can't write {LIST}: Not a directory") == (caught.value.code, caught.value.message)
