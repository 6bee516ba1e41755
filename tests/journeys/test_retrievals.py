"""Access requests from the manifest to the file that is handed over."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from mixpriv_reconcile.sandbox import Embedded, SandboxOptions

from .exports import FOLDER, exports, facts, finished_exports, ids_in, recorded, wished
from .workspace import Server, Workspace, actions

DSAR = "web.retrievals.dsar"


@pytest.mark.parametrize(
    ("law", "told"),
    [
        ({"compliance": "gdpr"}, ("GDPR", "DATA")),
        ({"compliance": "ccpa"}, ("CCPA", "DATA")),
        ({"compliance": "ccpa", "disclosure": "data"}, ("CCPA", "DATA")),
        ({"compliance": "ccpa", "disclosure": "categories"}, ("CCPA", "CATEGORIES")),
        ({"compliance": "ccpa", "disclosure": "sources"}, ("CCPA", "SOURCES")),
    ],
)
def test_what_is_asked_for(workspace: Workspace, server: Server, law: dict[str, str], told: tuple[str, str]) -> None:
    """Law and disclosure go out as the manifest has them; a retrieval is an addition, and destroys nothing."""
    wished(workspace, "web.dsar", ["u1", "u2"], **law)
    planned = workspace.plan()
    assert actions(planned) == {"web.residency": ["create"], DSAR: ["create"]}
    assert planned["summary"] == {"add": 2, "change": 0, "destroy": 0}
    workspace.apply()
    (task,) = server.tasks()
    assert (task["compliance"], task["disclosure"].upper()) == told
    assert (task["kind"], sorted(task["distinct_ids"])) == ("retrieval", ["u1", "u2"])


def test_from_submission_to_hand_over(workspace: Workspace, server: Server) -> None:
    """Batches go out in pace, exports come when they are finished, each once; handed over they may go, and nothing is left to do."""
    wished(workspace, "web.dsar", ["u1", "u2", "u3"])
    workspace.apply()
    assert sorted(len(task["distinct_ids"]) for task in server.tasks()) == [1, 2]
    assert workspace.status()[DSAR]["phase"] == "pending"
    assert actions(workspace.plan()) == {}
    assert exports(workspace) == []

    server.force("SUCCESS")
    assert "MP0820" in workspace.run("refresh").err
    assert workspace.status()[DSAR]["phase"] == "running"
    planned = workspace.plan()
    assert actions(planned) == {DSAR: ["update"]}
    (change,) = [one for one in planned["resource_changes"] if one["address"] == DSAR]
    assert (change["reason"], planned["cost"]["requests"]) == ("download", 0)

    said = workspace.apply().err
    assert said.count("MP0816") >= 2
    assert sorted(one for export in exports(workspace) for one in ids_in(export)) == ["u1", "u2", "u3"]
    names = {f"export-{task['tracking_id']}.zip" for task in server.tasks()}
    assert {export.name for export in exports(workspace)} == names
    for one in recorded(workspace, DSAR):
        assert (one["size"], one["sha256"]) == facts(workspace.root / one["file"])
    assert workspace.status()[DSAR]["phase"] == "succeeded"
    assert actions(workspace.plan()) == {}
    assert len([call for call in server.calls() if call["route"] == "download"]) == 2
    assert "MP0820" not in workspace.run("refresh").err

    workspace.run("confirm", DSAR, "--by", "ops@example.com")
    for export in exports(workspace):
        export.unlink()
    assert actions(workspace.plan()) == {}
    assert workspace.status()[DSAR]["phase"] == "succeeded"
    assert {one["handed_over_by"] for one in recorded(workspace, DSAR)} == {"ops@example.com"}
    assert "no changes" in workspace.apply().both.lower()


def test_an_export_is_its_owners(workspace: Workspace, server: Server) -> None:
    """The file is readable for its owner alone, its folder closed to others and left alone by git; the download carried no token."""
    wished(workspace, "web.dsar", ["u1"])
    workspace.apply()
    finished_exports(workspace, server)
    workspace.apply()
    (export,) = exports(workspace)
    assert export.stat().st_mode & 0o777 == 0o600
    assert {(workspace.root / folder).stat().st_mode & 0o777 for folder in ("exports", FOLDER)} == {0o700}
    assert (workspace.root / FOLDER / ".gitignore").read_text() == "*\n"
    (call,) = [call for call in server.calls() if call["route"] == "download"]
    assert (call["authorization"], call["project_token"]) == (None, "")


def test_a_wait_ends_with_the_export(workspace: Workspace, server: Server) -> None:
    """`--wait` fetches an export as soon as it is finished, and ends 0."""
    wished(workspace, "web.dsar", ["u1"])
    server.fault("GET:retrievals@1=status:STARTED")
    server.fault("GET:retrievals@2-=status:SUCCESS")
    workspace.apply()
    server.heal()
    server.force("SUCCESS")
    ended = workspace.apply("--wait", "1m", "--format", "json")
    assert ended.events[-1]["exit_code"] == 0
    assert [event["outcome"] for event in ended.events if event["type"] == "batch_sent"] == ["downloaded"]
    assert [ids_in(export) for export in exports(workspace)] == [["u1"]]
    assert actions(workspace.plan()) == {}


def test_a_download_that_fails_is_made_up_for(workspace: Workspace, server: Server) -> None:
    """What can't be fetched ends 3, during a wait too, and says what to do; the next apply has it."""
    wished(workspace, "web.dsar", ["u1"])
    workspace.apply()
    server.force("SUCCESS")
    server.fault("GET:exports=404")
    waited = workspace.apply("--wait", "1m", code=3)
    assert "warning[MP0818]" in waited.err
    assert "HTTP 404" in waited.err
    assert f"apply --retry {DSAR}" in waited.err
    again = workspace.apply(code=3)
    assert "1 distinct id left" in again.err
    assert exports(workspace) == []
    assert recorded(workspace, DSAR) == []
    server.heal()
    workspace.apply()
    assert [ids_in(export) for export in exports(workspace)] == [["u1"]]


@pytest.mark.parametrize("how", ["truncate", "reset-before", "reset-after", "503", "429:retry-after=1"])
def test_a_hiccup_is_ridden_out(workspace: Workspace, server: Server, how: str) -> None:
    """A connection that breaks in the middle, or a busy server, costs a wait in the same run."""
    wished(workspace, "web.dsar", ["u1"])
    workspace.apply()
    finished_exports(workspace, server)
    server.fault(f"GET:exports@1={how}")
    assert "after attempt 1" in workspace.apply().err
    assert [ids_in(export) for export in exports(workspace)] == [["u1"]]


@pytest.mark.parametrize("how", ["redirect:http://127.0.0.1:9/x", "redirect:https://storage.googleapis.com/x", "redirect:http://exports.invalid/x"])
def test_an_export_elsewhere_is_refused(workspace: Workspace, server: Server, how: str) -> None:
    """A redirect to where no export may lie is not followed: exit 1, and the link isn't told."""
    wished(workspace, "web.dsar", ["u1"])
    workspace.apply()
    finished_exports(workspace, server)
    server.fault(f"GET:exports={how}")
    ended = workspace.apply(code=1)
    assert "error[MP0817]" in ended.err
    assert how.partition(":")[2] not in ended.both
    assert exports(workspace) == []


def test_a_link_that_leads_elsewhere_is_refused(workspace: Workspace, server: Server) -> None:
    """Nor is a link of Mixpanel's own answer."""
    wished(workspace, "web.dsar", ["u1"])
    workspace.apply()
    finished_exports(workspace, server)
    server.fault('GET:retrievals=results:{"status": "SUCCESS", "result": "https://canary.invalid/export.zip"}')
    ended = workspace.apply(code=1)
    assert "error[MP0817]" in ended.err
    assert "canary" not in ended.both


@pytest.mark.parametrize("link", ['""', "null", "7", '{"url": "x"}'])
def test_a_link_that_is_missing(workspace: Workspace, server: Server, link: str) -> None:
    """SUCCESS without a link is said to be so, and tried again by the next apply."""
    wished(workspace, "web.dsar", ["u1"])
    workspace.apply()
    finished_exports(workspace, server)
    links = ", ".join(f'"{key}": {link}' for key in ("result", "results", "destination_url"))
    server.fault(f'GET:retrievals=results:{{"status": "SUCCESS", {links}}}')
    assert "warning[MP0815]" in workspace.apply(code=3).err
    server.heal()
    workspace.apply()
    assert len(exports(workspace)) == 1


@pytest.mark.parametrize("key", ["result", "results", "destination_url"])
def test_a_link_under_each_name(workspace: Workspace, server: Server, key: str) -> None:
    """The link is taken from whichever of its three names holds one; a list of one answer is read, too."""
    wished(workspace, "web.dsar", ["u1"])
    workspace.apply()
    finished_exports(workspace, server)
    (task,) = server.tasks()
    others = "".join(f', "{other}": ""' for other in ("result", "results", "destination_url") if other != key)
    link = f"{server.origins['eu']}/_exports/{task['tracking_id']}.zip"
    server.fault(f'GET:retrievals=results:[{{"status": "SUCCESS"{others}, "{key}": "{link}"}}]')
    workspace.apply()
    assert [ids_in(export) for export in exports(workspace)] == [["u1"]]


@pytest.fixture(params=["oas", "prose", "live"])
def speaking(request: pytest.FixtureRequest) -> Iterator[Server]:
    """A server that answers in one of the dialects."""
    options = SandboxOptions(dialect=request.param, interval_seconds=0)
    with Embedded(options) as origins, httpx.Client(timeout=60, trust_env=False) as http:
        yield Server(origins, http)


def test_an_access_request_in_each_dialect(tmp_path: Path, speaking: Server) -> None:
    """In doubt, sent again, failed, tried again, done and fetched: the same in every dialect."""
    workspace = Workspace(tmp_path, speaking.origins)
    wished(workspace, "web.dsar", ["u1", "u2"], compliance="ccpa", disclosure="sources")
    speaking.fault("POST@1=reset-after")
    workspace.apply(code=3)
    assert workspace.status()[DSAR]["phase"] == "in_doubt"
    speaking.heal()
    workspace.apply()
    speaking.force("FAILURE")
    workspace.run("refresh")
    assert workspace.status()[DSAR]["phase"] == "failed"
    workspace.apply()
    speaking.force("SUCCESS")
    workspace.run("refresh")
    workspace.apply()
    assert [sorted(ids_in(export)) for export in exports(workspace)] == [["u1", "u2"]]
    assert actions(workspace.plan()) == {}


def test_a_conflict_is_adopted(workspace: Workspace, server: Server) -> None:
    """Should Mixpanel answer a retrieval with 409, the task it names is adopted, and its export fetched."""
    wished(workspace, "web.dsar", ["u1", "u2"])
    server.fault("POST@1=reset-after")
    workspace.apply(code=3)
    (task,) = server.tasks()
    server.fault(f"POST=conflict-names:{task['tracking_id']}")
    assert "MP0710" in workspace.apply().err
    assert workspace.remembered_tasks() == {task["tracking_id"]}
    finished_exports(workspace, server)
    workspace.apply()
    assert [sorted(ids_in(export)) for export in exports(workspace)] == [["u1", "u2"]]
