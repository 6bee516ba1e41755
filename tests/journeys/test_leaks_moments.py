"""No id and no token is written or shown in the moments that are hardest to look into: while a call hangs, after a kill, in doubt."""

from __future__ import annotations

import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from mixpriv_reconcile.cli.options import BARE_FORMATS

from .canaries import CSV, INLINE, PACKED, check, declared, found
from .workspace import Server, Workspace, finished, until

SPOOL = ".mixpriv/spool"


def processes(pid: int) -> Iterator[int]:
    """A process and all that it started."""
    yield pid
    for children in Path(f"/proc/{pid}/task").glob("*/children"):
        for child in children.read_text().split():
            yield from processes(int(child))


def command_lines(running: subprocess.Popen[str]) -> bytes:
    """What everybody on the machine can read of how the program was called, and what it calls itself."""
    names = ("cmdline", "comm")
    return b"\n".join(Path(f"/proc/{pid}/{name}").read_bytes() for pid in processes(running.pid) for name in names)


def spooled(workspace: Workspace) -> bytes:
    return b"".join(path.read_bytes() for path in (workspace.root / SPOOL).glob("*/*"))


def test_while_a_call_hangs_and_after_a_kill(workspace: Workspace, server: Server) -> None:
    """While a POST hangs, ids stand in the spool alone; a killed run leaves none elsewhere, and the next start sweeps the spool too."""
    workspace.manifest["workspace"]["limits"]["distinct_ids_per_request"] = 100
    declared(workspace)
    server.fault("POST@1=hang")
    running = workspace.start("apply", "--auto-approve", environment={"MIXPRIV_DEBUG": "1"})
    until(lambda: server.struck("POST@1=hang"), running)
    assert PACKED[0].encode() in spooled(workspace)
    assert (workspace.root / "mixpriv.state.d" / "journal").stat().st_size > 0
    check(workspace, spool=False)
    assert [] == found({"command lines": command_lines(running)})
    watched = [workspace.run("status"), workspace.run("plan", "--no-refresh", code=None)]
    running.kill()
    killed = finished(running)
    check(workspace, killed, *watched, spool=False)

    server.heal()
    shown = [workspace.run("plan", "--format", "json")]
    assert b"" == spooled(workspace)
    assert "in_doubt" == workspace.status()["web.deletions.r1"]["phase"]
    shown += [workspace.run("show"), workspace.apply("--format", "json"), workspace.run("status", "--format", "json")]
    check(workspace, killed, *watched, *shown)


@pytest.mark.parametrize("number", [2, 15], ids=["interrupted", "terminated"])
def test_after_a_signal(workspace: Workspace, server: Server, number: int) -> None:
    """A run that is interrupted twice while a call hangs ends at once and leaves no id but in the spool, which the next start sweeps."""
    declared(workspace)
    server.fault("POST@1=hang")
    running = workspace.start("apply", "--auto-approve", "--format", "json")
    until(lambda: server.struck("POST@1=hang"), running)
    while running.poll() is None:  # the second counts once the first was seen
        running.send_signal(number)
        time.sleep(0.2)
    ended = finished(running)
    assert 128 + number == ended.code
    check(workspace, ended, spool=False)
    server.heal()
    check(workspace, ended, workspace.run("plan"))


def test_batches_that_are_not_settled(workspace: Workspace, server: Server) -> None:
    """Batches in doubt, refused, held back by the policy and adopted after a 409 are shown, planned and saved without an id."""
    workspace.project("web", r1=INLINE[:2], r2=INLINE[2:], r3=CSV[:2])
    server.fault("POST@1=reset-after", "POST=refuse-ids:zo")
    shown = [workspace.apply(code=1)]
    assert {"in_doubt", "refused", "pending"} == {request["phase"] for request in workspace.status().values()}
    for command in (("plan",), ("status",), ("state", "show", "web.deletions.r1"), ("state", "show", "web.deletions.r2")):
        shown += [workspace.run(*command, "--format", form) for form in BARE_FORMATS]
    shown += [workspace.run("status", "--format", form) for form in ("markdown", "html", "ics")]
    shown += [workspace.run(command, "--format", form) for command in ("plan", "show", "validate", "refresh") for form in ("markdown", "html")]
    shown += [workspace.run("status", "--fail-due-within", "90d", code=7), workspace.run("show", "--format", "html")]
    check(workspace, *shown)

    over = workspace.run("apply", "--auto-approve", "--retry", "*", code=6, environment={"MIXPRIV_MAX_DELETIONS": "1"})
    saved = workspace.run("plan", "--out", "saved.plan")
    check(workspace, over, saved, workspace.run("show", "saved.plan"), workspace.run("show", "saved.plan", "--format", "html"))
    adopted = workspace.run("apply", "saved.plan", "--format", "json", code=None)
    assert "adopted" in adopted.out
    check(workspace, *shown, over, saved, adopted, workspace.run("apply", "saved.plan", code=None))
