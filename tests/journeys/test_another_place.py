"""A manifest that names another place for the state than it is kept at moves nothing by itself, and is never taken for a new state."""

from __future__ import annotations

import json
import os
import shlex
import stat
from collections.abc import Callable
from pathlib import Path

import pytest

from .migrating import NEW, OLD, REMEMBERED, files_of, lived, migrate, name, place
from .trouble import without_privileges
from .workspace import Server, Workspace, actions, finished

OPENING: tuple[tuple[str, ...], ...] = (
    ("plan",),
    ("apply", "--auto-approve"),
    ("status",),
    ("refresh",),
    ("show",),
    ("confirm", "web.sso", "--by", "ops"),
    ("import", "web.deletions.r1", "task"),
    ("state", "list"),
    ("state", "show", "web.residency"),
    ("state", "mv", "web", "site"),
    ("state", "rm", "web.residency"),
    ("state", "pull"),
    ("state", "push", "pulled.json"),
    ("unlock", "0123456789abcdef"),
)


def test_a_changed_place_alone_is_an_error_everywhere(workspace: Workspace, server: Server) -> None:
    """No command takes another place for a new state: each says where the state was kept and what to type; typed, it all works."""
    lived(workspace)
    (workspace.root / "pulled.json").write_text(workspace.run("state", "pull").out, "utf-8")
    name(workspace, NEW)
    calls = server.calls()
    for command in OPENING:
        ended = workspace.run(*command, code=1)
        said = "the state of this workspace was kept at mixpriv.state.json; the manifests now say memory/prod.json, and nothing was moved"
        assert "MP0572" in ended.both, command
        assert said in " ".join(ended.both.split()).replace("\\n", " "), command
    assert server.calls() == calls
    assert not (workspace.root / "memory").exists()
    assert workspace.run("validate").code == 0
    error = workspace.run("plan", "--format", "json", code=1).document["diagnostics"][0]
    typed = error["hint"].partition(";")[0]
    assert typed == "mixpriv state migrate --from '{backend: local, path: mixpriv.state.json}' --to '{backend: local, path: memory/prod.json}'"
    assert "The manifests name memory/prod.json already" in workspace.run(*shlex.split(typed)[1:]).out
    assert actions(workspace.plan("--no-refresh")) == {}


def test_a_manifest_that_still_names_the_old_place_is_an_error_too(workspace: Workspace, server: Server) -> None:
    """After the move, who forgets to change the manifest is told so, and doesn't go on in the old place."""
    lived(workspace)
    migrate(workspace)
    error = workspace.run("apply", "--auto-approve", "--format", "json", code=1).events
    said = next(event["diagnostic"] for event in error if event["type"] == "diagnostic")
    assert said["code"] == "MP0572"
    assert "was moved to memory/prod.json; the manifests still say mixpriv.state.json" in said["message"]
    assert "write `state: {backend: local, path: memory/prod.json}` under `workspace:`" in said["hint"]


def test_a_state_can_be_given_up(workspace: Workspace, server: Server) -> None:
    """Begun anew, as the hint says, the new place is taken without a question; and a state moved by hand is found there."""
    lived(workspace)
    name(workspace, NEW)
    workspace.run("plan", code=1)
    (workspace.root / REMEMBERED).unlink()
    assert "web.deletions.r1" in actions(workspace.plan("--no-refresh"))
    place(workspace, NEW, files_of(workspace, OLD))
    assert actions(workspace.plan("--no-refresh")) == {}


def test_what_is_remembered_of_the_place_is_private_and_no_more(workspace: Workspace, server: Server) -> None:
    """One small file, for the owner alone, says where the state is; it is written when a state is there, and only if that is news."""
    workspace.project("web", r1=["u1"])
    workspace.plan()
    assert not (workspace.root / REMEMBERED).exists()
    workspace.apply()
    path = workspace.root / REMEMBERED
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert stat.S_IMODE(path.parent.stat().st_mode) == 0o700
    history = {"lineage": workspace.state["lineage"], "serial": workspace.state["serial"]}
    assert json.loads(path.read_text()) == {"version": 1, "place": "mixpriv.state.json", "settings": OLD, "moved_from": None, **history}
    before = path.stat().st_ino
    workspace.run("status")
    assert path.stat().st_ino == before
    path.unlink()
    workspace.run("status")
    assert path.exists()


def test_the_sandbox_is_not_remembered(workspace: Workspace, server: Server) -> None:
    """A pretended run neither asks nor says where the real state is."""
    lived(workspace)
    name(workspace, NEW)
    workspace.run("apply", "--sandbox", "--auto-approve")
    assert json.loads((workspace.root / REMEMBERED).read_text())["settings"] == OLD


@pytest.mark.parametrize(
    "written",
    ["", "{", "null", "[]", '{"version": 2}', '{"version": 1, "settings": {"backend": "tape"}, "moved_from": null}', "[" * 100_000],
    ids=["empty", "torn", "null", "a list", "of a later version", "of another backend", "deep"],
)
def test_an_unreadable_memory_of_the_place_is_none(workspace: Workspace, server: Server, written: str) -> None:
    """What can't be read there stops nobody, and is written anew."""
    lived(workspace)
    (workspace.root / REMEMBERED).write_text(written)
    workspace.run("status")
    assert json.loads((workspace.root / REMEMBERED).read_text())["settings"] == OLD


def _linked(folder: Path) -> None:
    target = folder.with_name("elsewhere")
    folder.rename(target)
    folder.symlink_to(target)


def _closed(folder: Path) -> None:
    folder.chmod(0o500)


@pytest.mark.parametrize("trouble", [_linked, _closed], ids=["a link", "read only"])
def test_where_the_place_cannot_be_remembered_nothing_fails(
    workspace: Workspace, server: Server, trouble: Callable[[Path], None]
) -> None:
    """A folder that can't be written to, or that leads elsewhere, keeps nobody from looking; nothing is written through a link."""
    lived(workspace)
    (workspace.root / REMEMBERED).unlink()
    trouble(workspace.root / ".mixpriv")
    ended = finished(workspace.start("state", "list", preexec_fn=without_privileges))
    os.chmod((workspace.root / ".mixpriv").resolve(), 0o700)
    assert ended.code == 0, ended.both
    assert not (workspace.root / REMEMBERED).exists()


def test_another_machine_learns_of_a_move(workspace: Workspace, server: Server) -> None:
    """A machine that last saw the state at the old place takes it at the new one, if it is the same one and no older; an older copy is refused."""
    lived(workspace)
    before = (workspace.root / REMEMBERED).read_bytes()
    workspace.run("state", "migrate", "--to", json.dumps(NEW))
    (workspace.root / REMEMBERED).write_bytes(before)  # as on a machine that knows nothing of the move
    name(workspace, NEW)
    workspace.declare("web.r1", ["u1", "u2", "u-new"])
    workspace.apply()
    name(workspace, OLD)  # an old branch, where the copy that was left behind is older by now
    assert "MP0572" in workspace.run("plan", code=1).err
