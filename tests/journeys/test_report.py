"""The report at the end of an apply: which projects and batches weren't acknowledged, and why."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from mixpriv_reconcile.sandbox import Embedded, SandboxOptions

from .workspace import Server, Workspace, finished, until


@pytest.fixture
def denying() -> Iterator[str]:
    """The origin of a Mixpanel that accepts nobody's token."""
    with Embedded(SandboxOptions(bearers=("somebody-elses",))) as origins:
        yield origins["us"]


def two_projects(workspace: Workspace, server: Server, denying: str) -> None:
    """`web` loses the answer to its second batch of three; `shop`, in another region, is denied."""
    workspace.project("web", r1=[f"u{number}" for number in range(6)])
    workspace.project("shop", "us", r1=[f"v{number}" for number in range(5)], r2=["w1"])
    workspace.environment["MIXPRIV_URL_US"] = denying
    server.fault("POST@2=503:after")


def test_each_projects_batches_are_reported_at_the_end(workspace: Workspace, server: Server, denying: str) -> None:
    """One project's failure leaves the others working; the end tells, project by project and batch by batch, what wasn't acknowledged."""
    two_projects(workspace, server, denying)
    ended = workspace.apply(code=1)
    lines = ended.err.splitlines()
    start = next(number for number, line in enumerate(lines) if line.startswith("Error: "))
    denied = "Mixpanel doesn't accept the GDPR token for shop (project 4001, region us): it is wrong or has expired"
    assert lines[start:] == [
        f"Error: shop.deletions.r1: {denied}; 5 distinct ids not acknowledged",
        "  batch 1, 2 distinct ids: not accepted: HTTP 401",
        "  batches 2 to 3, 3 distinct ids: not sent",
        f"Error: shop.deletions.r2: {denied}; 1 distinct id not acknowledged",
        "  batch 1, 1 distinct id: not sent",
        "Error: web.deletions.r1: not all of it was acknowledged; 2 distinct ids not acknowledged",
        "  batch 2, 2 distinct ids: in doubt: HTTP 503",
        "some work was refused; see the diagnostics",
    ]
    assert len(server.calls("POST")) == 3


def test_report_in_json(workspace: Workspace, server: Server, denying: str) -> None:
    """Programs read the same from the last events before the outcome."""
    two_projects(workspace, server, denying)
    events = workspace.apply("--format", "json", code=1).events
    assert [event["type"] for event in events[-4:]] == ["apply_errored"] * 3 + ["outcome"]
    shop, _, web = events[-4:-1]
    assert (web["address"], web["remaining"]) == ("web.deletions.r1", 2)
    assert [(left["first"], left["last"], left["subjects"], left["outcome"], left["why"]) for left in web["left"]] == [
        (2, 2, 2, "in_doubt", "HTTP 503")
    ]
    assert [(left["first"], left["last"], left["batches"], left["subjects"], left["outcome"]) for left in shop["left"]] == [
        (1, 1, 1, 2, "returned"),
        (2, 3, 2, 3, "unsent"),
    ]
    assert not any("apply_errored" in event["type"] for event in events[:-4])


def test_a_signal_leaves_a_report(workspace: Workspace, server: Server) -> None:
    """A run that was interrupted tells which batches it didn't come to."""
    workspace.project("web", r1=[f"u{number}" for number in range(6)])
    server.fault("POST@1=hold")
    running = workspace.start("apply", "--auto-approve")
    until(lambda: server.struck("POST@1=hold"), running)
    running.terminate()
    server.release()
    ended = finished(running)
    assert ended.code == 143
    assert "  batches 2 to 3, 4 distinct ids: not sent" in ended.err.splitlines()


def test_a_refused_id_is_reported_by_its_batch(workspace: Workspace, server: Server) -> None:
    """An id that was refused alone has its line, and nobody else has one."""
    workspace.project("web", r1=["bad-1", "u1"])
    server.fault("POST=refuse-ids:bad")
    lines = workspace.apply(code=1).err.splitlines()
    (refused,) = [line for line in lines if line.startswith("  batch")]
    assert refused in {f"  batch {number}, 1 distinct id: refused: HTTP 400" for number in (2, 3)}


def test_a_task_that_is_not_cancelled_is_reported(workspace: Workspace, server: Server) -> None:
    """Tasks to be cancelled that the run didn't come to are told, too, with the batches that wait for it."""
    workspace.project("web", r1=["u1", "u2"])
    workspace.apply()
    workspace.declare("web.r1", ["u1", "u3"])
    server.fault("GET=429:retry-after=5000")
    ended = workspace.apply("--max-duration", "1h", code=3)
    told = [line for line in ended.err.splitlines() if line.startswith("  ") and "distinct id" in line]
    assert told[:2] == ["  1 task, 1 distinct id: not cancelled", "  batches 2 to 3, 2 distinct ids: not sent"]
    server.heal()
    workspace.apply()
    assert {one for _, one in server.ids_in_live_tasks()} == {"u1", "u3"}


def test_what_is_left_is_counted_once(workspace: Workspace, server: Server) -> None:
    """The last line's number of distinct ids is the sum of what the report says of each address, however they came to be left."""
    workspace.project("web", r1=["u1", "u2"])
    workspace.apply()
    workspace.declare("web.r1", ["u2", "u3", "u4"])
    server.fault("DELETE=html", "POST=429:retry-after=5000")
    events = workspace.apply("--format", "json", "--max-duration", "1h", code=3).events
    (errored,) = [event for event in events if event["type"] == "apply_errored"]
    undone = sum(left["subjects"] for left in errored["left"] if left["outcome"] != "kept")
    assert undone == 4  # one to be withdrawn, two new ones, and one that waits for the cancellation
    assert f"stopped early: {undone} distinct ids left" in events[-1]["@message"]
