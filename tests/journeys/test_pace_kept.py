"""A process that has its turn in a project's pace, and never comes to an end of it."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from .workspace import Server, Workspace, actions, finished, until

HOLDER = """
import fcntl, sys
notes = [open(path, "rb") for path in sys.argv[1:]]
for note in notes:
    fcntl.flock(note, fcntl.LOCK_EX)
print("held", flush=True)
sys.stdin.read()
"""


def notes(workspace: Workspace) -> list[Path]:
    """The files that say when a project's last call started."""
    return [path for path in Path(workspace.environment["XDG_RUNTIME_DIR"], "mixpriv").iterdir() if path.name != "salt"]


@pytest.fixture
def kept(workspace: Workspace, server: Server) -> Iterator[subprocess.Popen[str]]:
    """A project with one task of two ids, whose pace another process keeps; it is stopped, as by Ctrl-Z."""
    workspace.project("web", r1=["u1", "u2"])
    workspace.apply()
    command = [sys.executable, "-c", HOLDER, *map(str, notes(workspace))]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as holder:
        assert holder.stdout is not None
        assert holder.stdout.readline() == "held\n"
        holder.send_signal(signal.SIGSTOP)
        yield holder
        holder.kill()


BUDGET = "8s"
"""Long enough for any machine to come to the wait for its turn, and far shorter than the wait would be."""


def slow(workspace: Workspace) -> None:
    """Make the pace so slow that only the run's own end can end a wait while a journey has patience."""
    workspace.manifest["workspace"]["limits"]["requests_per_second"] = 0.02
    workspace.write()


def test_a_refresh_ends_when_its_time_is_over(workspace: Workspace, server: Server, kept: subprocess.Popen[str]) -> None:
    """A refresh doesn't wait beyond its time for a process that doesn't let go: it ends 3, and names the file that is held."""
    slow(workspace)
    (note,) = notes(workspace)
    ended = workspace.run("refresh", "--max-duration", BUDGET, code=3)
    assert "MP0717" in ended.err
    assert str(note) in ended.err
    assert server.calls("GET") == []
    assert workspace.status()["web.deletions.r1"]["phase"] == "pending"


def test_a_plan_ends_when_its_time_to_look_is_over(workspace: Workspace, server: Server, kept: subprocess.Popen[str]) -> None:
    """A plan whose time for looking at tasks is over takes them from the state, and says why."""
    workspace.declare("web.r1", None)
    assert "MP0717" in [found["code"] for found in workspace.plan("--refresh-budget", BUDGET)["diagnostics"]]
    assert server.calls("GET") == []


def test_an_apply_ends_in_good_order(workspace: Workspace, server: Server, kept: subprocess.Popen[str]) -> None:
    """An apply ends 3 and its batch is unsent, not in doubt; once the other process is gone, the next apply sends it."""
    workspace.declare("web.r2", ["u3"])
    ended = workspace.apply("--max-duration", BUDGET, code=3)
    assert "MP0717" in ended.err
    assert f"fuser {notes(workspace)[0]}" in ended.err
    assert workspace.status()["web.deletions.r2"]["phase"] == "unsent"
    assert len(server.calls("POST")) == 1
    kept.kill()
    workspace.apply()
    assert set(server.ids_in_live_tasks().values()) == {1}
    assert {one for _, one in server.ids_in_live_tasks()} == {"u1", "u2", "u3"}
    assert actions(workspace.plan()) == {}


def test_a_withdrawal_ends_in_good_order(workspace: Workspace, server: Server, kept: subprocess.Popen[str]) -> None:
    """A task that can't be cancelled for that is left as it is, and the next apply cancels it."""
    workspace.declare("web.r1", None)
    workspace.plan("--no-refresh", "--out", "saved.plan")
    assert "MP0717" in workspace.run("apply", "--max-duration", BUDGET, "saved.plan", code=3).err
    assert [task["status"] for task in server.tasks()] == ["PENDING"]
    kept.kill()
    workspace.apply()
    assert [task["status"] for task in server.tasks()] == ["REVOKED"]


@pytest.mark.skipif(not Path("/proc/self/fd").is_dir(), reason="needs /proc")
@pytest.mark.parametrize("command", [["refresh"], ["apply", "--auto-approve"]], ids=["refresh", "apply"])
def test_a_signal_ends_the_wait(workspace: Workspace, server: Server, kept: subprocess.Popen[str], command: list[str]) -> None:
    """SIGTERM ends a run that waits for its turn with 143; nothing was sent, and nothing is in doubt."""
    workspace.declare("web.r2", ["u3"])
    slow(workspace)
    (note,) = notes(workspace)
    running = workspace.start(*command)
    until(lambda: note in {Path(os.path.realpath(link)) for link in Path(f"/proc/{running.pid}/fd").iterdir()}, running)
    running.send_signal(signal.SIGTERM)
    assert finished(running).code == 143
    assert len(server.calls()) == 1
    assert workspace.status()["web.deletions.r1"]["subjects"]["in_doubt"] == 0
