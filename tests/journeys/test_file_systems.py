"""File systems that are really full or read-only: small ones, mounted for these tests alone. They need root: `make test-engines`."""

from __future__ import annotations

import contextlib
import os
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from .trouble import is_plain
from .workspace import Ended, Server, Workspace, codes, finished, until

pytestmark = pytest.mark.engines

KEYLESS = {"MIXPRIV_DIGEST_KEY": None, "PYTHONDONTWRITEBYTECODE": "1"}
APPLY = ("apply", "--auto-approve")
PAGE = 4096


@pytest.fixture
def mounted(workspace: Workspace) -> Iterator[Callable[[str], None]]:
    """Mounts a tmpfs with the options given on the workspace's folder; taken down in the end. Fails where that can't be done."""
    assert os.geteuid() == 0, "these tests mount file systems, which takes root: run them with `make test-engines`"

    def mount(options: str) -> None:
        subprocess.run(["mount", "-t", "tmpfs", "-o", options, "tmpfs", str(workspace.root)], check=True)
        workspace.write()

    yield mount
    while subprocess.run(["umount", str(workspace.root)], capture_output=True, check=False).returncode == 0:
        pass


def remounted(root: Path, options: str) -> None:
    subprocess.run(["mount", "-o", f"remount,{options}", str(root)], check=True)


@contextlib.contextmanager
def filled(root: Path, spare_pages: int) -> Iterator[None]:
    """A file takes all room of the disk but so many pages."""
    ballast = root / "ballast"
    free = os.statvfs(root).f_bavail
    ballast.write_bytes(bytes(max(0, free - spare_pages) * PAGE))
    yield
    ballast.unlink()


def known_or_in_doubt(workspace: Workspace, server: Server) -> None:
    """Each task that Mixpanel acknowledged is in the status, or is the task of a batch that the plan shows in doubt."""
    issued = {task["tracking_id"] for task in server.tasks()}
    known = {task["tracking_id"] for request in workspace.status().values() for task in request["tasks"]}
    assert known <= issued
    assert len(issued - known) <= codes(workspace.plan()).count("MP0613")


def settled(workspace: Workspace, server: Server, count: int) -> None:
    """The next apply finishes: each id in one live task, each task remembered."""
    workspace.apply()
    assert len(server.ids_in_live_tasks()) == count
    assert set(server.ids_in_live_tasks().values()) == {1}
    assert workspace.remembered_tasks() == {task["tracking_id"] for task in server.tasks()}


def named(ended: Ended, *reasons: str) -> None:
    """The run ended with an error that has a code, one of the system's reasons, and a hint."""
    assert ended.code == 1, ended.both
    assert is_plain(ended), ended.both
    assert "error[MP" in ended.both
    assert "hint: " in ended.both
    assert any(reason in ended.both for reason in reasons), ended.both


FULL = "No space left on device"
READ_ONLY = "Read-only file system"


@pytest.mark.parametrize("spare_pages", range(8))
def test_a_full_disk_loses_nothing(workspace: Workspace, server: Server, mounted: Callable[[str], None], spare_pages: int) -> None:
    """An apply on a disk with room for so many pages: what fails is named, what was acknowledged is known, and with room it finishes."""
    mounted("size=1m")
    workspace.project("web", r1=["u1"])
    workspace.apply()
    workspace.declare("web.r1", ["u1", "u2", "u3"])
    state = (workspace.root / "mixpriv.state.json").read_bytes()
    with filled(workspace.root, spare_pages):
        ended = workspace.run(*APPLY, code=None)
        if ended.code:
            named(ended, FULL)
            assert (workspace.root / "mixpriv.state.json").read_bytes() == state
        known_or_in_doubt(workspace, server)
    settled(workspace, server, 3)


@pytest.mark.parametrize("command", [("refresh",), ("confirm", "site.sso", "--by", "ops"), ("state", "rm", "web.deletions.*")])
def test_upkeep_on_a_full_disk(workspace: Workspace, server: Server, mounted: Callable[[str], None], command: tuple[str, ...]) -> None:
    """Upkeep that can't be saved says so, and the memory stays as it was."""
    mounted("size=1m")
    workspace.project("site")["sso"] = {"postback_url": "https://eu.mixpanel.com/security/login/42"}
    workspace.project("web", r1=["u1"])
    workspace.apply()
    state = (workspace.root / "mixpriv.state.json").read_bytes()
    with filled(workspace.root, 0):
        named(workspace.run(*command, code=None), FULL)
        assert (workspace.root / "mixpriv.state.json").read_bytes() == state
        workspace.run("status")
    workspace.run(*command)
    settled(workspace, server, 1)


@pytest.mark.parametrize("inodes", range(3, 13))
def test_a_disk_without_inodes(workspace: Workspace, server: Server, mounted: Callable[[str], None], inodes: int) -> None:
    """A file system that takes only so many files: whichever can't be made is named; with more of them the apply finishes."""
    mounted(f"size=1m,nr_inodes={inodes}")
    workspace.project("web", r1=["u1", "u2"])
    ended = workspace.run(*APPLY, code=None, environment=KEYLESS)
    if ended.code:
        named(ended, FULL)
    remounted(workspace.root, "nr_inodes=100")
    if not (workspace.root / "mixpriv.key").exists():
        assert server.tasks() == []
    del workspace.environment["MIXPRIV_DIGEST_KEY"]
    known_or_in_doubt(workspace, server)
    settled(workspace, server, 2)


@pytest.mark.parametrize("size", ["4k", "8k", "16k", "32k", "64k"])
def test_init_on_a_small_disk(workspace: Workspace, mounted: Callable[[str], None], size: str) -> None:
    """`init` without room names the file that doesn't fit and leaves none in part; with room it is run again and completes."""
    mounted(f"size={size}")
    (workspace.root / "privacy.yaml").unlink()
    ended = workspace.run("init", code=None, environment=KEYLESS)
    if ended.code:
        named(ended, FULL)
    remounted(workspace.root, "size=1m")
    workspace.run("init", environment=KEYLESS)
    workspace.run("validate")
    assert len((workspace.root / "mixpriv.key").read_text("utf-8").strip()) >= 32


def test_a_plan_that_finds_no_room(workspace: Workspace, server: Server, mounted: Callable[[str], None]) -> None:
    """`plan --out` on a full disk leaves no half of a plan, and a plan without `--out` needs no room."""
    mounted("size=1m")
    workspace.project("web", r1=["u1"])
    with filled(workspace.root, 0):
        workspace.plan()
        named(workspace.run("plan", "--out", "the.plan", code=None), FULL)
        assert list(workspace.root.glob("*the.plan*")) == []


def test_a_folder_that_turns_read_only_during_an_apply(workspace: Workspace, server: Server, mounted: Callable[[str], None]) -> None:
    """Where the journal can still be written and the state can't any more, the error names it, and every task is known from the journal."""
    mounted("size=1m")
    workspace.project("web", r1=["u1", "u2", "u3", "u4", "u5"])
    server.fault("POST@2=hold")
    running = workspace.start(*APPLY)
    until(lambda: server.struck("POST@2=hold"), running)
    # A mount that has files open for writing can't be made read-only; one that is laid over it can.
    subprocess.run(["mount", "--bind", str(workspace.root), str(workspace.root)], check=True)
    remounted(workspace.root, "bind,ro")
    server.release()
    named(finished(running), READ_ONLY)
    assert "MP0613" not in codes(workspace.plan())
    known_or_in_doubt(workspace, server)
    named(workspace.run(*APPLY, code=None), READ_ONLY)
    subprocess.run(["umount", str(workspace.root)], check=True)
    sent = len(server.calls("POST"))
    settled(workspace, server, 5)
    assert len(server.calls("POST")) == sent == 3


def test_a_workspace_mounted_read_only(workspace: Workspace, server: Server, mounted: Callable[[str], None]) -> None:
    """A read-only mount can be planned and looked at; what writes names it, and nothing is sent."""
    mounted("size=1m")
    workspace.project("web", r1=["u1"])
    workspace.apply()
    workspace.declare("web.r1", ["u1", "u2"])
    remounted(workspace.root, "ro")
    for command in (["validate"], ["plan"], ["status"], ["show"], ["state", "list"]):
        workspace.run(*command)
    for command in (APPLY, ("refresh",), ("state", "rm", "*"), ("plan", "--out", "the.plan"), ("init",)):
        named(workspace.run(*command, code=None), READ_ONLY)
    assert len(server.calls("POST")) == 1
    remounted(workspace.root, "rw")
    settled(workspace, server, 2)
