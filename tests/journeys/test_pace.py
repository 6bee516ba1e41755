"""The pace, between real processes and a server that holds them to it."""

from __future__ import annotations

import itertools
import shutil
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from mixpriv_reconcile.sandbox import Embedded, SandboxOptions

from .workspace import Server, Workspace, finished, standing_in, until


def gaps(server: Server) -> list[float]:
    """Seconds between the calls that the server saw, whoever made them."""
    moments = sorted(call["at"] for call in server.every_call())
    return [later - earlier for earlier, later in itertools.pairwise(moments)]


def beside(workspace: Workspace, name: str, server: Server) -> Workspace:
    """Another workspace of the same user on the same host."""
    root = workspace.root.parent / name
    root.mkdir()
    other = Workspace(root, server.origins)
    other.environment["XDG_RUNTIME_DIR"] = workspace.environment["XDG_RUNTIME_DIR"]
    return other


LENIENT_SECONDS = 0.5
"""What servers ask for here. The client spaces the starts of calls, and arrivals are what a server counts: on a busy machine the ways differ."""

IN_FLIGHT_SECONDS = 0.9
"""How long calls may still come in that started before their run was told 429; the first that was told so is made again after a second."""


@pytest.fixture
def lenient() -> Iterator[Server]:
    """A server that counts the calls of a project."""
    with standing_in(interval_seconds=LENIENT_SECONDS) as server:
        yield server


def test_commands_of_several_workspaces_share_a_projects_pace(tmp_path: Path, lenient: Server) -> None:
    """A refresh and two applies of other workspaces, all for one project id and at once: no call comes too early for Mixpanel."""
    workspace = Workspace(tmp_path, lenient.origins)
    workspace.project("web", r1=["a1", "a2", "a3", "a4"])
    workspace.apply()
    others = [beside(workspace, name, lenient) for name in ("second", "third")]
    for other in others:
        other.project("web", r1=[f"{other.root.parent.name}-{number}" for number in range(4)])
    running = [workspace.start("refresh"), *(other.start("apply", "--auto-approve") for other in others)]
    assert [finished(one).code for one in running] == [0, 0, 0]
    calls = lenient.every_call()
    assert [call["method"] for call in calls].count("GET") == 2
    assert [call["status"] for call in calls if call["status"] not in (200, 201)] == []
    assert len(calls) == 8
    assert min(gaps(lenient)) >= LENIENT_SECONDS


@pytest.fixture
def counts_tokens() -> Iterator[Server]:
    """A server that counts the calls of a GDPR token, whatever project they are for."""
    with (
        Embedded(SandboxOptions(interval_seconds=LENIENT_SECONDS, pace_by="token")) as origins,
        httpx.Client(timeout=60, trust_env=False) as http,
    ):
        yield Server(origins, http)


def test_a_token_that_is_counted_gets_one_pace(tmp_path: Path, counts_tokens: Server) -> None:
    """Where Mixpanel tells two projects 429 at once, their token's calls keep one pace from then on, and everything is submitted."""
    workspace = Workspace(tmp_path, counts_tokens.origins)
    for name in ("web", "shop", "blog"):
        workspace.project(name, r1=[f"{name}-{number}" for number in range(5)])
    # Two are told so, also where a machine is so slow that no two of the first calls come at once.
    counts_tokens.fault("POST@1=429", "POST@2=429")
    workspace.apply()
    calls, told = counts_tokens.every_call(), dict[str, float]()
    for call in calls:
        if call["status"] == 429:
            told.setdefault(call["project_token"], call["at"])
    common_from = sorted(told.values())[1] + IN_FLIGHT_SECONDS
    assert [call for call in calls if call["at"] > common_from and call["status"] == 429 and call["fault"] is None] == []
    assert Counter(call["status"] for call in calls)[201] == 9
    assert len(counts_tokens.ids_in_live_tasks()) == 15


def test_a_runtime_folder_of_no_use_is_said_before_anything_is_sent(workspace: Workspace, server: Server) -> None:
    """Where the pace can't be kept nothing is sent: exit 1 with the folder's name."""
    workspace.project("web", r1=["u1"])
    refused = workspace.run("apply", "--auto-approve", code=1, environment={"XDG_RUNTIME_DIR": "/proc"})
    assert "MP0725" in refused.err
    assert "/proc/mixpriv" in refused.err
    assert server.calls() == []
    workspace.apply()


def test_a_runtime_folder_that_vanishes_leaves_nothing_in_doubt(workspace: Workspace, server: Server) -> None:
    """A run that can't keep the pace any more stops before the next call: that batch is unsent, not in doubt, and what came before counts."""
    workspace.project("web", r1=["u1", "u2", "u3", "u4"])
    server.fault("POST@1=hold")
    running = workspace.start("apply", "--auto-approve")
    until(lambda: server.struck("POST@1=hold"), running)
    shutil.rmtree(Path(workspace.environment["XDG_RUNTIME_DIR"]) / "mixpriv")
    server.release()
    stopped = finished(running)
    assert stopped.code == 1
    assert "MP0725" in stopped.err
    subjects = workspace.status()["web.deletions.r1"]["subjects"]
    assert (subjects["submitted"], subjects["unsent"], subjects["in_doubt"]) == (2, 2, 0)
    workspace.apply()
    assert set(server.ids_in_live_tasks().values()) == {1}
