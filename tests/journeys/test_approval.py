"""Who may say yes, and up to which number."""

from __future__ import annotations

import os
import pty
import re
import select
import subprocess
import time

import pytest

from .workspace import PATIENCE_SECONDS, Ended, Server, Workspace, finished


def test_max_deletions_refuses_and_still_shows_the_plan(workspace: Workspace, server: Server) -> None:
    """More ids than `max_deletions` in all projects together: plan and apply end 6 with the plan shown, and nothing is sent."""
    workspace.manifest["workspace"]["policy"]["max_deletions"] = 3
    workspace.project("web", r1=["u1", "u2"])
    workspace.project("shop", r1=["v1", "v2"])
    refused = workspace.run("apply", "--auto-approve", code=6)
    assert "Erases 4 distinct ids" in refused.out
    assert "MP0602" in refused.both
    events = workspace.run("apply", "--auto-approve", "--format", "json", code=6).events
    assert {"web.deletions.r1", "shop.deletions.r1"} <= {
        event["change"]["address"] for event in events if event["type"] == "planned_change"
    }
    document = workspace.plan(code=6)
    assert document["summary"]["destroy"] == 2
    assert workspace.plan("--target", "web.*")["summary"]["destroy"] == 1
    assert server.calls() == []


def test_the_environment_caps_the_policy(workspace: Workspace, server: Server) -> None:
    """`MIXPRIV_MAX_DELETIONS` lowers what a manifest allows, and never raises it."""
    workspace.project("web", r1=["u1", "u2"])
    workspace.run("plan", code=6, environment={"MIXPRIV_MAX_DELETIONS": "1"})
    workspace.manifest["workspace"]["policy"]["max_deletions"] = 1
    workspace.write()
    workspace.run("apply", "--auto-approve", code=6, environment={"MIXPRIV_MAX_DELETIONS": "9"})
    assert server.calls() == []


def test_max_withdrawals_refuses(workspace: Workspace, server: Server) -> None:
    """More withdrawn ids than `max_withdrawals`, or than the environment allows: exit 6, no DELETE."""
    workspace.project("web", r1=["u1", "u2"])
    workspace.apply()
    workspace.manifest["workspace"]["policy"]["max_withdrawals"] = 1
    workspace.declare("web.r1", None)
    refused = workspace.run("apply", "--auto-approve", code=6)
    assert "Withdraws 2 distinct ids" in refused.out
    workspace.manifest["workspace"]["policy"]["max_withdrawals"] = 0
    workspace.declare("web.r1", ["u1"])
    assert "this plan withdraws 1 distinct id; policy.max_withdrawals allows 0" in workspace.run("plan", code=6).out
    workspace.manifest["workspace"]["policy"]["max_withdrawals"] = 5
    workspace.declare("web.r1", None)
    workspace.run("plan", code=6, environment={"MIXPRIV_MAX_WITHDRAWALS": "1"})
    assert server.calls("DELETE") == []


def test_nobody_to_ask_means_no(workspace: Workspace, server: Server) -> None:
    """Without a terminal, `apply` without FILE, `--expect` or `--auto-approve` fails and sends nothing."""
    workspace.project("web", r1=["u1"])
    assert "MP0618" in workspace.run("apply", code=1).err
    assert server.calls() == []


def answered(workspace: Workspace, answer: str, *command: str, **environment: str) -> tuple[Ended, str]:
    """`mixpriv apply`, or another *command*, on a terminal, with *answer* typed when it asks; how it ended, and what stood there."""
    terminal, side = pty.openpty()
    running = workspace.start(*(command or ("apply",)), environment=environment, stdin=side, stdout=subprocess.PIPE, stderr=side)
    os.close(side)
    shown, is_typed, end = "", False, time.monotonic() + PATIENCE_SECONDS
    while running.poll() is None and time.monotonic() < end:
        if select.select([terminal], [], [], 0.05)[0]:
            try:
                shown += os.read(terminal, 4096).decode()
            except OSError:  # the program closed its side
                break
        if not is_typed and "type" in shown:
            os.write(terminal, answer.encode() + b"\n")
            is_typed = True
    ended = finished(running)
    os.close(terminal)
    return ended, shown


def test_the_number_of_ids_is_typed(workspace: Workspace, server: Server) -> None:
    """On a terminal the number of ids to erase has to be typed; another number, or yes, does nothing."""
    workspace.project("web", r1=["u1", "u2", "u3"])
    for wrong in ("yes", "4"):
        ended, shown = answered(workspace, wrong)
        assert re.search(r"\(3\)", shown)
        assert ended.code == 1
        assert server.calls() == []
        assert not (workspace.root / "mixpriv.state.json").exists()
    ended, _ = answered(workspace, "3")
    assert ended.code == 0
    assert sum(task["id_count"] for task in server.tasks()) == 3


def test_ci_never_asks(workspace: Workspace, server: Server) -> None:
    """With `CI` set nothing is asked, even on a terminal."""
    workspace.project("web", r1=["u1"])
    ended, shown = answered(workspace, "1", CI="true")
    assert ended.code == 1
    assert "To apply" not in shown
    assert server.calls() == []


@pytest.mark.parametrize("command", [("plan",), ("apply", "--auto-approve")], ids=["plan", "apply"])
def test_a_target_that_names_nothing_is_an_error_of_the_plan(workspace: Workspace, server: Server, command: tuple[str, ...]) -> None:
    """A mistyped --target ends a plan and an apply with 1 and the same words; there is no conflict, and nothing wrong with the workspace."""
    workspace.project("web", r1=["u1"])
    ended = workspace.run(*command, "--target", "nope.x", "--report", "junit=report.xml", code=1)
    assert "the plan has errors, and can't be applied as it stands" in (workspace.root / "report.xml").read_text("utf-8")
    assert "MP0623" in ended.out + ended.err
    assert "conflict" not in ended.out + ended.err
    assert server.calls("POST") == []
