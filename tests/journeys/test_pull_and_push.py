"""`mixpriv state pull` and `push`: the memory goes to another machine and back, and is never replaced by mistake."""

from __future__ import annotations

import json
import os
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import jsonschema
import pytest

from .canaries import IDS, check, declared
from .test_documents import schema
from .trouble import a_fifo, away, emptied, flipped
from .workspace import Server, Workspace, actions, finished, killed, until


def kept(workspace: Workspace) -> dict[str, bytes]:
    """The state's files by name, its lock aside."""
    files = {path: path.relative_to(workspace.root).parts[0] for path in workspace.files()}
    return {path.name: path.read_bytes() for path, first in files.items() if first.startswith("mixpriv.state.") and path.suffix != ".lock"}


def pulled(workspace: Workspace, name: str = "pulled.json", *options: str) -> Any:
    """What `state pull` prints, also written to a file."""
    ended = workspace.run("state", "pull", *options)
    (workspace.root / name).write_text(ended.out, "utf-8")
    return ended.document


def removed(workspace: Workspace) -> None:
    """A new machine: nothing of the state is there."""
    for path in [*workspace.root.glob("mixpriv.state.*"), *workspace.root.glob("mixpriv.state.d/*")]:
        if path.is_file():
            path.unlink()


def sent(workspace: Workspace) -> None:
    workspace.project("web", r1=["u1", "u2", "u3"])
    workspace.project("blog", r1=["v1"])
    workspace.apply()


def test_a_new_machine_goes_on_where_the_old_one_was(workspace: Workspace, server: Server) -> None:
    """Pulled here and pushed onto nothing there, in CI and without a key too: the next plan is empty, and new ids alone are sent."""
    sent(workspace)
    before, calls = workspace.state, server.calls()
    document = pulled(workspace)
    jsonschema.validate(document, schema("portable"), format_checker=jsonschema.FormatChecker())
    removed(workspace)
    pushed = workspace.run("state", "push", "pulled.json", environment={"CI": "1", "MIXPRIV_DIGEST_KEY": None})
    assert f"Pushed serial 1 of lineage {before['lineage']}" in pushed.out
    changing = {"written_at": "", "checksum": ""}
    assert workspace.state | changing == before | changing
    assert server.calls() == calls
    assert actions(workspace.plan("--no-refresh")) == {}
    workspace.declare("web.r1", ["u1", "u2", "u3", "u4"])
    workspace.apply()
    assert {one for _, one in server.ids_in_live_tasks()} == {"u1", "u2", "u3", "u4", "v1"}
    assert set(server.ids_in_live_tasks().values()) == {1}


def test_the_same_again_writes_nothing(workspace: Workspace, server: Server) -> None:
    """Pushing what is remembered already, by file or standard input, changes no byte and says so."""
    sent(workspace)
    document = pulled(workspace)
    before = kept(workspace)
    assert pulled(workspace) == document
    assert "Nothing to push" in workspace.run("state", "push", "pulled.json").out
    running = workspace.start("state", "push", "-", "--format", "json", stdin=subprocess.PIPE)
    out, _ = running.communicate(json.dumps(document))
    assert (running.returncode, json.loads(out)["changed"]) == (0, False)
    assert kept(workspace) == before


def test_an_older_or_a_foreign_state_is_refused(workspace: Workspace, server: Server) -> None:
    """A lower serial, the same serial with other content, another lineage: refused, nothing written; --force goes back, with a backup."""
    sent(workspace)
    pulled(workspace, "old.json")
    server.force("STARTED")
    workspace.run("refresh")
    assert "MP0553" in workspace.run("state", "push", "old.json", code=1).err  # the same serial, seen earlier
    workspace.declare("web.r1", ["u1", "u2", "u3", "u4"])
    workspace.apply()
    before = kept(workspace)
    assert "MP0553" in workspace.run("state", "push", "old.json", code=1).err
    foreign = (workspace.root / "old.json").read_text("utf-8")
    assert kept(workspace) == before
    workspace.run("state", "push", "old.json", "--force")
    assert (workspace.root / "mixpriv.state.json.backup").read_bytes() == before["mixpriv.state.json"]
    assert workspace.state["serial"] == 1
    assert set(kept(workspace)) >= {name for name in before if name.endswith(".seg")}  # the backup is whole
    removed(workspace)
    server.control("POST", "reset")
    workspace.declare("web.r1", ["w1"])
    workspace.apply()
    (workspace.root / "foreign.json").write_text(foreign, "utf-8")
    before = kept(workspace)
    assert "MP0552" in workspace.run("state", "push", "foreign.json", code=1).err
    assert kept(workspace) == before


def test_a_state_that_nobody_could_read_is_refused(workspace: Workspace, server: Server) -> None:
    """With another digest key at hand than the one a state was made with, push refuses and names it; without one, or by --force, it goes."""
    sent(workspace)
    pulled(workspace)
    removed(workspace)
    other = {"MIXPRIV_DIGEST_KEY": "another key of some length"}
    refused = workspace.run("state", "push", "pulled.json", code=1, environment=other)
    assert "MP0554" in refused.err
    assert other["MIXPRIV_DIGEST_KEY"] not in refused.both
    assert kept(workspace) == {}
    workspace.run("state", "push", "pulled.json", "--force", environment=other)
    assert "MP0506" in workspace.run("plan", code=1, environment=other).err


def test_the_sandbox_keeps_to_itself(workspace: Workspace, server: Server) -> None:
    """A memory of the sandbox never becomes the real one, nor the other way round, not even by --force."""
    sent(workspace)
    workspace.run("apply", "--sandbox", "--auto-approve")
    pulled(workspace, "pretended.json", "--sandbox")
    pulled(workspace, "real.json")
    removed(workspace)
    assert "MP0555" in workspace.run("state", "push", "pretended.json", "--force", code=1).err
    assert "MP0555" in workspace.run("state", "push", "real.json", "--sandbox", "--force", code=1).err
    assert kept(workspace) == {}
    workspace.run("state", "push", "pretended.json", "--sandbox")


def test_nothing_remembered_is_nothing_to_pull(workspace: Workspace) -> None:
    """`state pull` before the first apply is an error with a hint, and prints no document."""
    workspace.project("web", r1=["u1"])
    refused = workspace.run("state", "pull", code=1)
    assert refused.out == ""
    assert "MP0549" in refused.err
    assert "hint: run `mixpriv apply` first" in refused.err


def test_a_pull_during_an_apply(workspace: Workspace, server: Server) -> None:
    """While an apply runs, pull says so beside the document, which holds what is written down so far: also the batch in doubt."""
    workspace.project("web", r1=["u1", "u2", "u3"])
    server.fault("POST@1=hang")
    running = workspace.start("apply", "--auto-approve")
    until(lambda: server.struck("POST@1=hang"), running)
    ended = workspace.run("state", "pull", "--format", "json")
    assert "MP0526" in ended.err
    assert f"pid {running.pid}" in ended.err
    (batch,) = ended.document["records"]["web.deletions.r1"]["batches"]
    assert (batch["phase"], batch["count"]) == ("in_doubt", 2)
    assert len(ended.document["portable"]["segments"]) == 1
    running.kill()
    finished(running)
    left = workspace.run("state", "pull")
    assert "MP0516" in left.err
    assert left.document["records"] == ended.document["records"]
    assert not (workspace.root / "mixpriv.state.json").exists()


def test_a_journal_left_behind_is_never_lost(workspace: Workspace, server: Server) -> None:
    """Before a push a dead run's journal is published: an older state is refused, and by --force the backup has what was acknowledged."""
    sent(workspace)
    pulled(workspace)
    workspace.declare("web.r1", ["u1", "u2", "u3", "u4", "u5", "u6", "u7"])
    killed(workspace, server, "POST@2=hang")
    issued = {task["tracking_id"] for task in server.tasks()}
    assert "MP0553" in workspace.run("state", "push", "pulled.json", code=1).err
    known = workspace.remembered_tasks()
    assert len(known) == len(issued) - 1  # the last one is in doubt
    workspace.run("state", "push", "pulled.json", "--force")
    backup = json.loads((workspace.root / "mixpriv.state.json.backup").read_text("utf-8"))
    assert {task["tracking_id"] for task in backup["tasks"]} == known


def test_what_is_no_pulled_state_replaces_nothing(workspace: Workspace, server: Server) -> None:
    """A missing file, a folder, a device, a FIFO, too much, other bytes, a cut or altered document: our own error, and not a byte changes."""
    workspace.project("web", r1=["u1"])
    workspace.apply()
    document = pulled(workspace)
    before = kept(workspace)
    os.mkfifo(workspace.root / "fifo")
    (workspace.root / "empty.json").touch()
    (workspace.root / "deep.json").write_text("[" * 100_000)
    (workspace.root / "cut.json").write_text(json.dumps(document)[:-40])
    (segment,) = document["portable"]["segments"]
    altered = document | {"portable": document["portable"] | {"segments": {segment: "AAAA"}}}
    (workspace.root / "altered.json").write_text(json.dumps(altered | {"serial": 9}))
    (workspace.root / "newer.json").write_text(json.dumps(document | {"format_version": 2}))
    for name, code in {
        "none.json": "MP0551",
        ".": "MP0551",
        "/dev/zero": "MP0551",
        "fifo": "MP0551",
        "empty.json": "MP0550",
        "mixpriv.state.json": "MP0550",
        "deep.json": "MP0550",
        "cut.json": "MP0550",
        "altered.json": "MP0550",
        "newer.json": "MP0512",
    }.items():
        assert code in workspace.run("state", "push", name, "--force", code=1).err, name
    large = workspace.run("state", "push", "pulled.json", "--force", code=1, environment={"MIXPRIV_MAX_PULLED_BYTES": "100"})
    assert "MIXPRIV_MAX_PULLED_BYTES" in large.err
    assert kept(workspace) == before


def test_a_damaged_state_is_replaced_once_it_is_out_of_the_way(workspace: Workspace, server: Server) -> None:
    """A push never covers up damage: it names it, and works once the damaged file was moved away."""
    workspace.project("web", r1=["u1"])
    workspace.apply()
    pulled(workspace)
    path = workspace.root / "mixpriv.state.json"
    path.write_bytes(path.read_bytes()[:100])
    assert "MP0510" in workspace.run("state", "push", "pulled.json", "--force", code=1).err
    path.rename(path.with_name("damaged.json"))
    workspace.run("state", "push", "pulled.json")
    assert actions(workspace.plan("--no-refresh")) == {}


@pytest.mark.parametrize("damage", [emptied, flipped, a_fifo, away], ids=lambda damage: damage.__name__)
def test_a_push_restores_segments(workspace: Workspace, server: Server, damage: Callable[[Path], None]) -> None:
    """Whatever happened to segments, any pulled state that has them heals them; a newer state here stays, and nobody is sent twice."""
    sent(workspace)
    pulled(workspace)
    workspace.declare("web.r1", ["u1", "u2", "u3", "u4"])
    segments = list((workspace.root / "mixpriv.state.d").glob("*.seg"))
    workspace.apply()
    before = kept(workspace)
    for path in segments:
        damage(path)
    assert "MP0511" in workspace.run("plan", code=1).err
    ended = workspace.run("state", "push", "pulled.json")
    assert "note[MP0556]: 2 segments of the state here were missing or altered, and were restored from pulled.json" in ended.err
    assert "Nothing to push: the state is already at serial 2" in ended.out
    assert kept(workspace) == before
    assert actions(workspace.plan()) == {}
    damage(segments[0])
    workspace.run("state", "push", "pulled.json", "--force")
    assert workspace.state["serial"] == 1
    workspace.apply()
    assert set(server.ids_in_live_tasks().values()) == {1}


def test_a_refused_push_names_the_journal_of_this_state(workspace: Workspace) -> None:
    """Where the state lies under another name, the way past its damage names that one's journal."""
    workspace.manifest["workspace"]["state"] = {"path": "memory/privacy.json"}
    workspace.project("web", r1=["u1"])
    workspace.apply()
    pulled(workspace)
    emptied(workspace.root / "memory" / "privacy.json")
    refused = workspace.run("state", "push", "pulled.json", code=1).err
    assert "to push, move it away first, and memory/privacy.d/journal aside" in refused


def test_a_push_beside_a_journal_whose_state_is_lost(workspace: Workspace, server: Server) -> None:
    """The way that a refused push tells works: state and journal aside, push, the journal back, and all that was acknowledged is known."""
    sent(workspace)
    pulled(workspace)
    workspace.declare("web.r1", ["u1", "u2", "u3", "u4", "u5", "u6", "u7"])
    killed(workspace, server, "POST@2=hang")
    server.heal()
    state, journal = workspace.root / "mixpriv.state.json", workspace.root / "mixpriv.state.d" / "journal"
    emptied(state)
    assert "to push, move it away first, and mixpriv.state.d/journal aside" in workspace.run("state", "push", "pulled.json", code=1).err
    state.rename(state.with_name("damaged.json"))
    refused = workspace.run("state", "push", "pulled.json", "--force", code=1).err
    assert "MP0515" in refused
    assert "to push, move mixpriv.state.d/journal aside first; put it back afterwards" in refused
    journal.rename(workspace.root / "journal.put-aside")
    workspace.run("state", "push", "pulled.json")
    (workspace.root / "journal.put-aside").rename(journal)
    workspace.apply()
    assert set(server.ids_in_live_tasks().values()) == {1}
    assert workspace.remembered_tasks() == {task["tracking_id"] for task in server.tasks()}


def test_a_pulled_state_holds_no_id_and_no_token(workspace: Workspace, server: Server) -> None:
    """What pull prints, and what push writes, holds no canary: not raw, not encoded, not hashed."""
    declared(workspace)
    workspace.apply()
    document = workspace.run("state", "pull")
    assert len(document.document["portable"]["segments"]) == 1
    (workspace.root / "pulled.json").write_text(document.out, "utf-8")
    workspace.declare("web.r1", IDS[1:3])
    workspace.apply()
    check(workspace, document, workspace.run("state", "push", "pulled.json", "--force"))
