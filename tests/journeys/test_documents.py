"""What programs read: each document keeps to its published schema and stands alone on standard output."""

from __future__ import annotations

import json
from typing import Any

import jsonschema
import pytest

from .workspace import REPOSITORY, Ended, Server, Workspace, finished, until


def schema(name: str) -> Any:
    return json.loads((REPOSITORY / "schemas" / f"{name}.v1.schema.json").read_text("utf-8"))


def check_events(ended: Ended) -> list[dict[str, Any]]:
    """Every line is a valid event, the first `version`, the last `outcome` with the exit code."""
    validator = jsonschema.Draft202012Validator(schema("event"), format_checker=jsonschema.FormatChecker())
    for event in ended.events:
        validator.validate(event)
    assert ended.events[0]["type"] == "version"
    assert [event["type"] for event in ended.events].count("outcome") == 1
    assert ended.events[-1]["type"] == "outcome"
    assert ended.events[-1]["exit_code"] == ended.code
    return ended.events


def raised(ended: Ended) -> list[str]:
    return [event["diagnostic"]["code"] for event in check_events(ended) if event["type"] == "diagnostic"]


def test_the_events_of_an_apply(workspace: Workspace, server: Server) -> None:
    """`apply --format json` tells plan, calls, waits and the end, each line valid: also where it is partly refused and in doubt."""
    workspace.project("web", r1=["u1", "u2", "u3"])
    workspace.project("shop", r1=["bad", "v1"])
    server.fault("POST@1=429:retry-after=0", "POST=refuse-ids:bad")
    events = check_events(workspace.run("--format", "json", "apply", "--auto-approve", code=1))
    kinds = [event["type"] for event in events]
    for kind in (
        "planned_change",
        "change_summary",
        "apply_start",
        "batch_sent",
        "rate_limited",
        "apply_progress",
        "apply_complete",
        "diagnostic",
    ):
        assert kind in kinds
    assert {event["outcome"] for event in events if event["type"] == "batch_sent"} == {"acknowledged", "refused"}
    # errored and in doubt
    server.heal()
    server.fault("POST@1=401")
    workspace.project("blog", r1=["w1"])
    errored = check_events(workspace.apply("--format", "json", code=1))
    assert "apply_errored" in [event["type"] for event in errored]
    check_events(workspace.apply("--format", "json", "--wait", "1s"))


def test_the_events_of_an_apply_that_never_starts(workspace: Workspace, server: Server) -> None:
    """Invalid manifest, missing approval, stale digest, ids for no terminal, policy: `version`, the diagnostics, `outcome`, nothing sent."""
    web = workspace.project("web", r1=["u1"])
    assert raised(workspace.apply("--format", "json", "--expect", "0" * 64, code=4)) == ["MP0609"]
    assert raised(workspace.run("apply", "--format", "json", code=1)) == ["MP0618"]
    assert raised(workspace.apply("--format", "json", "--show-ids", code=1)) == ["MP0012"]
    assert raised(workspace.apply("--format", "json", "no-such.plan", code=1)) == ["MP0619"]
    web["residency"] = "mars"
    workspace.write()
    assert raised(workspace.apply("--format", "json", code=1)) != []
    assert server.calls() == []


def test_plan_validate_and_status_are_one_valid_document_each(workspace: Workspace, server: Server) -> None:
    """`--format json` of plan, validate and status is one document of its schema and nothing else, also on failure."""
    web = workspace.project("web", r1=["u1"])
    workspace.project("shop")["sso"] = {"postback_url": "https://eu.mixpanel.com/security/login/42"}
    workspace.write()
    workspace.apply()
    workspace.declare("web.r1", ["u2", "u3"])
    jsonschema.validate(workspace.state, schema("state"), format_checker=jsonschema.FormatChecker())
    for name, command in (("plan", "plan"), ("diagnostics", "validate"), ("status", "status")):
        ended = workspace.run("--format", "json", command)
        jsonschema.validate(ended.document, schema(name), format_checker=jsonschema.FormatChecker())
    web["residency"] = "mars"
    workspace.write()
    for command in ("plan", "validate"):
        document = workspace.run(command, "--format", "json", code=1).document
        jsonschema.validate(document, schema("diagnostics"))
        assert [found for found in document["diagnostics"] if found["line"]]


@pytest.mark.parametrize("name", ["manifest", "plan", "state", "portable", "event", "apply", "refresh"])
def test_schemas_are_printed(workspace: Workspace, name: str) -> None:
    """`mixpriv schema NAME` prints the JSON Schema that is published."""
    document = workspace.run("schema", name).document
    jsonschema.Draft202012Validator.check_schema(document)
    assert document == schema(name)
    if name == "manifest":
        workspace.project("web", r1=["u1"])
        jsonschema.validate(workspace.manifest, document)


def test_a_locked_apply_ends_with_its_outcome(workspace: Workspace, server: Server) -> None:
    """`apply --format json` at a locked state: `version`, the diagnostic, `outcome` 5."""
    workspace.project("web", r1=["u1"])
    server.fault("POST@1=hang")
    holder = workspace.start("apply", "--auto-approve")
    until(lambda: server.struck("POST@1=hang"), holder)
    assert raised(workspace.apply("--format", "json", code=5)) == ["MP0521"]
    holder.kill()
    finished(holder)
