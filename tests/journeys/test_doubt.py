"""Batches whose fate isn't known, and tasks that are there already."""

from __future__ import annotations

import shutil

from .workspace import Server, Workspace, actions, codes, killed


def settle(workspace: Workspace, server: Server, *, doubts: int = 1, lost: int = 0) -> None:
    """Plan shows each doubt with a warning; the next apply adopts by 409, or sends what was *lost*; no id is in two live tasks."""
    server.heal()
    tasks = {task["tracking_id"] for task in server.tasks()}
    planned = workspace.plan()
    assert codes(planned).count("MP0613") == doubts
    assert "in_doubt" in [reason for change in planned["resource_changes"] for reason in change["reasons"]]
    before = len(server.calls("POST"))
    applied = workspace.apply()
    assert applied.err.count("MP0710") == doubts - lost
    assert sorted(call["status"] for call in server.calls("POST")[before:]) == [201] * lost + [409] * (doubts - lost)
    assert set(server.ids_in_live_tasks().values()) == {1}
    now = {task["tracking_id"] for task in server.tasks()}
    assert tasks <= now
    assert len(now - tasks) == lost
    assert workspace.remembered_tasks() == now


def test_a_lost_answer_is_in_doubt_and_adopted_by_the_next_apply(workspace: Workspace, server: Server) -> None:
    """A POST that took effect and was never answered: the run goes on with the rest and ends 3; the next plan warns, the next apply adopts."""
    workspace.project("web", r1=["u1", "u2", "u3", "u4"])
    server.fault("POST@1=reset-after")
    stopped = workspace.apply(code=3)
    assert "MP0804" in stopped.err
    assert len(server.calls("POST")) == 2
    assert workspace.status()["web.deletions.r1"]["phase"] == "in_doubt"
    settle(workspace, server)


def test_a_kill_between_intent_and_receipt_is_in_doubt(workspace: Workspace, server: Server) -> None:
    """`kill -9` while a POST hangs: the next plan knows the batch in doubt, the next apply adopts its task, nothing is sent twice."""
    workspace.project("web", r1=["u1", "u2", "u3"])
    killed(workspace, server, "POST@2=hang")
    settle(workspace, server)


def test_an_answer_that_says_nothing_is_in_doubt(workspace: Workspace, server: Server) -> None:
    """5xx, 2xx without a task and half an answer to a POST are in doubt: exit 3, not repeated in that run.

    What arrived is adopted by the next apply, what didn't is sent again.
    """
    for name in ("web", "shop", "blog", "app"):
        workspace.project(name, r1=[f"{name}-1"])
    server.fault("POST@1=503:after", "POST@2=no-task", "POST@3=truncate", "POST@4=reset-before")
    workspace.apply(code=3)
    assert len(server.calls("POST")) == 4
    settle(workspace, server, doubts=4, lost=1)


def test_a_lost_state_is_found_again_by_409(workspace: Workspace, server: Server) -> None:
    """Tasks made elsewhere for some of the ids are adopted, and what none of them holds is sent: no id is in two live tasks."""
    workspace.project("web", r1=["u1", "u2", "u3"])
    workspace.apply()
    shutil.rmtree(workspace.root / "mixpriv.state.d")
    for path in workspace.root.glob("mixpriv.state*"):
        path.unlink()
    workspace.declare("web.r1", ["u1", "u2", "u3", "u4", "u5"])
    workspace.apply()
    live = server.ids_in_live_tasks()
    assert {one for _, one in live} == {"u1", "u2", "u3", "u4", "u5"}
    assert set(live.values()) == {1}
    assert workspace.remembered_tasks() == {task["tracking_id"] for task in server.tasks()}
    assert actions(workspace.plan()) == {}


def test_a_nameless_409_stays_in_doubt(workspace: Workspace, server: Server) -> None:
    """A 409 that names no task adopts nothing and repeats nothing: in doubt, exit 3."""
    workspace.project("web", r1=["u1"])
    server.fault("POST=conflict-nameless")
    workspace.apply(code=3)
    assert len(server.calls("POST")) == 1
    assert workspace.status()["web.deletions.r1"]["phase"] == "in_doubt"


def test_who_is_withdrawn_in_doubt_is_counted_and_can_still_be_stopped(workspace: Workspace, server: Server) -> None:
    """A request that leaves the manifest while its batch is in doubt withdraws its ids: past `max_withdrawals` that is refused, and the
    status says how it stands. Declared once more, the batch is sent again, its task adopted by 409, and then cancelled."""
    workspace.project("web", r1=["u1", "u2"])
    server.fault("POST@1=503:after")
    workspace.apply(code=3)
    server.heal()
    workspace.declare("web.r1", None)
    workspace.manifest["workspace"]["policy"] = {"opt_out": "off", "max_withdrawals": 1}
    workspace.write()
    assert "Withdraws 2 distinct ids (2 ids in doubt)." in workspace.run("plan", code=6).out
    workspace.apply(code=6)
    workspace.manifest["workspace"]["policy"]["max_withdrawals"] = 2
    workspace.write()
    assert "withdrawing 2 distinct ids" in workspace.apply().err
    assert actions(workspace.plan()) == {}
    assert "2 in doubt: if they arrived they are erased, see `mixpriv explain MP0614`" in workspace.run("status").out
    workspace.declare("web.r1", ["u1", "u2"])
    workspace.apply()
    assert len(server.tasks("PENDING")) == 1
    workspace.declare("web.r1", None)
    workspace.apply()
    assert ["REVOKED"] == [task["status"] for task in server.tasks()]
