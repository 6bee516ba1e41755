"""Mixpanel's answers are described in three ways; mixpriv lives with each."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from mixpriv_reconcile.sandbox import Embedded, SandboxOptions

from .workspace import Server, Workspace, actions


@pytest.fixture(params=["oas", "prose", "live"])
def speaking(request: pytest.FixtureRequest) -> Iterator[Server]:
    """A server that answers in one of the dialects; it doesn't count seconds, for the client keeps the pace anyway."""
    options = SandboxOptions(dialect=request.param, interval_seconds=0)
    with Embedded(options) as origins, httpx.Client(timeout=60, trust_env=False) as http:
        yield Server(origins, http)


def test_a_life_in_each_dialect(tmp_path: Path, speaking: Server) -> None:
    """Submitted, withdrawn and cancelled, in doubt and adopted by 409, failed and tried again, done: the same in every dialect."""
    workspace = Workspace(tmp_path, speaking.origins)
    workspace.project("web", r1=["u1", "u2"])
    workspace.project("shop", r1=["v1", "v2"])
    workspace.apply()
    assert {one for _, one in speaking.ids_in_live_tasks()} == {"u1", "u2", "v1", "v2"}

    workspace.declare("web.r1", ["u1"])
    workspace.declare("shop.r1", None)
    workspace.apply()
    assert {one for _, one in speaking.ids_in_live_tasks()} == {"u1"}
    assert len(speaking.tasks("REVOKED")) == 2

    workspace.declare("shop.r2", ["v3"])
    speaking.fault("POST@1=reset-after")
    workspace.apply(code=3)
    assert workspace.status()["shop.deletions.r2"]["phase"] == "in_doubt"
    speaking.heal()
    assert "MP0710" in workspace.apply().err
    assert set(speaking.ids_in_live_tasks().values()) == {1}

    (failed,) = [task for task in speaking.tasks("PENDING") if task["distinct_ids"] == ["u1"]]
    speaking.force("FAILURE", failed)
    workspace.run("refresh")
    assert workspace.status()["web.deletions.r1"]["phase"] == "failed"
    workspace.apply()
    assert {one for _, one in speaking.ids_in_live_tasks()} == {"u1", "v3"}

    speaking.advance(30)
    workspace.run("refresh")
    done = workspace.status()
    assert (done["web.deletions.r1"]["phase"], done["shop.deletions.r2"]["phase"]) == ("succeeded", "succeeded")
    assert actions(workspace.plan()) == {}
    assert workspace.remembered_tasks() == {task["tracking_id"] for task in speaking.tasks()}
