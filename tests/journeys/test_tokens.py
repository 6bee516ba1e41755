"""The end of the GDPR token's year: told before, an error afterwards where the token is needed, and nowhere else."""

from __future__ import annotations

import pytest

from .workspace import Server, Workspace, ago, codes


def issued(workspace: Workspace, days_ago: int) -> None:
    workspace.manifest["workspace"]["credentials"]["gdpr_token"]["issued"] = ago(days_ago)
    workspace.write()


def test_an_expired_token_is_an_error_where_it_is_needed(workspace: Workspace, server: Server) -> None:
    """With requests to send, `validate`, `plan` and `apply` end 1 when the token's year is over; the plan is still shown, nothing is sent."""
    workspace.project("web", r1=["u1"])
    issued(workspace, 400)
    assert "error[MP0315]" in workspace.run("validate", code=1).err
    shown = workspace.run("plan", code=1)
    assert "error[MP0315]" in shown.out
    assert "Plan: 1 to add, 0 to change, 1 to destroy." in shown.out
    assert "error[MP0315]" in workspace.apply(code=1).both
    assert server.calls() == []


def test_an_expired_token_keeps_nobody_from_looking(workspace: Workspace, server: Server) -> None:
    """What needs no token works with an expired one: `status`, `show`, `state`, and a plan with nothing to send."""
    workspace.project("web", r1=["u1"])
    workspace.apply()
    issued(workspace, 400)
    for command in (["status"], ["show"], ["state", "list"], ["plan", "--no-refresh"], ["apply", "--auto-approve"]):
        workspace.run(*command)
    assert codes(workspace.plan("--no-refresh")) == ["MP0315"]


def test_the_sandbox_takes_an_expired_token(workspace: Workspace) -> None:
    """Against the sandbox tokens are made up: nothing is said of the real one's end."""
    workspace.project("web", r1=["u1"])
    issued(workspace, 400)
    for command in (["validate"], ["plan"], ["apply", "--auto-approve"], ["status"]):
        assert "MP0315" not in workspace.run(*command, "--sandbox").both


@pytest.mark.parametrize("days", [340, 364])
def test_a_deletion_that_may_outlive_the_token_is_said_beforehand(workspace: Workspace, server: Server, days: int) -> None:
    """In the last weeks of a token the plan says that its tasks may not be looked at or cancelled to their end; it can be applied."""
    workspace.project("web", r1=["u1"])
    issued(workspace, days)
    assert codes(workspace.plan()) == ["MP0390", "MP0660"]
    workspace.apply()
    assert len(server.tasks()) == 1
    assert codes(workspace.plan()) == ["MP0390"]
