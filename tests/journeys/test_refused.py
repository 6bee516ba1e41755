"""Batches and ids that Mixpanel refuses."""

from __future__ import annotations

from collections import Counter

from .workspace import Server, Workspace, codes, finished, until


def test_one_bad_id_never_keeps_the_others_back(workspace: Workspace, server: Server) -> None:
    """A refused batch goes out again in halves: everybody else is erased, and the bad id is shown by its place."""
    workspace.manifest["workspace"]["limits"]["distinct_ids_per_request"] = 6
    workspace.project("web", r1=["u1", "u2", "u3", "bad-1", "u4", "u5"])
    server.fault("POST=refuse-ids:bad")
    ended = workspace.apply(code=1)
    assert sorted(one for task in server.tasks() for one in task["distinct_ids"]) == ["u1", "u2", "u3", "u4", "u5"]
    assert "MP0709" in ended.err
    assert "bad-1" not in ended.both
    subjects = workspace.status()["web.deletions.r1"]["subjects"]
    assert (subjects["submitted"], subjects["refused"], subjects["unsent"]) == (5, 1, 0)


def test_a_refused_id_goes_out_again_when_its_request_changes(workspace: Workspace, server: Server) -> None:
    """A refused id isn't sent again by itself, but is once its request has changed."""
    workspace.project("web", r1=["bad-1"])
    server.fault("POST=refuse-ids:bad")
    workspace.apply(code=1)
    server.heal()
    workspace.apply()
    assert server.tasks() == []
    workspace.declare("web.r1", ["bad-1", "u1"])
    workspace.apply()
    assert server.ids_in_live_tasks().keys() == {("token-canary-web-5d41", "bad-1"), ("token-canary-web-5d41", "u1")}


def test_a_smaller_cap_is_learned_and_remembered(workspace: Workspace, server: Server) -> None:
    """Where every smaller part is taken it was the number that was wrong: the cap is remembered for later batches."""
    workspace.manifest["workspace"]["limits"]["distinct_ids_per_request"] = 4
    workspace.project("web", r1=["u1", "u2", "u3", "u4"], r2=["v1", "v2", "v3", "v4"])
    server.fault("POST@1=413")
    ended = workspace.apply()
    assert "MP0807" in ended.err
    assert [call["id_count"] for call in server.calls("POST")] == [4, 2, 2, 2, 2]
    workspace.declare("web.r1", ["u1", "u2", "u3", "u4", "w1", "w2", "w3"])
    workspace.apply()
    assert [call["id_count"] for call in server.calls("POST")][5:] == [2, 1]
    assert set(Counter(server.ids_in_live_tasks()).values()) == {1}


def test_a_kill_in_the_middle_of_the_search_loses_nobody(workspace: Workspace, server: Server) -> None:
    """`kill -9` while a part of a refused batch hangs: the rest is still known, the part is in doubt, and the next applies settle both."""
    workspace.manifest["workspace"]["limits"]["distinct_ids_per_request"] = 6
    ids = ["u1", "u2", "u3", "bad-11", "u4", "u5"]  # under the journeys' key the bad one is in the half that isn't sent yet
    workspace.project("web", r1=ids)
    server.fault("POST@2=hang", "POST=refuse-ids:bad")
    running = workspace.start("apply", "--auto-approve")
    until(lambda: len(server.calls("POST")) == 2, running)
    running.kill()
    finished(running)
    server.heal()
    server.fault("POST=refuse-ids:bad")
    planned = workspace.plan()
    assert codes(planned).count("MP0613") == 1
    assert sum(change["subjects"] for change in planned["resource_changes"]) == 6
    workspace.apply(code=1)
    assert {one for _, one in server.ids_in_live_tasks()} == set(ids) - {"bad-11"}
    assert set(server.ids_in_live_tasks().values()) == {1}
    assert workspace.remembered_tasks() == {task["tracking_id"] for task in server.tasks()}
    assert "No changes." in workspace.apply().out
