"""What `plan` and `apply` send, to whom, and in which order."""

from __future__ import annotations

import json

import yaml
from cryptography.hazmat.primitives.ciphers.algorithms import AES
from cryptography.hazmat.primitives.cmac import CMAC

from mixpriv_reconcile.ids.keys import derive

from .workspace import KEY, Server, Workspace, actions


def digest(distinct_id: str) -> bytes:
    """The keyed digest of one id, as `docs/reference/formats.md` defines it."""
    mac = CMAC(AES(derive(KEY).aes))
    mac.update(distinct_id.encode())
    return mac.finalize()


def test_each_id_goes_out_once_in_full_batches_ordered_by_digest_to_its_own_region(workspace: Workspace, server: Server) -> None:
    """Apply sends exactly ceil(ids/cap) POSTs a project, each id once, in ascending order of digest, to the project's region alone."""
    ids = {name: [f"{name}-{number}" for number in range(5)] for name in ("web", "shop")}
    (workspace.root / "more.csv").write_text("distinct_id\n" + "\n".join(ids["shop"][3:]) + "\n")
    workspace.project("web", "eu", r1=ids["web"])
    from_file = workspace.deletion(ids["shop"][:3]) | {"from": [{"file": "more.csv", "column": "distinct_id"}]}
    workspace.project("shop", "in", r1=from_file)
    planned = workspace.plan()
    assert planned["cost"]["requests"] == 6
    assert planned["summary"] == {"add": 2, "change": 0, "destroy": 2}
    assert server.calls() == []
    workspace.apply()
    for name, region in (("web", "eu"), ("shop", "in")):
        calls = [call for call in server.calls() if call["project_token"] == workspace.token(name)]
        assert [(call["method"], call["region"], call["id_count"]) for call in calls] == [("POST", region, n) for n in (2, 2, 1)]
        tasks = sorted((task for task in server.tasks() if task["project_token"] == workspace.token(name)), key=lambda task: task["number"])
        sent = [one for task in tasks for one in task["distinct_ids"]]
        assert sent == sorted(ids[name], key=digest)
    assert {call["status"] for call in server.calls()} == {201}


def test_a_second_plan_has_no_changes_while_tasks_run_and_after_they_ended(workspace: Workspace, server: Server) -> None:
    """After an apply the next plan says `No changes.`, and so it does when all tasks have ended; nothing is sent again."""
    workspace.project("web", r1=["u1", "u2", "u3"])
    workspace.apply()
    second = workspace.run("plan", "--detailed-exitcode")
    assert "No changes. Your infrastructure matches the configuration." in second.out
    server.advance(40)
    workspace.run("refresh")
    third = workspace.run("apply", "--auto-approve")
    assert "No changes. Your infrastructure matches the configuration." in third.out
    assert workspace.status()["web.deletions.r1"]["phase"] == "succeeded"
    assert len(server.calls("POST")) == 2


def test_only_ids_added_later_are_sent(workspace: Workspace, server: Server) -> None:
    """Ids added to a request go out in batches of their own; those submitted before are not sent again."""
    workspace.project("web", r1=["u1", "u2"])
    workspace.apply()
    workspace.declare("web.r1", ["u3", "u1", "u2"])
    workspace.apply()
    assert [task["distinct_ids"] for task in server.tasks()][1:] == [["u3"]]


def test_the_digest_doesnt_depend_on_any_order(workspace: Workspace) -> None:
    """The order of ids in a file, of mapping keys and of files, and comments, don't change the plan's digest."""
    ids = [f"u{number}" for number in range(7)]
    source = workspace.root / "ids.txt"
    source.write_text("\n".join(ids) + "\n")
    workspace.project("web", r1={"compliance": "gdpr", "received": "2026-01-02", "from": [{"file": "ids.txt"}]}, r2=["v1", "v2"])
    first = workspace.plan()
    source.write_text("\n".join(reversed(ids)) + "\n")
    web = workspace.manifest["projects"]["web"]
    web = dict(reversed(list(web.items()))) | {"deletions": dict(reversed(list(web["deletions"].items())))}
    (workspace.root / "privacy.yaml").unlink()
    (workspace.root / "a.yaml").write_text("# the projects\n" + yaml.safe_dump({"projects": {"web": web}, "version": 1}, sort_keys=False))
    (workspace.root / "b.yaml").write_text(json.dumps({"version": 1, "workspace": workspace.manifest["workspace"]}))
    second = workspace.plan()
    assert second["digest"] == first["digest"]
    assert actions(second) == actions(first)


def test_what_is_cooling_off_waits(workspace: Workspace, server: Server) -> None:
    """A request isn't submitted before its `not_before`, and waiting is no change."""
    workspace.project("web", r1=workspace.deletion(["u1"]) | {"not_before": "2126-01-01"})
    workspace.apply()
    assert server.calls() == []
    assert actions(workspace.plan()) == {}
    assert workspace.status()["web.deletions.r1"]["phase"] == "waiting"


def test_the_project_with_the_most_calls_begins_first(workspace: Workspace, server: Server) -> None:
    """Where projects wait for a place, the one that takes longest doesn't wait: nobody's apply ends later than it must."""
    workspace.project("short", r1=["u1"])
    workspace.project("long", r1=["u1", "u2", "u3"])
    workspace.apply("--parallelism", "1")
    assert [workspace.token(name) for name in ("long", "long", "short")] == [call["project_token"] for call in server.calls("POST")]
