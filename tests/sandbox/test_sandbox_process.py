"""The sandbox as a process of its own, and what outlives it."""

from __future__ import annotations

import signal
import sqlite3
import stat
import subprocess
import sys
import threading
from pathlib import Path
from typing import Any

import httpx
import pytest

from mixpriv_reconcile.sandbox.__main__ import main


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_signal_ends_it_quietly(process: Any, number: signal.Signals) -> None:
    """An interrupted sandbox ends with exit code 0 and says nothing, even while a request hangs."""
    running, caller = process("--fault", "GET=hang")
    hanging = threading.Thread(target=_swallowed, args=(caller,))
    hanging.start()
    while not caller.calls():
        pass
    running.send_signal(number)
    assert running.communicate() == ("", "")
    assert running.returncode == 0
    hanging.join()


def test_tasks_outlive_a_restart(process: Any) -> None:
    """Tasks, their ids and the clock are still there when the sandbox is started again."""
    running, caller = process()
    item = caller.created("u1")
    caller.control("POST", "advance", {"days": 2})
    running.terminate()
    running.wait()
    _, caller = process()
    assert caller.status(item) == "STAGING"
    assert caller.post("u1").status_code == 409
    assert [call["status"] for call in caller.calls()] == [201, 200, 409]


def test_speed_may_change_with_a_restart(process: Any) -> None:
    """A task made at a slow speed ends quickly once the sandbox is started with a high one."""
    running, caller = process()
    item = caller.created("u1")
    assert caller.status(item) == "PENDING"
    running.terminate()
    running.wait()
    _, caller = process("--speed", "1e12")
    assert caller.status(item) == "SUCCESS"


def test_store_survives_a_kill(process: Any, tmp_path: Path) -> None:
    """However hard the sandbox is killed, every task that it has answered is there afterwards."""
    known: list[str] = []
    for round_number in range(3):
        running, caller = process()
        writer = threading.Thread(target=_written, args=(caller, round_number, known))
        writer.start()
        while writer.is_alive() and len(known) < 5 * (round_number + 1):
            pass
        running.kill()
        writer.join()
    with sqlite3.connect(tmp_path / "s" / "sandbox.sqlite3") as store:
        assert store.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
    _, caller = process()
    assert set(known) <= {task["tracking_id"] for task in caller.tasks()}


def test_two_processes_may_share_a_store(process: Any) -> None:
    """Two sandboxes on one store see each other's tasks."""
    (_, first), (_, second) = process(), process()
    item = first.created("u1")
    assert second.status(item) == "PENDING"
    assert second.post("u1").status_code == 409


def test_reset_starts_anew(process: Any) -> None:
    """By option, the sandbox starts with an empty store."""
    running, caller = process()
    caller.created("u1")
    running.terminate()
    running.wait()
    _, caller = process("--reset")
    assert caller.tasks() == []


def test_options_reach_the_sandbox(process: Any) -> None:
    """All options can be given on the command line."""
    options = "--dialect prose --no-echo --not-found body --fault POST@2=503 --port 0"
    people = "--project 7:token-1:eu:1 --bearer good --ineligible weak"
    _, caller = process(*options.split(), *people.split())
    good = {"bearer": "good", "region": "eu"}
    ids = [f"u{number}" for number in range(1001)]
    assert caller.post(*ids, **good).status_code == 400
    assert caller.post("u1", **good).status_code == 503
    (record,) = caller.post("u1", **good).json()["results"]
    assert record["project_id"] == 7
    found = caller.call("GET", record["tracking_id"], **good).json()["results"]
    assert found == {"status": "PENDING", "result": "", "distinct_id_count": 1}
    assert caller.status("unknown", **good) == "NOT_FOUND"
    assert caller.post("u1", bearer="weak", region="eu").status_code == 403
    assert caller.post("u1", region="eu").status_code == 401


def test_store_is_private(process: Any, tmp_path: Path) -> None:
    """Nobody else on the machine can read the store."""
    _, caller = process()
    caller.created("u1")
    folder = tmp_path / "s"
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    files = list(folder.iterdir())
    assert {stat.S_IMODE(file.stat().st_mode) for file in files} == {0o600}
    assert "sandbox.sqlite3" in {file.name for file in files}


def test_git_takes_nothing_of_the_store(process: Any, tmp_path: Path) -> None:
    """The ids that the sandbox was sent stay out of a commit of everything, without a line in the repository's own .gitignore."""
    _, caller = process()
    caller.created("u1")
    subprocess.run(["git", "init", "--quiet", str(tmp_path)], check=True)
    subprocess.run(["git", "add", "--all"], cwd=tmp_path, check=True)
    staged = subprocess.run(["git", "ls-files"], cwd=tmp_path, capture_output=True, text=True, check=True).stdout
    assert [name for name in staged.splitlines() if name.startswith("s/")] == []


@pytest.mark.parametrize(
    "arguments",
    [
        "--speed 0",
        "--speed nan",
        "--interval -1",
        "--port 70000",
        "--fault POST=explode",
        "--dialect odd",
        "--project 1:t:mars",
        "--project x:t:us",
        "--project 1:t",
        "--project 1:t:us --project 2:t:eu",
    ],
)
def test_wrong_usage_is_explained(arguments: str, capsys: pytest.CaptureFixture[str]) -> None:
    """A wrong option ends with exit code 2 and an explanation."""
    with pytest.raises(SystemExit) as ended:
        main(arguments.split())
    assert ended.value.code == 2
    assert capsys.readouterr().out == ""


def test_taken_port_is_explained(process: Any, tmp_path: Path) -> None:
    """A port that is taken ends with exit code 1 and names the port."""
    _, caller = process()
    port = httpx.URL(caller.origins["us"]).port
    ended = _command("--port", str(port), "--store", str(tmp_path / "other"))
    assert ended.returncode == 1
    assert f"127.0.0.1:{port}" in ended.stderr
    assert "Traceback" not in ended.stderr


def test_damaged_store_is_explained(tmp_path: Path) -> None:
    """A damaged store ends with exit code 1 and names the file."""
    (tmp_path / "sandbox.sqlite3").write_bytes(b"not a database" * 100)
    ended = _command("--store", str(tmp_path))
    assert ended.returncode == 1
    assert "sandbox.sqlite3" in ended.stderr
    assert "Traceback" not in ended.stderr


def _command(*arguments: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "mixpriv_reconcile.sandbox", *arguments]
    return subprocess.run(command, capture_output=True, text=True, timeout=300, check=False)


def _swallowed(caller: Any) -> None:
    with pytest.raises(httpx.TransportError):
        caller.call("GET", "x")


def _written(caller: Any, round_number: int, known: list[str]) -> None:
    try:
        for number in range(100_000):
            known.append(caller.created(*(f"{round_number}-{number}-{one}" for one in range(100))))
    except httpx.TransportError:
        pass
