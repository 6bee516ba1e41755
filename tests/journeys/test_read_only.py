"""Folders and files that may not be written to, or not be read: what only looks works on, what writes says which one it is."""

from __future__ import annotations

import stat
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from .trouble import is_plain, said, without_privileges
from .workspace import Ended, Server, Workspace, codes, finished

READING = (
    ["validate"],
    ["plan"],
    ["plan", "--out", "../the.plan"],
    ["status"],
    ["show"],
    ["show", "../the.plan"],
    ["state", "list"],
    ["state", "show", "web.deletions.r1"],
)
WRITING = (
    ["apply", "--auto-approve"],
    ["refresh"],
    ["confirm", "site.sso", "--by", "ops"],
    ["state", "rm", "web.deletions.r1"],
    ["plan", "--out", "inside.plan"],
    ["init"],
)


@pytest.fixture
def as_anybody(workspace: Workspace) -> Iterator[Callable[..., Ended]]:
    """Runs the program bound by the rights of files, also where the tests are root's. Afterwards all can be removed."""

    def run(*command: str, **variables: str | None) -> Ended:
        return finished(workspace.start(*command, environment=variables, preexec_fn=without_privileges))

    yield run
    for path in (workspace.root, *workspace.root.rglob("*")):
        path.chmod(path.stat().st_mode | stat.S_IRWXU)


@pytest.fixture
def lived(workspace: Workspace) -> Workspace:
    """A workspace that was applied once, with a manual step open."""
    workspace.project("site")["sso"] = {"postback_url": "https://eu.mixpanel.com/security/login/42"}
    workspace.project("web", r1=["u1"])
    workspace.apply()
    return workspace


def without(rights: int, root: Path) -> None:
    for path in sorted((root, *root.rglob("*")), reverse=True):
        path.chmod(path.stat().st_mode & ~rights)


def test_a_read_only_workspace_can_be_looked_at(lived: Workspace, server: Server, as_anybody: Callable[..., Ended]) -> None:
    """Whoever may only read can validate, plan, show and list, even where a killed run left its spool; that is warned about."""
    spool = lived.root / ".mixpriv" / "spool" / "0123456789abcdef"
    spool.mkdir(parents=True)
    (spool / "left").write_text("u1\n")
    without(0o222, lived.root)
    for command in READING:
        ended = as_anybody(*command)
        assert (ended.code, is_plain(ended)) == (0, True), (command, ended.both)
    planned = as_anybody("plan", "--format", "json").document
    assert codes(planned).count("MP0528") == 1
    assert (spool / "left").exists()


def test_a_read_only_workspace_is_named_by_what_writes(lived: Workspace, server: Server, as_anybody: Callable[..., Ended]) -> None:
    """Each command that would write says what it can't, and why; nothing is sent, and nothing is changed."""
    lived.declare("web.r1", ["u1", "u2"])
    without(0o222, lived.root)
    before = {path: path.read_bytes() for path in lived.files()}
    posts = len(server.calls("POST"))
    for command in WRITING:
        ended = as_anybody(*command)
        assert ended.code == 1, (command, ended.both)
        assert "Permission denied" in ended.err, (command, ended.err)
        assert "rights" in ended.err or command == ["init"]
        assert is_plain(ended)
    assert {path: path.read_bytes() for path in lived.files()} == before
    assert len(server.calls("POST")) == posts


@pytest.mark.parametrize("name", ["mixpriv.state.json", "mixpriv.state.d", "mixpriv.key"])
def test_what_may_not_be_read_is_named(lived: Workspace, server: Server, as_anybody: Callable[..., Ended], name: str) -> None:
    """A state, a folder of segments or a key without the right to read it is never taken for none."""
    path = lived.root / name
    if name == "mixpriv.key":
        path.write_text("a key for journeys, long enough")
    path.chmod(0)
    posts = len(server.calls("POST"))
    for command in (["plan"], ["apply", "--auto-approve"]):
        code, message, hint = said(as_anybody(*command, "--format", "json", MIXPRIV_DIGEST_KEY=None))
        assert code == "MP0520"
        assert "Permission denied" in message
        assert "rights" in hint
    assert len(server.calls("POST")) == posts
    if name == "mixpriv.key":
        for command in (["status"], ["refresh"], ["state", "list"]):
            assert as_anybody(*command, MIXPRIV_DIGEST_KEY=None).code == 0


def test_folders_that_may_not_be_entered(lived: Workspace, server: Server, as_anybody: Callable[..., Ended]) -> None:
    """A workspace, or a folder of it, that may not be entered or listed is an error or a warning with its name, not a crash."""
    hidden = lived.root / "hidden"
    hidden.mkdir(mode=0)
    (lived.root / ".mixpriv").mkdir(mode=0, exist_ok=True)
    (lived.root / ".mixpriv").chmod(0)
    for command in (["validate"], ["plan"], ["status"]):
        ended = as_anybody(*command)
        assert is_plain(ended), ended.both
        assert "hidden" in ended.both
    assert "MP0620" not in as_anybody("show", "hidden/a.plan").err
    for command in (["show", "hidden/a.plan"], ["apply", "hidden/a.plan"], ["plan", "--out", "hidden/a.plan"]):
        ended = as_anybody(*command)
        assert (ended.code, is_plain(ended)) == (1, True), ended.both


def test_no_folder_to_keep_the_pace_in(lived: Workspace, server: Server, as_anybody: Callable[..., Ended]) -> None:
    """Where the pace can't be kept nothing is sent, for two processes might be too fast together; the folder and the reason are named."""
    lived.declare("web.r1", ["u1", "u2"])
    runtime = lived.root.parent / "runtime"
    posts = len(server.calls())
    without(0o222, runtime)
    ended = as_anybody("apply", "--auto-approve")
    without(0, runtime)
    runtime.chmod(0o700)
    assert ended.code == 1
    assert "error[MP0725]" in ended.err
    assert "Permission denied" in ended.err
    assert len(server.calls()) == posts
    for path in runtime.rglob("*"):
        path.chmod(path.stat().st_mode | stat.S_IRWXU)
    lived.apply()
    assert set(server.ids_in_live_tasks().values()) == {1}
