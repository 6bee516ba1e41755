"""No room for what the program writes besides its state: its output, what it unpacks; and no folder to stand in."""

from __future__ import annotations

import fcntl
import gzip
import json
import os
import resource
import subprocess
import sys
from pathlib import Path

import pytest

from .trouble import FOR_LIMITED, is_plain, without_space
from .workspace import PATIENCE_SECONDS, Ended, Server, Workspace, codes, finished, until

FULL = Path("/dev/full")


@pytest.mark.skipif(not FULL.exists(), reason="needs /dev/full")
@pytest.mark.parametrize("unbuffered", ["", "1"], ids=["buffered", "unbuffered"])
@pytest.mark.parametrize("command", [["plan"], ["apply", "--auto-approve"], ["apply", "--auto-approve", "--format", "json"], ["version"]])
def test_an_output_that_cannot_be_written(workspace: Workspace, server: Server, command: list[str], unbuffered: str) -> None:
    """Where not even the plan can be shown, that is said on stderr, and nothing is sent that nobody would see; with PYTHONUNBUFFERED, too."""
    workspace.environment["PYTHONUNBUFFERED"] = unbuffered
    workspace.project("web", r1=["u1"])
    with FULL.open("w") as full:
        ended = finished(workspace.start(*command, "--report", "junit=run.xml", stdout=full))
    assert ended.code == 1
    assert "can't write the output: No space left on device (exit code 1)" in (workspace.root / "run.xml").read_text()
    assert "error[MP0533]: can't write the output: No space left on device" in ended.err
    assert is_plain(Ended(ended.code, "", ended.err))
    assert server.calls() == []


@pytest.mark.parametrize("command", [["plan"], ["status", "--format", "json"], ["show", "no-such-plan"]])
def test_a_reader_that_is_gone(workspace: Workspace, command: list[str]) -> None:
    """A command whose output nobody reads any more ends 1, and its reports are written all the same."""
    workspace.project("web", r1=["u1"])
    reading, writing = os.pipe()
    os.close(reading)
    running = workspace.start(*command, "--report", "json=run.json", "--report", "junit=run.xml", stdout=writing, stderr=writing)
    os.close(writing)
    assert running.wait(PATIENCE_SECONDS) == 1
    assert "(exit code 1)" in (workspace.root / "run.xml").read_text()
    assert json.loads((workspace.root / "run.json").read_text())


def test_an_output_that_fails_before_the_work(workspace: Workspace, server: Server) -> None:
    """A reader of the events that is gone before the plan could be told: nothing is sent that nobody would see."""
    workspace.project("web", r1=["u1"])
    with (workspace.root / "mixpriv.state.lock").open("w") as held:
        fcntl.flock(held, fcntl.LOCK_EX)
        running = workspace.start("apply", "--auto-approve", "--format", "json", "--lock-timeout", "1h")
        assert running.stdout is not None
        assert '"version"' in running.stdout.readline()
        running.stdout.close()
    assert running.stderr is not None
    with running.stderr:
        assert running.wait(PATIENCE_SECONDS) == 1
    assert server.calls() == []


@pytest.mark.parametrize("unbuffered", ["", "1"], ids=["buffered", "unbuffered"])
def test_a_reader_that_goes_away_is_no_bug(workspace: Workspace, server: Server, unbuffered: str) -> None:
    """A pipe whose reader wants no more, `| head` for one, ends the program with 1, quietly."""
    workspace.environment["PYTHONUNBUFFERED"] = unbuffered
    workspace.project("web", r1=["u1"])
    running = workspace.start("plan")
    assert running.stdout is not None
    running.stdout.close()
    assert running.stderr is not None
    with running.stderr:
        told = running.stderr.read()
    assert running.wait(PATIENCE_SECONDS) == 1
    assert "error" not in told


@pytest.mark.parametrize("form", [["--format", "json"], []], ids=["json", "text"])
def test_an_output_that_fails_during_an_apply(workspace: Workspace, server: Server, form: list[str]) -> None:
    """A reader of the events that goes away doesn't stop an approved apply half way: it is carried out, saved, reported, and ends 1."""
    workspace.project("web", r1=["u1", "u2", "u3"])
    server.fault("POST@1=hold")
    running = workspace.start("apply", "--auto-approve", *form, "--report", "json=proof.json", "--report", "markdown=proof.md")
    until(lambda: server.struck("POST@1=hold"), running)
    assert running.stdout is not None
    assert running.stderr is not None
    running.stdout.close()
    running.stderr.close()
    server.release()
    assert running.wait(PATIENCE_SECONDS) == 1
    proof = json.loads((workspace.root / "proof.json").read_text())
    assert proof["exit_code"] == 1
    assert proof["subjects"]["acknowledged"] == 3
    assert [found["code"] for found in proof["diagnostics"]] == ["MP0533"]
    assert "Mixpanel took 3 distinct ids for erasure" in (workspace.root / "proof.md").read_text()
    assert len(server.calls("POST")) == 2
    assert workspace.remembered_tasks() == {task["tracking_id"] for task in server.tasks()}


def test_no_room_to_unpack(workspace: Workspace, server: Server) -> None:
    """A compressed source that can't be unpacked is an error that names the spool; nothing of it is sent or left."""
    ids = "".join(f"a-user-with-a-rather-long-distinct-id-{number:05}\n" for number in range(2_000))
    (workspace.root / "ids.txt.gz").write_bytes(gzip.compress(ids.encode()))
    block = workspace.deletion(["u1"]) | {"from": [{"file": "ids.txt.gz"}]}
    workspace.manifest["workspace"]["limits"] = {"distinct_ids_per_request": 2_000}
    workspace.project("web", r1=block)
    ended = finished(workspace.start("apply", "--auto-approve", environment=FOR_LIMITED, preexec_fn=without_space(50_000)))
    assert ended.code == 1
    assert "error[MP0442]" in ended.err
    assert "File too large" in ended.err
    assert server.calls("POST") == []
    assert [path for path in workspace.root.glob(".mixpriv/spool/*") if path.is_dir()] == []
    workspace.apply()
    assert len(server.ids_in_live_tasks()) == 2_001


def test_a_disk_that_fills_before_the_receipt(workspace: Workspace, server: Server) -> None:
    """A receipt that can't be written leaves its batch in doubt, and nothing more is sent; the next apply adopts its task."""
    workspace.project("web", r1=["u1", "u2", "u3"])
    server.fault("POST@1=hold")
    running = workspace.start("apply", "--auto-approve", environment=FOR_LIMITED)
    until(lambda: server.struck("POST@1=hold"), running)
    size = (workspace.root / "mixpriv.state.d" / "journal").stat().st_size
    resource.prlimit(running.pid, resource.RLIMIT_FSIZE, (size + 20, size + 20))
    server.release()
    ended = finished(running)
    assert ended.code == 1
    assert "error[MP0520]: can't write journal: File too large" in ended.err
    assert len(server.calls("POST")) == 1
    assert codes(workspace.plan()).count("MP0613") == 1
    assert "MP0710" in workspace.apply().err
    assert set(server.ids_in_live_tasks().values()) == {1}
    assert workspace.remembered_tasks() == {task["tracking_id"] for task in server.tasks()}


@pytest.mark.parametrize("command", ["plan", "apply --auto-approve", "status", "state list", "validate", "init"])
def test_a_current_folder_that_is_gone(workspace: Workspace, command: str) -> None:
    """In a folder that was removed, each command says so."""
    script = f'mkdir gone; cd gone; rmdir ../gone; exec "$0" -m mixpriv_reconcile {command}'
    ended = subprocess.run(
        ["sh", "-c", script, sys.executable], cwd=workspace.root, env=workspace.environment, text=True, capture_output=True, check=False
    )
    assert ended.returncode == 1
    assert "error[MP0534]: the current folder is gone" in ended.stderr
