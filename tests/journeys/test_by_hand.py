"""What a person does, and what nobody can change: SSO and residency."""

from __future__ import annotations

from xml.etree import ElementTree as ET

import pytest

from .workspace import Server, Workspace, actions, ago

LOGIN = "https://eu.mixpanel.com/security/login/42"
V2 = "https://eu.mixpanel.com/security/sso/v2/authorize/?org_id=42"


@pytest.fixture
def sso(workspace: Workspace) -> dict[str, object]:
    """The `sso` block of the workspace's only project."""
    block: dict[str, object] = {"postback_url": LOGIN, "identity_provider": "okta"}
    workspace.project("web")["sso"] = block
    workspace.write()
    return block


def test_a_manual_step_is_shown_until_it_is_confirmed(workspace: Workspace, server: Server, sso: dict[str, object]) -> None:
    """The IdP's field and the exact URL are shown until `mixpriv confirm`; apply ends 0 meanwhile; a new URL lets the confirmation lapse."""
    for _ in range(2):
        applied = workspace.apply()
        assert LOGIN in applied.out
        assert "Single sign on URL" in applied.out
        assert "MP0822" in applied.err
        assert "web.sso: done" not in applied.err
    workspace.run("confirm", "web.sso", "--by", "ops@example.com")
    assert actions(workspace.plan()) == {}
    sso["postback_url"] = V2
    workspace.write()
    (change,) = workspace.plan()["resource_changes"]
    assert (change["change"]["actions"], change["reason"]) == (["update"], "manual_step")
    assert server.calls() == []


def test_a_manual_step_is_no_test_that_was_done(workspace: Workspace, server: Server, sso: dict[str, object]) -> None:
    """In JUnit's report of an apply a manual step is skipped, because it waits for a person, and says what to do."""
    workspace.apply("--report", "junit=report.xml")
    (step,) = [case for case in ET.parse(workspace.root / "report.xml").iter("testcase") if case.get("name") == "web.sso"]
    (skipped,) = step.iter("skipped")
    assert (skipped.get("message") or "").startswith("waits for a person: at the identity provider (Okta)")
    assert LOGIN in (skipped.get("message") or "")


def test_a_confirmation_in_the_manifest_counts_for_its_url(workspace: Workspace, sso: dict[str, object]) -> None:
    """`confirmed:` in the manifest is recorded by apply, and lapses when the URL changes under it."""
    sso["confirmed"] = {"by": "ops@example.com", "on": ago(3)}
    workspace.write()
    workspace.apply()
    assert actions(workspace.plan()) == {}
    sso["postback_url"] = V2
    workspace.write()
    assert actions(workspace.plan()) == {"web.sso": ["update"]}


def test_the_wrong_host_fails_validate_with_the_right_url(workspace: Workspace, sso: dict[str, object]) -> None:
    """A postback URL on another region's host fails `validate`, which prints the right one."""
    sso["postback_url"] = "https://mixpanel.com/security/login/42"
    workspace.write()
    refused = workspace.run("validate", code=1)
    assert "MP0353" in refused.err
    assert LOGIN in refused.err


def test_a_changed_region_is_a_conflict_with_a_recipe(workspace: Workspace, server: Server) -> None:
    """The same project in another region: plan and apply end 1 with the way to move, and nothing is sent."""
    web = workspace.project("web", "eu", r1=["u1"])
    workspace.apply()
    before = len(server.calls())
    web["residency"] = "us"
    workspace.write()
    for command in (["plan"], ["apply", "--auto-approve"]):
        refused = workspace.run(*command, code=1)
        assert "MP0601" in refused.both
        assert "create a new project" in refused.both
    assert len(server.calls()) == before
