"""`mixpriv state migrate` between this disk and places that others reach too: there, onwards and back, killed, locked and altered."""

from __future__ import annotations

import random
import shlex
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
from contracts.cutting import CuttingProxy, cutting
from obstore.store import S3Store

from .shared import *  # noqa: F403 (fixtures)
from .shared import Shared
from .test_migrating import OLD, REMEMBERED, bytes_of, files_of, flow, migrate, name
from .trouble import flipped
from .workspace import Ended, Server, Workspace, actions, finished, killed, until

LEASE = {"MIXPRIV_LEASE_SECONDS": "6"}
BACK = {"backend": "local", "path": "back/prod.json"}


def knows(workspace: Workspace, *places: Shared) -> None:
    """Let the machine have what it takes to reach *places*."""
    workspace.environment |= LEASE
    for place in places:
        workspace.environment |= place.environment


def another(workspace: Workspace, server: Server, place: Shared, folder: Path) -> Workspace:
    """Another machine with the same manifests, which keep the state at *place*."""
    folder.mkdir()
    machine = Workspace(folder, server.origins)
    machine.environment |= {variable: value for variable, value in workspace.environment.items() if variable not in machine.environment}
    machine.manifest = {**workspace.manifest, "workspace": {**workspace.manifest["workspace"], "state": dict(place.block)}}
    machine.write()
    return machine


def memory(machine: Workspace) -> Any:
    """All that is remembered, as `state pull` prints it, but for the moment of that."""
    return machine.run("state", "pull").document | {"written_at": "", "checksum": ""}


def lived(workspace: Workspace) -> None:
    """A state with a segment of each of two requests."""
    workspace.project("web", r1=["u1", "u2"], r2=["u4"])
    workspace.apply()


def left_by_a_killed_apply(workspace: Workspace, server: Server) -> None:
    """A state of two requests, and the journal of a run that died with one batch acknowledged and one in doubt."""
    workspace.project("web", r1=["u1", "u2", "u3"], r2=["u4"])
    workspace.apply()
    workspace.declare("web.r1", [f"u{number}" for number in (1, 2, 3, 5, 6, 7)])
    killed(workspace, server, "POST@2=hang")
    server.heal()


def each_once(server: Server, count: int) -> None:
    live = server.ids_in_live_tasks()
    assert (len(live), set(live.values())) == (count, {1})


# There, onwards and back


def test_from_bucket_to_bucket(workspace: Workspace, server: Server, s3: Shared) -> None:
    """Copies of segments that this machine has of one bucket are not taken for what lies in another."""
    knows(workspace, s3)
    name(workspace, dict(s3.block))
    lived(workspace)
    assert actions(workspace.plan("--no-refresh")) == {}
    elsewhere = dict(s3.block) | {"prefix": f"{s3.block['prefix']}/elsewhere"}
    migrate(workspace, elsewhere)
    name(workspace, elsewhere)
    assert actions(workspace.plan("--no-refresh")) == {}


def test_from_place_to_place_and_back(
    workspace: Workspace, server: Server, s3: Shared, gitlab: Shared, terraform: Shared, tmp_path: Path
) -> None:
    """Through a bucket, GitLab and a server of Terraform's back to a disk: not a byte is lost, a killed run is carried on, nothing sent twice."""
    knows(workspace, s3, gitlab, terraform)
    left_by_a_killed_apply(workspace, server)
    before, calls, remembered = files_of(workspace, OLD), server.calls(), memory(workspace)
    assert "journal" in before
    for number, place in enumerate((s3, gitlab, terraform)):
        moved = migrate(workspace, dict(place.block))
        assert "The journal of a run that was not finished is among it" in moved.out
        name(workspace, dict(place.block))
        machine = another(workspace, server, place, tmp_path / f"machine-{number}")
        assert memory(machine) == remembered
        assert "MP0516" in machine.run("state", "list").err
    migrate(workspace, BACK)
    name(workspace, BACK)
    assert bytes_of(files_of(workspace, BACK)) == bytes_of(before)
    assert files_of(workspace, OLD) == before
    assert server.calls() == calls
    workspace.apply()
    each_once(server, 7)
    assert "No changes." in workspace.run("plan").out
    name(workspace, dict(terraform.block))
    assert "MP0572" in workspace.run("plan", code=1).err


@pytest.mark.parametrize("engine", ["gitlab", pytest.param("azure", marks=pytest.mark.engines)])
def test_work_goes_on_at_the_shared_place(
    workspace: Workspace, server: Server, engine: str, request: pytest.FixtureRequest, tmp_path: Path
) -> None:
    """What a killed run left on this disk is finished by another machine at the new place, which then goes on with new ids alone."""
    shared: Shared = request.getfixturevalue(engine)
    knows(workspace, shared)
    left_by_a_killed_apply(workspace, server)
    before = files_of(workspace, OLD)
    document = migrate(workspace, dict(shared.block), "--format", "json").document
    assert (document["copied"], document["journal"]) == (True, True)
    assert document["state"] == shared.block
    assert "already" in migrate(workspace, dict(shared.block), "--from", flow(OLD)).out
    machine = another(workspace, server, shared, tmp_path / "machine")
    machine.apply()
    each_once(server, 7)
    assert actions(machine.plan()) == {}
    machine.declare("web.r2", ["u4", "u8"])
    machine.apply()
    each_once(server, 8)
    assert files_of(workspace, OLD) == before
    newer = migrate(workspace, dict(shared.block), "--from", flow(OLD), code=1)
    assert "MP0575" in newer.err


# Killed


def ends_at(requests: int) -> list[int]:
    """The requests at which a migration of so many is killed: the first, the last, and some in between, others each time."""
    return sorted({0, requests - 1, *random.sample(range(requests), 2)})


@pytest.mark.parametrize("engine", ["s3", "gitlab"])
def test_killed_at_any_moment(
    workspace: Workspace, server: Server, engine: str, request: pytest.FixtureRequest
) -> None:
    """A migration that died at whichever request is finished by the same command, and leaves where it came from byte for byte."""
    shared: Shared = request.getfixturevalue(engine)
    knows(workspace, shared)
    left_by_a_killed_apply(workspace, server)
    before, remembered = files_of(workspace, OLD), memory(workspace)
    with cutting(shared.port) as proxy:
        document = migrate(workspace, to(shared, proxy, "whole"), "--from", flow(OLD), "--format", "json").document
        whole = {key: document[key] for key in ("serial", "segments", "ids", "bytes", "journal")}
        proxy.delay_seconds = 0.05
        moments = ends_at(len(proxy.requests))
        for moment in moments:
            dies_in(workspace, to(shared, proxy, f"try-{moment}"), proxy, moment)
        assert files_of(workspace, OLD) == before
        proxy.delay_seconds = 0.0
        for moment in moments:
            place = to(shared, proxy, f"try-{moment}")
            document = migrate(workspace, place, "--from", flow(OLD), "--lock-timeout", "10m", "--format", "json").document
            assert {key: document[key] for key in ("serial", "segments", "ids", "bytes", "journal")} == whole, moment
        assert files_of(workspace, OLD) == before
        name(workspace, place)
        assert memory(workspace) == remembered
        workspace.apply()
        each_once(server, 7)


def to(shared: Shared, proxy: CuttingProxy, name: str) -> dict[str, Any]:
    """A place of its own beside *shared*, behind *proxy*."""
    block = dict(shared.behind(proxy.origin).block)
    if "prefix" in block:
        return block | {"prefix": f"{block['prefix']}/{name}"}
    own = block["address"]
    return {key: value.replace(own, f"{own}-{name}") if isinstance(value, str) else value for key, value in block.items()}


def dies_in(workspace: Workspace, place: Mapping[str, Any], proxy: CuttingProxy, nth: int) -> None:
    """A migration to *place* that is killed while its *nth* request (0: the first) is held back."""
    seen = len(proxy.requests)
    running = workspace.start("state", "migrate", "--from", flow(OLD), "--to", flow(dict(place)))
    until(lambda: len(proxy.requests) > seen + nth, running)
    running.kill()
    finished(running)


# What is refused


@pytest.mark.parametrize("engine", ["s3", "gitlab"])
def test_a_run_at_the_destination_keeps_it_from_moving(
    workspace: Workspace, server: Server, engine: str, request: pytest.FixtureRequest, tmp_path: Path
) -> None:
    """While another machine applies at the destination nothing is copied, and its holder is named (exit code 5); afterwards it is another's."""
    shared: Shared = request.getfixturevalue(engine)
    knows(workspace, shared)
    lived(workspace)
    machine = another(workspace, server, shared, tmp_path / "machine")
    machine.declare("web.r1", ["w1"])
    server.fault("POST=hold")
    running = machine.start("apply", "--auto-approve")
    until(lambda: server.struck("POST=hold"), running)
    refused = migrate(workspace, dict(shared.block), code=5)
    assert f"pid {running.pid}" in refused.err
    server.heal()
    server.release()
    assert finished(running).code == 0
    assert "MP0575" in migrate(workspace, dict(shared.block), code=1).err


def test_an_altered_segment_keeps_it_from_moving(
    workspace: Workspace, server: Server, s3: Shared, gitlab: Shared, tmp_path: Path
) -> None:
    """A segment that was altered, in a bucket or on a disk, is noticed by who has no copy of it, and nothing becomes a state elsewhere.

    What was pulled in better days heals it, also from a machine that has a copy and would never notice.
    """
    knows(workspace, s3, gitlab)
    lived(workspace)
    (workspace.root / "pulled.json").write_text(workspace.run("state", "pull").out, "utf-8")
    migrate(workspace, dict(s3.block))
    altered(s3)
    machine = another(workspace, server, s3, tmp_path / "machine")
    assert "MP0511" in migrate(machine, dict(gitlab.block), code=1).err
    name(workspace, dict(s3.block))
    workspace.run("show")
    assert "MP0556" in workspace.run("state", "push", "pulled.json").err
    assert actions(machine.plan("--no-refresh")) == {}
    flipped(next((workspace.root / "mixpriv.state.d").glob("*.seg")))
    assert "MP0511" in migrate(workspace, dict(gitlab.block), "--from", flow(OLD), code=1).err
    stranger = another(workspace, server, gitlab, tmp_path / "stranger")
    assert "MP0549" in stranger.run("state", "pull", code=1).err


def altered(s3: Shared) -> None:
    """Let the segments in the bucket have other bytes than their names say."""
    store = S3Store(
        s3.block["bucket"],
        prefix=s3.block["prefix"],
        config={
            "aws_endpoint": s3.block["endpoint"],
            "aws_access_key_id": s3.environment["AWS_ACCESS_KEY_ID"],
            "aws_secret_access_key": s3.environment["AWS_SECRET_ACCESS_KEY"],
        },
        client_options={"allow_http": True},
    )
    segments = [meta["path"] for chunk in store.list("segments") for meta in chunk]
    assert segments
    for path in segments:
        content = bytes(store.get(path).bytes())
        store.put(path, bytes([content[0] ^ 1]) + content[1:])


# A manifest that names another place


def pasted(workspace: Workspace, refused: Ended) -> str:
    """Type what the hint of MP0572 says; what that printed."""
    (found,) = [found for found in refused.document["diagnostics"] if found["code"] == "MP0572"]
    typed = found["hint"].partition("; ")[0]
    return workspace.run(*shlex.split(typed)[1:]).out


def test_a_changed_place_is_told_with_what_to_type(workspace: Workspace, server: Server, s3: Shared, gitlab: Shared, terraform: Shared) -> None:
    """From disk to bucket, to a server of Terraform's, to GitLab: the manifest alone moves nothing; the line of the hint, pasted, does."""
    knows(workspace, s3, gitlab, terraform)
    lived(workspace)
    before = memory(workspace)
    for place in (s3, terraform, gitlab):
        name(workspace, dict(place.block))
        calls, refused = server.calls(), workspace.run("plan", "--format", "json", code=1)
        assert "already" in pasted(workspace, refused)
        assert server.calls() == calls
        assert memory(workspace) == before
        assert actions(workspace.plan("--no-refresh")) == {}


def test_from_gitlab_with_its_password_in_another_variable(workspace: Workspace, server: Server, gitlab: Shared, s3: Shared) -> None:
    """Where the former server's password isn't remembered, the line says so by its error, and works with Terraform's own variables."""
    knows(workspace, s3, gitlab)
    name(workspace, dict(gitlab.block))
    lived(workspace)
    before = memory(workspace)
    name(workspace, dict(s3.block))
    refused = workspace.run("plan", "--format", "json", code=1)
    (found,) = [found for found in refused.document["diagnostics"] if found["code"] == "MP0572"]
    typed = shlex.split(found["hint"].partition("; ")[0])[1:]
    denied = workspace.run(*typed, code=1)
    assert "MP0561" in denied.err
    assert "TF_HTTP_PASSWORD" in denied.err
    workspace.environment |= {"TF_HTTP_USERNAME": gitlab.environment["STATE_USER"], "TF_HTTP_PASSWORD": gitlab.environment["STATE_PASSWORD"]}
    workspace.run(*typed)
    assert memory(workspace) == before


def test_a_state_on_this_disk_is_not_overlooked(workspace: Workspace, server: Server, gitlab: Shared) -> None:
    """A clone without memory of the place, with a state on its disk and an empty shared place in the manifest, is told how to move it."""
    knows(workspace, gitlab)
    lived(workspace)
    before, calls = memory(workspace), server.calls()
    (workspace.root / REMEMBERED).unlink()
    name(workspace, dict(gitlab.block))
    for command in (("apply", "--auto-approve", "--new-state"), ("state", "pull")):
        assert "MP0572" in workspace.run(*command, code=1).both
    pasted(workspace, workspace.run("plan", "--format", "json", code=1))
    assert server.calls() == calls
    assert memory(workspace) == before
