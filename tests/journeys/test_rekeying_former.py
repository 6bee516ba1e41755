"""`mixpriv state rekey` while the former key is still known: every id of a source is found exactly, and no task need be asked."""

from __future__ import annotations

import json
from pathlib import Path

from .test_rekeying import lose_the_key, rekeyed
from .workspace import KEY, Server, Workspace, actions, codes


def test_with_the_former_key_the_sources_are_enough(workspace: Workspace, server: Server) -> None:
    """Nothing is asked of Mixpanel, no credential is needed, and the next plan says that there are no changes."""
    workspace.project("web", r1=["u1", "u2", "u3"])
    Path(workspace.root / "more.csv").write_text("distinct_id\nw1\nw2\nw3\n", "utf-8")
    workspace.declare("web.r2", workspace.deletion(["u1"]) | {"from": [{"file": "more.csv", "column": "distinct_id"}]})
    workspace.apply()
    lose_the_key(workspace)
    calls = server.calls()
    token = workspace.environment.pop("GDPR_TOKEN")
    assert "7 of 7 distinct ids" in rekeyed(workspace, former=KEY).out
    assert server.calls() == calls
    workspace.environment["GDPR_TOKEN"] = token
    assert "No changes." in workspace.run("plan").out


def test_another_key_is_not_taken_for_the_former_one(workspace: Workspace) -> None:
    """A former key that isn't the state's is an error with a name, before anything is read or asked; it is never an option."""
    workspace.project("web", r1=["u1"])
    workspace.apply()
    lose_the_key(workspace)
    other = "some other key, long enough"
    ended = rekeyed(workspace, code=1, former=other)
    assert "MP0581" in ended.err
    assert other not in ended.both
    assert "OLD_DIGEST_KEY" in workspace.run("state", "rekey", "--help").out


def test_only_the_ids_that_no_source_has_are_asked_for(workspace: Workspace, server: Server) -> None:
    """A task is asked only where ids of it left the sources, and what it shows is found exactly: a withdrawal still calls them back."""
    workspace.project("web", r1=["u1", "u2", "u3", "u4"])
    workspace.apply()
    workspace.declare("web.r1", ["u1", "u2", "u3"])
    lose_the_key(workspace)
    gets = len(server.calls("GET"))
    assert "4 of 4 distinct ids" in rekeyed(workspace, former=KEY).out
    assert len(server.calls("GET")) == gets + 1
    workspace.apply()
    assert {one for _, one in server.ids_in_live_tasks()} == {"u1", "u2", "u3"}


def test_refused_and_doubtful_batches_are_kept(workspace: Workspace, server: Server) -> None:
    """Ids that Mixpanel refuses stay refused until the request changes, and a batch in doubt stays in doubt."""
    workspace.project("web", r1=["bad-1", "u2"])
    workspace.project("blog", r1=["v1"])
    workspace.manifest["workspace"]["limits"]["distinct_ids_per_request"] = 1
    workspace.write()
    server.fault("POST=refuse-ids:bad-")
    workspace.apply(code=1)
    server.heal()
    server.fault("POST@1=reset-after")
    workspace.declare("blog.r2", ["v2"])
    workspace.apply(code=3)
    server.heal()
    before = workspace.plan()
    lose_the_key(workspace)
    document = json.loads(rekeyed(workspace, "--format", "json", former=KEY).out)
    assert (document["missing"], document["not_rebuilt"]) == (0, [])
    after = workspace.plan()
    assert actions(after) == actions(before)
    assert {"MP0613", "MP0617"} <= set(codes(after))
    workspace.declare("web.r1", ["bad-1", "u2", "u3"])
    web = next(change for change in workspace.plan()["resource_changes"] if change["address"] == "web.deletions.r1")
    assert set(web["reasons"]) == {"new_ids", "request_changed"}


def test_a_hold_that_ends_is_told_as_such(workspace: Workspace) -> None:
    """Held ids and the reason why they are sent in the end are the same under the new key."""
    web = workspace.project("web", r1=["u1", "u2"])
    web["legal_holds"] = {"distinct_ids": ["u2"]}
    web["opt_outs"] = {"distinct_ids": ["u1", "u2"], "write_to": "server/opt-outs.json", "digest": "none"}
    workspace.write()
    workspace.apply()
    lose_the_key(workspace)
    rekeyed(workspace, former=KEY)
    assert actions(workspace.plan()) == {}
    del web["legal_holds"]
    workspace.write()
    (change,) = [change for change in workspace.plan()["resource_changes"] if change["change"]["actions"] != ["no-op"]]
    assert change["reasons"] == ["hold_released"]
