"""`--report github=-` as a step of GitHub Actions runs it: annotations in the log, a summary and outputs in the runner's files."""

from __future__ import annotations

import json
import os
import signal
from pathlib import Path

import pytest
from render.actions_runner import Command, commands, outputs_of

from .canaries import check, declared
from .workspace import Ended, Server, Workspace, finished, until


@pytest.fixture
def step(workspace: Workspace) -> Path:
    """A step's folder with the runner's two files, empty; the repository is the workspace's parent."""
    folder = workspace.root.parent / "runner"
    folder.mkdir()
    for variable, name in (("GITHUB_STEP_SUMMARY", "summary"), ("GITHUB_OUTPUT", "outputs")):
        (folder / name).touch()
        workspace.environment[variable] = str(folder / name)
    workspace.environment["GITHUB_WORKSPACE"] = str(workspace.root.parent)
    return folder


def told(ran: Ended) -> list[Command]:
    """The annotations in a run's log; nothing on standard output is one."""
    assert [] == commands(ran.out)
    return commands(ran.err)


def outputs(step: Path) -> dict[str, str]:
    return outputs_of((step / "outputs").read_text("utf-8"))


def test_a_plan_and_its_apply(workspace: Workspace, server: Server, step: Path) -> None:
    """A plan tells what it changes and its digest, the apply of that digest what it did; each adds to the step's summary."""
    workspace.project("web", r1=["u1", "u2", "u3"])
    workspace.run("plan", "--report", "github=-", "--detailed-exitcode", code=2)
    planned = outputs(step)
    assert (planned["exit_code"], planned["has_changes"], planned["destroy"], planned["erases"]) == ("2", "true", "1", "3")
    assert planned["digest"] in (step / "summary").read_text("utf-8")

    workspace.run("apply", "--expect", planned["digest"], "--report", "github=-")
    applied = outputs(step)
    assert (applied["command"], applied["exit_code"], applied["destroyed"], applied["unfinished"]) == ("apply", "0", "1", "0")
    assert planned["erases"] == str(sum(len(task["distinct_ids"]) for task in server.tasks()))


@pytest.mark.parametrize(("hanging", "acknowledged"), [("POST@1=hang", 0), ("POST@2=hang", 2)])
def test_a_cancelled_job_reports_what_is_known(workspace: Workspace, server: Server, step: Path, hanging: str, acknowledged: int) -> None:
    """Two signals, as GitHub sends them: the second waits for no call, nor for who doesn't read, and yet every report tells what was done."""
    workspace.project("web", r1=["u1", "u2", "u3"])
    os.mkfifo(workspace.root / "unread")
    server.fault(hanging)
    running = workspace.start("apply", "--auto-approve", "--report=junit=unread", "--report=github=-", "--report=json=run.json", "--report=markdown=run.md")
    until(lambda: server.struck(hanging), running)
    running.send_signal(signal.SIGINT)
    running.send_signal(signal.SIGTERM)
    ended = finished(running)
    server.heal()
    document = json.loads((workspace.root / "run.json").read_text())
    (left,) = document["left"]
    assert ended.code in (130, 143)  # the two may come in as one wants
    assert ended.code == document["exit_code"] == int(outputs(step)["exit_code"])
    assert (document["subjects"]["acknowledged"], left["remaining"]) == (acknowledged, 3 - acknowledged)
    assert "MP0002" in [command.properties["title"] for command in told(ended)]
    comment = (workspace.root / "run.md").read_text()
    assert comment in (step / "summary").read_text()
    assert "a batch that was on its way is in doubt" in comment
    assert "Nothing was sent" not in comment
    workspace.apply()
    assert set(server.ids_in_live_tasks().values()) == {1}


def test_a_wrong_manifest_is_annotated_at_its_line(workspace: Workspace, step: Path) -> None:
    """The annotation names the manifest from the repository's root, and the line that a reviewer sees."""
    workspace.project("web", r1=["u1"])
    text = (workspace.root / "privacy.yaml").read_text("utf-8").replace("residency: eu", "residency: mars")
    (workspace.root / "privacy.yaml").write_text(text, "utf-8")
    ran = workspace.run("validate", "--report", "github=-", code=1)

    (wrong,) = told(ran)
    assert (wrong.name, wrong.properties["file"]) == ("error", "workspace/privacy.yaml")
    assert "residency: mars" in text.splitlines()[int(wrong.properties["line"]) - 1]
    assert (outputs(step)["exit_code"], outputs(step)["errors"]) == ("1", "1")
    assert "has_changes" not in outputs(step)


def test_status_tells_what_presses(workspace: Workspace, step: Path) -> None:
    """A nightly check fails with an annotation, and later steps can ask how many requests press."""
    workspace.project("web", r1=["u1"])
    ran = workspace.run("status", "--fail-due-within", "60d", "--report", "github=-", code=7)
    assert ["MP0640"] == [one.properties["title"] for one in told(ran) if one.name == "error"]
    assert (outputs(step)["requests_unfinished"], outputs(step)["requests_pressing"]) == ("1", "1")


def test_annotations_can_go_to_a_file(workspace: Workspace, step: Path) -> None:
    """With a file instead of `-` the log is left alone; summary and outputs are the runner's all the same."""
    workspace.manifest["projects"] = {}
    workspace.project("web", residency="mars")
    ran = workspace.run("plan", "--report", "github=annotations.txt", code=1)
    assert [] == told(ran)
    assert ["error"] == [one.name for one in commands((workspace.root / "annotations.txt").read_text("utf-8"))]
    assert outputs(step)["exit_code"] == "1"


def test_outside_of_a_runner_there_are_annotations_alone(workspace: Workspace) -> None:
    """Where the environment names no file none is written, and nothing is said about it."""
    workspace.project("web", residency="mars")
    ran = workspace.run("validate", "--report", "github=-", code=1)
    assert ["error"] == [one.name for one in told(ran)]
    assert ["privacy.yaml"] == [path.name for path in workspace.files()]


@pytest.mark.parametrize("variable", ["GITHUB_STEP_SUMMARY", "GITHUB_OUTPUT"])
def test_a_file_that_cant_be_written_is_said_first(workspace: Workspace, server: Server, variable: str) -> None:
    """A runner's file that isn't there to be written ends the run before anything is sent."""
    workspace.project("web", r1=["u1"])
    workspace.environment[variable] = str(workspace.root / "no" / "such")
    refused = workspace.run("apply", "--auto-approve", "--report", "github=-", code=1)
    assert f"MP0013]: can't write the file that {variable} names" in refused.err
    assert [] == server.calls("POST")


@pytest.mark.parametrize("lost", ["json=memory/prod.json", "json=/dev/full"])
def test_every_report_has_the_code_of_the_end(workspace: Workspace, server: Server, step: Path, lost: str) -> None:
    """Where one report can't be written the run ends 1, and so say the outputs and all the other files, whichever comes first."""
    (workspace.root / "memory").mkdir()
    workspace.manifest["workspace"]["state"] = {"backend": "local", "path": "memory/prod.json"}  # which the apply itself makes
    workspace.project("web", r1=["u1", "u2", "u3"])
    wanted = ["github=-", "junit=run.xml", lost, "markdown=run.md"]
    ended = workspace.apply(*(f"--report={one}" for one in wanted), code=1)
    assert ended.err.count("error[MP0011]") == 1
    assert outputs(step)["exit_code"] == "1"
    assert '<property name="exit_code" value="1" />' in (workspace.root / "run.xml").read_text()
    comment = (workspace.root / "run.md").read_text()
    assert 'exit="1"' in comment
    assert f"--report {lost}" in comment
    assert "Mixpanel took 3 distinct ids for erasure." in comment
    assert (step / "summary").read_text().count("<!-- mixpriv:") == 1


def test_a_summary_that_finds_no_room_is_in_the_outputs(workspace: Workspace, step: Path) -> None:
    """The outputs of a run whose summary can't be written have the code that it ends with."""
    workspace.project("web", r1=["u1"])
    workspace.environment["GITHUB_STEP_SUMMARY"] = "/dev/full"
    ended = workspace.run("plan", "--report", "github=-", "--report", "junit=run.xml", code=1)
    assert "error[MP0013]" in ended.err
    assert outputs(step)["exit_code"] == "1"
    assert '<property name="exit_code" value="1" />' in (workspace.root / "run.xml").read_text()


def test_a_line_left_open_stays_one(workspace: Workspace, step: Path) -> None:
    """What an earlier command of the step wrote is kept, even where it ended no line."""
    workspace.project("web")
    (step / "outputs").write_text("mine=1", "utf-8")
    workspace.run("validate", "--report", "github=-")
    assert (outputs(step)["mine"], outputs(step)["exit_code"]) == ("1", "0")


def test_a_full_summary_is_left_as_it_is(workspace: Workspace, step: Path) -> None:
    """GitHub shows nothing of a summary above 1 MiB: one that an earlier command filled isn't made too large."""
    workspace.project("web", r1=["u1"])
    (step / "summary").write_text("x" * (2**20 - 5) + "\n", "utf-8")
    workspace.run("plan", "--report", "github=-")
    assert (step / "summary").stat().st_size <= 2**20


@pytest.mark.parametrize("name", ["::error::x", "a\n::set-output name=a::b", "##[add-mask]x", "x%0A::warning::y", "exit_code<<EOF"])
def test_nobody_smuggles_an_annotation_in(workspace: Workspace, step: Path, name: str) -> None:
    """A project, a file and a value that are called like orders and outputs add none."""
    workspace.project("web", r1=["u1"])
    workspace.manifest["projects"][name] = {"id": 1, "token": {"env": "T"}, "residency": name}
    workspace.write()
    os.rename(workspace.root / "privacy.yaml", workspace.root / f"{name.replace('/', '')}.yaml")
    ran = workspace.run("validate", "--report", "github=-", code=1)

    found = told(ran)
    assert found
    assert {"error"} == {one.name for one in found}
    assert all(one.properties["title"].startswith("MP") for one in found)
    expected = {"command", "exit_code", "outcome", "errors", "warnings", "notes"}
    assert expected == set(outputs(step))


def test_no_id_and_no_token_is_told(workspace: Workspace, server: Server, step: Path) -> None:
    """Neither the log nor the runner's files hold an id or a secret, whether a plan is made, applied, or fails."""
    declared(workspace)
    ran = [workspace.run("plan", "--report", "github=-"), workspace.apply("--report", "github=-"), workspace.run("status", "--report", "github=-")]
    workspace.manifest["projects"]["web"]["deletions"]["r1"]["received"] = "never"
    workspace.write()
    ran.append(workspace.run("plan", "--report", "github=-", code=1))
    check(workspace, *ran)
