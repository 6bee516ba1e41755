"""What is taken out of a manifest: recalled while that is possible, said to be beyond recall where it isn't."""

from __future__ import annotations

from .workspace import Server, Workspace, actions, codes


def test_withdrawn_ids_are_cancelled_and_the_rest_goes_out_again(workspace: Workspace, server: Server) -> None:
    """Ids taken out of a request: its task is looked at, cancelled, seen REVOKED, and then the rest of it is sent again."""
    workspace.project("web", r1=["u1", "u2"])
    workspace.apply()
    first = server.tasks()[0]["tracking_id"]
    seen = len(server.calls())
    workspace.declare("web.r1", ["u1"])
    planned = workspace.run("plan").out
    assert "Withdraws 1 distinct id (1 task cancelled, 1 id resubmitted)." in planned
    before = len(server.calls())
    workspace.apply()
    calls = server.calls()[before:]
    done = [(call["method"], call["tracking_id"]) for call in calls]
    delete = done.index(("DELETE", first))
    assert ("GET", first) in done[:delete]
    assert done[delete + 1] == ("GET", first)
    assert [method for method, _ in done[delete + 2 :]] == ["POST"]
    assert [call["method"] for call in server.calls()[seen:before] if call["method"] != "GET"] == []
    assert [task["distinct_ids"] for task in server.tasks("PENDING")] == [["u1"]]
    assert [task["tracking_id"] for task in server.tasks("REVOKED")] == [first]
    assert actions(workspace.plan()) == {}


def test_a_withdrawn_request_and_a_withdrawn_project_are_cancelled(workspace: Workspace, server: Server) -> None:
    """A request or a whole project that leaves the manifest has its cancellable tasks cancelled; nothing else is touched."""
    workspace.project("web", r1=["u1"], r2=["u2"])
    workspace.project("shop", r1=["v1"])
    workspace.apply()
    workspace.declare("web.r1", None)
    del workspace.manifest["projects"]["shop"]
    workspace.write()
    assert actions(workspace.plan()) == {"web.deletions.r1": ["update"], "shop.deletions.r1": ["update"]}
    workspace.apply()
    assert [task["distinct_ids"] for task in server.tasks("PENDING")] == [["u2"]]
    assert len(server.tasks("REVOKED")) == 2
    assert actions(workspace.plan()) == {}
    assert workspace.status()["shop.deletions.r1"]["phase"] == "withdrawn"


def test_a_started_task_is_beyond_recall(workspace: Workspace, server: Server) -> None:
    """Ids withdrawn after their task STARTED are said to be beyond recall; apply ends 0, cancels and sends nothing."""
    workspace.project("web", r1=["u1", "u2"])
    workspace.apply()
    workspace.declare("web.r1", ["u1"])
    server.force("STARTED")
    planned = workspace.plan()
    assert "MP0610" in codes(planned)
    workspace.apply()
    assert [call["method"] for call in server.calls() if call["method"] != "GET"] == ["POST"]
    assert len(server.tasks("STARTED")) == 1


def test_a_task_that_starts_while_it_is_cancelled_is_left(workspace: Workspace, server: Server) -> None:
    """Where Mixpanel answers a cancellation with 405, the ids stay where they are: said so, exit 0, nothing sent again."""
    workspace.project("web", r1=["u1", "u2"])
    workspace.apply()
    workspace.declare("web.r1", ["u1"])
    workspace.run("plan", "--out", "saved.plan")
    server.force("STARTED")
    server.fault("GET@1-2=status:PENDING")
    applied = workspace.run("apply", "saved.plan")
    assert len(server.calls("DELETE")) == 1
    assert "can't be recalled" in applied.both
    assert len(server.calls("POST")) == 1


def test_a_renamed_request_is_moved(workspace: Workspace, server: Server) -> None:
    """The same ids under a new name are a move: an update without any call, after which nothing is to be done."""
    workspace.project("web", r1=["u1", "u2"])
    workspace.apply()
    before = len(server.calls())
    workspace.declare("web.r1", None)
    workspace.declare("web.renamed", ["u2", "u1"])
    changes = [change for change in workspace.plan()["resource_changes"] if change["address"] == "web.deletions.renamed"]
    assert [(change["change"]["actions"], change["reason"]) for change in changes] == [(["update"], "moved")]
    workspace.apply()
    assert len(server.calls()) == before
    assert actions(workspace.plan()) == {}
    assert list(workspace.status()) == ["web.deletions.renamed"]


def test_a_finished_request_may_leave_without_a_change(workspace: Workspace, server: Server) -> None:
    """A request that is finished is no change when it leaves the manifest."""
    workspace.project("web", r1=["u1"], r2=["u2"])
    workspace.apply()
    server.advance(40)
    workspace.run("refresh")
    workspace.declare("web.r1", None)
    assert actions(workspace.plan()) == {}


def test_no_project_at_all_is_refused_while_tasks_are_open(workspace: Workspace, server: Server) -> None:
    """Manifests without any project against a state with open tasks: exit 6, nothing is cancelled."""
    workspace.project("web", r1=["u1"])
    workspace.apply()
    workspace.manifest["projects"] = {}
    workspace.write()
    refused = workspace.run("apply", "--auto-approve", code=6)
    assert "MP0604" in refused.both
    assert server.calls("DELETE") == []


def test_a_request_declared_again_and_renamed_is_not_sent_twice(workspace: Workspace, server: Server) -> None:
    """A withdrawn request whose task had started, declared again and then renamed, is a move: nobody is submitted anew."""
    workspace.project("web", r1=["u1"])
    workspace.apply()
    server.force("STARTED")
    for ids in (None, ["u1"]):
        workspace.declare("web.r1", ids)
        workspace.apply()
    assert workspace.status()["web.deletions.r1"]["phase"] == "running"
    workspace.declare("web.r1", None)
    workspace.declare("web.r2", ["u1"])
    workspace.apply()
    assert len(server.calls("POST")) == 1
    assert workspace.plan()["resource_changes"] == []
