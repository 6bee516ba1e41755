"""`mixpriv state migrate`: the memory moves to another place, and a manifest that names another place moves nothing by itself."""

from __future__ import annotations

import hashlib
import json
import os
import shlex
import stat
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import yaml

from .canaries import check
from .trouble import flipped, without_privileges
from .workspace import Ended, Server, Workspace, actions, finished, killed, until

OLD: dict[str, Any] = {"backend": "local", "path": "mixpriv.state.json"}
NEW: dict[str, Any] = {"backend": "local", "path": "memory/prod.json"}
REMEMBERED = ".mixpriv/state-location.json"

Files = dict[str, tuple[int, bytes]]


def flow(location: dict[str, Any]) -> str:
    """A location as it is typed."""
    return yaml.safe_dump(location, default_flow_style=True, width=1000).strip()


def files_of(workspace: Workspace, location: dict[str, Any]) -> Files:
    """Name, mode and bytes of what a local state consists of, its lock aside."""
    document = workspace.root / location["path"]
    stem = document.name.removesuffix(".json")
    folder = document.with_name(f"{stem}.d")
    paths = [document, document.with_name(f"{document.name}.backup"), *(folder.iterdir() if folder.is_dir() else ())]
    kept = {path: path.name.replace(stem, "*", 1) for path in paths if path.is_file()}
    return {name: (stat.S_IMODE(path.stat().st_mode), path.read_bytes()) for path, name in kept.items()}


def bytes_of(files: Files) -> dict[str, bytes]:
    """The contents of *files*, without the backup, which stays with the old place."""
    return {name: content for name, (_, content) in files.items() if not name.endswith(".backup")}


def migrate(workspace: Workspace, to: dict[str, Any] = NEW, *options: str, code: int = 0, **more: Any) -> Ended:
    return workspace.run("state", "migrate", "--to", flow(to), *options, code=code, **more)


def name(workspace: Workspace, location: dict[str, Any] | None) -> None:
    """Let the manifest keep the state at *location*."""
    workspace.manifest["workspace"].pop("state", None)
    if location is not None:
        workspace.manifest["workspace"]["state"] = location
    workspace.write()


def lived(workspace: Workspace) -> None:
    """A state with two segments of one request, one of another, and a backup."""
    workspace.project("web", r1=["u1", "u2", "u3"], r2=["u4"])
    workspace.apply()
    workspace.declare("web.r1", ["u1", "u2", "u3", "u5"])
    workspace.apply()


def test_the_state_moves_and_work_goes_on_there(workspace: Workspace, server: Server) -> None:
    """Everything is at the new place, byte for byte, the old one is as it was; with the manifest changed new ids alone are sent."""
    lived(workspace)
    old, calls = files_of(workspace, OLD), server.calls()
    ended = migrate(workspace, environment={"MIXPRIV_DIGEST_KEY": None, "CI": "1"})
    check(workspace, ended)
    assert server.calls() == calls
    assert files_of(workspace, OLD) == old
    assert bytes_of(files_of(workspace, NEW)) == bytes_of(old)
    assert {mode for mode, _ in files_of(workspace, NEW).values()} == {0o600}
    assert "Copied the state from mixpriv.state.json to memory/prod.json: serial 2 of lineage" in ended.out
    assert "3 segments with 5 ids" in ended.out
    assert "\n  state: {backend: local, path: memory/prod.json}\n" in ended.out
    assert "mixpriv.state.json was left as it is, and must not be used any more" in ended.out
    name(workspace, NEW)
    assert actions(workspace.plan("--no-refresh")) == {}
    workspace.declare("web.r1", ["u1", "u2", "u3", "u5", "u6"])
    workspace.apply()
    assert set(server.ids_in_live_tasks().values()) == {1}
    assert files_of(workspace, OLD) == old


def test_the_document_says_what_was_copied(workspace: Workspace, server: Server) -> None:
    """With `--format json` counts and the block for the manifest are one document; the same again copies nothing and says so."""
    lived(workspace)
    document = migrate(workspace, NEW, "--format", "json").document
    size = sum(map(len, bytes_of(files_of(workspace, OLD)).values()))
    assert document == {
        "from": "mixpriv.state.json", "to": "memory/prod.json", "lineage": workspace.state["lineage"], "serial": 2, "addresses": 3,
        "segments": 3, "ids": 5, "bytes": size, "journal": False, "copied": True, "declared": False, "state": NEW, "diagnostics": [],
    }  # fmt: skip
    again = migrate(workspace, NEW, "--format", "json", "--from", flow(OLD)).document
    assert again == document | {"copied": False}
    assert "The state is at memory/prod.json already" in migrate(workspace, NEW, "--from", flow(OLD)).out


def test_a_killed_apply_is_carried_on_at_the_new_place(workspace: Workspace, server: Server) -> None:
    """The journal of a run that died moves as it is: what it had acknowledged isn't sent again, and its batch in doubt is shown."""
    workspace.project("web", r1=["u1", "u2", "u3"])
    workspace.apply()
    workspace.declare("web.r1", [f"u{number}" for number in range(1, 9)])
    killed(workspace, server, "POST@3=hang")
    server.heal()
    old = files_of(workspace, OLD)
    assert "journal" in old
    ended = migrate(workspace)
    assert "The journal of a run that was not finished is among it" in ended.out
    assert bytes_of(files_of(workspace, NEW)) == bytes_of(old)
    assert files_of(workspace, OLD) == old
    name(workspace, NEW)
    assert "MP0613" in workspace.run("plan").both
    workspace.apply()
    assert set(server.ids_in_live_tasks().values()) == {1}
    assert len(server.ids_in_live_tasks()) == 8


def test_a_first_apply_that_was_killed_moves_too(workspace: Workspace, server: Server) -> None:
    """A state that is nothing but a journal so far is moved, and carried on."""
    workspace.project("web", r1=["u1", "u2", "u3", "u4"])
    killed(workspace, server, "POST@2=hang")
    server.heal()
    migrate(workspace)
    assert set(files_of(workspace, NEW)) == {"journal"}
    assert "already" in migrate(workspace, NEW, "--from", flow(OLD)).out
    name(workspace, NEW)
    workspace.apply()
    assert set(server.ids_in_live_tasks().values()) == {1}


def leftovers(workspace: Workspace) -> list[Files]:
    """What a migration that was killed can leave behind, in the order that it writes: it was killed after each of them, and in them."""
    whole = {key: value for key, value in files_of(workspace, OLD).items() if not key.endswith(".backup")}
    ordered = sorted(whole, key=lambda key: ("*.json" == key, "journal" == key, key))
    found: list[Files] = [{}]
    for key in ordered:
        mode, content = whole[key]
        if key == "journal":
            found += [found[-1] | {key: (mode, content[:length])} for length in (0, 10, 40, len(content) - 1)]
        else:
            found.append(found[-1] | {f".{key}.0123456789ab.tmp": (mode, content[: len(content) // 2])})
        found.append({other: value for other, value in found[-1].items() if not other.endswith(".tmp")} | {key: (mode, content)})
    return found


def place(workspace: Workspace, location: dict[str, Any], files: Files) -> None:
    """Put *files* where a local state at *location* has them."""
    document = workspace.root / location["path"]
    stem = document.name.removesuffix(".json")
    folder = document.with_name(f"{stem}.d")
    folder.mkdir(parents=True, exist_ok=True)
    for key, (mode, content) in files.items():
        path = (folder if key == "journal" or ".seg" in key else document.parent) / key.replace("*", stem, 1)
        path.write_bytes(content)
        path.chmod(mode)


def test_a_killed_migration_is_finished_by_the_next(workspace: Workspace, server: Server) -> None:
    """Whatever a migration that was killed left at the new place, the same command completes it; until then nobody takes it for a state."""
    lived(workspace)
    workspace.declare("web.r1", [f"u{number}" for number in range(1, 9)])
    killed(workspace, server, "POST@2=hang")
    server.heal()
    old = files_of(workspace, OLD)
    found = leftovers(workspace)
    assert len(found) > 10
    for number, left in enumerate(found):
        to = {"backend": "local", "path": f"try-{number}/prod.json"}
        place(workspace, to, left)
        migrate(workspace, to, "--from", flow(OLD))
        whole = files_of(workspace, to)
        assert {key: value for key, value in bytes_of(whole).items() if not key.endswith(".tmp")} == bytes_of(old)
    assert files_of(workspace, OLD) == old


def test_what_was_left_by_a_copy_of_an_earlier_day_is_replaced(workspace: Workspace, server: Server) -> None:
    """A journal that an interrupted copy left goes once its run was published at the old place; where that can't be seen, it stays."""
    workspace.project("web", r1=["u1", "u2", "u3"])
    killed(workspace, server, "POST@2=hang")
    server.heal()
    left = {"journal": files_of(workspace, OLD)["journal"]}
    place(workspace, NEW, left)
    workspace.run("state", "rm", "web.nothing", code=1)  # publishes what the killed run left, and no more
    migrate(workspace)
    assert bytes_of(files_of(workspace, NEW)) == bytes_of(files_of(workspace, OLD))
    other = {"backend": "local", "path": "other/prod.json"}
    place(workspace, other, left)
    (workspace.root / REMEMBERED).unlink()
    workspace.run("state", "rm", "web.residency")
    assert "MP0575" in migrate(workspace, other, code=1).err
    assert files_of(workspace, other) == left


# What is refused


def test_a_state_of_others_is_never_written_over(workspace: Workspace, server: Server) -> None:
    """Another lineage at the destination, by document or by journal alone, is refused with both named, and not touched."""
    lived(workspace)
    ours = workspace.state["lineage"]
    theirs = {key: value for key, value in files_of(workspace, OLD).items() if key == "*.json"}
    foreign = json.loads(theirs["*.json"][1]) | {"lineage": "somebody-elses"}
    foreign.pop("checksum")
    text = json.dumps(foreign, sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode()
    foreign["checksum"] = hashlib.sha256(text).hexdigest()
    place(workspace, NEW, {"*.json": (0o600, json.dumps(foreign).encode())})
    before = files_of(workspace, NEW), files_of(workspace, OLD)
    ended = migrate(workspace, code=1)
    assert "error[MP0575]: memory/prod.json can't take the state" in ended.err
    assert ours in ended.err
    assert "somebody-elses" in ended.err
    assert (files_of(workspace, NEW), files_of(workspace, OLD)) == before


def test_a_journal_of_others_is_never_removed(workspace: Workspace, server: Server) -> None:
    """A run that died at the destination before it had a document may be the only trace of its tasks: refused."""
    workspace.project("web", r1=["u1", "u2", "u3"])
    killed(workspace, server, "POST@2=hang")
    server.heal()
    journal = files_of(workspace, OLD)["journal"]
    place(workspace, NEW, {"journal": journal})
    (workspace.root / "mixpriv.state.d" / "journal").unlink()
    workspace.apply()
    assert "MP0575" in migrate(workspace, code=1).err
    assert files_of(workspace, NEW) == {"journal": journal}


def test_damage_at_the_source_keeps_it_from_moving(workspace: Workspace, server: Server) -> None:
    """With an altered segment nothing becomes a state at the destination."""
    lived(workspace)
    flipped(next((workspace.root / "mixpriv.state.d").glob("*.seg")))
    assert "MP0511" in migrate(workspace, code=1).err
    assert files_of(workspace, NEW) == {}
    assert workspace.run("state", "list").code == 0  # it is still where it was


def test_somebody_elses_file_at_the_destination_is_left(workspace: Workspace, server: Server) -> None:
    """What stands at the destination and is no state is said to be there, and left."""
    lived(workspace)
    (workspace.root / "server.json").write_text('{"port": 80}')
    ended = migrate(workspace, {"backend": "local", "path": "server.json"}, code=1)
    assert "error[MP0510]: server.json, where the state is to go" in ended.err
    assert (workspace.root / "server.json").read_text() == '{"port": 80}'


def test_an_apply_that_runs_keeps_it_from_moving(workspace: Workspace, server: Server) -> None:
    """While a run holds the lock of the source, or of the destination, nothing is copied (exit code 5)."""
    lived(workspace)
    workspace.declare("web.r2", ["u4", "u7"])
    server.fault("POST=hold")
    running = workspace.start("apply", "--auto-approve")
    until(lambda: server.struck("POST=hold"), running)
    assert "MP0521" in migrate(workspace, code=5).err
    assert files_of(workspace, NEW) == {}
    server.heal()
    server.release()
    assert finished(running).code == 0


def test_what_cannot_be_asked_for(workspace: Workspace, server: Server) -> None:
    """The same place, a source without a state, the sandbox, and what is no location are errors that say what to write."""
    lived(workspace)
    (workspace.root / "link").symlink_to(".")
    assert "MP0574" in migrate(workspace, OLD, code=1).err
    assert "MP0574" in migrate(workspace, OLD | {"path": "./a/../mixpriv.state.json"}, code=1).err
    assert "MP0574" in migrate(workspace, OLD | {"path": "link/mixpriv.state.json"}, code=1).err
    assert "MP0573" in migrate(workspace, NEW, "--from", "{path: nothing.json}", code=1).err
    assert "MP0574" in migrate(workspace, NEW, "--sandbox", code=1).err
    assert not (workspace.root / "memory").exists()
    for text, said in (
        ("{backend: local, path: ../x.json}", "--to:1:24: error[MP0312]"),
        ("{backend: lokal}", "--to:1:11: error[MP0204]"),
        ("{paht: x.json}", "--to:1:2: error[MP0201]"),
        ("memory/prod.json", "--to:1:1: error[MP0203]"),
        ("{path: x.json", "--to:1:"),
        ("{}", "--to:1:1: error[MP0203]"),
        ("", "--to:1:1: error[MP0203]"),
        ("{path: x.json}}, projects: {}", "--to:1:"),
        ("{path: x.json}\nprojects: {}", "--to:1:"),
        ("{path: x.json}\n---\nversion: 1", "--to:1:"),
    ):
        ended = workspace.run("state", "migrate", "--to", text, code=1)
        assert said in ended.err, (text, ended.err)
        assert "Traceback" not in ended.err


# There and back


def test_there_and_back_again(workspace: Workspace, server: Server) -> None:
    """Back where it came from it goes as long as nothing was done since; a poll is nothing done, a task is, and then the old copy stays."""
    lived(workspace)
    migrate(workspace)
    assert "already" in migrate(workspace, OLD).out
    migrate(workspace)
    name(workspace, NEW)
    server.force("STARTED")
    workspace.run("refresh")
    name(workspace, OLD)
    assert "Copied" in migrate(workspace, OLD).out
    assert bytes_of(files_of(workspace, OLD)).items() >= bytes_of(files_of(workspace, NEW)).items()
    workspace.declare("web.r2", ["u4", "u7"])
    workspace.apply()
    newer, older = files_of(workspace, OLD), files_of(workspace, NEW)
    ended = migrate(workspace, NEW, code=1)
    assert "it has serial 2 of lineage" in ended.err
    assert "here is serial 3 of the same" in ended.err
    ended = migrate(workspace, OLD, "--from", flow(NEW), code=1)
    assert "MP0575" in ended.err
    assert (files_of(workspace, OLD), files_of(workspace, NEW)) == (newer, older)


# A manifest that names another place

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


def test_another_machine_learns_of_a_move(workspace: Workspace, server: Server, tmp_path: Path) -> None:
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
