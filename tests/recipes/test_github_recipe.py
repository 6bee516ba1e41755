"""What the GitHub recipe promises whoever copies it, read from its files."""

from __future__ import annotations

import os
import re
import subprocess
from pathlib import Path
from typing import Any

import pytest

from .expressions import Known, filled
from .workflow_runs import CHECKOUT, loaded

RECIPE = CHECKOUT / "examples" / "ci" / "github"
WORKFLOWS = sorted((RECIPE / ".github" / "workflows").glob("*.yml"))
ACTION = loaded((CHECKOUT / "action.yml").read_text("utf-8"))
SECRET = re.compile(r"\$\{\{\s*secrets\.")

every_workflow = pytest.mark.parametrize("path", WORKFLOWS, ids=lambda path: path.stem)


def jobs(path: Path) -> dict[str, Any]:
    found: dict[str, Any] = loaded(path.read_text("utf-8"))["jobs"]
    return found


@every_workflow
def test_actions_are_pinned_to_a_commit(path: Path) -> None:
    """Every action is named by a full commit with its version beside it; mixpriv is that commit of the action, never a name in an index."""
    for line in path.read_text("utf-8").splitlines():
        if "uses:" in line:
            assert re.fullmatch(r"\s*(- )?uses: [\w./-]+@[0-9a-f]{40} # v\d+\.\d+\.\d+", line), line
    assert [step for job in jobs(path).values() for step in job["steps"] if "version" in step.get("with", {})] == []


@every_workflow
def test_jobs_may_do_no_more_than_they_need(path: Path) -> None:
    """Nothing is allowed for the whole workflow; each job says its rights, its runner and its time; none runs what a fork wrote with secrets."""
    document = loaded(path.read_text("utf-8"))
    assert document["permissions"] == {}
    assert "pull_request_target" not in document["on"]
    assert document["concurrency"]["cancel-in-progress"] == ("true" if path.stem == "privacy-plan" else "false")
    for job in document["jobs"].values():
        assert job["permissions"].pop("contents") == "read"
        assert {"timeout-minutes", "runs-on"} <= set(job)
        assert "latest" not in job["runs-on"]
        has_secrets = bool(SECRET.search(str(job)))
        assert has_secrets is ("environment" in job), "secrets belong to environments"


@pytest.mark.parametrize(
    ("event", "inputs", "group"),
    [
        ("push", {}, "privacy-apply"),
        ("workflow_dispatch", {"digest": "d1", "first": False}, "privacy-apply"),
        ("workflow_dispatch", {"digest": "", "first": False}, "privacy-apply-look"),
    ],
)
def test_a_look_stands_in_no_applys_way(event: str, inputs: dict[str, Any], group: str) -> None:
    """Applies wait for one another; a look by hand neither waits nor has an apply that waits cancelled."""
    (workflow,) = [loaded(path.read_text("utf-8")) for path in WORKFLOWS if path.stem == "privacy-apply"]
    assert filled(workflow["concurrency"]["group"], Known({"github": {"event_name": event}, "inputs": inputs})) == group


@every_workflow
def test_secrets_reach_the_steps_that_need_them_alone(path: Path) -> None:
    """A secret stands in the `env:` of a step, never in a script, an input, a job or a workflow; no step that installs has one."""
    document = loaded(path.read_text("utf-8"))
    assert "env" not in document
    for job in document["jobs"].values():
        assert "env" not in job
        for step in job["steps"]:
            assert not SECRET.search(str({key: value for key, value in step.items() if key != "env"}))
            if step.get("name") == "Install":
                assert "env" not in step


@every_workflow
def test_scripts_hold_no_expression(path: Path) -> None:
    """What comes from outside reaches a script as a variable, never as text of the script."""
    scripts = [step["run"] for job in jobs(path).values() for step in job["steps"] if "run" in step]
    scripts += [step["run"] for step in ACTION["runs"]["steps"]]
    assert [script for script in scripts if "${{" in script] == []


@every_workflow
def test_a_cancel_reaches_mixpriv(path: Path) -> None:
    """A cancel signals the shell of a step alone: a script that runs mixpriv itself ends by becoming it."""
    for script in (step["run"] for job in jobs(path).values() for step in job["steps"] if "mixpriv " in step.get("run", "")):
        assert re.search(r"^exec mixpriv [^\n|;&]*\Z", script.strip(), re.MULTILINE), script


def test_a_confirmation_is_of_whoever_pressed_the_button() -> None:
    """Also where it is the second run of somebody else's: the evidence of a hand-over names who gave it."""
    (confirm,) = [step["run"] for step in jobs(RECIPE / ".github/workflows/privacy-confirm.yml")["confirm"]["steps"] if step.get("name") == "Confirm"]
    assert '--by "$GITHUB_TRIGGERING_ACTOR"' in confirm


@every_workflow
def test_nothing_is_published(path: Path) -> None:
    """No artifact and no cache is made: whoever can read the repository can read them."""
    assert not re.search("artifact@|cache@", path.read_text("utf-8"))


def ran_in_action(step: str, folder: Path, **environment: str) -> subprocess.CompletedProcess[str]:
    """A step of action.yml, on a machine where an earlier step installed mixpriv with the extra `s3`; it prints what it is called with."""
    programs = folder / "mixpriv" / "bin"
    programs.mkdir(parents=True, exist_ok=True)
    (programs / "mixpriv").write_text('#!/bin/sh\necho "$@"\n')
    (programs / "mixpriv").chmod(0o755)
    (folder / "mixpriv" / "asked").write_text("version='' extras='s3'\n")
    (script,) = [one["run"] for one in ACTION["runs"]["steps"] if one["id"] == step]
    own = {"PATH": f"{programs}:{os.environ['PATH']}", "RUNNER_TEMP": str(folder), "GITHUB_OUTPUT": os.devnull, "ACCEPT": ""}
    command = ["bash", "--noprofile", "--norc", "-eo", "pipefail", "-c", script]
    return subprocess.run(command, env=own | environment, capture_output=True, text=True)


@pytest.mark.parametrize(("version", "extras", "code"), [("", "", 0), ("", "s3", 0), ("", "gcs", 1), ("0.0.9", "s3", 1)])
def test_another_installation_than_the_first_is_an_error(tmp_path: Path, version: str, extras: str, code: int) -> None:
    """A later step of the job that asks for another version or extra is told so; one that asks for none takes what is there."""
    ran = ran_in_action("install", tmp_path, VERSION=version, EXTRAS=extras)
    assert (ran.returncode, "::error::an earlier step installed mixpriv with version='' extras='s3'" in ran.stdout) == (code, code == 1)


@pytest.mark.parametrize("own", ["--report github=-", "--report=github=more.txt"])
def test_a_report_for_github_is_given_once(tmp_path: Path, own: str) -> None:
    """The action adds its own report for GitHub, but where the arguments have one."""
    assert ran_in_action("run", tmp_path, ARGS="plan --report json=p.json").stdout == "plan --report json=p.json --report github=-\n"
    assert ran_in_action("run", tmp_path, ARGS=f"plan {own}").stdout == f"plan {own}\n"


def test_ids_and_exports_are_left_out_of_git(tmp_path: Path) -> None:
    """git ignores the folders of ids and exports, the key and the state."""
    subprocess.run(["git", "init", "--quiet", str(tmp_path)], check=True)
    (tmp_path / ".gitignore").write_bytes((RECIPE / ".gitignore").read_bytes())
    kept = ["requests/2026-11.csv", "exports/dsar-1/a.zip", "mixpriv.key", "mixpriv.state.json", ".mixpriv/spool/x"]
    ran = subprocess.run(["git", "check-ignore", *kept], cwd=tmp_path, capture_output=True, text=True, check=True)
    assert ran.stdout.split() == kept
