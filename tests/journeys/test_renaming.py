"""`mixpriv state mv`: names change, and what was done stays done."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator
from datetime import UTC, datetime

import pytest
from click.testing import CliRunner

from mixpriv_reconcile.cli.main import mixpriv
from mixpriv_reconcile.errors import WrongUsage
from mixpriv_reconcile.model.journal import Began, Entry, Forgot, Put, PutRequestEntry
from mixpriv_reconcile.model.state import RequestRecord, State
from mixpriv_reconcile.state import JournalWriter, LocalBackend, Store

from .workspace import Server, Workspace, actions, codes

LOGIN = "https://eu.mixpanel.com/security/login/42"
NOW = datetime(2026, 11, 20, 8, tzinfo=UTC)
FACTS = {
    "lock_id": "0123456789abcdef",
    "who": "ops",
    "host": "build-7",
    "pid": "1",
    "since": "2026-11-20T08:00:00Z",
    "command": "mixpriv state mv",
}


def renamed(workspace: Workspace, project: str, name: str) -> None:
    """Give a project another name in the manifest."""
    projects = workspace.manifest["projects"]
    projects[name] = projects.pop(project)
    workspace.write()


def sent(workspace: Workspace, server: Server) -> Workspace:
    """A workspace of two projects whose requests are sent, and where a person did the manual step."""
    workspace.project("web", r1=["u1", "u2", "u3"], r2=["u4"])["sso"] = {"postback_url": LOGIN}
    workspace.project("blog", r1=["v1"])
    workspace.apply()
    workspace.run("confirm", "web.sso", "--by", "ops")
    assert actions(workspace.plan()) == {}
    return workspace


def test_a_request_moves_with_all_that_is_known_of_it(workspace: Workspace, server: Server) -> None:
    """After `state mv` and the same change in the manifest nothing is left to plan; tasks and ids are known; nothing was sent."""
    sent(workspace, server)
    before, tasks, calls = workspace.state["serial"], workspace.remembered_tasks(), server.calls()
    published = (workspace.root / "mixpriv.state.json").read_bytes()
    moved = workspace.run("state", "mv", "web.deletions.r1", "web.deletions.spring")
    assert moved.out == "Moved web.deletions.r1 to web.deletions.spring.\n"
    assert workspace.state["serial"] == before + 1
    assert (workspace.root / "mixpriv.state.json.backup").read_bytes() == published
    deletions = workspace.manifest["projects"]["web"]["deletions"]
    deletions["spring"] = deletions.pop("r1")
    workspace.write()
    planned = workspace.plan("--no-refresh")
    assert (actions(planned), [change["reasons"] for change in planned["resource_changes"]]) == ({}, [])
    assert len(workspace.status()["web.deletions.spring"]["tasks"]) == 2
    assert workspace.remembered_tasks() == tasks
    assert server.calls() == calls
    workspace.declare("web.spring", ["u1", "u2"])
    workspace.apply()
    assert "u3" not in {one for _, one in server.ids_in_live_tasks()}


@pytest.mark.parametrize("order", ["state first", "manifest first"])
def test_a_project_moves_with_all_of_its_addresses(workspace: Workspace, server: Server, order: str) -> None:
    """`state mv web shop` moves every address of a project, before or after the manifest is changed; then nothing is left to plan."""
    sent(workspace, server)
    if order == "manifest first":
        renamed(workspace, "web", "shop")
    moved = workspace.run("state", "mv", "web", "shop", "--format", "json").document["moved"]
    assert moved == [{"from": f"web.{rest}", "to": f"shop.{rest}"} for rest in ("deletions.r1", "deletions.r2", "residency", "sso")]
    if order == "state first":
        renamed(workspace, "web", "shop")
    planned = workspace.plan("--no-refresh")
    assert (actions(planned), planned["resource_changes"], codes(planned)) == ({}, [], [])
    assert "looked at 4 open tasks" in workspace.run("refresh").out.lower()


def test_a_project_is_reached_under_its_new_name_alone(workspace: Workspace, server: Server) -> None:
    """A request that leaves the manifest after its project moved is withdrawn with the credentials that the state remembers."""
    sent(workspace, server)
    workspace.run("state", "mv", "web", "shop")
    del workspace.manifest["projects"]["web"]
    workspace.write()
    workspace.apply()
    assert {token for token, _ in server.ids_in_live_tasks()} == {workspace.token("blog")}


def moving(state: State) -> Iterator[Entry]:
    """What the journal of `state mv web shop` says, entry by entry."""
    yield Began(
        "0123456789abcdef", state.lineage, state.serial, "0.1.0", NOW, "state mv", "ops@build-7", projects={"shop": state.projects["web"]}
    )
    for address, record in state.records.items():
        new = address.replace("web.", "shop.")
        if isinstance(record, RequestRecord) and new != address:
            yield PutRequestEntry(new, dataclasses.replace(record, project="shop"), NOW, moved_from=address)
        elif new != address:
            yield Put(new, dataclasses.replace(record, project="shop"))
            yield Forgot(address)


def test_a_move_that_died_is_completed(workspace: Workspace, server: Server) -> None:
    """Where a move was killed after any of its steps, the same command moves the rest, and then nothing is left to plan."""
    sent(workspace, server)
    renamed(workspace, "web", "shop")
    tasks = workspace.remembered_tasks()
    backend = LocalBackend(workspace.root / "mixpriv.state.json")
    before = (workspace.root / "mixpriv.state.json").read_bytes()
    entries = list(moving(Store(backend).load().state))
    assert len(entries) == 7
    for steps in range(2, len(entries)):
        (workspace.root / "mixpriv.state.json").write_bytes(before)
        lock = backend.lock(FACTS, timeout_seconds=0)
        writer = JournalWriter(LocalBackend(workspace.root / "mixpriv.state.json"))
        for entry in entries[:steps]:
            writer.append(entry)
        lock.release()
        workspace.run("state", "mv", "web", "shop")
        expected = ["blog.deletions.r1", "blog.residency", "shop.deletions.r1", "shop.deletions.r2", "shop.residency", "shop.sso"]
        assert (expected, tasks) == (sorted(workspace.state["records"]), workspace.remembered_tasks())
    assert workspace.plan("--no-refresh")["resource_changes"] == []


REFUSED = (
    ("web.deletions.none", "web.deletions.other", "MP0532"),
    ("none", "shop", "MP0532"),
    ("web.deletions.r1", "web.deletions.r2", "MP0546"),
    ("web.deletions.r1", "web.deletions.r1", "MP0546"),
    ("web.residency", "web.sso", "MP0546"),
    ("web", "web", "MP0546"),
    ("web", "blog", "MP0546"),
    ("web.deletions.r1", "web.retrievals.r1", "MP0547"),
    ("web.deletions.r1", "web.deletions", "MP0547"),
    ("web.sso", "shop.residency", "MP0547"),
    ("web.deletions.r1", "blog.deletions.r9", "MP0548"),
    ("web.sso", "blog.sso", "MP0548"),
    ("web.deletions.r1", "web.deletions.a b", "MP0006"),
    ("web.deletions.r1", "shop", "MP0006"),
    ("web", "web.deletions.r9", "MP0006"),
)


def test_a_move_that_cant_be_moves_nothing(workspace: Workspace, server: Server) -> None:
    """An unknown source, a taken address, another kind or another project of Mixpanel: an error with a code, and the state is as it was."""
    sent(workspace, server)
    before = (workspace.root / "mixpriv.state.json").read_bytes()
    for source, destination, code in REFUSED:
        arguments = ["-C", str(workspace.root), "state", "mv", source, destination]
        error = CliRunner(env=workspace.environment).invoke(mixpriv, arguments).exception  # in this process, for the sake of time
        assert isinstance(error, WrongUsage)
        assert (error.code, bool(error.hint)) == (code, True)
    assert (workspace.root / "mixpriv.state.json").read_bytes() == before
    assert not (workspace.root / "mixpriv.state.d" / "journal").exists()
