"""Answers that say no, or not yet."""

from __future__ import annotations

from remote.loopback import closed_port

from .workspace import Server, Workspace, actions, codes


def test_one_projects_refusal_doesnt_stop_the_others(workspace: Workspace, server: Server) -> None:
    """401, 403 and 404 end 1 and say what to do; they aren't repeated, and other projects go on."""
    for name in ("web", "shop", "blog", "app"):
        workspace.project(name, r1=[f"{name}-{number}" for number in range(3)])
    server.fault("POST@1=401", "POST@2=403", "POST@3=404")
    refused = workspace.apply(code=1)
    for code in ("MP0701", "MP0702", "MP0703"):
        assert code in refused.err
    assert "hint:" in refused.err
    assert sorted(call["status"] for call in server.calls("POST")) == [201, 201, 401, 403, 404]
    assert sorted(request["phase"] for request in workspace.status().values()) == ["pending", "unsent", "unsent", "unsent"]
    server.heal()
    workspace.apply()
    assert len(server.ids_in_live_tasks()) == 12


def test_refused_ids_are_counted_and_kept_back(workspace: Workspace, server: Server) -> None:
    """A 400 is a refusal of its batch: said so, exit 1, the rest goes on, and it isn't sent again by itself."""
    workspace.project("web", r1=["bad-1"], r2=["u1"])
    server.fault("POST=refuse-ids:bad")
    refused = workspace.apply(code=1)
    assert "MP0709" in refused.err
    assert [task["distinct_ids"] for task in server.tasks()] == [["u1"]]
    assert workspace.status()["web.deletions.r1"]["phase"] == "refused"
    later = workspace.plan()
    assert actions(later) == {}
    assert "MP0617" in codes(later)
    server.heal()
    workspace.apply("--retry", "web.deletions.r1")
    assert len(server.tasks()) == 2


def test_429_is_waited_for(workspace: Workspace, server: Server) -> None:
    """A 429 on a POST is waited for as `Retry-After` asks, and then the batch is sent; nothing is in doubt."""
    workspace.project("web", r1=["u1"])
    server.fault("POST@1=429:retry-after=1")
    events = workspace.apply("--format", "json").events
    (wait,) = [event for event in events if event["type"] == "rate_limited"]
    assert 1 <= wait["wait_seconds"] <= 2
    assert [call["status"] for call in server.calls("POST")] == [429, 201]


def test_a_refused_connection_isnt_in_doubt(workspace: Workspace, server: Server) -> None:
    """A POST that provably never left isn't in doubt: its ids are unsent, and the next apply sends them."""
    workspace.project("web", r1=["u1"])
    with closed_port() as port:
        nobody = {"MIXPRIV_URL_EU": f"http://127.0.0.1:{port}"}
        ended = workspace.run("apply", "--auto-approve", "--max-duration", "5s", code=3, environment=nobody)
    assert "doubt" not in ended.both
    assert workspace.status()["web.deletions.r1"]["phase"] == "unsent"
    workspace.apply()
    assert len(server.tasks()) == 1


def test_trouble_on_get_and_delete_is_tried_again(workspace: Workspace, server: Server) -> None:
    """5xx and lost answers to GET and DELETE are repeated until they are answered."""
    workspace.project("web", r1=["u1"])
    workspace.apply()
    workspace.declare("web.r1", None)
    server.fault("GET@1=503:retry-after=0", "DELETE@1=reset-after")
    workspace.apply()
    assert [task["status"] for task in server.tasks()] == ["REVOKED"]


def test_an_unusable_origin_is_named_before_anything_is_sent(workspace: Workspace, server: Server) -> None:
    """Plain http to another host, or no origin at all, is refused by name."""
    workspace.project("web", r1=["u1"])
    for origin, code in (("http://example.com", "MP0722"), ("nonsense", "MP0721")):
        refused = workspace.run("apply", "--auto-approve", code=1, environment={"MIXPRIV_URL_EU": origin})
        assert code in refused.err
    assert server.calls() == []


def test_missing_credentials_are_named_before_anything_is_sent(workspace: Workspace, server: Server) -> None:
    """An unset variable for a token is named, and no project is begun."""
    workspace.project("web", r1=["u1"])
    workspace.project("shop", r1=["v1"])
    missing = workspace.run("apply", "--auto-approve", code=1, environment={"TOKEN_SHOP": None})
    assert "TOKEN_SHOP" in missing.err
    assert server.calls() == []
