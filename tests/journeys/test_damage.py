"""Damaged files: each command names what is damaged and the way back, nothing is sent, and the way back works."""

from __future__ import annotations

import re
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from .trouble import REPLACED, a_fifo, a_folder, a_link, away, emptied, flipped, said, truncated, zeroed
from .workspace import Server, Workspace, actions, codes, finished, killed

STATE = "mixpriv.state.json"
JOURNAL = "mixpriv.state.d/journal"
REQUEST = "web.deletions.r1"
COMMANDS = (["status"], ["plan"], ["apply", "--auto-approve"], ["refresh"], ["confirm", "site.sso", "--by", "ops"])
WITHOUT_IDS = (["state", "list"], ["state", "show", REQUEST], ["show"])

Damage = Callable[[Path], None]
nameable = {"ids": lambda damage: damage.__name__}


@pytest.fixture
def lived(workspace: Workspace, server: Server) -> Workspace:
    """A workspace after two applies, the second of which sent one id more; a manual step is open."""
    workspace.project("site")["sso"] = {"postback_url": "https://eu.mixpanel.com/security/login/42"}
    workspace.project("web", r1=["u1", "u2"])
    workspace.apply()
    workspace.declare("web.r1", ["u1", "u2", "u3"])
    workspace.apply()
    assert len(server.calls("POST")) == 2
    return workspace


def stopped(workspace: Workspace, server: Server) -> None:
    """Let a run die while its second POST is on the way; its journal is left."""
    workspace.project("web", r1=["u1", "u2", "u3"])
    killed(workspace, server, "POST@2=hang")
    server.heal()


def refused(workspace: Workspace, server: Server, *command: str) -> tuple[str, str, str]:
    """What the command says when it ends with 1; nothing is sent, and no file is changed."""
    posts, before = len(server.calls("POST")), everything(workspace.root)
    ended = workspace.run(*command, "--format", "json", code=1)
    assert len(server.calls("POST")) == posts
    assert everything(workspace.root) == before
    return said(ended)


def everything(root: Path) -> dict[str, bytes | None]:
    """Every file by its name, but for the lock and the folder for what is private; None for what is no file."""
    return {
        str(path.relative_to(root)): path.read_bytes() if path.is_file() else None
        for path in root.rglob("*")
        if ".mixpriv" not in path.parts and path.name != "mixpriv.state.lock"
    }


def typed(workspace: Workspace, command: str) -> None:
    """Type *command* into a shell in the workspace."""
    subprocess.run(["sh", "-euc", command], cwd=workspace.root, env=workspace.environment, check=True)


def settled(workspace: Workspace, server: Server, *more: str) -> None:
    """One apply later each id is in one live task, each task remembered, and nothing left to do but by hand."""
    workspace.apply()
    assert {one for _, one in server.ids_in_live_tasks()} == {"u1", "u2", "u3", *more}
    assert set(server.ids_in_live_tasks().values()) == {1}
    assert workspace.remembered_tasks() == {task["tracking_id"] for task in server.tasks()}
    assert set(actions(workspace.plan())) <= {"site.sso"}


# The state


@pytest.mark.parametrize("damage", [emptied, a_folder], **nameable)
def test_every_command_names_a_damaged_state(lived: Workspace, server: Server, damage: Damage) -> None:
    """Whatever the command, a state that is no state any more is named, and never taken for a new one."""
    damage(lived.root / STATE)
    for command in (*COMMANDS, *WITHOUT_IDS, ["state", "rm", REQUEST]):
        code, message, hint = refused(lived, server, *command)
        assert code in ("MP0510", "MP0520")
        assert STATE in message
        assert f"cp {STATE}.backup {STATE}" in hint


@pytest.mark.parametrize("damage", [truncated, flipped, a_folder, a_link], **nameable)
def test_the_backup_that_the_hint_names_heals_the_state(lived: Workspace, server: Server, damage: Damage) -> None:
    """The command in the hint brings back the state before; the next apply finds again what was sent since."""
    damage(lived.root / STATE)
    _, _, hint = refused(lived, server, "plan")
    if damage in REPLACED:
        assert hint.startswith("move it away at once")
        away(lived.root / STATE)
    (command,) = re.findall(r"cp \S+ \S+json", hint)
    typed(lived, command)
    settled(lived, server)


def test_the_hint_is_to_be_typed_where_one_is(lived: Workspace, server: Server) -> None:
    """With `-C`, and the state in a folder of its own, the command in the hint names the files as they are reached from here."""
    folder = lived.root / "the memory"
    folder.mkdir()
    for path in lived.root.glob("mixpriv.state*"):
        path.rename(folder / path.name.replace("mixpriv.state", "prod"))
    (lived.root / ".mixpriv" / "state-location.json").unlink()  # as MP0572 says to do where a state was moved by hand
    lived.manifest["workspace"]["state"] = {"path": "the memory/prod.json"}
    lived.write()
    emptied(folder / "prod.json")
    home = lived.root.parent
    ended = finished(lived.start("-C", lived.root.name, "plan", "--format", "json", cwd=home))
    _, _, hint = said(ended)
    command = "cp 'workspace/the memory/prod.json.backup' 'workspace/the memory/prod.json'"
    assert command in hint
    subprocess.run(["sh", "-euc", command], cwd=home, check=True)
    assert "MP0510" not in codes(lived.plan())


@pytest.mark.parametrize("damage", [flipped, a_folder], **nameable)
def test_a_backup_that_is_damaged_too_is_not_recommended(lived: Workspace, server: Server, damage: Damage) -> None:
    """Where state and backup are both damaged, the hint doesn't send anybody from one to the other; the last resort works."""
    flipped(lived.root / STATE)
    damage(lived.root / f"{STATE}.backup")
    _, _, hint = refused(lived, server, "plan")
    assert "cp " not in hint
    assert "mixpriv explain MP0510" in hint
    typed(lived, "mkdir lost && mv mixpriv.state.* lost/")
    settled(lived, server)


@pytest.mark.parametrize("damage", [emptied, a_folder], **nameable)
def test_a_damaged_backup_loses_nothing(lived: Workspace, server: Server, damage: Damage) -> None:
    """A backup that is damaged keeps nobody from working; a folder in its place is named, and what was done meanwhile is known."""
    damage(lived.root / f"{STATE}.backup")
    lived.declare("web.r1", ["u1", "u2", "u3", "u4"])
    if damage is a_folder:
        _, message, hint = said(lived.apply("--format", "json", code=1))
        assert f"{STATE}.backup: Is a directory" in message
        assert "move away the folder" in hint
        assert "MP0516" in codes(lived.plan())
        away(lived.root / f"{STATE}.backup")
    lived.apply()
    assert set(server.ids_in_live_tasks().values()) == {1}
    assert lived.remembered_tasks() == {task["tracking_id"] for task in server.tasks()}


# Segments


def segment(workspace: Workspace) -> Path:
    return min((workspace.root / "mixpriv.state.d").glob("*.seg"))


def test_every_command_names_a_damaged_segment(lived: Workspace, server: Server) -> None:
    """What needs ids names the segment and its request; what only looks at the memory works on."""
    flipped(segment(lived))
    for command in COMMANDS:
        code, message, hint = refused(lived, server, *command)
        assert code == "MP0511"
        assert segment(lived).stem[:12] in message
        assert "restore it from a backup" in hint
        assert f"mixpriv state rm {REQUEST}" in hint
    for command in WITHOUT_IDS:
        lived.run(*command)


@pytest.mark.parametrize("damage", [emptied, truncated, a_folder], **nameable)
def test_a_segment_is_restored_from_any_backup(lived: Workspace, server: Server, damage: Damage) -> None:
    """Whatever happened to a segment, the file of its name from a backup heals it, for segments never change."""
    path = segment(lived)
    shutil.copy(path, lived.root.parent / "a backup")
    damage(path)
    assert refused(lived, server, "plan")[0] == "MP0511"
    away(path)
    shutil.copy(lived.root.parent / "a backup", path)
    settled(lived, server)


@pytest.mark.parametrize("damage", [a_fifo, away], **nameable)
def test_a_lost_segment_without_a_backup(lived: Workspace, server: Server, damage: Damage) -> None:
    """`state rm` of the request that the hint names is the way out: what it sends again is adopted, and nothing is sent twice."""
    damage(segment(lived))
    _, _, hint = refused(lived, server, "apply", "--auto-approve")
    (address,) = re.findall(r"mixpriv state rm (\S+),", hint)
    lived.run("state", "rm", address)
    assert actions(lived.plan())[REQUEST] == ["delete"]
    settled(lived, server)


def test_the_whole_folder_is_lost(lived: Workspace, server: Server) -> None:
    """Without `mixpriv.state.d` nothing is sent; forgetting, one by one, the requests whose ids were in it, and an apply, heal it."""
    lived.declare("web.r2", ["u4"])
    lived.apply()
    shutil.rmtree(lived.root / "mixpriv.state.d")
    for address in (REQUEST, "web.deletions.r2"):
        _, _, hint = refused(lived, server, "apply", "--auto-approve")
        assert f"mixpriv state rm {address}," in hint
        lived.run("state", "rm", address)
    settled(lived, server, "u4")


# The journal


@pytest.mark.parametrize("damage", [flipped, a_fifo, a_link], **nameable)
def test_a_damaged_journal_is_moved_away(workspace: Workspace, server: Server, damage: Damage) -> None:
    """Each command names the journal; moved away, as the hint says, its batches are sent again and its tasks adopted."""
    stopped(workspace, server)
    damage(workspace.root / JOURNAL)
    for command in (["status"], ["plan"], ["apply", "--auto-approve"], ["refresh"], ["state", "list"]):
        code, message, hint = refused(workspace, server, *command)
        assert code in ("MP0513", "MP0520")
        assert "journal" in message
        assert JOURNAL in hint
        assert "move it away and run `mixpriv plan`" in hint
    typed(workspace, f"mv {JOURNAL} journal.damaged")
    workspace.run("plan")
    settled(workspace, server)


@pytest.mark.parametrize("damage", [emptied, truncated], **nameable)
def test_a_journal_that_ends_early_loses_nothing(workspace: Workspace, server: Server, damage: Damage) -> None:
    """A journal that was cut off is what a crash leaves: what still stands in it counts, and what is lost is adopted by 409."""
    stopped(workspace, server)
    damage(workspace.root / JOURNAL)
    settled(workspace, server)


def test_a_journal_whose_state_is_lost(workspace: Workspace, server: Server) -> None:
    """A journal that continues another state than the backup is named as such; moved away, as the hint says, nothing is lost."""
    workspace.project("web", r1=["u1"])
    workspace.apply()
    workspace.declare("web.r1", ["u1", "u2"])
    workspace.apply()
    workspace.declare("web.r1", ["u1", "u2", "u3"])
    killed(workspace, server, "POST@1=hang")
    server.heal()
    emptied(workspace.root / STATE)
    typed(workspace, f"cp {STATE}.backup {STATE}")
    code, _, hint = refused(workspace, server, "plan")
    assert code == "MP0515"
    assert "move the journal away" in hint
    typed(workspace, f"mv {JOURNAL} journal.put-aside")
    settled(workspace, server)


# Lock, key, saved plan


@pytest.mark.parametrize("damage", REPLACED, **nameable)
def test_a_lock_that_is_no_file(lived: Workspace, server: Server, damage: Damage) -> None:
    """What writes names the lock that is no file, and works once it is moved away; what reads works on."""
    lock = lived.root / "mixpriv.state.lock"
    damage(lock)
    for command in (["apply", "--auto-approve"], ["refresh"], ["confirm", "site.sso", "--by", "ops"], ["state", "rm", REQUEST]):
        code, message, hint = refused(lived, server, *command)
        assert code == "MP0520"
        assert lock.name in message
        assert re.search("move (it|(away the (folder|symbolic link)))", hint)
    for command in (["plan"], ["status"], ["state", "list"]):
        lived.run(*command)
    away(lock)
    settled(lived, server)


@pytest.mark.parametrize("content", [b"\0\xff", b"[" * 4000, b',"lock_id":"1","who":"","host":"","pid":1e999,"since":""}'])
def test_a_lock_of_nonsense_holds_nothing(workspace: Workspace, server: Server, content: bytes) -> None:
    """Whatever a lock that nobody holds goes on with, after what every holder writes first, keeps nobody from working."""
    workspace.project("web")
    (workspace.root / "mixpriv.state.lock").write_bytes(b'{"command": ""' + content)
    workspace.apply()


def test_a_file_of_somebody_else_in_the_place_of_the_lock(lived: Workspace, server: Server) -> None:
    """What never was a lock is named by what writes, and left as it is; what reads works on, and moved away, all does."""
    lock = lived.root / "mixpriv.state.lock"
    lock.write_bytes(b"[[package]]\n")
    for command in (["apply", "--auto-approve"], ["refresh"], ["state", "rm", REQUEST]):
        code, message, hint = refused(lived, server, *command)
        assert (code, lock.read_bytes()) == ("MP0518", b"[[package]]\n")
        assert lock.name in message
        assert "give the state another name" in hint
    for command in (["plan"], ["status"], ["state", "list"]):
        lived.run(*command)
    away(lock)
    settled(lived, server)


@pytest.mark.parametrize("damage", [zeroed, a_fifo], **nameable)
def test_a_damaged_key_sends_nothing(lived: Workspace, server: Server, damage: Damage) -> None:
    """A key that can't be one is named before anything is sent; what needs no key works; the key put back, all is as before."""
    key = lived.root / "mixpriv.key"
    del lived.environment["MIXPRIV_DIGEST_KEY"]
    key.write_text("a key for journeys, long enough")
    damage(key)
    for command in (["plan"], ["apply", "--auto-approve"]):
        code, message, hint = refused(lived, server, *command)
        assert code in ("MP0508", "MP0520")
        assert key.name in message
        assert "restore it from your backup, or set MIXPRIV_DIGEST_KEY" in hint
    for command in (["status"], ["refresh"], ["confirm", "site.sso", "--by", "ops"], *WITHOUT_IDS):
        lived.run(*command)
    away(key)
    key.write_text("a key for journeys, long enough")
    settled(lived, server)


@pytest.mark.parametrize("damage", [emptied, flipped, a_fifo, a_link], **nameable)
def test_a_damaged_plan_is_not_applied(workspace: Workspace, server: Server, damage: Damage) -> None:
    """A saved plan that was damaged is named and not carried out; planned anew, as the hint says, it is."""
    workspace.project("web", r1=["u1"])
    workspace.run("plan", "--out", "the.plan")
    damage(workspace.root / "the.plan")
    for command in (["apply", "the.plan"], ["show", "the.plan"]):
        code, message, hint = refused(workspace, server, *command)
        assert code in ("MP0619", "MP0621", "MP0520")
        assert "the.plan" in message
        assert "mixpriv plan --out FILE" in hint
    workspace.run("plan", "--out", "another.plan")
    workspace.run("apply", "another.plan")
    assert len(server.tasks()) == 1


@pytest.mark.parametrize("what_is_left", ["all", "no backup", "only the backup"])
def test_a_state_that_is_gone_is_never_new(lived: Workspace, server: Server, what_is_left: str) -> None:
    """Where only the document is gone, nobody is erased once more: what belongs to it is still there, and says that there was one."""
    (lived.root / STATE).unlink()
    if what_is_left == "no backup":
        (lived.root / f"{STATE}.backup").unlink()
    if what_is_left == "only the backup":
        shutil.rmtree(lived.root / "mixpriv.state.d")
    calls = len(server.calls())
    for command in ("plan", "status", "apply --auto-approve", "refresh", "state list"):
        ended = lived.run(*command.split(), code=1)
        assert "error[MP0510]" in ended.err
        assert "is missing" in ended.err
    assert len(server.calls()) == calls
