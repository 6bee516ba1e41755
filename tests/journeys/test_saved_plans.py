"""A plan that was approved is carried out, or nothing is."""

from __future__ import annotations

import json
import shlex

import pytest

from .workspace import Server, Workspace, finished


@pytest.fixture
def planned(workspace: Workspace) -> Workspace:
    """A workspace with a saved plan for three ids, two of them from a file."""
    (workspace.root / "ids.txt").write_text("u2\nu3\n")
    workspace.project("web", r1=workspace.deletion(["u1"]) | {"from": [{"file": "ids.txt"}]})
    workspace.run("plan", "--out", "saved.plan")
    return workspace


def test_a_saved_plan_is_carried_out_and_carried_on(planned: Workspace, server: Server) -> None:
    """`apply FILE` needs no other approval; after a first apply that stopped early the same FILE carries on, and then has no more to do."""
    server.fault("POST@2=429:retry-after=3600")
    stopped = planned.run("apply", "saved.plan", "--max-duration", "30m", code=3)
    assert "run again" in stopped.err
    server.heal()
    planned.run("apply", "saved.plan")
    assert sum(task["id_count"] for task in server.tasks()) == 3
    before = len(server.calls())
    planned.run("apply", "saved.plan")
    assert len(server.calls()) == before


def test_the_expected_digest_approves_exactly_this_plan(planned: Workspace, server: Server) -> None:
    """`--expect DIGEST` approves the plan of that digest; any other ends 4 before a request."""
    digest = planned.plan()["digest"]
    wrong = planned.run("apply", "--expect", "0" * 64, code=4)
    assert "MP0609" in wrong.err
    assert server.calls() == []
    assert not (planned.root / "mixpriv.state.json").exists()
    planned.run("apply", "--expect", digest)
    assert len(server.tasks()) == 2


def test_the_64_digits_decide_whatever_follows_them(planned: Workspace, server: Server) -> None:
    """A digest whose 64 digits are right approves the plan, even if what follows the dash isn't."""
    digest = planned.plan()["digest"].partition("-")[0]
    planned.run("apply", "--expect", f"{digest}-{'0' * 20}")
    assert len(server.tasks()) == 2


def test_a_changed_manifest_is_stale(planned: Workspace, server: Server) -> None:
    """A saved plan whose manifest changed since ends 4, says what moved, and sends nothing."""
    planned.project("shop", r1=["v1"])
    stale = planned.run("apply", "saved.plan", code=4)
    assert "MP0608" in stale.err
    assert "a manifest" in stale.err
    assert server.calls() == []


def test_a_changed_source_is_stale(planned: Workspace, server: Server) -> None:
    """A saved plan whose id source changed since ends 4, names the request, and sends nothing."""
    (planned.root / "ids.txt").write_text("u2\nu4\n")
    stale = planned.run("apply", "saved.plan", code=4)
    assert "the distinct ids of web.deletions.r1" in stale.err
    assert server.calls() == []


def test_another_key_is_stale(planned: Workspace, server: Server) -> None:
    """A saved plan and another digest key don't fit: exit 4, nothing sent."""
    other = planned.run("apply", "saved.plan", code=4, environment={"MIXPRIV_DIGEST_KEY": "quite another key of ours"})
    assert "MP0620" in other.err
    assert server.calls() == []


def test_a_damaged_plan_file_is_named(planned: Workspace, server: Server) -> None:
    """One altered byte in a plan file is damage with a name, and nothing is sent."""
    path = planned.root / "saved.plan"
    assert path.stat().st_mode & 0o777 == 0o600
    document = json.loads(path.read_text())
    digest = document["digest"]
    path.write_text(path.read_text().replace(digest, ("1" if digest[0] == "0" else "0") + digest[1:]))
    assert "MP0621" in planned.run("apply", "saved.plan", code=1).err
    assert server.calls() == []


def test_a_plan_that_would_do_more_is_stale(workspace: Workspace, server: Server) -> None:
    """A task that failed after the plan was saved would mean a new attempt that nobody approved: exit 4, no POST."""
    workspace.project("web", r1=["u1"], r2=["u2"])
    workspace.apply("--target", "web.deletions.r1", "--target", "web.residency")
    workspace.run("plan", "--out", "saved.plan")
    server.force("FAILURE")
    workspace.run("refresh")
    stale = workspace.run("apply", "saved.plan", code=4)
    assert "web.deletions.r1: not in the plan" in stale.err
    assert len(server.calls("POST")) == 1


def test_detailed_exit_code_and_target(planned: Workspace, server: Server) -> None:
    """`plan --detailed-exitcode` ends 2 where there are changes; `--target` limits actions and is named in the plan."""
    planned.project("shop", r1=["v1"])
    planned.run("plan", "--detailed-exitcode", code=2)
    partial = planned.run("plan", "--target", "shop.*")
    assert "partial" in partial.out
    assert "web.deletions.r1" not in partial.out
    planned.apply("--target", "shop.*")
    assert [task["distinct_ids"] for task in server.tasks()] == [["v1"]]
    planned.run("plan", "--detailed-exitcode", "--target", "shop.*", code=0)


def test_a_saved_plan_comes_as_markdown(workspace: Workspace) -> None:
    """`show FILE --format markdown` is the comment that `plan --format markdown` and `--report markdown=FILE` give."""
    workspace.project("web", r1=["canary-17"])["sso"] = {"postback_url": "eu.mixpanel.com/security/login/42", "identity_provider": "google"}
    workspace.write()
    planned = workspace.run("plan", "--out", "saved.plan", "--format", "markdown", "--report", "markdown=comment.md")
    shown = workspace.run("show", "saved.plan", "--format", "markdown")
    assert "**Erases 1 distinct id in web (region eu); each task can be stopped until Mixpanel starts it.**" in shown.out
    assert "Plan: 1 to add, 1 to change, 1 to destroy." in shown.out
    assert "- `web.deletions.r1`: erases 1 distinct id in 1 request, due " in shown.out
    assert "- [ ] `web.sso`: at the identity provider (Google Workspace), set “Start URL” to `https://eu.mixpanel.com/security/login/42`" in shown.out
    assert "```\nmixpriv apply saved.plan\n```" in shown.out
    assert "canary" not in shown.both
    assert planned.out == shown.out == (workspace.root / "comment.md").read_text("utf-8")


@pytest.mark.parametrize("out", [(), ("--out", "saved.plan")])
def test_the_command_shown_names_the_folder(workspace: Workspace, server: Server, out: tuple[str, ...]) -> None:
    """With `-C` the command that carries out a plan repeats it in text, comment and page, so that it can be typed where `plan` was."""
    workspace.project("web", r1=["u1"])
    above = workspace.root.parent
    reports = ("--report", "markdown=comment.md", "--report", "html=page.html")
    planned = finished(workspace.start("-C", workspace.root.name, "plan", *out, *reports, cwd=above))
    command = next(line.strip() for line in planned.out.splitlines() if line.startswith("  mixpriv "))
    assert command.startswith("mixpriv -C workspace apply " + ("saved.plan" if out else "--expect "))
    assert f"```\n{command}\n```" in (workspace.root / "comment.md").read_text()
    assert f">{command}<" in (workspace.root / "page.html").read_text()
    applied = finished(workspace.start(*shlex.split(command)[1:], cwd=above))
    assert applied.code == 0
    assert len(server.calls("POST")) == 1
