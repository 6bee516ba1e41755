"""Opt-out lists over real runs: written for servers to read, replaced where they are ours, and nobody else's file harmed."""

from __future__ import annotations

import hashlib
import json
import os
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from mixpriv_reconcile.schema_files import schema_text

from .canaries import check, sources
from .trouble import FOR_LIMITED, REPLACED, without_space
from .workspace import Ended, Server, Workspace, actions, codes, finished, until

LIST = "server/opt-outs.json"
ADDRESS = "web.opt_outs"


def opted(workspace: Workspace, ids: Any, project: str = "web", path: str = LIST, digest: str = "none", **more: Any) -> Path:
    """Declare a project's opt-outs; the path of its list."""
    if project not in workspace.manifest["projects"]:
        workspace.project(project)
    workspace.manifest["projects"][project]["opt_outs"] = {"distinct_ids": list(ids), "write_to": path, "digest": digest, **more}
    workspace.write()
    return workspace.root / path


def entries(path: Path) -> list[str]:
    """Who is in a list, which is held against its published schema."""
    document = json.loads(path.read_text("utf-8"))
    Draft202012Validator(json.loads(schema_text("opt-outs"))).validate(document)
    listed: list[str] = document["distinct_ids"]
    return listed


def policy(workspace: Workspace, rule: str) -> None:
    workspace.manifest["workspace"]["policy"] = {"opt_out": rule}
    workspace.write()


def test_a_list_is_written_and_kept_up_to_date(workspace: Workspace, server: Server) -> None:
    """Ids that are added, and ids that go, are in the list after the next apply; where nothing changed nothing is done, and no call is made."""
    path = opted(workspace, ["u2", "u1"])
    assert actions(workspace.plan())[ADDRESS] == ["create"]
    assert not path.exists()
    workspace.apply()
    assert ["u1", "u2"] == entries(path)
    assert {} == actions(workspace.plan())
    opted(workspace, ["u1", "u2", "u0"])
    assert actions(workspace.plan()) == {ADDRESS: ["update"]}
    workspace.apply()
    assert ["u0", "u1", "u2"] == entries(path)
    opted(workspace, ["u2"])
    workspace.apply()
    assert ["u2"] == entries(path)
    assert [] == server.calls()


def test_the_same_ids_give_the_same_bytes(workspace: Workspace) -> None:
    """A list that is lost comes back byte for byte, whatever the order of its ids and wherever they stand."""
    path = opted(workspace, ["u2", "u1", "u1"], digest="sha256")
    workspace.apply()
    before = path.read_bytes()
    path.unlink()
    (workspace.root / "ids.txt").write_text("u1\n")
    opted(workspace, ["u2"], digest="sha256", **{"from": [{"file": "ids.txt"}]})
    assert workspace.plan()["resource_changes"][0]["reasons"] == ["file_missing"]
    workspace.apply()
    assert before == path.read_bytes()
    assert entries(path) == sorted(hashlib.sha256(one.encode()).hexdigest() for one in ("u1", "u2"))


def test_only_opt_outs_need_no_credential(workspace: Workspace, server: Server) -> None:
    """A project that only keeps a list sends nothing, so that no token is looked up."""
    opted(workspace, ["u1"])
    workspace.run("apply", "--auto-approve", environment={"GDPR_TOKEN": None, "TOKEN_WEB": None})
    assert [] == server.calls()


def test_another_form_or_place_is_written_and_the_old_file_stays(workspace: Workspace) -> None:
    """A list that moves leaves the old one where servers may still read it; one that is hashed from now on is replaced."""
    old = opted(workspace, ["u1"])
    workspace.apply()
    assert 0o600 == old.stat().st_mode & 0o777
    new = opted(workspace, ["u1"], path="lists/eu/people.json", digest="sha256")
    plan = workspace.plan()
    assert ["settings_changed"] == plan["resource_changes"][0]["reasons"]
    assert "MP0652" in codes(plan)
    workspace.apply()
    assert ["u1"] == entries(old)
    assert [hashlib.sha256(b"u1").hexdigest()] == entries(new)
    assert 0 == new.stat().st_mode & 0o022


def test_a_mode_that_was_chosen_stays(workspace: Workspace) -> None:
    """Who lets a server's group read the list needs to do so once."""
    path = opted(workspace, ["u1"])
    workspace.apply()
    path.chmod(0o640)
    opted(workspace, ["u1", "u2"])
    workspace.apply()
    assert 0o640 == path.stat().st_mode & 0o777


# Whose file it is


def edited(path: Path) -> None:
    path.write_text(path.read_text("utf-8").replace('"u1"', '"u1",\n  "u9"'), "utf-8")


def somebody_elses(path: Path) -> None:
    path.write_text('{"distinct_ids": ["u1"]}\n')


def of_a_later_version(path: Path) -> None:
    path.write_text(path.read_text("utf-8").replace('"format_version": 1', '"format_version": 2'), "utf-8")


def mark(path: Path) -> tuple[int, int, int, bytes]:
    """What a path is, by its number, mode, time and content."""
    facts = path.lstat()
    return facts.st_ino, facts.st_mode, facts.st_mtime_ns, path.read_bytes() if path.is_file() else b""


@pytest.mark.parametrize("trouble", [edited, somebody_elses, of_a_later_version, *REPLACED], ids=lambda one: one.__name__)
@pytest.mark.parametrize("is_known", [True, False], ids=["known", "unknown"])
def test_a_file_of_somebody_else_is_never_written_over(workspace: Workspace, trouble: Any, is_known: bool) -> None:
    """An edited list, another file, a folder, a FIFO or a link in the list's place ends every apply, and stays as it is."""
    path = opted(workspace, ["u1"])
    workspace.apply()
    trouble(path)
    if not is_known:
        workspace.run("state", "rm", ADDRESS)
    before = mark(path)
    ended = workspace.apply(code=1)
    assert ("MP0651" if trouble is edited else "MP0650") in ended.err
    assert before == mark(path)
    assert workspace.plan(code=1)["diagnostics"]


def test_a_list_from_version_control_is_ours(workspace: Workspace) -> None:
    """An older list that somebody restored, or one that a formatter wrote anew, is replaced by the one that belongs there."""
    path = opted(workspace, ["u1"])
    workspace.apply()
    older = path.read_bytes()
    opted(workspace, ["u1", "u2"])
    workspace.apply()
    for content in (older, json.dumps(json.loads(path.read_bytes())).encode()):
        path.write_bytes(content)
        assert workspace.plan()["resource_changes"][0]["reasons"] == ["file_changed"]
        workspace.apply()
        assert ["u1", "u2"] == entries(path)
        assert {} == actions(workspace.plan())


def test_a_folder_that_is_a_link_out_is_not_followed(workspace: Workspace, tmp_path: Path) -> None:
    """A link in place of the list's folder is found by `validate` and stops an apply; nothing is written behind it."""
    outside = tmp_path / "outside"
    outside.mkdir()
    opted(workspace, ["u1"])
    (workspace.root / "server").symlink_to(outside)
    for command in (["validate"], ["plan"], ["apply", "--auto-approve"]):
        assert "MP0386" in workspace.run(*command, code=1).err
    assert [] == list(outside.iterdir())


@pytest.mark.parametrize(("target", "path"), [("mixpriv.state.d", "server/x.json"), (".git", "server/x.json"), (".", "server/mixpriv.state.json")])
def test_a_folder_that_is_a_link_to_a_taken_place(workspace: Workspace, target: str, path: str) -> None:
    """By no link is a list written into the state, over it, or into a hidden folder."""
    opted(workspace, ["u1"], path=path)
    (workspace.root / target).mkdir(exist_ok=True)
    (workspace.root / "server").symlink_to(target)
    assert "MP0386" in workspace.run("validate", code=1).err


def test_a_folder_that_is_a_link_inside_is_followed(workspace: Workspace) -> None:
    """A link that stays in the workspace is a folder like others."""
    (workspace.root / "apps/server").mkdir(parents=True)
    (workspace.root / "server").symlink_to("apps/server")
    path = opted(workspace, ["u1"])
    workspace.apply()
    assert ["u1"] == entries(path)
    assert (workspace.root / "server").is_symlink()


# Opting out and erasing


def test_people_are_opted_out_before_they_are_erased(workspace: Workspace, server: Server) -> None:
    """When the first deletion is sent the list is in its place; with `require` a request whose ids are in no list is refused (exit code 6)."""
    policy(workspace, "require")
    workspace.project("web", r1=["u1", "u2"])
    opted(workspace, ["u1"])
    assert "1 of 2 distinct ids to erase" in workspace.apply(code=6).both
    assert [] == server.calls("POST")
    path = opted(workspace, ["u1", "u2"])
    server.fault("POST@1=hold")
    running = workspace.start("apply", "--auto-approve")
    until(lambda: server.struck("POST@1=hold"), running)
    assert ["u1", "u2"] == entries(path)
    server.release()
    assert 0 == finished(running).code


@pytest.mark.parametrize("rule", ["require", "warn"])
def test_a_list_that_cannot_be_written(workspace: Workspace, server: Server, rule: str) -> None:
    """No room for one project's list is that project's error: the old list is intact, another project goes on, and with `require`
    nobody of the first is erased."""
    people = [f"person-{number:04}" for number in range(900)]
    policy(workspace, rule)
    path = opted(workspace, people[:1], digest="sha256")
    workspace.apply()
    before = path.read_bytes()
    workspace.declare("web.r1", people[:2])
    opted(workspace, people, digest="sha256")
    other = opted(workspace, ["u1"], project="app", path="app.json")
    ended = finished(workspace.start("apply", "--auto-approve", environment=FOR_LIMITED, preexec_fn=without_space(30_000)))
    assert 1 == ended.code
    assert f"can't write {LIST}: File too large" in ended.err
    assert ("MP0812" in ended.err) == (rule == "require")
    assert (0 if rule == "require" else 1) == len(server.calls("POST"))
    assert before == path.read_bytes()
    assert [path.name] == [one.name for one in path.parent.iterdir()]
    assert ["u1"] == entries(other)
    workspace.apply()
    assert 900 == len(entries(path))
    assert 1 == len(server.calls("POST"))


def test_what_can_be_stopped_is_stopped_all_the_same(workspace: Workspace, server: Server) -> None:
    """With `require`, a list that can't be written holds back what erases people, and not the withdrawal that spares them."""
    people = [f"person-{number:04}" for number in range(900)]
    policy(workspace, "require")
    workspace.project("web", r1=people[:2])
    opted(workspace, people[:4], digest="sha256")
    workspace.apply()
    workspace.declare("web.r1", None)
    workspace.declare("web.r2", people[2:4])
    opted(workspace, people, digest="sha256")
    ended = finished(workspace.start("apply", "--auto-approve", environment=FOR_LIMITED, preexec_fn=without_space(30_000)))
    assert 1 == ended.code
    assert "MP0812" in ended.err
    assert (1, 1) == (len(server.calls("POST")), len(server.calls("DELETE")))
    assert {} == server.ids_in_live_tasks()


# Crashes

DYING = """
import os, signal, sys
from mixpriv_reconcile.cli.main import main
rename, when = os.rename, sys.argv.pop(1)
def dying(*given, **more):
    if when == "after":
        rename(*given, **more)
    os.kill(os.getpid(), signal.SIGKILL)
os.rename = dying
main()
"""
"""The program on a system that dies around the one rename of a list."""


@pytest.mark.parametrize("when", ["before", "after"])
@pytest.mark.parametrize("is_first", [True, False], ids=["first", "later"])
def test_a_kill_around_the_rename(workspace: Workspace, when: str, is_first: bool) -> None:
    """Killed right before or after the list got its name, the next apply settles it, and nothing of the dead run is left beside it."""
    path = opted(workspace, ["u0"])
    if not is_first:
        workspace.apply()
    opted(workspace, ["u1"])
    ran = subprocess.run(
        [sys.executable, "-c", DYING, when, "apply", "--auto-approve"],
        cwd=workspace.root, env=workspace.environment, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert -signal.SIGKILL == ran.returncode, ran.stderr
    assert (when == "after" or not is_first) == path.exists()
    workspace.apply()
    assert ["u1"] == entries(path)
    assert [path.name] == os.listdir(path.parent)
    assert {} == actions(workspace.plan())


# What is shown and remembered


def test_ids_are_in_the_list_and_nowhere_else(workspace: Workspace) -> None:
    """Whatever runs do with a list, no id of it is in any other file or output, in no disguise."""
    block = sources(workspace)
    path = opted(workspace, block["distinct_ids"], **{"from": block["from"]})
    shown = [
        workspace.run("validate"),
        workspace.run("plan", "--out", "saved.plan"),
        workspace.run("apply", "saved.plan"),
        workspace.run("show"),
        workspace.run("state", "pull"),
        workspace.run("plan", "--format", "json"),
    ]
    assert len(entries(path)) == 14
    edited_text = path.read_text("utf-8").replace('"count": 14', '"count": 15')
    path.write_text(edited_text, "utf-8")
    shown += [workspace.run("plan", code=1), workspace.run("apply", "--auto-approve", "--format", "json", code=1)]
    path.unlink()
    check(workspace, *shown)


def test_documents_keep_to_their_schemas(workspace: Workspace) -> None:
    """Plan, state and events with a list are what the published schemas say."""
    opted(workspace, ["u1"])
    plan = workspace.plan()
    events = workspace.run("apply", "--auto-approve", "--format", "json").events
    for name, documents in (("plan", [plan]), ("event", events), ("state", [workspace.state])):
        validator = Draft202012Validator(json.loads(schema_text(name)))
        assert [error.message for document in documents for error in validator.iter_errors(document)] == []
    assert ["opt_outs"] == workspace.state["features"]


def test_a_list_can_be_moved_and_forgotten(workspace: Workspace) -> None:
    """`state mv` takes the memory of a list to the project's new name, `state rm` ends it, and the file stays where it is."""
    path = opted(workspace, ["u1"])
    workspace.apply()
    projects = workspace.manifest["projects"]
    workspace.run("state", "mv", "web", "site")
    projects["site"] = projects.pop("web")
    workspace.write()
    assert {} == actions(workspace.plan())
    del projects["site"]["opt_outs"]
    workspace.write()
    assert "MP0653" in codes(workspace.plan())
    workspace.run("state", "rm", "site.opt_outs")
    assert [] == codes(workspace.plan())
    assert [] == workspace.state["features"]
    assert ["u1"] == entries(path)


def test_a_pulled_state_holds_the_list(workspace: Workspace) -> None:
    """What `state pull` prints is taken back by `state push` elsewhere, lists included."""
    opted(workspace, ["u1"])
    workspace.apply()
    pulled = workspace.root / "pulled.json"
    pulled.write_text(workspace.run("state", "pull").out, "utf-8")
    (workspace.root / "mixpriv.state.json").unlink()
    (workspace.root / "mixpriv.state.json.backup").unlink(missing_ok=True)
    workspace.run("state", "push", "pulled.json")
    assert {} == actions(workspace.plan())


@pytest.mark.parametrize("where", ["inline", "file"])
@pytest.mark.parametrize("command", ["validate", "plan"])
def test_a_list_is_bounded(workspace: Workspace, command: str, where: str) -> None:
    """More entries than the bound are an error that names the variable which raises it; doubles count once."""
    ids = ["u1", "u2", "u3", "u3"]
    (workspace.root / "ids.txt").write_text("\n".join(ids))
    opted(workspace, ids if where == "inline" else [], **({} if where == "inline" else {"from": [{"file": "ids.txt"}]}))
    bound = "MIXPRIV_MAX_OPT_OUT_ENTRIES"
    ended: Ended = workspace.run(command, code=1, environment={bound: "2"})
    assert "error[MP0387]" in ended.err
    assert "would have 3 entries; at most 2" in ended.err
    assert bound in ended.err
    workspace.run(command, environment={bound: "3"})


def test_the_sandbox_writes_the_list_too(workspace: Workspace) -> None:
    """With --sandbox only Mixpanel is pretended: the list is written, and a real apply finds it and takes it over."""
    path = opted(workspace, ["u1"])
    workspace.apply("--sandbox")
    assert ["u1"] == entries(path)
    workspace.apply()
    assert {} == actions(workspace.plan())
