"""A cancelled job: GitHub signals the shell of the step alone, and mixpriv, which that shell runs, saves and ends in good order."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest
from journeys.workspace import Server, Workspace, until

from .runner import heeding_signals
from .workflow_runs import CHECKOUT, loaded

HELD = "POST:deletions@1=hold"


def action(folder: Path, workspace: Workspace, arguments: str) -> subprocess.Popen[str]:
    """The step of action.yml that runs mixpriv, as the runner starts it, with its standard output in `folder/log`."""
    programs = folder / "programs"
    programs.mkdir()
    (programs / "mixpriv").write_text(f'#!/bin/sh\nexec "{sys.executable}" -P -m mixpriv_reconcile "$@"\n')
    (programs / "mixpriv").chmod(0o755)
    steps = loaded((CHECKOUT / "action.yml").read_text("utf-8"))["runs"]["steps"]
    script = folder / "script.sh"
    script.write_text(next(step["run"] for step in steps if step["id"] == "run"), "utf-8")
    files = {name: folder / name.lower() for name in ("GITHUB_OUTPUT", "GITHUB_STEP_SUMMARY")}
    for file in files.values():
        file.touch()
    own = {"PATH": f"{programs}{os.pathsep}{os.environ['PATH']}", "ARGS": arguments, "ACCEPT": "", **{name: str(file) for name, file in files.items()}}
    with (folder / "log").open("w") as log:
        return subprocess.Popen(
            ["bash", "--noprofile", "--norc", "-eo", "pipefail", str(script)],
            cwd=workspace.root, env=workspace.environment | own, stdin=subprocess.DEVNULL, stdout=log, stderr=subprocess.STDOUT, text=True,
            preexec_fn=heeding_signals,
        )  # fmt: skip


@pytest.mark.parametrize(("number", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)])
def test_a_cancelled_apply_ends_in_good_order(tmp_path: Path, server: Server, number: signal.Signals, code: int) -> None:
    """The call in flight is finished and saved, nothing is sent after it, and report and exit code are there for the next steps."""
    workspace = Workspace(tmp_path, server.origins)
    workspace.project("web", november=["a-1", "a-2", "a-3", "a-4"])
    limits = workspace.manifest["workspace"]["limits"]
    workspace.manifest["workspace"]["limits"] = limits | {"requests_per_second": 0.05}
    workspace.write()
    server.fault(HELD)
    running = action(tmp_path, workspace, "apply --auto-approve --new-state --report markdown=apply.md")
    until(lambda: server.struck(HELD), running)
    running.send_signal(number)
    server.release()  # the next call may come twenty seconds later at the earliest, by which the signal has long been handed on
    assert running.wait(60) == code, (tmp_path / "log").read_text("utf-8")
    assert f"exit-code={code}\n" in (tmp_path / "github_output").read_text("utf-8")
    assert "interrupted" in (workspace.root / "apply.md").read_text("utf-8")
    assert sum(server.ids_in_live_tasks().values()) == 2
    workspace.manifest["workspace"]["limits"] = limits
    workspace.write()
    workspace.apply()
    assert sum(server.ids_in_live_tasks().values()) == 4


def test_what_nobody_cancels_keeps_its_code(tmp_path: Path, server: Server) -> None:
    """A run that ends by itself hands its own code on."""
    workspace = Workspace(tmp_path, server.origins)
    workspace.project("web", november=["a-1"])
    assert action(tmp_path, workspace, "plan --detailed-exitcode").wait(60) == 2
    assert "exit-code=2\n" in (tmp_path / "github_output").read_text("utf-8")
