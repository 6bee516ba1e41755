"""What a run came to, for those who weren't there: the same text on standard output and in the report, and an apply as proof."""

from __future__ import annotations

import json
from typing import Any

import jsonschema
import pytest

from .test_documents import schema
from .workspace import BEARER, Ended, Server, Workspace, ago

REPORTS = ("json", "markdown", "html")


def reported(workspace: Workspace, *arguments: str, code: int = 0, environment: dict[str, str | None] | None = None) -> tuple[Ended, dict[str, str]]:
    """How the run ended, and its reports by format."""
    wanted = [f"--report={name}=report.{name}" for name in REPORTS]
    ended = workspace.run(*arguments, *wanted, code=code, environment=environment)
    return ended, {name: (workspace.root / f"report.{name}").read_text("utf-8") for name in REPORTS}


def valid(name: str, text: str) -> Any:
    """The document, which keeps to its schema."""
    document = json.loads(text)
    jsonschema.Draft202012Validator(schema(name), format_checker=jsonschema.FormatChecker()).validate(document)
    return document


@pytest.mark.parametrize(
    "command", [("plan",), ("status",), ("status", "--fail-due-within", "90d"), ("refresh",), ("validate",), ("show",), ("sdk", "check", ".", "--residency", "eu")]
)
def test_standard_output_is_the_report(workspace: Workspace, server: Server, command: tuple[str, ...]) -> None:
    """`--format markdown` prints what `--report markdown=FILE` writes, `--format html` a page, and nothing else."""
    workspace.project("web", r1=["u1"])
    workspace.apply()
    code = 7 if "--fail-due-within" in command else 0
    ended, reports = reported(workspace, *command, "--format", "markdown", code=code)
    assert ended.out == reports["markdown"]
    assert ended.out.startswith("<!-- mixpriv:")
    assert workspace.run(*command, "--format", "html", code=code).out.startswith("<!DOCTYPE html>\n")


def test_an_apply_that_did_all(workspace: Workspace, server: Server) -> None:
    """Every batch of the document is a task at Mixpanel; nothing is left, and the comment says what follows it."""
    workspace.project("web", r1=["u1", "u2", "u3"])
    ended, reports = reported(workspace, "apply", "--auto-approve", "--format", "markdown")
    document = valid("apply", reports["json"])
    (request,) = [one for one in document["done"] if one["batches"]]
    assert {task["tracking_id"] for task in server.tasks()} == {batch["tracking_id"] for batch in request["batches"]}
    assert (2, 1) == tuple(batch["subjects"] for batch in request["batches"])
    assert {"add": 1, "change": 0, "destroy": 1} == document["summary"]
    assert 3 == document["subjects"]["acknowledged"] == document["plan"]["totals"]["erases"]
    assert (0, "done", []) == (document["exit_code"], document["why"], document["left"])
    assert ended.out == reports["markdown"]
    assert "Mixpanel took 3 distinct ids for erasure." in ended.out
    assert "`mixpriv status` follows" in ended.out
    assert "apply FILE" not in ended.both


def test_an_apply_asks_for_nothing_that_it_did(workspace: Workspace, server: Server) -> None:
    """A request that the plan calls due is no longer said to be "not submitted yet" once the apply has submitted it."""
    workspace.project("web", r1={"compliance": "gdpr", "received": ago(28), "distinct_ids": ["u1"]})
    assert "MP0626" in workspace.run("plan").out
    more = ("--report", "github=-", "--report", "junit=report.xml")
    ended, reports = reported(workspace, "apply", "--auto-approve", "--format", "json", *more)
    assert ended.events[-1]["exit_code"] == 0
    assert "MP0626" not in ended.err
    assert "MP0626" not in (workspace.root / "report.xml").read_text()
    assert "MP0626" not in [found["code"] for found in valid("apply", reports["json"])["diagnostics"]]
    assert "not submitted yet" not in reports["markdown"] + reports["html"]


def test_an_apply_that_is_in_doubt(workspace: Workspace, server: Server) -> None:
    """A batch without an answer is left, with its number, and the run ends 3 and says to run again."""
    workspace.project("web", r1=["u1", "u2", "u3"])
    server.fault("POST@1=reset-after")
    _, reports = reported(workspace, "apply", "--auto-approve", code=3)
    document = valid("apply", reports["json"])
    (left,) = document["left"]
    assert ("web.deletions.r1", 1, "in_doubt") == (left["address"], left["left"][0]["first"], left["left"][0]["outcome"])
    assert (1, 2) == (document["subjects"]["acknowledged"], document["subjects"]["in_doubt"])
    for form in ("markdown", "html"):
        assert "in doubt" in reports[form]
        assert "again: nothing is lost" in reports[form]


def test_an_apply_that_may_not_begin(workspace: Workspace, server: Server) -> None:
    """A digest that no longer fits (4) and a policy that refuses (6) are told with the plan, all of it left, nothing sent."""
    workspace.project("web", r1=["u1", "u2"])
    for code, arguments, environment in ((4, ("--expect", "0" * 64), {}), (6, ("--auto-approve",), {"MIXPRIV_MAX_DELETIONS": "1"})):
        _, reports = reported(workspace, "apply", *arguments, code=code, environment=environment)
        document = valid("apply", reports["json"])
        assert (code, []) == (document["exit_code"], document["done"])
        assert ["web.deletions.r1", "web.residency"] == [one["address"] for one in document["left"]]
        assert "Nothing was sent." in reports["markdown"]
        if code == 4:
            assert "this is not the plan of --expect" == document["why"]
            assert "\n  - the digest is now " in reports["markdown"]
            assert 1 == reports["markdown"].count("the digest is now ")
        assert f'exit="{code}"' in reports["markdown"].splitlines()[0]
    assert server.calls("POST") == []


def test_a_refused_withdrawal_leaves_everybody_acknowledged(workspace: Workspace, server: Server) -> None:
    """Whom Mixpanel has in a task that isn't cancelled after all is not said to be unacknowledged; who is new in the request is."""
    workspace.project("web", r1=["u1", "u2"])
    workspace.apply()
    workspace.manifest["workspace"]["policy"]["max_withdrawals"] = 0
    for ids, remaining in ((["u2"], 0), (["u2", "u3"], 1)):
        workspace.declare("web.r1", ids)
        _, reports = reported(workspace, "apply", "--auto-approve", code=6)
        (left,) = valid("apply", reports["json"])["left"]
        assert (left["address"], left["remaining"]) == ("web.deletions.r1", remaining)
        for name in ("markdown", "html"):
            assert ("1 distinct id not acknowledged" in reports[name], "distinct ids not acknowledged" in reports[name]) == (bool(remaining), False)


def test_an_apply_that_failed(workspace: Workspace, server: Server) -> None:
    """A token that Mixpanel refuses, and a manifest that can't be read, end 1: what is wrong stands in every report, at its place."""
    web = workspace.project("web", r1=["u1"])
    server.fault("POST=401")
    _, reports = reported(workspace, "apply", "--auto-approve", code=1)
    document = valid("apply", reports["json"])
    assert ["web.deletions.r1"] == [one["address"] for one in document["left"]]
    assert any(found["severity"] == "error" for found in document["diagnostics"])
    web["residency"] = "mars"
    workspace.write()
    ended, reports = reported(workspace, "apply", "--auto-approve", "--format", "markdown", code=1)
    document = valid("apply", reports["json"])
    assert (None, [], []) == (document["plan"], document["done"], document["left"])
    assert "at `privacy.yaml:" in reports["markdown"]
    assert ended.out == reports["markdown"]
    for text in reports.values():
        assert BEARER not in text


def test_a_refresh_as_proof(workspace: Workspace, server: Server) -> None:
    """Each task that was looked at, with its status and the time; what `refresh --format json` prints."""
    workspace.project("web", r1=["u1", "u2", "u3"])
    workspace.apply()
    ended, reports = reported(workspace, "refresh", "--format", "json")
    printed, written = valid("refresh", ended.out), valid("refresh", reports["json"])
    assert {task["tracking_id"] for task in server.tasks()} == {task["tracking_id"] for task in printed["tasks"]}
    assert printed | {"at": None} == written | {"at": None}
    assert "| Status | Tasks |" in reports["markdown"]


def test_one_task_is_counted_as_one(workspace: Workspace, server: Server) -> None:
    """A refresh that looked at a single task says so in the singular."""
    workspace.project("web", r1=["u1"])
    workspace.apply()
    assert "looked at 1 open task" == workspace.run("refresh", "--format", "json").document["why"]


def test_what_show_prints_is_what_it_reports(workspace: Workspace, server: Server) -> None:
    """The memory's report is the document, and the page, that `show` prints."""
    workspace.project("web", r1=["u1"])
    workspace.apply()
    _, reports = reported(workspace, "show")
    assert workspace.run("show", "--format", "json").out == reports["json"]
    assert workspace.run("show", "--format", "html").out == reports["html"]


@pytest.mark.parametrize("command", ["plan", "status", "validate", "refresh"])
def test_a_failure_is_a_comment_too(workspace: Workspace, command: str) -> None:
    """A command that fails prints its comment, with each finding at its place, and the findings on standard error as ever."""
    workspace.project("web", r1=["u1"])["residency"] = "mars"
    workspace.write()
    ended, reports = reported(workspace, command, "--format", "markdown", code=1)
    assert ended.out == reports["markdown"]
    assert ended.out.startswith(f'<!-- mixpriv:{command} folder="" sandbox="false" exit="1" -->')
    assert "at `privacy.yaml:" in ended.out
    assert "error[MP" in ended.err
