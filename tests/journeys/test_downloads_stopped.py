"""Downloads that are stopped, killed, without room or led astray; and what they leave behind."""

from __future__ import annotations

import hashlib
import signal
from pathlib import Path

import pytest

from .canaries import INLINE, check
from .exports import FOLDER, exports, finished_exports, ids_in, recorded, wished
from .test_leaks import LOUDEST
from .trouble import FOR_LIMITED, is_plain, without_space
from .workspace import Ended, Server, Workspace, actions, finished, killed, until

DSAR = "web.retrievals.dsar"


def ready(workspace: Workspace, server: Server, *ids: str) -> None:
    """An access request whose export is finished and not fetched yet."""
    wished(workspace, "web.dsar", ids or ["u1"])
    workspace.apply()
    finished_exports(workspace, server)


def nothing_left(workspace: Workspace) -> bool:
    """Whether no part of an export lies anywhere, and none is remembered."""
    names = {path.name for path in workspace.root.rglob("*") if path.is_file() and "export" in str(path.relative_to(workspace.root))}
    return names <= {".gitignore"} and recorded(workspace, DSAR) == []


def healed(workspace: Workspace, server: Server) -> bool:
    """Whether the next apply fetches the export, whole."""
    server.heal()
    workspace.apply()
    return [ids_in(export) for export in exports(workspace)] == [["u1"]] and actions(workspace.plan()) == {}


@pytest.mark.parametrize("how", ["drip", "hang", "delay:50"])
@pytest.mark.parametrize(("number", "code"), [(signal.SIGTERM, 143), (signal.SIGINT, 130)])
def test_a_signal_ends_a_download(workspace: Workspace, server: Server, how: str, number: int, code: int) -> None:
    """A download that goes on and on, or in which nothing comes, is given up at the first signal; the state is saved, nothing is left."""
    ready(workspace, server)
    spec = f"GET:exports={how}"
    server.fault(spec)
    running = workspace.start("apply", "--auto-approve", "--format", "json")
    until(lambda: server.struck(spec), running)
    running.send_signal(number)
    ended = finished(running)
    assert ended.code == code
    assert (ended.events[-1]["type"], ended.events[-1]["exit_code"]) == ("outcome", code)
    assert server.struck(spec) == 1
    assert nothing_left(workspace)
    assert healed(workspace, server)


@pytest.mark.parametrize("wait", [(), ("--wait", "1h")])
def test_a_time_budget_ends_a_download(workspace: Workspace, server: Server, wait: tuple[str, ...]) -> None:
    """`--max-duration` ends a download in good order, with 3; the next apply begins it anew."""
    ready(workspace, server)
    server.fault("GET:exports=drip")
    ended = workspace.apply("--max-duration", "10s", *wait, code=3)
    assert "the run ended first" in ended.err
    assert nothing_left(workspace)
    assert healed(workspace, server)


@pytest.mark.parametrize("how", ["drip", "hang"])
def test_kill_9_leaves_no_part_of_an_export(workspace: Workspace, server: Server, how: str) -> None:
    """A run that is killed in the middle of a download leaves nothing of a person's data behind, and loses nothing."""
    ready(workspace, server)
    assert killed(workspace, server, f"GET:exports={how}").code == -signal.SIGKILL
    assert nothing_left(workspace)
    assert healed(workspace, server)
    assert len(server.calls("POST")) == 1


def test_a_full_disk(workspace: Workspace, server: Server) -> None:
    """An export that doesn't fit is an error that names it, with nothing left of it; the next apply has it."""
    workspace.manifest["workspace"]["limits"]["distinct_ids_per_request"] = 2_000
    ready(workspace, server, *(hashlib.sha256(str(number).encode()).hexdigest() for number in range(1_500)))
    running = workspace.start("apply", "--auto-approve", environment=FOR_LIMITED, preexec_fn=without_space(60_000))
    ended = finished(running)
    assert ended.code == 1
    assert "error[MP0520]: can't write export-" in ended.err
    assert "File too large" in ended.err
    assert is_plain(ended)
    assert nothing_left(workspace)
    workspace.apply()
    assert [len(ids_in(export)) for export in exports(workspace)] == [1_500]


@pytest.mark.parametrize("linked", ["exports", FOLDER])
@pytest.mark.parametrize("target", ["outside", "hidden", "state"])
def test_a_linked_folder_is_refused(workspace: Workspace, server: Server, linked: str, target: str) -> None:
    """A link, as a pull request may bring it, doesn't have an export written elsewhere: exit 1, and nothing is asked for."""
    ready(workspace, server)
    aim = {"outside": workspace.root.parent / "aim", "hidden": workspace.root / ".aim", "state": workspace.root / "mixpriv.state.d"}[target]
    aim.mkdir(exist_ok=True)
    before = sorted(path.name for path in aim.iterdir())
    (workspace.root / linked).parent.mkdir(exist_ok=True)
    (workspace.root / linked).symlink_to(aim)
    ended = workspace.apply(code=1)
    assert "error[MP0819]" in ended.err
    assert [call for call in server.calls() if call["route"] == "download"] == []
    assert [name for name in before if name != "journal"] == sorted(path.name for path in aim.iterdir() if path.is_file())
    (workspace.root / linked).unlink()
    assert healed(workspace, server)


def test_nothing_of_an_export_is_told(workspace: Workspace, server: Server) -> None:
    """However a download ends, at its loudest: no id, no token and no link in any byte that was written or shown, but the export itself."""
    workspace.manifest["workspace"]["limits"]["distinct_ids_per_request"] = 20
    wished(workspace, "web.dsar", INLINE)
    shown: list[Ended] = [workspace.apply("--format", "json")]
    finished_exports(workspace, server)
    (task,) = server.tasks()
    links = (f"{server.origins['eu']}/_exports/{task['tracking_id']}.zip", "http://canary.invalid/link?signature=canary")
    arguments = [("apply", "--auto-approve", "--max-duration", "3s"), ("apply", "--auto-approve", "--max-duration", "3s", "--format", "json")]
    for number, how in enumerate(["404", "503", "truncate", "html", "reset-after", f"redirect:{links[1]}", "hang"]):
        server.fault(f"GET:exports={how}")
        shown.append(workspace.run(*arguments[number % 2], code=None, environment=LOUDEST))
        server.heal()
    server.fault(f'GET:retrievals@1=results:{{"status": "SUCCESS", "result": "{links[1]}"}}')
    shown.append(workspace.run("apply", "--auto-approve", code=1, environment=LOUDEST))
    shown.append(workspace.run("apply", "--auto-approve", "--format", "json", environment=LOUDEST))
    for command in (("status",), ("plan", "--out", "saved.plan"), ("show", "saved.plan"), ("show",), ("state", "pull"), ("refresh",)):
        shown.append(workspace.run(*command, environment=LOUDEST))
    shown.append(workspace.run("confirm", DSAR, "--by", "ops"))
    (export,) = exports(workspace)
    assert sorted(ids_in(export)) == sorted(INLINE)
    export.unlink()
    assert [] == [ended for ended in shown if not is_plain(ended)]
    check(workspace, *shown, more=links)


def test_only_the_documented_files_appear(workspace: Workspace, server: Server) -> None:
    """A download adds the export and what keeps git off, and nothing else."""
    ready(workspace, server)
    before = set(workspace.files())
    workspace.apply()
    added = {path.relative_to(workspace.root) for path in set(workspace.files()) - before}
    (export,) = exports(workspace)
    assert {path for path in added if path.parts[0] not in (".mixpriv", "mixpriv.state.d")} == {
        export.relative_to(workspace.root),
        Path(FOLDER, ".gitignore"),
    }
