"""`apply --format json`, whatever happens: every line is valid, the first is `version`, the last `outcome` with the exit code and why."""

from __future__ import annotations

import signal
from collections.abc import Callable, Iterator

import pytest

from .events import SCHEMA, TYPES, checked
from .exports import wished
from .test_importing import made
from .workspace import Ended, Server, Workspace, finished, until

JSON = ("--format", "json")

Run = Callable[[Workspace, Server], Iterator[Ended]]

RUNS: dict[str, tuple[int, Run]] = {}
"""By name: what the last of the runs ends with, and the runs."""


def run(code: int) -> Callable[[Run], Run]:
    def kept(play: Run) -> Run:
        RUNS[play.__name__] = (code, play)
        return play

    return kept


def applied(workspace: Workspace, *arguments: str, **environment: str | None) -> Ended:
    return workspace.run("apply", "--auto-approve", *JSON, *arguments, code=None, environment=environment)


@run(0)
def success_and_then_nothing_to_do(workspace: Workspace, server: Server) -> Iterator[Ended]:
    workspace.project("web", r1=["u1", "u2", "u3"])
    yield applied(workspace)
    yield applied(workspace)


@run(6)
def refused_by_policy(workspace: Workspace, server: Server) -> Iterator[Ended]:
    workspace.project("web", r1=["u1", "u2"])
    yield applied(workspace, MIXPRIV_MAX_DELETIONS="1")


@run(4)
def no_longer_what_was_approved(workspace: Workspace, server: Server) -> Iterator[Ended]:
    workspace.project("web", r1=["u1"])
    yield workspace.run("apply", *JSON, "--expect", "0" * 64, code=None)
    workspace.run("plan", "--out", "saved.plan")
    workspace.declare("web.r1", ["u1", "u2"])
    yield workspace.run("apply", *JSON, "saved.plan", code=None)


@run(5)
def locked(workspace: Workspace, server: Server) -> Iterator[Ended]:
    workspace.project("web", r1=["u1"])
    server.fault("POST@1=hang")
    holder = workspace.start("apply", "--auto-approve")
    until(lambda: server.struck("POST@1=hang"), holder)
    yield applied(workspace)
    holder.kill()
    finished(holder)


@run(3)
def in_doubt(workspace: Workspace, server: Server) -> Iterator[Ended]:
    workspace.project("web", r1=["u1"])
    server.fault("POST@1=503:after")
    yield applied(workspace)


@run(3)
def out_of_time(workspace: Workspace, server: Server) -> Iterator[Ended]:
    workspace.project("web", r1=["u1", "u2", "u3"])
    server.fault("POST@2=429:retry-after=3600")
    yield applied(workspace, "--max-duration", "30m")


@run(1)
def denied_beside_what_works(workspace: Workspace, server: Server) -> Iterator[Ended]:
    workspace.project("web", r1=["u1"])
    workspace.project("shop", r1=["v1"])
    server.fault("POST@1=401")
    yield applied(workspace)


@run(1)
def refused_ids_are_halved(workspace: Workspace, server: Server) -> Iterator[Ended]:
    workspace.manifest["workspace"]["limits"]["distinct_ids_per_request"] = 4
    workspace.project("web", r1=["u1", "u2", "u3", "bad"])
    server.fault("POST=refuse-ids:bad")
    yield applied(workspace)


@run(0)
def adopted_from_a_409(workspace: Workspace, server: Server) -> Iterator[Ended]:
    workspace.project("web", r1=["u1", "u2"])
    made(workspace, "u1", "u2")
    ended = applied(workspace)
    assert "adopted" in {event.get("outcome") for event in ended.events}
    yield ended


@run(0)
def waits_for_the_pace(workspace: Workspace, server: Server) -> Iterator[Ended]:
    workspace.project("web", r1=["u1", "u2"])
    server.fault("POST@1=429:retry-after=1")
    ended = applied(workspace)
    assert "rate_limited" in {event["type"] for event in ended.events}
    yield ended


@run(0)
def cancelled_and_resubmitted(workspace: Workspace, server: Server) -> Iterator[Ended]:
    workspace.project("web", r1=["u1", "u2"])
    yield applied(workspace)
    workspace.declare("web.r1", ["u1"])
    ended = applied(workspace)
    assert {"cancelled", "acknowledged"} <= {event.get("outcome") for event in ended.events}
    yield ended


@run(0)
def an_export_is_downloaded(workspace: Workspace, server: Server) -> Iterator[Ended]:
    wished(workspace, "web.dsar", ["u1"])
    yield applied(workspace)
    server.force("SUCCESS")
    workspace.run("refresh")
    ended = applied(workspace)
    assert "downloaded" in {event.get("outcome") for event in ended.events}
    yield ended


@run(1)
def opt_out_lists(workspace: Workspace, server: Server) -> Iterator[Ended]:
    web = workspace.project("web")
    web["opt_outs"] = {"distinct_ids": ["u1"], "write_to": "server/opt-outs.json"}
    workspace.write()
    yield applied(workspace)
    (workspace.root / "server/opt-outs.json").write_text("not ours")
    web["opt_outs"]["distinct_ids"].append("u2")
    workspace.write()
    yield applied(workspace)


@run(130)
def interrupted(workspace: Workspace, server: Server) -> Iterator[Ended]:
    workspace.project("web", r1=["u1", "u2", "u3"])
    busy = "POST=429:retry-after=3600"
    server.fault(busy)
    running = workspace.start("apply", "--auto-approve", *JSON)
    until(lambda: server.struck(busy), running)
    running.send_signal(signal.SIGINT)
    yield finished(running)


@run(1)
def invalid_manifests(workspace: Workspace, server: Server) -> Iterator[Ended]:
    workspace.project("web", r1=["u1"])["residency"] = "mars"
    workspace.write()
    yield applied(workspace)
    (workspace.root / "privacy.yaml").write_text("projects:\n\t- {")
    yield applied(workspace)
    (workspace.root / "privacy.yaml").unlink()
    yield applied(workspace)


@run(1)
def keys_and_credentials(workspace: Workspace, server: Server) -> Iterator[Ended]:
    workspace.project("web", r1=["u1"])
    yield applied(workspace, GDPR_TOKEN=None)
    yield applied(workspace, CI="1", MIXPRIV_DIGEST_KEY=None)
    yield applied(workspace, CI="1")
    yield applied(workspace)
    yield applied(workspace, MIXPRIV_DIGEST_KEY="some other key, long enough")


@run(1)
def a_damaged_state(workspace: Workspace, server: Server) -> Iterator[Ended]:
    workspace.project("web", r1=["u1"])
    yield applied(workspace)
    (workspace.root / "mixpriv.state.json").write_text("{")
    (workspace.root / "mixpriv.state.json.backup").unlink(missing_ok=True)
    yield applied(workspace)


@run(1)
def nobody_approves(workspace: Workspace, server: Server) -> Iterator[Ended]:
    workspace.project("web", r1=["u1"])
    yield workspace.run("apply", *JSON, code=None)


@run(1)
def wrong_usage(workspace: Workspace, server: Server) -> Iterator[Ended]:
    workspace.project("web", r1=["u1"])
    for words in (
        ("apply", *JSON, "--wait", "soon"),
        ("apply", "--no-such-option", *JSON),
        ("apply", "--format=json", "one.plan", "two.plan"),
        (*JSON, "--parallelism", "0", "apply"),
        ("apply", *JSON, "-C", "no-such-folder"),
        ("apply", *JSON, "--show-ids"),
        ("apply", *JSON, "--report", "pdf=x"),
        ("apply", *JSON, "no-such.plan"),
        ("apply", *JSON, "saved.plan", "--expect", "0" * 64),
        ("apply", "--auto-approve", *JSON, "--retry", "web.deletions.no-such"),
    ):
        ended = workspace.run(*words, code=None)
        if "--retry" not in words:
            assert [event["type"] for event in ended.events] == ["version", "diagnostic", "outcome"], ended.out
            yield ended
        else:
            checked(ended)
    assert server.calls("DELETE") == []


@run(1)
def a_report_cannot_be_written(workspace: Workspace, server: Server) -> Iterator[Ended]:
    """What was done is done, and the outcome has the exit code that the program ends with."""
    workspace.project("web", r1=["u1"])
    ended = applied(workspace, "--report", "json=/proc/report.json")
    assert len(server.tasks()) == 1
    yield ended


@pytest.mark.parametrize("name", RUNS)
def test_every_line_of_every_run_is_valid(workspace: Workspace, server: Server, name: str) -> None:
    """However an apply goes, a program that reads its events can rely on their schema, on their order and on the last one."""
    code, play = RUNS[name]
    ended = None
    for ended in play(workspace, server):
        checked(ended)
    assert ended is not None
    assert ended.code == code


def test_every_type_of_event_occurs(workspace: Workspace, server: Server) -> None:
    """The contract's eleven types are those of the schema, and one run that is busy, partly denied and partly done has them all."""
    workspace.project("web", r1=["u1", "u2"])
    workspace.project("shop", r1=["v1"])
    server.fault("POST@1=429:retry-after=1", "POST@2=401")
    told = {event["type"] for event in checked(applied(workspace))}
    assert told == set(TYPES)
    lines = [kind["properties"] for kind in SCHEMA["$defs"].values() if "@timestamp" in kind.get("properties", {})]
    assert {properties["type"]["const"] for properties in lines} == set(TYPES)


def test_wrong_usage_is_a_document_of_other_commands(workspace: Workspace) -> None:
    """With `--format json` a mistyped option is told on standard output, as any finding is; without, as text on standard error."""
    for words in (("plan", "--no-such-option"), ("status", "--fail-due-within", "soon"), ("state", "mv", "only-one")):
        told = workspace.run(*words, *JSON, code=1)
        assert [found["code"] for found in told.document["diagnostics"]] == ["MP0006"]
        assert told.err == ""
        assert workspace.run(*words, code=1).out == ""
