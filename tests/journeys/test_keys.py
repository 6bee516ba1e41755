"""The digest key and the state: nothing is made by itself in a pipeline, and nothing is sent with the wrong one."""

from __future__ import annotations

from .workspace import Server, Workspace

KEYLESS = {"MIXPRIV_DIGEST_KEY": None}
CI = KEYLESS | {"CI": "true"}


def test_ci_makes_no_key_and_no_state_by_itself(workspace: Workspace, server: Server) -> None:
    """With `CI` set neither a key nor a state is made without `--new-state`; with it, both are, and the work is done."""
    workspace.project("web", r1=["u1"])
    for command in (["plan"], ["apply", "--auto-approve"]):
        assert "MP0502" in workspace.run(*command, code=1, environment=CI).err
    with_key = workspace.run("apply", "--auto-approve", code=1, environment={"CI": "1"})
    assert "MP0504" in with_key.err
    assert "MP0501" in workspace.run("plan", environment={"CI": "1"}).both
    assert [path.name for path in workspace.files() if path.name != "mixpriv.state.lock"] == ["privacy.yaml"]
    assert server.calls() == []
    workspace.run("apply", "--auto-approve", "--new-state", environment=CI)
    assert (workspace.root / "mixpriv.key").stat().st_mode & 0o777 == 0o600
    assert (workspace.root / "mixpriv.state.json").stat().st_mode & 0o777 == 0o600
    assert len(server.tasks()) == 1


def test_the_sandbox_is_exempt_and_needs_no_credentials(workspace: Workspace, server: Server) -> None:
    """`--sandbox` works in CI without key, state, tokens or URLs, keeps a state of its own, and says where ids are kept."""
    workspace.project("web", r1=["u1"])
    bare = CI | {name: None for name in workspace.environment if name.startswith(("TOKEN_", "GDPR_", "MIXPRIV_"))}
    applied = workspace.run("apply", "--auto-approve", "--sandbox", environment=bare)
    assert ".mixpriv/sandbox" in applied.err
    assert (workspace.root / "mixpriv.sandbox.state.json").exists()
    assert not (workspace.root / "mixpriv.state.json").exists()
    assert server.calls() == []


def test_a_lost_a_short_and_another_key_are_named_before_anything_is_sent(workspace: Workspace, server: Server) -> None:
    """A state whose key is gone, different or too short is an error with a name; what needs no key works on."""
    workspace.project("web", r1=["u1"])
    workspace.project("site")["sso"] = {"postback_url": "https://eu.mixpanel.com/security/login/42"}
    workspace.write()
    workspace.apply()
    before = len(server.calls())
    workspace.declare("web.r1", ["u1", "u2"])
    for key, code in ((None, "MP0505"), ("another key of some length", "MP0506"), ("short", "MP0507")):
        refused = workspace.run("apply", "--auto-approve", code=1, environment={"MIXPRIV_DIGEST_KEY": key})
        assert code in refused.err
    assert not (workspace.root / "mixpriv.key").exists()
    assert len(server.calls()) == before
    for command in (["status"], ["refresh"], ["confirm", "site.sso", "--by", "ops"], ["state", "list"], ["state", "rm", "site.sso"]):
        workspace.run(*command, environment=KEYLESS)
    assert "short" not in workspace.run("status", environment={"MIXPRIV_DIGEST_KEY": "short"}).both


def test_a_damaged_state_is_never_taken_for_new(workspace: Workspace, server: Server) -> None:
    """An empty or torn state is damage with a name, and nothing is sent."""
    workspace.project("web", r1=["u1"])
    workspace.apply()
    path = workspace.root / "mixpriv.state.json"
    content = path.read_bytes()
    for damaged in (b"", content[: len(content) // 2], content.replace(b'"serial": 1', b'"serial": 2')):
        path.write_bytes(damaged)
        assert "MP0510" in workspace.run("apply", "--auto-approve", code=1).err
    assert len(server.calls("POST")) == 1
