"""One writer at a time."""

from __future__ import annotations

import json
import signal
import socket
import subprocess
from collections.abc import Iterator

import pytest

from .workspace import Server, Workspace, finished, until

HOLD = "POST@1=hold"


@pytest.fixture
def holder(workspace: Workspace, server: Server) -> Iterator[subprocess.Popen[str]]:
    """An apply whose first POST of two has arrived, and isn't answered before it is released."""
    workspace.project("web", r1=["u1", "u2", "u3"])
    server.fault(HOLD)
    running = workspace.start("apply", "--auto-approve")
    until(lambda: server.struck(HOLD), running)
    yield running
    if running.poll() is None:
        running.kill()
        running.communicate()


@pytest.fixture
def stopped(workspace: Workspace, holder: subprocess.Popen[str]) -> subprocess.Popen[str]:
    """The same apply, alive but stopped: it can't let go of anything."""
    holder.send_signal(signal.SIGSTOP)
    return holder


def lock_id(workspace: Workspace) -> str:
    return str(facts(workspace)["lock_id"])


def facts(workspace: Workspace) -> dict[str, str]:
    """What the lock says of its holder."""
    found: dict[str, str] = json.loads((workspace.root / "mixpriv.state.lock").read_text())
    return found


def everything(workspace: Workspace) -> dict[str, bytes]:
    """Every file of the workspace, by its path."""
    return {str(path.relative_to(workspace.root)): path.read_bytes() for path in workspace.files()}


def test_a_second_apply_is_told_who_works_or_waits(workspace: Workspace, server: Server, stopped: subprocess.Popen[str]) -> None:
    """Of two applies one works; the other ends 5 naming holder, host and pid, or waits with `--lock-timeout`. Readers are told, too."""
    locked = workspace.run("apply", "--auto-approve", "--format", "json", code=5)
    assert locked.events[-1]["exit_code"] == 5
    (found,) = [event["diagnostic"] for event in locked.events if event["type"] == "diagnostic"]
    assert found["code"] == "MP0521"
    for fact in (f"pid {stopped.pid}", socket.gethostname()):
        assert fact in found["message"]
    note = next(found for found in workspace.plan()["diagnostics"] if found["code"] == "MP0526")
    assert f"pid {stopped.pid}" in note["message"]
    running = workspace.run("status", "--format", "json").document["apply_running"]
    assert running["pid"] == str(stopped.pid)
    assert running["host"] == socket.gethostname()
    waiting = workspace.start("apply", "--auto-approve", "--lock-timeout", "10m")
    stopped.send_signal(signal.SIGCONT)
    server.release()
    assert (finished(stopped).code, finished(waiting).code) == (0, 0)
    assert workspace.run("status", "--format", "json").document["apply_running"] is None
    assert len(server.calls("POST")) == 2
    assert set(server.ids_in_live_tasks().values()) == {1}


def test_an_unlocked_holder_neither_sends_nor_writes(workspace: Workspace, server: Server, holder: subprocess.Popen[str]) -> None:
    """After `unlock ID` the former holder sends nothing more and writes nothing more; what it had in flight is in doubt and adopted."""
    wrong = workspace.run("unlock", "0123456789abcdef", code=1)
    assert lock_id(workspace) in wrong.err
    assert "is still alive" in workspace.run("unlock", lock_id(workspace)).err
    before = sorted((path.name, path.read_bytes()) for path in workspace.files())
    server.release()
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


def test_a_woken_holder_finds_its_work_done(workspace: Workspace, server: Server, stopped: subprocess.Popen[str]) -> None:
    """A holder that was stopped, unlocked and overtaken by another apply sends, writes and removes nothing once it wakes, and ends 5."""
    workspace.run("unlock", lock_id(workspace))
    server.heal()
    workspace.apply()
    before, calls = everything(workspace), server.every_call()
    assert set(server.ids_in_live_tasks().values()) == {1}
    assert {one for _, one in server.ids_in_live_tasks()} == {"u1", "u2", "u3"}
    stopped.send_signal(signal.SIGCONT)
    server.release()
    ended = finished(stopped)
    assert ended.code == 5
    assert "MP0522" in ended.err
    assert server.every_call() == calls
    assert everything(workspace) == before
    assert workspace.remembered_tasks() == {task["tracking_id"] for task in server.tasks()}


def test_a_woken_holder_leaves_the_next_one_alone(workspace: Workspace, server: Server, stopped: subprocess.Popen[str]) -> None:
    """A holder that wakes while the next one is at work takes neither its lock nor its journal away: the next one finishes."""
    workspace.run("unlock", lock_id(workspace))
    server.heal()
    server.fault(HOLD)
    following = workspace.start("apply", "--auto-approve")
    until(lambda: server.struck(HOLD) == 2, following)
    following.send_signal(signal.SIGSTOP)  # in the middle of its work, so that nothing but the woken one can change a file
    before = everything(workspace)
    stopped.send_signal(signal.SIGCONT)
    server.release()
    assert finished(stopped).code == 5
    assert everything(workspace) == before
    following.send_signal(signal.SIGCONT)
    assert finished(following).code == 0
    assert set(server.ids_in_live_tasks().values()) == {1}
    assert workspace.remembered_tasks() == {task["tracking_id"] for task in server.tasks()}


WRITING = (
    ("apply", "--auto-approve"),
    ("refresh",),
    ("confirm", "web.sso", "--by", "ops"),
    ("state", "rm", "web.*"),
    ("state", "mv", "web", "shop"),
    ("state", "push", "--force", "pulled.json"),
)


def test_a_live_holders_lock_is_never_taken(workspace: Workspace, server: Server) -> None:
    """However long a holder is stopped, every command that writes ends 5, names holder, host, pid and since when, and changes nothing."""
    workspace.project("web", r1=["u1"])["sso"] = {"postback_url": "https://eu.mixpanel.com/security/login/42"}
    workspace.write()
    workspace.apply()
    (workspace.root / "pulled.json").write_text(workspace.run("state", "pull").out, "utf-8")
    workspace.declare("web.r1", ["u1", "u2"])
    server.fault("POST@1=hang")
    holder = workspace.start("apply", "--auto-approve")
    until(lambda: server.struck("POST@1=hang"), holder)
    holder.send_signal(signal.SIGSTOP)
    try:
        before, calls, held = everything(workspace), server.every_call(), facts(workspace)
        for command in WRITING:
            locked = workspace.run(*command, "--lock-timeout", "1s", code=5)
            assert "MP0521" in locked.err, command
            for fact in (held["who"], held["host"], f"pid {holder.pid}", held["since"], f"mixpriv unlock {held['lock_id']}"):
                assert fact in locked.err, command
        assert (everything(workspace), server.every_call()) == (before, calls)
    finally:
        holder.kill()
        finished(holder)
    server.heal()
    workspace.apply()
    assert set(server.ids_in_live_tasks().values()) == {1}


def test_readers_say_who_is_at_work(workspace: Workspace, server: Server, stopped: subprocess.Popen[str]) -> None:
    """During an apply `plan`, `status`, `show`, `state list` and `state show` say that one runs and whose it is, as text and as JSON."""
    held = facts(workspace)
    for command in (["plan", "--no-refresh"], ["show"], ["state", "list"], ["state", "show", "web.deletions.r1"]):
        told = workspace.run(*command).both
        for fact in ("MP0526", held["who"], held["host"], f"pid {stopped.pid}", held["since"]):
            assert fact in told, command
    told = workspace.run("status").out
    assert "An apply is running" in told
    assert f"{held['who']} on {held['host']}" in told
    expected = {name: held[name] for name in ("who", "host", "pid", "since")}
    for command in (["status"], ["show"], ["state", "list"], ["state", "show", "web.deletions.r1"]):
        assert workspace.run(*command, "--format", "json").document["apply_running"] == expected, command
    stopped.send_signal(signal.SIGCONT)
    server.release()
    assert finished(stopped).code == 0
    for command in (["show"], ["state", "list"]):
        assert "MP0526" not in workspace.run(*command).both
        assert workspace.run(*command, "--format", "json").document["apply_running"] is None


def test_a_dead_holder_doesnt_keep_the_lock(workspace: Workspace, server: Server, holder: subprocess.Popen[str]) -> None:
    """The lock of a killed process is taken over, and the plan says so."""
    holder.kill()
    finished(holder)
    server.heal()
    events = workspace.apply("--format", "json").events
    assert "MP0525" in [event["diagnostic"]["code"] for event in events if event["type"] == "diagnostic"]
