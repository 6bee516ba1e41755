"""Where reports go: over earlier ones, into what a reader waits at, and over nothing else."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import threading
from pathlib import Path

import pytest

from .trouble import FOR_LIMITED, without_space
from .workspace import Server, Workspace, finished


@pytest.fixture
def kept(workspace: Workspace) -> Workspace:
    """A workspace with its state in a file of another name, ids in a source, a saved plan, and a page that somebody wrote."""
    (workspace.root / "memory").mkdir()
    workspace.manifest["workspace"]["state"] = {"backend": "local", "path": "memory/prod.json"}
    (workspace.root / "ids.csv").write_text("distinct_id\nu1\nu2\n")
    workspace.project("web", r1=workspace.deletion([]) | {"from": [{"file": "ids.csv", "column": "distinct_id"}]})
    (workspace.root / "page.html").write_text("<!DOCTYPE html>\n<html><head><title>Ours</title></head></html>\n")
    (workspace.root / "link.json").symlink_to("earlier.json")
    workspace.run("validate", "--report", "json=earlier.json")
    workspace.apply()
    workspace.run("plan", "--out", "saved.plan")
    return workspace


@pytest.mark.parametrize("file", ["memory/prod.json", "ids.csv", "saved.plan", "page.html", "link.json", "./ids.csv"])
def test_what_is_no_report_stays(kept: Workspace, server: Server, file: str) -> None:
    """The state under any name, ids, a saved plan, a page of somebody's and a link aren't replaced, and the command isn't begun."""
    before, calls = (kept.root / file).read_bytes(), server.calls()
    refused = kept.run("apply", "--auto-approve", "--format", "json", "--report", f"json={file}", code=1)
    assert [event["diagnostic"]["code"] for event in refused.events if event["type"] == "diagnostic"] == ["MP0011"]
    assert (kept.root / file).read_bytes() == before
    assert server.calls() == calls


@pytest.mark.parametrize("name", ["json", "markdown", "html", "gitlab", "junit", "sarif", "github"])
def test_an_earlier_report_is_replaced(workspace: Workspace, name: str) -> None:
    """Each format replaces what it wrote before, whatever the run came to, an empty file, and no more."""
    workspace.project("web", r1=["u1"])
    (workspace.root / "report").touch()
    for command in (["plan"], ["show", "no-such"], ["apply", "--auto-approve"], ["status"], ["refresh"], ["show"], ["validate"]):
        workspace.run(*command, "--report", f"{name}=report", code=None if "no-such" in command else 0)
    assert "MP0011" not in workspace.run("version", "--report", f"{name}=report").err


def test_a_folder_that_leads_out_is_not_followed(workspace: Workspace) -> None:
    """A link that a commit may have brought is no way out of the workspace for a report; one to a folder inside is followed."""
    workspace.project("web", r1=["u1"])
    outside = workspace.root.parent / "outside"
    for folder in (outside, workspace.root / "build"):
        folder.mkdir()
    (workspace.root / "out").symlink_to(outside)
    (workspace.root / "in").symlink_to("build")
    for file in ("out/r.md", f"{workspace.root}/out/r.md", "build/../out/r.md"):
        refused = workspace.run("plan", "--report", f"markdown={file}", code=1)
        assert "its folder is a symbolic link that leaves the workspace" in refused.err
    refused = finished(workspace.start("-C", "workspace", "plan", "--report", "markdown=out/r.md", cwd=workspace.root.parent))
    assert "error[MP0011]" in refused.err
    assert [*outside.iterdir()] == []
    workspace.run("plan", "--report", "markdown=in/r.md", "--report", f"html={outside}/r.html")
    assert [one.name for one in (workspace.root / "build").iterdir()] == ["r.md"]


def test_a_folder_above_may_be_a_link(workspace: Workspace) -> None:
    """Where the machine's own folders are links, as `/tmp` on some systems, reports are written as ever."""
    workspace.project("web", r1=["u1"])
    link = workspace.root.parent / "link"
    link.symlink_to(workspace.root.parent)
    workspace.run("plan", "--report", f"markdown={link}/workspace/r.md")
    assert (workspace.root / "r.md").exists()


@pytest.mark.parametrize("file", ["new.plan", "./sub/../new.plan"])
def test_a_plan_and_a_report_are_two_files(workspace: Workspace, server: Server, file: str) -> None:
    """`--out` and `--report` of one file are refused before anything is planned, and no such file is there."""
    workspace.project("web", r1=["u1"])
    (workspace.root / "sub").mkdir()
    refused = workspace.run("plan", "--out", "new.plan", "--report", f"json={file}", "--report", "markdown=why.md", code=1)
    assert f"error[MP0006]: --out and --report json={file} name one file" in refused.err
    assert not (workspace.root / "new.plan").exists()
    assert "name one file" in (workspace.root / "why.md").read_text()
    assert server.calls() == []


def test_what_the_command_makes_itself_stays(workspace: Workspace) -> None:
    """A report with the name of a file that the command makes meanwhile doesn't replace it: the run ends 1, and says so."""
    (workspace.root / "memory").mkdir()
    workspace.manifest["workspace"]["state"] = {"backend": "local", "path": "memory/prod.json"}
    workspace.project("web", r1=["u1"])
    ended = workspace.apply("--report", "json=memory/prod.json", code=1)
    assert "error[MP0011]: --report json=memory/prod.json: there is a file that is no report of mixpriv's" in ended.err
    assert workspace.run("state", "list").out.split() == ["web.deletions.r1", "web.residency"]


def test_a_report_that_finds_no_room(workspace: Workspace) -> None:
    """A report that can't be written whole leaves the earlier one as it was, and ends 1 with a code of reports."""
    workspace.project("web", r1=["u1"])
    workspace.run("plan", "--no-refresh", "--report", "html=plan.html")
    before = (workspace.root / "plan.html").read_bytes()
    running = workspace.start("plan", "--report", "html=plan.html", environment=FOR_LIMITED, preexec_fn=without_space(4_000))
    assert running.communicate()[1].startswith("error[MP0011]: --report html=plan.html: can't write plan.html: File too large")
    assert running.returncode == 1
    assert (workspace.root / "plan.html").read_bytes() == before
    assert list(workspace.root.glob(".plan.html*")) == []


def test_into_a_fifo(workspace: Workspace) -> None:
    """A FIFO gets the report, and is a FIFO afterwards."""
    workspace.project("web", r1=["u1"])
    fifo = workspace.root / "fifo"
    os.mkfifo(fifo)
    read: list[str] = []
    reader = threading.Thread(target=lambda: read.append(fifo.read_text()), daemon=True)
    reader.start()
    workspace.run("plan", "--report", "json=fifo")
    reader.join(300)
    assert json.loads(read[0])["totals"]["erases"] == 1
    assert fifo.is_fifo()


@pytest.mark.parametrize(
    ("line", "file"),
    [
        ('"$0" -m mixpriv_reconcile plan --report json=>(cat > got.json; touch done) > out.txt; until [ -e done ]; do sleep 0.05; done', "got.json"),
        ('"$0" -m mixpriv_reconcile plan --report json=/dev/stderr > out.txt 2> got.json', "got.json"),
        ('"$0" -m mixpriv_reconcile plan --report json=/dev/stderr 2>&1 > out.txt | cat > got.json', "got.json"),
        ('"$0" -m mixpriv_reconcile validate --report json=/dev/stdout > got.txt; tail -n +2 got.txt > got.json', "got.json"),
        ('"$0" -m mixpriv_reconcile plan --report markdown=/dev/null --report json=got.json > /dev/null', "got.json"),
    ],
)
def test_into_what_the_shell_gives(workspace: Workspace, line: str, file: str) -> None:
    """Process substitution, `/dev/stderr` as a file or a pipe, `/dev/stdout` and `/dev/null` take a report as they do of any program."""
    workspace.project("web", r1=["u1"])
    subprocess.run(["bash", "-ec", line, sys.executable], cwd=workspace.root, env=workspace.environment, check=True, timeout=300)
    assert json.loads((workspace.root / file).read_text())
    assert Path("/dev/null").is_char_device()
