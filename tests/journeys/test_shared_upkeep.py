"""The commands beside apply, on a state that several machines share."""

from __future__ import annotations

from pathlib import Path

import pytest
from contracts.cutting import cutting

from .shared import *  # noqa: F403 (fixtures)
from .shared import Shared
from .test_importing import made
from .test_rekeying import lose_the_key, rekeyed
from .workspace import Server, Workspace, actions, codes, finished, until


def machine(folder: Path, server: Server, place: Shared) -> Workspace:
    """A machine with nothing but manifests, the key and the way to the state."""
    folder.mkdir()
    workspace = Workspace(folder, server.origins)
    workspace.manifest["workspace"]["state"] = dict(place.block)
    workspace.environment |= {**place.environment, "MIXPRIV_LEASE_SECONDS": "6"}
    web = workspace.project("web", r1=["u1", "u2"], r2=["w1"])
    web["sso"] = {"postback_url": "https://eu.mixpanel.com/security/login/42"}
    workspace.write()
    return workspace


@pytest.mark.parametrize("engine", ["s3", "gitlab", pytest.param("azure", marks=pytest.mark.engines)])
def test_each_command_from_another_machine(tmp_path: Path, server: Server, engine: str, request: pytest.FixtureRequest) -> None:
    """What one machine did, every other sees, renames, confirms, adopts, forgets, pulls and pushes; the next plan of the first knows it all."""
    shared = request.getfixturevalue(engine)
    first = machine(tmp_path / "first", server, shared)
    first.apply()
    second = machine(tmp_path / "second", server, shared)
    server.force("STARTED")
    second.run("refresh")
    assert {task["status"] for request in first.status().values() for task in request["tasks"]} == {"STARTED"}
    second.run("confirm", "web.sso", "--by", "ops")
    second.run("state", "mv", "web.deletions.r2", "web.deletions.renamed")
    (first.root / "pulled.json").write_text(first.run("state", "pull").out, "utf-8")
    assert "web.deletions.renamed" in first.run("state", "list").out
    for workspace in (first, second):
        workspace.declare("web.r2", None)
        workspace.declare("web.renamed", ["w1"])
        workspace.declare("web.r3", ["a1", "a2"])
    second.run("import", "web.deletions.r3", made(second, "a1", "a2"))
    assert "2" in first.run("state", "show", "web.deletions.r3").out
    assert actions(first.plan()) == {}
    second.run("state", "rm", "web.deletions.r3")
    assert set(actions(first.plan("--no-refresh"))) == {"web.deletions.r3"}
    assert "MP0553" in first.run("state", "push", "pulled.json", code=1).err
    first.run("state", "push", "pulled.json", "--force")
    assert "Nothing to push" in first.run("state", "push", "pulled.json").out
    assert set(server.ids_in_live_tasks().values()) == {1}


def test_a_lost_key(tmp_path: Path, server: Server, s3: Shared) -> None:
    """With the key gone, one machine makes the memory in the bucket anew under another; who has the new key goes on, who has the old one is told."""
    first = machine(tmp_path / "first", server, s3)
    first.apply()
    second = machine(tmp_path / "second", server, s3)
    lose_the_key(second)
    assert "mixpriv state rekey" in second.run("plan", code=1).err
    assert "3 of 3 distinct ids" in rekeyed(second).out
    assert set(actions(second.plan())) == {"web.sso"}
    sent = len(server.calls("POST"))
    assert "MP0506" in first.apply(code=1).err
    lose_the_key(first)
    first.declare("web.r1", ["u1", "u2", "u3"])
    first.apply()
    assert len(server.calls("POST")) == sent + 1
    assert set(server.ids_in_live_tasks().values()) == {1}


@pytest.mark.parametrize("engine", ["s3", "gitlab"])
def test_another_machine_is_at_work(tmp_path: Path, server: Server, engine: str, request: pytest.FixtureRequest) -> None:
    """While one machine applies, plan and status of another say who it is, since when; what would write is refused (exit code 5)."""
    place = request.getfixturevalue(engine)
    first, second = (machine(tmp_path / name, server, place) for name in ("first", "second"))
    first.environment["MIXPRIV_LEASE_SECONDS"] = "180"  # a call may take so long that all of this fits into one
    server.fault("POST@2=hold")
    running = first.start("apply", "--auto-approve")
    until(lambda: server.struck("POST@2=hold"), running)
    planned = second.plan("--no-refresh")
    assert "MP0526" in codes(planned)
    assert "MP0516" not in codes(planned)
    status = second.run("status", "--format", "json").document
    assert status["apply_running"]["pid"] == str(running.pid)
    for command in (["refresh"], ["state", "rm", "web.sso"]):
        refused = second.run(*command, code=5)
        assert f"pid {running.pid}" in refused.err
    server.heal()
    server.release()
    assert finished(running).code == 0
    assert set(actions(second.plan())) <= {"web.sso"}


@pytest.mark.parametrize("engine", ["s3", "gitlab"])
def test_who_may_only_read(tmp_path: Path, server: Server, engine: str, request: pytest.FixtureRequest) -> None:
    """With rights to read alone, plan, status, show and pull do all they do; apply is refused before anything is sent."""
    place = request.getfixturevalue(engine)
    machine(tmp_path / "writer", server, place).apply()
    with cutting(place.port) as proxy:
        proxy.forbidden = ("PUT", "POST", "DELETE", "LOCK", "UNLOCK")
        reader = machine(tmp_path / "reader", server, place.behind(proxy.origin))
        reader.declare("web.r1", ["u1", "u2", "u3"])
        assert set(actions(reader.plan())) - {"web.sso"} == {"web.deletions.r1"}
        assert reader.run("status").out
        assert reader.run("state", "pull").document["serial"] == 1
        sent = len(server.calls("POST"))
        refused = reader.apply(code=1)
        assert "MP0561" in refused.err
        assert "403" in refused.err
        assert len(server.calls("POST")) == sent


@pytest.mark.parametrize("engine", ["s3", "gitlab"])
def test_no_state_in_ci(tmp_path: Path, server: Server, engine: str, request: pytest.FixtureRequest) -> None:
    """In CI an empty shared place may be a typing error: no new state is made, and where it was looked for is named."""
    shared = request.getfixturevalue(engine)
    workspace = machine(tmp_path / "ci", server, shared)
    workspace.environment["CI"] = "true"
    said = f"there is no state at {shown(shared)}"
    assert said in next(found["message"] for found in workspace.plan()["diagnostics"] if found["code"] == "MP0501")
    refused = workspace.apply(code=1)
    assert "MP0504" in refused.err
    assert said in refused.err
    assert server.calls() == []


def shown(place: Shared) -> str:
    block = place.block
    return block["address"] if block["backend"] == "http" else f"{block['backend']}://{block['bucket']}/{block['prefix']}"
