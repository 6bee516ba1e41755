"""One writer at a time."""

from __future__ import annotations

import json
import socket
import subprocess
from collections.abc import Iterator

import pytest

from .workspace import Server, Workspace, finished, until


@pytest.fixture
def holder(workspace: Workspace, server: Server) -> Iterator[subprocess.Popen[str]]:
    """An apply that hangs in its first POST of two."""
    workspace.project("web", r1=["u1", "u2", "u3"])
    server.fault("POST@1=delay:6")
    running = workspace.start("apply", "--auto-approve")
    until(lambda: server.calls("POST"), running)
    yield running
    if running.poll() is None:
        running.kill()
        running.communicate()


def lock_id(workspace: Workspace) -> str:
    return str(json.loads((workspace.root / "mixpriv.state.lock").read_text())["lock_id"])


def test_a_second_apply_is_told_who_works_or_waits(workspace: Workspace, server: Server, holder: subprocess.Popen[str]) -> None:
    """Of two applies one works; the other ends 5 naming holder, host and pid, or waits with `--lock-timeout`. Readers are told, too."""
    locked = workspace.run("apply", "--auto-approve", "--format", "json", code=5)
    assert locked.events[-1]["exit_code"] == 5
    (found,) = [event["diagnostic"] for event in locked.events if event["type"] == "diagnostic"]
    assert found["code"] == "MP0521"
    for fact in (f"pid {holder.pid}", socket.gethostname()):
        assert fact in found["message"]
    note = next(found for found in workspace.plan()["diagnostics"] if found["code"] == "MP0526")
    assert f"pid {holder.pid}" in note["message"]
    running = workspace.run("status", "--format", "json").document["apply_running"]
    assert running["pid"] == str(holder.pid)
    assert running["host"] == socket.gethostname()
    workspace.run("apply", "--auto-approve", "--lock-timeout", "60s")
    assert finished(holder).code == 0
    assert workspace.run("status", "--format", "json").document["apply_running"] is None
    assert len(server.calls("POST")) == 2
    assert set(server.ids_in_live_tasks().values()) == {1}


def test_an_unlocked_holder_neither_sends_nor_writes(workspace: Workspace, server: Server, holder: subprocess.Popen[str]) -> None:
    """After `unlock ID` the former holder sends nothing more and writes nothing more; what it had in flight is in doubt and adopted."""
    wrong = workspace.run("unlock", "0123456789abcdef", code=1)
    assert lock_id(workspace) in wrong.err
    workspace.run("unlock", lock_id(workspace))
    before = sorted((path.name, path.read_bytes()) for path in workspace.files())
    ended = finished(holder)
    assert ended.code == 5
    assert "MP0522" in ended.err
    assert len(server.calls("POST")) == 1
    assert sorted((path.name, path.read_bytes()) for path in workspace.files()) == before
    server.heal()
    workspace.apply()
    assert set(server.ids_in_live_tasks().values()) == {1}
    assert workspace.remembered_tasks() == {task["tracking_id"] for task in server.tasks()}
    assert "MP0523" in workspace.run("unlock", "0123456789abcdef", code=1).err


def test_a_dead_holder_doesnt_keep_the_lock(workspace: Workspace, server: Server, holder: subprocess.Popen[str]) -> None:
    """The lock of a killed process is taken over, and the plan says so."""
    holder.kill()
    finished(holder)
    server.heal()
    events = workspace.apply("--format", "json").events
    assert "MP0525" in [event["diagnostic"]["code"] for event in events if event["type"] == "diagnostic"]
