"""Reports of real runs, read as GitLab, Jenkins and code scanning read them."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from render.junit import Seen
from render.junit import read as read_junit
from render.sarif import read as read_sarif

from .canaries import check, declared
from .workspace import Server, Workspace

LEAKY = "const mixpanel = 'https://api.mixpanel.com/track';\n"
ALL = ("json", "markdown", "html", "junit", "sarif", "github")


def cases(workspace: Workspace) -> dict[str, Seen]:
    return {case.name: case for case in read_junit((workspace.root / "junit.xml").read_text("utf-8"))}


def results(workspace: Workspace) -> list[Any]:
    found: list[Any] = read_sarif((workspace.root / "found.sarif").read_text("utf-8"))["results"]
    return found


def place(result: Any) -> tuple[str, int]:
    physical = result["locations"][0]["physicalLocation"]
    return physical["artifactLocation"]["uri"], physical["region"]["startLine"]


BOTH = ("--report", "junit=junit.xml", "--report", "sarif=found.sarif")


def test_a_plan_its_apply_and_the_status_after(workspace: Workspace, server: Server) -> None:
    """One request is a case of the plan, of the apply and of the status, under one name."""
    workspace.project("web", r1=["u1", "u2", "u3"])
    workspace.run("plan", *BOTH)
    assert {case.outcome for case in cases(workspace).values()} == {"passed"}
    assert "erases 3 distinct ids; 2 requests" in cases(workspace)["web.deletions.r1"].out

    workspace.apply(*BOTH)
    assert "web.deletions.r1: done" in cases(workspace)["web.deletions.r1"].out

    workspace.run("status", "--fail-due-within", "60d", *BOTH, code=7)
    assert cases(workspace)["web.deletions.r1"].outcome == "failure"
    assert [result["ruleId"] for result in results(workspace) if result["level"] == "error"] == ["MP0640"]


def test_what_an_apply_left_is_red(workspace: Workspace, server: Server) -> None:
    """Where a batch is in doubt the request is red with the counts, and the counts for GitLab are those that were planned."""
    workspace.project("web", r1=["u1", "u2", "u3"])
    server.fault("POST@1=503:after")
    workspace.apply(*BOTH, "--report", "gitlab=counts.json", code=3)
    left = cases(workspace)["web.deletions.r1"]
    assert left.outcome == "failure"
    assert "2 distinct ids: in doubt" in left.failure
    assert json.loads((workspace.root / "counts.json").read_text()) == {"create": 1, "update": 0, "delete": 1}


def test_a_wrong_manifest(workspace: Workspace) -> None:
    """`validate` is red at the manifest, and the alert is at the line, named from the repository's root."""
    workspace.environment["GITHUB_WORKSPACE"] = str(workspace.root.parent)
    workspace.project("web", residency="mars")
    workspace.run("validate", *BOTH, code=1)
    red = {(case.suite, case.outcome) for case in cases(workspace).values()}
    assert ("workspace/privacy.yaml", "failure") in red
    (found,) = results(workspace)
    assert place(found)[0] == "workspace/privacy.yaml"
    assert "residency: mars" in (workspace.root / "privacy.yaml").read_text("utf-8").splitlines()[place(found)[1] - 1]


def test_drift_is_where_the_source_is(workspace: Workspace) -> None:
    """A leak in a source is an alert at its line, whether `sdk check` or the plan finds it; a red case only of the check."""
    workspace.project("web")["sdks"] = {"javascript": {"source": "src/a.ts"}}
    workspace.write()
    (workspace.root / "src").mkdir()
    (workspace.root / "src/a.ts").write_text(LEAKY, "utf-8")
    workspace.run("sdk", "check", "src", *BOTH, code=7)
    assert [place(result) for result in results(workspace)] == [("src/a.ts", 1)]
    assert "failure" in {case.outcome for case in cases(workspace).values() if case.suite == "src/a.ts"}

    workspace.run("plan", *BOTH)
    assert ("src/a.ts", 1) in [place(result) for result in results(workspace)]
    assert "failure" not in {case.outcome for case in cases(workspace).values()}


def test_a_refused_plan_is_red(workspace: Workspace) -> None:
    """A refusal has no line of its own: its alert is at the manifest."""
    workspace.project("web", r1=["u1", "u2", "u3"])
    workspace.manifest["workspace"]["policy"] = {"opt_out": "off", "max_deletions": 1}
    workspace.write()
    workspace.run("plan", *BOTH, code=6)
    assert cases(workspace)["MP0602"].outcome == "failure"
    assert [place(result)[0] for result in results(workspace) if result["ruleId"] == "MP0602"] == ["privacy.yaml"]


def test_tasks_looked_at_are_cases(workspace: Workspace, server: Server) -> None:
    """`refresh` has a case for each task; one that failed at Mixpanel is red."""
    workspace.project("web", r1=["u1"])
    workspace.apply()
    server.force("FAILURE")
    workspace.run("refresh", *BOTH, code=None)
    (task,) = server.tasks()
    assert cases(workspace)[f"task {task['tracking_id']}"].outcome == "failure"


@pytest.mark.parametrize("break_it", [False, True])
def test_no_id_and_no_token_is_in_any_report(workspace: Workspace, server: Server, tmp_path: Path, break_it: bool) -> None:
    """Whatever format and command, and whether the run succeeds or fails: a report holds no id and no secret."""
    declared(workspace)
    if break_it:
        (workspace.root / "ids.csv").write_bytes(b"distinct_id\r\n" + b"canary " * 60 + b"\r\n\xff\xfecanary\r\n")
        server.fault("POST@1=400")
    ran = []
    for command in (["validate"], ["plan"], ["apply", "--auto-approve"], ["status"], ["refresh"], ["show"], ["sdk", "check", "."]):
        name = "-".join(command[:2]).replace("--", "")
        given = [*command, *(f"--report={format_}={name}.{format_}.txt" for format_ in ALL)]
        if command[0] in ("plan", "apply"):
            given.append(f"--report=gitlab={name}.gitlab.txt")
        ran.append(workspace.run(*given, *(["--residency", "eu"] if command[0] == "sdk" else []), code=None))
    assert len(list(workspace.root.glob("*.txt"))) >= 7 * len(ALL)
    check(workspace, *ran)
