"""Reports: several in one run, written however it ends, and only where nothing of the user's is replaced."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from mixpriv_reconcile.cli.reporting import REPORT_FORMATS
from mixpriv_reconcile.render import reports

from .workspace import Server, Workspace


def test_several_reports_in_one_run(workspace: Workspace, server: Server) -> None:
    """One plan is shown as text and written as JSON, Markdown, HTML and GitLab's counts, which all tell the same."""
    workspace.project("web", r1=["u1", "u2"])
    wanted = {"json": "plan.json", "markdown": "plan.md", "html": "plan.html", "gitlab": "counts.json"}
    ran = workspace.run("plan", *(f"--report={name}={file}" for name, file in wanted.items()))

    document = json.loads((workspace.root / "plan.json").read_text())
    assert document["totals"]["erases"] == 2
    assert json.loads((workspace.root / "counts.json").read_text()) == {"create": 1, "update": 0, "delete": 1}
    for shown in (ran.out, (workspace.root / "plan.md").read_text(), (workspace.root / "plan.html").read_text()):
        assert document["digest"] in shown


def test_reports_are_written_before_a_non_zero_exit(workspace: Workspace) -> None:
    """A run that fails writes its reports all the same, with what it found."""
    workspace.project("web", r1=["u1"])
    (workspace.root / "privacy.yaml").write_text((workspace.root / "privacy.yaml").read_text().replace("residency: eu", "residency: mars"))
    workspace.run("plan", "--report", "json=plan.json", "--report", "gitlab=counts.json", code=1)

    assert [found["code"] for found in json.loads((workspace.root / "plan.json").read_text())["diagnostics"]]
    assert json.loads((workspace.root / "counts.json").read_text()) == {}


@pytest.mark.parametrize("report", ["json=privacy.yaml", "json=mixpriv.state.json", "json=no/such.json", "json=.", "json=", "json", "pdf=x"])
def test_a_report_that_cant_be_is_refused_first(workspace: Workspace, report: str) -> None:
    """A report over a manifest or the state, into no folder or of no format ends 1 before anything is done."""
    workspace.project("web")
    before = (workspace.root / "privacy.yaml").read_bytes()
    refused = workspace.run("plan", "--report", report, code=1)
    assert refused.out == ""
    assert "report" in refused.err
    assert (workspace.root / "privacy.yaml").read_bytes() == before


@pytest.mark.parametrize("command", ["confirm x --by me", "import x y", "import web.deletions.r1 y --column id", "completion bash --format html"])
def test_wrong_words_are_reported(workspace: Workspace, command: str) -> None:
    """A command that refuses its arguments has written its report, too: it says why."""
    workspace.project("web", r1=["u1"])
    workspace.run(*command.split(), "--report", "json=run.json", "--report", "junit=run.xml", code=1)
    assert len(json.loads((workspace.root / "run.json").read_text())["diagnostics"]) == 1
    assert f'<testsuite name="mixpriv {command.partition(" ")[0]}"' in (workspace.root / "run.xml").read_text()


def test_a_command_without_a_plan_has_no_counts(workspace: Workspace) -> None:
    """Every command takes every format: GitLab's report of a command that has no plan has no counts, rather than zeros."""
    workspace.project("web", r1=["u1"])
    for command in ("validate", "status", "version"):
        workspace.run(command, "--report", f"gitlab={command}.json")
        assert (workspace.root / f"{command}.json").read_text() == "{}\n"


def test_a_plan_that_could_not_be_saved_says_so(workspace: Workspace) -> None:
    """Every report of a plan whose file could not be written tells why the run failed, and offers no way to carry the plan out."""
    workspace.project("web", r1=["u1"])
    wanted = ("markdown=run.md", "html=run.html", "junit=run.xml", "github=run.txt")
    failed = workspace.run("plan", "--out", "nofolder/x", *(f"--report={one}" for one in wanted), code=1)
    assert "MP0520" in failed.err
    said = {one: (workspace.root / one.partition("=")[2]).read_text() for one in wanted}
    assert all("MP0520" in text for text in said.values())
    for text in (said["markdown=run.md"], said["html=run.html"]):
        assert "Not to be applied as it stands" in text
        assert "This carries out" not in text
    assert "Plan: " not in said["junit=run.xml"].rpartition("<failure")[2]


def test_a_status_tells_what_a_refresh_could_not_do(workspace: Workspace, server: Server) -> None:
    """Where tasks could not be looked at, the comment and the page of `status --refresh` say so beside the requests."""
    workspace.project("web", r1=["u1"])
    workspace.apply()
    server.fault("GET=401")
    failed = workspace.run("status", "--refresh", "--report=markdown=run.md", "--report=html=run.html", "--report=junit=run.xml", code=1)
    [code] = {word for word in failed.err.replace("]", "[").split("[") if word.startswith("MP0")}
    for name in ("run.md", "run.html", "run.xml"):
        assert code in (workspace.root / name).read_text()
    assert "ended with code" not in (workspace.root / "run.xml").read_text()


def test_what_has_no_place_is_at_a_manifest(workspace: Workspace) -> None:
    """A finding without a line is shown at the manifest that the program reads: one in a folder below, and none that is ignored."""
    (workspace.root / ".mixprivignore").write_text("/a.yaml\n")
    (workspace.root / "a.yaml").write_text("workspace: of another program\n")
    workspace.project("web", r1=["u1"])
    (workspace.root / "conf").mkdir()
    (workspace.root / "privacy.yaml").rename(workspace.root / "conf" / "privacy.yaml")
    workspace.run("plan", "--out", "nofolder/x", "--report", "sarif=run.sarif", code=1)
    [result] = json.loads((workspace.root / "run.sarif").read_text())["runs"][0]["results"]
    assert result["locations"][0]["physicalLocation"]["artifactLocation"]["uri"] == "conf/privacy.yaml"


def test_every_format_is_made() -> None:
    """The formats that the command line takes are those that there are."""
    assert tuple(reports.REPORT_FORMATS) == REPORT_FORMATS
    assert sorted(f"report_{name}" for name in REPORT_FORMATS) == sorted(path.stem for path in Path(reports.__file__).parent.glob("report_*.py"))
