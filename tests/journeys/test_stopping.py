"""Runs that are stopped: by a signal, by a time budget."""

from __future__ import annotations

import re
import signal
import time

import pytest

from .workspace import Server, Workspace, actions, finished, until


@pytest.mark.parametrize(("number", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)])
def test_a_signal_lets_the_call_in_flight_finish_and_saves(workspace: Workspace, server: Server, number: int, code: int) -> None:
    """SIGINT ends 130 and SIGTERM 143: the call in flight is drained, the state is saved, the rest is left for the next apply."""
    workspace.project("web", r1=[f"u{number}" for number in range(6)])
    server.fault("POST@1=hold")
    running = workspace.start("apply", "--auto-approve", "--format", "json")
    until(lambda: server.struck("POST@1=hold"), running)
    running.send_signal(number)
    server.release()
    ended = finished(running)
    assert ended.code == code
    assert ended.events[-1]["type"] == "outcome"
    assert ended.events[-1]["exit_code"] == code
    assert len(server.calls("POST")) == 1
    assert [task["tracking_id"] for task in workspace.state["tasks"]] == [task["tracking_id"] for task in server.tasks()]
    workspace.apply()
    assert set(server.ids_in_live_tasks().values()) == {1}
    assert len(server.ids_in_live_tasks()) == 6


def test_a_second_signal_ends_at_once_and_loses_nothing(workspace: Workspace, server: Server) -> None:
    """A second SIGINT doesn't wait for the call in flight; what was acknowledged before is known, what was in flight is in doubt."""
    workspace.project("web", r1=["u1", "u2", "u3"])
    server.fault("POST@2=hang")
    running = workspace.start("apply", "--auto-approve")
    until(lambda: server.struck("POST@2=hang"), running)
    while running.poll() is None:  # two signals sent at once may come in as one
        running.send_signal(signal.SIGINT)
        time.sleep(0.2)
    assert finished(running).code == 130
    server.heal()
    assert workspace.status()["web.deletions.r1"]["subjects"]["in_doubt"] == 1
    workspace.apply()
    assert set(server.ids_in_live_tasks().values()) == {1}
    assert workspace.remembered_tasks() == {task["tracking_id"] for task in server.tasks()}


def test_a_signal_during_a_wait_ends_it(workspace: Workspace, server: Server) -> None:
    """A run that waits for hours because of a 429 can be stopped: its batch is unsent, not in doubt."""
    workspace.project("web", r1=["u1"])
    server.fault("POST=429:retry-after=5000")
    running = workspace.start("apply", "--auto-approve")
    until(lambda: server.calls("POST"), running)
    running.send_signal(signal.SIGTERM)
    assert finished(running).code == 143
    assert workspace.status()["web.deletions.r1"]["phase"] == "unsent"


def test_a_signal_while_waiting_for_the_lock_sends_nothing(workspace: Workspace, server: Server) -> None:
    """Before the work has begun, a signal ends the program in good order, too, with `outcome` as its last event."""
    workspace.project("web", r1=["u1"])
    server.fault("POST@1=hang")
    first = workspace.start("apply", "--auto-approve")
    until(lambda: server.struck("POST@1=hang"), first)
    for number, code in ((signal.SIGINT, 130), (signal.SIGTERM, 143)):
        second = workspace.start("apply", "--auto-approve", "--lock-timeout", "1h", "--format", "json")
        assert second.stdout is not None
        head = second.stdout.readline()
        second.send_signal(number)
        ended = finished(second)
        assert '"version"' in head
        assert ended.code == code
        assert ended.events[-1]["type"] == "outcome"
    assert len(server.calls("POST")) == 1
    first.kill()
    finished(first)


def test_a_time_budget_ends_3_and_the_next_apply_finishes(workspace: Workspace, server: Server) -> None:
    """`--max-duration` stops in good order with exit 3 and says how much is left; the next apply finishes, each id sent once."""
    workspace.project("web", r1=[f"u{number}" for number in range(16)])
    stopped = workspace.apply("--max-duration", "6s", code=3)  # its eight calls take seven seconds at least
    assert re.search(r"left undone: \d+ of 16 distinct ids \(", " ".join(stopped.err.split()))
    sent = len(server.calls("POST"))
    assert 1 <= sent < 8
    workspace.apply()
    assert len(server.calls("POST")) == 8
    assert set(server.ids_in_live_tasks().values()) == {1}
    assert actions(workspace.plan()) == {}


@pytest.mark.parametrize("way", ["FILE", "--expect", "--auto-approve"])
def test_a_stopped_apply_says_how_to_go_on_with_what_was_approved(workspace: Workspace, server: Server, way: str) -> None:
    """The hint has the saved plan's file, which is carried on with; what is left of a digest's plan has another one, to be approved."""
    workspace.project("web", r1=[f"u{number}" for number in range(16)])
    workspace.run("plan", "--out", "saved.plan")
    given = {"FILE": ("saved.plan",), "--expect": ("--expect", workspace.plan()["digest"]), "--auto-approve": ("--auto-approve",)}[way]
    stopped = workspace.run("apply", *given, "--max-duration", "6s", code=3)
    said = {
        "FILE": "run `mixpriv apply saved.plan` again;",
        "--expect": "run `mixpriv plan` and have it approved;",
        "--auto-approve": "run `mixpriv apply` again;",
    }[way]
    assert f"hint: {said} what was acknowledged is not sent twice" in " ".join(stopped.err.split())
    workspace.run("apply", *given, code=4 if way == "--expect" else 0)
