"""Access requests and their exports, when something changes later: files, folders, names, wishes; and what a person confirms."""

from __future__ import annotations

import pytest

from .exports import FOLDER, exports, finished_exports, ids_in, recorded, wished
from .workspace import Server, Workspace, actions, codes

DSAR = "web.retrievals.dsar"


@pytest.mark.parametrize("what", ["lost", "cut", "changed", "replaced by a link"])
def test_an_export_that_isnt_there_any_more_is_fetched_again(workspace: Workspace, server: Server, what: str) -> None:
    """A file that is gone or isn't what was downloaded, and was never handed over, is fetched again."""
    wished(workspace, "web.dsar", ["u1"])
    workspace.apply()
    finished_exports(workspace, server)
    workspace.apply()
    (export,) = exports(workspace)
    content = export.read_bytes()
    other = workspace.root / "other.zip"
    other.write_bytes(content)
    export.unlink()
    if what == "cut":
        export.write_bytes(content[:-1])
    elif what == "changed":
        export.write_bytes(content[:-1] + b"!")
    elif what == "replaced by a link":
        export.symlink_to(other)
    assert actions(workspace.plan()) == {DSAR: ["update"]}
    workspace.apply()
    assert export.read_bytes() == content
    assert not export.is_symlink()
    assert len(recorded(workspace, DSAR)) == 1


def test_another_folder(workspace: Workspace, server: Server) -> None:
    """A new `download_to` is for exports to come; what was fetched stays where it is."""
    wished(workspace, "web.dsar", ["u1"])
    workspace.apply()
    finished_exports(workspace, server)
    workspace.apply()
    wished(workspace, "web.dsar", ["u1", "u2"], download_to="elsewhere")
    workspace.apply()
    finished_exports(workspace, server)
    workspace.apply()
    assert [ids_in(export) for folder in (FOLDER, "elsewhere") for export in exports(workspace, folder)] == [["u1"], ["u2"]]
    assert actions(workspace.plan()) == {}


def test_two_requests_may_share_a_folder(workspace: Workspace, server: Server) -> None:
    """Exports are named for their tasks, and don't meet."""
    wished(workspace, "web.dsar", ["u1"])
    wished(workspace, "web.other", ["u2"])
    workspace.apply()
    finished_exports(workspace, server)
    workspace.apply()
    assert sorted(ids_in(export)[0] for export in exports(workspace)) == ["u1", "u2"]


def test_a_new_export_is_asked_for(workspace: Workspace, server: Server) -> None:
    """`--retry` submits the ids again where a link has run out; the old task keeps nothing open."""
    wished(workspace, "web.dsar", ["u1"])
    workspace.apply()
    finished_exports(workspace, server)
    server.fault("GET:exports=410")
    workspace.apply(code=3)
    server.heal()
    workspace.apply("--retry", DSAR)
    assert len(server.tasks("PENDING")) == 1
    assert "MP0820" not in workspace.run("refresh").err
    finished_exports(workspace, server)
    workspace.apply()
    assert len(exports(workspace)) == 1
    assert actions(workspace.plan()) == {}
    assert workspace.status()[DSAR]["phase"] == "succeeded"


def test_a_withdrawn_retrieval_goes_on(workspace: Workspace, server: Server) -> None:
    """No cancel exists: the plan says so, nothing is sent but GETs, and its export is not fetched, with `--wait` neither."""
    wished(workspace, "web.dsar", ["u1", "u2", "u3"])
    workspace.apply()
    wished(workspace, "web.dsar", None)
    planned = workspace.plan()
    assert "MP0633" in codes(planned)
    server.force("SUCCESS")
    workspace.apply("--wait", "1m")
    assert server.calls("DELETE") == []
    assert len(server.calls("POST")) == 2
    assert exports(workspace) == []
    assert workspace.status()[DSAR]["phase"] == "withdrawn"
    assert actions(workspace.plan()) == {}


def test_a_batch_that_nobody_wants_any_more_isnt_fetched(workspace: Workspace, server: Server) -> None:
    """Ids taken out of a request keep their task; where all of a task's are, its export is left alone, with `--wait` too."""
    workspace.manifest["workspace"]["limits"]["distinct_ids_per_request"] = 1
    wished(workspace, "web.dsar", ["u1", "u2"])
    workspace.apply()
    wished(workspace, "web.dsar", ["u1"])
    server.force("SUCCESS")
    assert "MP0633" in workspace.apply("--wait", "1m").both
    assert [ids_in(export) for export in exports(workspace)] == [["u1"]]
    assert actions(workspace.plan()) == {}


def test_a_renamed_retrieval_keeps_its_export(workspace: Workspace, server: Server) -> None:
    """The same ids under a new name are a move: no call, and no second download."""
    wished(workspace, "web.dsar", ["u1"])
    workspace.apply()
    finished_exports(workspace, server)
    workspace.apply()
    before = len(server.calls())
    wished(workspace, "web.dsar", None)
    wished(workspace, "web.dsar-4711", ["u1"])
    workspace.apply()
    assert len(server.calls()) == before
    assert actions(workspace.plan()) == {}
    assert workspace.status()["web.retrievals.dsar-4711"]["phase"] == "succeeded"


# Confirming


def test_a_hand_over_needs_a_finished_export(workspace: Workspace, server: Server) -> None:
    """What wasn't submitted, or isn't finished, can't have been handed over."""
    wished(workspace, "web.dsar", ["u1"])
    workspace.run("confirm", DSAR, "--by", "ops", code=1)
    workspace.apply()
    assert "MP0634" in workspace.run("confirm", DSAR, "--by", "ops", code=1).err
    assert "MP0530" in workspace.run("confirm", "web.retrievals.nobody", "--by", "ops", code=1).err
    server.force("SUCCESS")
    workspace.run("refresh")
    del workspace.environment["MIXPRIV_DIGEST_KEY"]
    workspace.run("confirm", DSAR, "--by", "ops")
    assert [sorted(one) for one in recorded(workspace, DSAR)] == [["handed_over_by", "handed_over_on", "tracking_id"]]


def test_a_hand_over_of_a_part(workspace: Workspace, server: Server) -> None:
    """Where one of two exports is finished, only that one counts as handed over, and it is said that another is to come."""
    wished(workspace, "web.dsar", ["u1", "u2", "u3"])
    workspace.apply()
    server.force("SUCCESS", server.tasks()[0])
    workspace.run("refresh")
    assert "note[MP0821]: 1 task isn't finished" in workspace.run("confirm", DSAR, "--by", "ops").err
    finished_exports(workspace, server)
    workspace.apply()
    assert len(exports(workspace)) == 1
    assert "MP0821" not in workspace.run("confirm", DSAR, "--by", "ops").err


def test_an_export_fetched_by_hand(workspace: Workspace, server: Server) -> None:
    """Who fetched and handed over an export by other means confirms it, and it isn't downloaded."""
    wished(workspace, "web.dsar", ["u1"])
    workspace.apply()
    finished_exports(workspace, server)
    workspace.run("confirm", DSAR, "--by", "ops")
    assert actions(workspace.plan()) == {}
    workspace.apply()
    assert exports(workspace) == []
