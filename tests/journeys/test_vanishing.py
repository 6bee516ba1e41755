"""Folders that go away while an apply is at work: it stops, says what Mixpanel has, and makes nothing that looks like a new start."""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from .workspace import Ended, Server, Workspace, actions, codes, finished, until

FOLDER = "mixpriv.state.d"
IDS = ["u1", "u2", "u3", "u4", "u5", "u6"]


@pytest.fixture(params=["a first apply", "a later apply"])
def at_work(workspace: Workspace, server: Server, request: pytest.FixtureRequest) -> subprocess.Popen[str]:
    """An apply whose second POST of several has arrived, and isn't answered yet."""
    if request.param == "a later apply":
        workspace.project("web", r1=IDS[:2])
        workspace.apply()
        workspace.declare("web.r1", IDS)
    else:
        workspace.project("web", r1=IDS)
    server.fault("POST@2=hold")
    running = workspace.start("apply", "--auto-approve")
    until(lambda: server.struck("POST@2=hold"), running)
    return running


def tasks_of_the_run(ended: Ended, server: Server, at_work: subprocess.Popen[str]) -> None:
    """Two batches were sent, and the run's last words name the task of each."""
    sent = server.tasks()[-2:]
    assert [task["tracking_id"] for task in sent if task["tracking_id"] not in ended.err] == []


def settled(workspace: Workspace, server: Server) -> None:
    """The next apply finishes: each id is in one live task, each task is remembered."""
    server.heal()
    workspace.apply()
    assert {one for _, one in server.ids_in_live_tasks()} == set(IDS)
    assert set(server.ids_in_live_tasks().values()) == {1}
    assert workspace.remembered_tasks() == {task["tracking_id"] for task in server.tasks()}


def test_a_moved_state_folder_is_noticed_and_moved_back(workspace: Workspace, server: Server, at_work: subprocess.Popen[str]) -> None:
    """With the journal's folder moved away nothing more is sent; moved back, everything that was acknowledged is known."""
    sent = len(server.calls("POST"))
    (workspace.root / FOLDER).rename(workspace.root / "elsewhere.d")
    server.release()
    ended = finished(at_work)
    assert ended.code == 1
    assert "MP0529" in ended.err
    tasks_of_the_run(ended, server, at_work)
    assert len(server.calls("POST")) == sent
    assert not (workspace.root / FOLDER).exists()
    (workspace.root / "elsewhere.d").rename(workspace.root / FOLDER)
    assert "MP0613" not in codes(workspace.plan())
    settled(workspace, server)


def test_a_removed_state_folder_is_noticed_and_restored(workspace: Workspace, server: Server, at_work: subprocess.Popen[str]) -> None:
    """With the journal's folder removed nothing more is sent or made; its tasks are named, and adopted by the next apply."""
    sent, state = len(server.calls("POST")), workspace.root / "mixpriv.state.json"
    backup, before = workspace.root.parent / "a backup", state.read_bytes() if state.exists() else None
    shutil.copytree(workspace.root / FOLDER, backup, ignore=shutil.ignore_patterns("journal"))
    shutil.rmtree(workspace.root / FOLDER)
    server.release()
    ended = finished(at_work)
    assert ended.code == 1
    assert "MP0529" in ended.err
    tasks_of_the_run(ended, server, at_work)
    assert len(server.calls("POST")) == sent
    assert not (workspace.root / FOLDER).exists()
    assert (state.read_bytes() if state.exists() else None) == before
    shutil.copytree(backup, workspace.root / FOLDER)
    settled(workspace, server)


def removed(root: Path) -> Callable[[], object]:
    """Remove the workspace; what is returned puts its manifest and its state of before the run back."""
    shutil.copytree(root, root.with_name("a backup"), ignore=shutil.ignore_patterns("journal", "*.lock"))
    shutil.rmtree(root)
    return lambda: root.with_name("a backup").rename(root)


def moved(root: Path) -> Callable[[], object]:
    """Move the workspace; what is returned moves it back."""
    root.rename(root.with_name("elsewhere"))
    return lambda: root.with_name("elsewhere").rename(root)


@pytest.mark.parametrize("gone", [removed, moved])
def test_a_workspace_that_goes_away_is_not_made_anew(
    workspace: Workspace, server: Server, at_work: subprocess.Popen[str], gone: Callable[[Path], Callable[[], object]]
) -> None:
    """With the whole workspace gone nothing more is sent or made in its place; put back, the next apply finishes."""
    sent = len(server.calls("POST"))
    put_back = gone(workspace.root)
    server.release()
    ended = finished(at_work)
    assert ended.code == 1
    assert "MP0529" in ended.err
    first = server.tasks()[-2]
    assert first["tracking_id"] in ended.err
    assert len(server.calls("POST")) == sent
    assert not workspace.root.exists()
    put_back()
    settled(workspace, server)


def test_a_state_behind_a_link(workspace: Workspace, server: Server) -> None:
    """A state behind a link to another folder of the workspace is kept there; where that is gone nothing is made in its place unasked."""
    disk = workspace.root / "another disk"
    disk.mkdir()
    (workspace.root / "memory").symlink_to(disk.name)
    workspace.manifest["workspace"]["state"] = {"path": "memory/prod.json"}
    workspace.project("web", r1=["u1"])
    workspace.apply()
    assert {path.name for path in disk.iterdir()} == {"prod.json", "prod.d", "prod.lock"}
    disk.rename(workspace.root.parent / "unplugged")
    lost = workspace.run("apply", "--auto-approve", code=1)
    assert "error[MP0520]" in lost.err
    assert "memory" in lost.err
    assert not disk.exists()
    assert len(server.calls("POST")) == 1
    (workspace.root.parent / "unplugged").rename(disk)
    assert "web.deletions.r1" not in actions(workspace.plan())
