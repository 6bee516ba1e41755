"""`mixpriv state migrate`: the memory moves to another place."""

from __future__ import annotations

import hashlib
import json

from .canaries import check
from .migrating import NEW, OLD, REMEMBERED, Files, bytes_of, files_of, flow, lived, migrate, name, place
from .trouble import flipped
from .workspace import Server, Workspace, actions, finished, killed, until


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
