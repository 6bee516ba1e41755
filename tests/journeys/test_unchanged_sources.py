"""Sources that are proven unchanged are not read again; whether they are or not, plan and status say the same."""

from __future__ import annotations

import dataclasses
import json
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from mixpriv_reconcile.ids.guarded import NOTHING_GUARDED
from mixpriv_reconcile.ids.keys import derive
from mixpriv_reconcile.pipeline.catalogue import Catalogue
from mixpriv_reconcile.pipeline.clock import SystemClock
from mixpriv_reconcile.pipeline.opening import open_workspace
from mixpriv_reconcile.pipeline.setting import Setting
from mixpriv_reconcile.state import LocalBackend, Store

from .workspace import Server, Workspace, actions, codes

IDS = [f"user-{number}" for number in range(5)]


@pytest.fixture
def sent(workspace: Workspace, server: Server) -> Workspace:
    """A workspace whose request has a file, a table and inline ids, with one double, and was applied."""
    (workspace.root / "ids.txt").write_text("\n".join([*IDS, IDS[0]]) + "\n")
    (workspace.root / "table.csv").write_text("id,plan\nuser-7,free\nuser-8,paid\n")
    sources = [{"file": "ids.txt"}, {"file": "table.csv", "column": "id"}]
    workspace.project("web", r1={"compliance": "gdpr", "received": "2026-11-20", "distinct_ids": ["user-9"], "from": sources})
    workspace.apply()
    return workspace


def is_proven(workspace: Workspace) -> bool:
    """Whether the ids of the request are taken from the memory itself."""
    setting = Setting(workspace.root, workspace.environment, SystemClock())
    desired, _, _, store = open_workspace(setting)
    state = store.load().state
    key = derive(workspace.environment["MIXPRIV_DIGEST_KEY"])
    with Catalogue(setting.root, key, setting.bounds, NOTHING_GUARDED, state) as catalogue:
        (ids,) = catalogue.scan(desired).values()
    return any(np.shares_memory(np.frombuffer(ids.digests, np.uint8), digests) for digests, _ in state.open_segments.values())


def read_whole(workspace: Workspace) -> None:
    """Let the state forget its sources, so that all are read."""
    backend = LocalBackend(workspace.root / "mixpriv.state.json")
    store = Store(backend)
    loaded = store.load()
    store.publish(dataclasses.replace(loaded.state, sources=()), expected=loaded.version, now=SystemClock().now())


def said(workspace: Workspace, code: int | None = 0) -> tuple[Any, Any]:
    """What plan and status say, without the moment they say it."""
    plan = workspace.run("plan", "--no-refresh", "--format", "json", code=code)
    status = workspace.run("status", "--format", "json", code=None)
    kept = {key: value for key, value in status.document.items() if key not in ("as_of", "generated_at", "timestamp")}
    return json.loads(plan.out), kept


def test_the_state_remembers_the_sources(sent: Workspace) -> None:
    """After an apply the state names each source with its size and ids; the next plan takes the ids from memory, with its notes."""
    sources = [(one["address"], one["file"], one["size"], one["count"]) for one in sent.state["sources"]]
    inline = len("user-9")
    assert sorted(
        [
            ("web.deletions.r1", "ids.txt", (sent.root / "ids.txt").stat().st_size, 6),
            ("web.deletions.r1", "privacy.yaml", inline, 1),
            ("web.deletions.r1", "table.csv", (sent.root / "table.csv").stat().st_size, 2),
        ]
    ) == sorted(sources)
    assert is_proven(sent)
    plan = sent.plan()
    assert ({}, True) == (actions(plan), "MP0415" in codes(plan))


def test_inline_ids_alone_are_no_sources(workspace: Workspace, server: Server) -> None:
    """A request of inline ids only is read anyway, and the state stays as small as it was."""
    workspace.project("web", r1=["u1", "u2"])
    workspace.apply()
    assert [] == workspace.state["sources"]


def edit(name: str, change: Callable[[str], str]) -> Callable[[Workspace], None]:
    """Change a file, and hide it: its time stays the old one."""

    def edited(workspace: Workspace) -> None:
        path: Path = workspace.root / name
        before = path.stat()
        path.write_text(change(path.read_text()))
        os.utime(path, ns=(before.st_atime_ns, before.st_mtime_ns))

    return edited


CHANGES = {
    "nothing": lambda workspace: None,
    "an id": edit("ids.txt", lambda text: text.replace("user-3", "user-x")),
    "the order": edit("ids.txt", lambda text: "\n".join(reversed(text.split())) + "\n"),
    "an id gone": edit("table.csv", lambda text: text.replace("user-8,paid\n", "")),
    "a placeholder": edit("ids.txt", lambda text: text + "anonymous\n"),
    "no table": edit("privacy.yaml", lambda text: text.replace("column: id", "column: plan")),
    "no column": edit("table.csv", lambda text: text.replace("id,plan", "person,plan")),
}


@pytest.mark.parametrize("change", CHANGES)
def test_proven_or_read_the_answer_is_the_same(sent: Workspace, change: str) -> None:
    """Plan and status say the same whether the state remembers its sources or not, for any change to them."""
    CHANGES[change](sent)
    assert (change == "nothing") == is_proven_quietly(sent)
    plan, status = said(sent, code=None)
    read_whole(sent)
    again = said(sent, code=None)
    assert (plan.get("resource_changes"), _found(plan)) == (again[0].get("resource_changes"), _found(again[0]))
    assert status["requests"] == again[1]["requests"]


def is_proven_quietly(workspace: Workspace) -> bool:
    try:
        return is_proven(workspace)
    except ValueError:
        return False


def _found(document: Any) -> list[tuple[str, str]]:
    return [(one["code"], one["message"]) for one in document["diagnostics"]]


def test_an_apply_without_changes_remembers_what_was_read(sent: Workspace) -> None:
    """A state that lost its sources, as after a crash, has them back after the next apply, and the serial stays."""
    sources, serial = sent.state["sources"], sent.state["serial"]
    read_whole(sent)
    assert not is_proven(sent)
    sent.apply()
    assert (sources, serial) == (sent.state["sources"], sent.state["serial"])
    assert is_proven(sent)
    before = (sent.root / "mixpriv.state.json").read_bytes()
    sent.apply()
    assert before == (sent.root / "mixpriv.state.json").read_bytes()


def test_withdrawn_ids_are_not_taken_for_declared(sent: Workspace) -> None:
    """Where the memory holds more than is declared, the sources are read, and nothing comes back by itself."""
    edit("ids.txt", lambda text: text.replace("user-1\n", ""))(sent)
    sent.apply("--retry", "web.deletions.r1")
    assert not is_proven(sent)
    assert {} == actions(sent.plan())


def test_a_failed_batch_of_proven_sources_is_sent_again(sent: Workspace, server: Server) -> None:
    """Ids that go out again are read from their sources, though these were proven unchanged before."""
    failed = server.tasks()[0]
    server.force("FAILURE", failed)
    assert is_proven(sent)
    sent.run("refresh")
    sent.apply()
    again = [task for task in server.tasks() if task["tracking_id"] != failed["tracking_id"]]
    assert any(sorted(task["distinct_ids"]) == sorted(failed["distinct_ids"]) for task in again)


def test_a_source_that_changes_before_it_is_read_again_sends_nothing(sent: Workspace, server: Server) -> None:
    """Where ids are to go out again, their proven sources are read before the first call; one that changed by then ends the run."""
    server.force("FAILURE", server.tasks()[0])
    sent.run("refresh")
    sent.plan("--out", "again.plan")
    calls = len(server.calls("POST"))
    edit("ids.txt", lambda text: text.replace("user-3", "user-x"))(sent)
    assert 4 == sent.run("apply", "again.plan", code=None).code
    assert calls == len(server.calls("POST"))


def test_the_policy_counts_more_than_the_proof(workspace: Workspace, server: Server) -> None:
    """A placeholder that is allowed no longer is an error, although its file is the same."""
    (workspace.root / "ids.txt").write_text("user-1\nanonymous\n")
    workspace.project("web", r1={"compliance": "gdpr", "received": "2026-11-20", "from": [{"file": "ids.txt"}]})
    workspace.manifest["workspace"]["policy"]["allow_placeholder_ids"] = ["anonymous"]
    workspace.write()
    workspace.apply()
    assert is_proven(workspace)
    del workspace.manifest["workspace"]["policy"]["allow_placeholder_ids"]
    workspace.write()
    assert "MP0412" in workspace.run("plan", code=1).err


def test_sources_follow_their_request(sent: Workspace) -> None:
    """A renamed request keeps its proof, and a forgotten one leaves none behind."""
    sent.run("state", "mv", "web.deletions.r1", "web.deletions.spring")
    deletions = sent.manifest["projects"]["web"]["deletions"]
    deletions["spring"] = deletions.pop("r1")
    sent.write()
    assert {"web.deletions.spring"} == {source["address"] for source in sent.state["sources"]}
    assert is_proven(sent)
    assert {} == actions(sent.plan())
    sent.run("state", "rm", "web.deletions.spring")
    assert [] == sent.state["sources"]
