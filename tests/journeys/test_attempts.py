"""What becomes of tasks that don't end well."""

from __future__ import annotations

from .workspace import Server, Workspace, actions, codes


def test_three_attempts_after_failure(workspace: Workspace, server: Server) -> None:
    """After FAILURE the next apply makes a new attempt, at most three in all; then only `--retry ADDRESS` makes another."""
    workspace.project("web", r1=["u1"])
    workspace.apply()
    for attempts in (2, 3):
        server.force("FAILURE")
        workspace.run("refresh")
        assert "after_failure" in workspace.apply().out
        assert len(server.calls("POST")) == attempts
    server.force("FAILURE")
    workspace.run("refresh")
    last = workspace.plan()
    assert actions(last) == {}
    assert "MP0611" in codes(last)
    assert workspace.status()["web.deletions.r1"]["phase"] == "failed"
    workspace.apply("--retry", "web.deletions.r1")
    assert len(server.calls("POST")) == 4


def test_a_lost_task_is_tried_again_on_request_only(workspace: Workspace, server: Server) -> None:
    """A task that Mixpanel no longer knows is failed, with region and token as suspects; only `--retry ADDRESS` makes a new attempt."""
    workspace.project("web", r1=["u1"], r2=["u2"])
    workspace.apply()
    server.force("NOT_FOUND", server.tasks()[0])
    server.fault("GET@2=404")
    workspace.run("refresh")
    found = [note for note in workspace.plan()["diagnostics"] if note["code"] == "MP0612"]
    assert len(found) == 2
    assert "region" in found[0]["message"]
    assert "token" in found[0]["message"]
    assert {request["phase"] for request in workspace.status().values()} == {"failed"}
    workspace.apply()
    assert len(server.calls("POST")) == 2
    lost = next(task for task in server.tasks() if task["status"] == "NOT_FOUND")
    workspace.apply("--retry", "web.deletions.*")
    sent = [task["distinct_ids"] for task in server.tasks("PENDING")]
    assert lost["distinct_ids"] in sent
    assert server.ids_in_live_tasks().most_common(1)[0][1] == 1


def test_unknown_is_looked_at_again_and_never_sent_again(workspace: Workspace, server: Server) -> None:
    """UNKNOWN says nothing: it is polled again, and its ids are never sent a second time."""
    workspace.project("web", r1=["u1"])
    workspace.apply()
    server.fault("GET=unknown-status")
    workspace.run("refresh")
    assert actions(workspace.plan()) == {}
    workspace.apply("--retry", "web.deletions.r1")
    server.heal()
    workspace.run("refresh")
    assert workspace.status()["web.deletions.r1"]["phase"] == "pending"
    assert len(server.calls("POST")) == 1


def test_wait_looks_until_all_tasks_ended(workspace: Workspace, server: Server) -> None:
    """`--wait` polls open tasks until all have ended, and ends 0 as soon as all was submitted, whatever is still open."""
    workspace.project("web", r1=["u1"])
    workspace.apply("--wait", "5s")  # the first look is made after 2 s, the second 4 s after it
    assert len(server.calls("GET")) == 1
    server.advance(40)
    workspace.apply("--wait", "1h")
    assert workspace.status()["web.deletions.r1"]["phase"] == "succeeded"
    assert len(server.calls("POST")) == 1
