"""Waiting for a busy Mixpanel, and running out of time for it."""

from __future__ import annotations

import re

import pytest

from .workspace import Server, Workspace, actions


def test_both_forms_of_retry_after_on_every_call(workspace: Workspace, server: Server) -> None:
    """`Retry-After` in seconds or as a date, on a GET, a DELETE or a POST: it is waited, told, and the work done in the same run."""
    workspace.project("web", r1=["u1", "u2"])
    workspace.apply()
    workspace.declare("web.r1", ["u1"])
    server.fault("GET@2=429:retry-date=2", "DELETE@1=429:retry-after=2", "POST@1=429:retry-date=2")
    events = workspace.apply("--format", "json").events
    waits = [event for event in events if event["type"] == "rate_limited"]
    assert [(wait["project"], wait["why"], wait["attempt"]) for wait in waits] == [("web", "rate", 1)] * 3
    assert all(1 <= wait["wait_seconds"] <= 4 for wait in waits)
    assert all("Mixpanel asks for a slower pace; waiting " in wait["@message"] for wait in waits)
    assert {one for _, one in server.ids_in_live_tasks()} == {"u1"}
    assert actions(workspace.plan()) == {}


def test_a_wait_is_told_to_people(workspace: Workspace, server: Server) -> None:
    """While a run waits, a line on stderr says for whom, why and how long."""
    workspace.project("web", r1=["u1"])
    server.fault("POST@1=429:retry-after=1")
    assert re.search(r"^web: Mixpanel asks for a slower pace; waiting [12] s after attempt 1$", workspace.apply().err, re.MULTILINE)


@pytest.mark.parametrize("fault", ["429:retry-after=7200", "429:retry-date=7200", "429:retry-after=1000000000"])
def test_a_wait_that_cannot_fit_ends_the_run(workspace: Workspace, server: Server, fault: str) -> None:
    """With `--max-duration` a wait that doesn't fit ends the run with 3 at once; it says what remains and when to come back.

    The next apply goes on, and sends nobody twice.
    """
    workspace.project("web", r1=[f"u{number}" for number in range(7)])
    server.fault(f"POST@2-={fault}")
    stopped = workspace.apply("--max-duration", "1h", code=3)
    assert [call["status"] for call in server.calls("POST")] == [201, 429]
    lines = stopped.err.splitlines()
    (head,) = [line for line in lines if line.startswith("Error: ")]
    assert re.fullmatch(
        r"Error: web\.deletions\.r1: Mixpanel answers HTTP 429 and asks to come back after 20\d\d-\d\d-\d\d \d\d:\d\d:\d\d UTC,"
        r" for which there is no time; 5 distinct ids not acknowledged",
        head,
    )
    assert lines[lines.index(head) + 1 :] == [
        "  batch 2, 2 distinct ids: not accepted: HTTP 429",
        "  batches 3 to 4, 3 distinct ids: not sent",
        "stopped early: 5 distinct ids left; nothing is lost, run again",
    ]
    server.heal()
    workspace.apply()
    assert [call["status"] for call in server.calls("POST")] == [201, 429, 201, 201, 201]
    assert set(server.ids_in_live_tasks().values()) == {1}
    assert len(server.ids_in_live_tasks()) == 7


@pytest.mark.parametrize(("requests", "left"), [(("r1",), "1 task"), (("r1", "r2"), "2 tasks")])
def test_a_wait_that_ends_first_counts_what_is_open(workspace: Workspace, requests: tuple[str, ...], left: str) -> None:
    """`--wait` that ends before Mixpanel does says how many tasks are still open, one in the singular."""
    workspace.project("web", **{name: [f"u-{name}"] for name in requests})
    ended = workspace.apply("--wait", "1s", "--format", "json")
    assert ended.events[-1]["why"] == f"done; {left} still open"


def test_refresh_tells_its_waits_and_when_to_come_back(workspace: Workspace, server: Server) -> None:
    """`refresh` says that it waits, too; without time for it, it ends 3 and says when Mixpanel asked to come back."""
    workspace.project("web", r1=["u1"])
    workspace.apply()
    server.fault("GET@1=429:retry-after=1", "GET@2-=429:retry-after=7200")
    ended = workspace.run("refresh", "--max-duration", "1h", code=3)
    assert "web: Mixpanel asks for a slower pace; waiting" in ended.err
    assert "MP0716" in ended.err
    assert "asks to come back after 20" in ended.err
    assert len(server.calls("GET")) == 2


def test_refresh_of_a_project_that_is_another_one_now_ends_1(workspace: Workspace, server: Server) -> None:
    """Where waiting can't help, `refresh` doesn't say "run it again": a job that repeats at exit 3 would never stop."""
    workspace.project("web", r1=["u1"])
    workspace.apply()
    workspace.manifest["projects"]["web"]["id"] = 4999
    workspace.write()
    calls = len(server.calls("GET"))
    ended = workspace.run("refresh", code=1)
    assert "MP0607" in ended.err
    assert len(server.calls("GET")) == calls
