"""Access before erasure, and legal holds, from end to end."""

from __future__ import annotations

import shutil

import pytest

from .exports import exports, finished_exports, ids_in, wished
from .workspace import Server, Workspace, actions, codes

DSAR, ERASURE = "web.retrievals.dsar", "web.deletions.r1"


def held(workspace: Workspace, *ids: str) -> None:
    """Let these ids of project web be under a legal hold, no others."""
    project = workspace.manifest["projects"]["web"]
    project.pop("legal_holds", None)
    if ids:
        project["legal_holds"] = {"distinct_ids": list(ids)}
    workspace.write()


def erased(server: Server) -> set[str]:
    """The ids that are in a deletion task which wasn't cancelled."""
    return {one for task in server.tasks() if task["kind"] == "deletion" and task["status"] != "REVOKED" for one in task["distinct_ids"]}


@pytest.mark.parametrize("ending", ["downloaded", "handed over", "withdrawn"])
def test_access_before_erasure(workspace: Workspace, server: Server, ending: str) -> None:
    """Who asks for both is not erased before the export is there, was handed over, or nobody asks for it any more; others don't wait."""
    workspace.project("web", r1=["u1", "u2", "u3"])
    wished(workspace, "web.dsar", ["u1", "u9"])
    workspace.project("shop", r1=["u1"])  # another project's ids are other people
    workspace.apply()
    assert erased(server) == {"u2", "u3", "u1"}
    assert [task["project_token"] for task in server.tasks() if task["kind"] == "deletion" and "u1" in task["distinct_ids"]] == [
        workspace.token("shop")
    ]
    request = workspace.status()[ERASURE]
    assert (request["phase"], request["subjects"]["waiting"], request["subjects"]["submitted"]) == ("waiting", 1, 2)
    before = len(server.calls("POST"))
    workspace.apply()
    (task,) = [task for task in server.tasks() if task["kind"] == "retrieval"]
    server.force("SUCCESS", task)
    workspace.run("refresh")
    if ending == "downloaded":
        planned = workspace.plan()
        assert actions(planned) == {DSAR: ["update"]}
        workspace.apply()
        assert [sorted(ids_in(export)) for export in exports(workspace)] == [["u1", "u9"]]
        assert len(server.calls("POST")) == before
    elif ending == "handed over":
        workspace.run("confirm", DSAR, "--by", "ops")
    else:
        wished(workspace, "web.dsar", None)
    planned = workspace.plan()
    assert actions(planned)[ERASURE] == ["delete"]
    workspace.apply()
    assert len(server.calls("POST")) == before + 1
    assert server.tasks()[-1]["distinct_ids"] == ["u1"]
    assert actions(workspace.plan()) == {}


def test_an_export_that_was_lost_holds_the_erasure_back(workspace: Workspace, server: Server) -> None:
    """As long as the export isn't where it was downloaded to, its people are not erased."""
    wished(workspace, "web.dsar", ["u1"])
    workspace.apply()
    finished_exports(workspace, server)
    workspace.apply()
    exports(workspace)[0].unlink()
    workspace.declare("web.r1", ["u1"])
    server.fault("GET:exports=404")
    workspace.apply(code=3)
    assert erased(server) == set()
    server.heal()
    workspace.apply()
    workspace.apply()
    assert erased(server) == {"u1"}


def test_a_page_instead_of_the_export_erases_nobody(workspace: Workspace, server: Server) -> None:
    """A proxy that answers with its own page doesn't let the erasure go on."""
    wished(workspace, "web.dsar", ["u1"])
    workspace.declare("web.r1", ["u1"])
    workspace.apply()
    finished_exports(workspace, server)
    server.fault("GET:exports=html")
    assert "a page came instead of the export" in workspace.apply(code=3).err
    workspace.apply(code=3)
    assert (erased(server), exports(workspace)) == (set(), [])


# Legal holds


def test_a_hold_from_begin_to_end(workspace: Workspace, server: Server) -> None:
    """Who is held isn't submitted, is taken out of a task that can be cancelled, and goes out when the hold is gone."""
    workspace.project("web", r1=["u1", "u2"])
    held(workspace, "u1")
    workspace.apply()
    assert erased(server) == {"u2"}
    request = workspace.status()[ERASURE]
    assert (request["phase"], request["subjects"]["held"]) == ("held", 1)
    assert actions(workspace.plan()) == {}

    held(workspace, "u2")
    planned = workspace.plan()
    assert actions(planned) == {ERASURE: ["delete", "update"]}
    workspace.apply()
    assert erased(server) == {"u1"}
    assert len(server.tasks("REVOKED")) == 1

    held(workspace)
    planned = workspace.plan()
    (change,) = [one for one in planned["resource_changes"] if one["address"] == ERASURE]
    assert (change["reason"], change["subjects"]) == ("hold_released", 1)
    workspace.apply()
    assert erased(server) == {"u1", "u2"}
    assert set(server.ids_in_live_tasks().values()) == {1}
    assert actions(workspace.plan()) == {}


def test_a_hold_on_what_has_started_is_read_by_somebody(workspace: Workspace, server: Server) -> None:
    """A held id in a task that has started can't be called back: plan and apply end 6, and send nothing until the hold is gone."""
    workspace.project("web", r1=["u1", "u2"], r2=["u3"])
    workspace.apply()
    server.force("STARTED", server.tasks()[0])
    workspace.run("refresh")
    (task,) = server.tasks("STARTED")
    one = task["distinct_ids"][0]
    held(workspace, one)
    workspace.declare("web.r3", ["u4"])
    before = len(server.calls("POST", "DELETE"))
    planned = workspace.plan(code=6)
    assert codes(planned).count("MP0630") >= 1
    refused = workspace.apply(code=6)
    assert "MP0630" in refused.both
    assert one not in refused.both
    assert len(server.calls("POST", "DELETE")) == before

    held(workspace)
    workspace.apply()
    assert "u4" in erased(server)


def test_a_hold_that_was_too_late_is_said_to_be(workspace: Workspace, server: Server) -> None:
    """Ids that were erased before the hold are a note, and keep nobody else back."""
    workspace.project("web", r1=["u1", "u2"])
    workspace.apply()
    server.force("SUCCESS")
    workspace.run("refresh")
    held(workspace, "u1")
    workspace.declare("web.r2", ["u5"])
    assert "MP0631" in codes(workspace.plan())
    workspace.apply()
    assert erased(server) == {"u1", "u2", "u5"}


def test_a_hold_from_a_file(workspace: Workspace, server: Server) -> None:
    """Holds take ids from files, as requests do; a hold is no request, and access isn't held back."""
    (workspace.root / "holds.txt").write_text("u1\nu2\n")
    workspace.project("web", r1=["u1", "u2", "u3"])
    workspace.manifest["projects"]["web"]["legal_holds"] = {"from": [{"file": "holds.txt"}]}
    wished(workspace, "web.dsar", ["u2"])
    workspace.apply()
    assert erased(server) == {"u3"}
    assert [task["distinct_ids"] for task in server.tasks() if task["kind"] == "retrieval"] == [["u2"]]
    assert "web.legal_holds" not in workspace.status()


def test_a_hold_between_two_looks(workspace: Workspace, server: Server) -> None:
    """A task that starts just when a hold would cancel it: that is an error to read at the next plan, not a silent erasure."""
    workspace.project("web", r1=["u1", "u2"])
    workspace.apply()
    held(workspace, "u1")
    server.force("STARTED")
    server.fault("GET@1=status:PENDING")
    ended = workspace.run("apply", "--auto-approve", code=None)
    assert "MP0801" in ended.both
    assert len(server.calls("POST")) == 1
    workspace.plan(code=6)


def test_a_task_made_elsewhere_with_a_held_id(workspace: Workspace, server: Server) -> None:
    """A 409 names a task that erases somebody under a hold: apply says so and ends 3, and the next one cancels the task and keeps them out."""
    workspace.project("web", r1=["u1", "u2"])
    workspace.apply()
    (workspace.root / "mixpriv.state.json").unlink()
    (workspace.root / "mixpriv.state.json.backup").unlink(missing_ok=True)
    shutil.rmtree(workspace.root / "mixpriv.state.d")
    held(workspace, "u1")
    ended = workspace.apply(code=3)
    assert "MP0824" in ended.err
    workspace.apply()
    assert workspace.plan()["summary"] == {"add": 0, "change": 0, "destroy": 0}
    assert [{"u2"}] == [set(task["distinct_ids"]) for task in server.tasks("PENDING", "STAGING", "STARTED")]


def test_a_hold_while_the_batch_is_in_doubt(workspace: Workspace, server: Server) -> None:
    """The batch had arrived: its task is found by the 409, and cancelled for the sake of who is held since."""
    workspace.project("web", r1=["u1", "u2"])
    server.fault("POST@1=503:after")
    workspace.apply(code=3)
    held(workspace, "u1")
    assert "MP0824" in workspace.apply(code=3).err
    workspace.apply()
    assert [{"u2"}] == [set(task["distinct_ids"]) for task in server.tasks("PENDING", "STAGING", "STARTED")]
