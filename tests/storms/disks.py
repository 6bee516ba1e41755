"""Runs of the whole program in which a write fails: no file may grow beyond a limit, and the limit decides which write it is.

A scenario is played once without a limit, to learn how large each file gets, and then again for every limit that is asked for.
"""

from __future__ import annotations

import gzip
import re
import shutil
import tempfile
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import httpx
from journeys.trouble import FOR_LIMITED, is_plain, without_space
from journeys.workspace import Ended, Server, Workspace, codes, finished

from mixpriv_reconcile.sandbox import Embedded, SandboxOptions

__all__ = ["SCENARIOS", "Failure", "Scenario", "limits", "played", "served", "sizes"]

KEYLESS = {"MIXPRIV_DIGEST_KEY": None}
TOLD = r"\[(MP[0-9]{4})\]: (?:can't (?:write|create|lock) ([^\s:]+))?"
FAILED = tuple(re.compile(severity + TOLD) for severity in ("error", "warning"))
"""What stopped the run is an error; that its work was left undone for that reason is a warning, which may be told before."""


@dataclass(frozen=True)
class Scenario:
    """What is there before, and the commands whose writes are to fail, one after the other as a person types them."""

    name: str
    prepare: Callable[[Workspace], None]
    commands: tuple[tuple[str, ...], ...]
    has_key: bool = True


@dataclass(frozen=True)
class Failure:
    """The first thing a person is told: a code, and the file where one is named. Both are empty where all went well."""

    code: str = ""
    file: str = ""


def _first(workspace: Workspace) -> None:
    workspace.project("web", r1=["u1", "u2"])
    workspace.project("shop", r1=["u3"])


def _many(workspace: Workspace) -> None:
    """One batch of so many ids that their segment is the largest file of all."""
    workspace.manifest["workspace"]["limits"] = {"distinct_ids_per_request": 2_000}
    (workspace.root / "ids.txt").write_text("".join(f"u{number}\n" for number in range(1_500)))
    workspace.project("web", r1=workspace.deletion(["u0"]) | {"from": [{"file": "ids.txt"}]})


def _packed(workspace: Workspace) -> None:
    """A compressed source that is larger than any other file once it is unpacked."""
    ids = "".join(f"a-user-with-a-rather-long-distinct-id-{number:05}\n" for number in range(300))
    (workspace.root / "ids.txt.gz").write_bytes(gzip.compress(ids.encode()))
    workspace.manifest["workspace"]["limits"] = {"distinct_ids_per_request": 2_000}
    workspace.project("web", r1=workspace.deletion(["u0"]) | {"from": [{"file": "ids.txt.gz"}]})


def _later(workspace: Workspace) -> None:
    """A state that is larger than the journal of the next run: one of its requests has much to remember."""
    reason = {"notified": workspace.deletion([])["received"], "reason": "a long story " * 600}
    workspace.project("blog", r1=workspace.deletion(["u8"]) | {"extension": reason})
    workspace.project("site")["sso"] = {"postback_url": "https://eu.mixpanel.com/security/login/42"}
    workspace.project("web", r1=["u1"])
    workspace.apply()
    workspace.declare("web.r1", ["u1", "u2"])


def _withdrawn(workspace: Workspace) -> None:
    """A plan that looks at a task, because it is to be cancelled: the pace is all that it writes."""
    workspace.project("web", r1=["u1", "u2"])
    workspace.apply()
    workspace.declare("web.r1", ["u2"])


APPLY = ("apply", "--auto-approve")
SCENARIOS = (
    Scenario("first", _first, (("plan", "--out", "the.plan"), APPLY), has_key=False),
    Scenario("many", _many, (APPLY,)),
    Scenario("packed", _packed, (APPLY,)),
    Scenario("later", _later, (APPLY,)),
    Scenario("upkeep", _later, (("refresh",), ("confirm", "site.sso", "--by", "ops"), ("state", "rm", "blog.deletions.*"))),
    Scenario("looking", _withdrawn, (("plan",),)),
    Scenario("sandbox", _first, (("apply", "--auto-approve", "--sandbox"),), has_key=False),
    Scenario("init", lambda workspace: None, (("init", "new"),), has_key=False),
)


@contextmanager
def served() -> Iterator[Server]:
    """A stand-in for Mixpanel that lets calls come as fast as they like."""
    with Embedded(SandboxOptions(interval_seconds=0.0)) as origins, httpx.Client(timeout=60, trust_env=False) as http:
        yield Server(origins, http)


@contextmanager
def _base(server: Server) -> Iterator[Workspace]:
    """An empty workspace, and a server that has forgotten everything."""
    server.control("POST", "reset")
    server.heal()
    folder = Path(tempfile.mkdtemp())
    try:
        yield Workspace(folder, server.origins)
    finally:
        shutil.rmtree(folder)


def sizes(scenario: Scenario, server: Server) -> dict[str, int]:
    """How large each file gets in an undisturbed play, by its name from the workspace's parent."""
    with _base(server) as workspace:
        scenario.prepare(workspace)
        for command in scenario.commands:
            ended = _ran(workspace, scenario, command)
            assert ended.code == 0, ended.both
        files = (path for path in workspace.root.parent.rglob("*") if path.is_file())
        return {str(path.relative_to(workspace.root.parent)): path.stat().st_size for path in files}


def limits(scenario: Scenario, server: Server) -> list[int]:
    """Limits that between them let each write of the scenario fail: just short of each file's size, and a grid over all of them."""
    found = sizes(scenario, server)
    largest = max(found.values()) + 20_000  # what is unpacked, and the log of the sandbox's store, are gone at the end
    return sorted({*range(0, 4_000, 250), *range(4_000, largest, largest // 16), *(max(0, size - 1) for size in found.values())})


def played(scenario: Scenario, limit: int, server: Server) -> Failure:
    """How the scenario failed first under *limit*. Raises `AssertionError` where a promise was broken."""
    with _base(server) as workspace:
        scenario.prepare(workspace)
        failures = []
        for command in scenario.commands:
            ended = _ran(workspace, scenario, command, limit)
            assert is_plain(ended), (scenario.name, limit, ended.both)
            # A pretended Mixpanel whose store is full answers as a real one in trouble does: the batch is in doubt.
            assert ended.code in ((0, 1, 3) if scenario.name == "sandbox" else (0, 1)), (scenario.name, limit, ended.both)
            if ended.code:
                assert "hint: " in ended.both, (scenario.name, limit, ended.both)
                failures.append(_failure(ended))
        _check_nothing_is_half_made(workspace)
        if scenario.name == "init":
            workspace.run("init", "new", environment=KEYLESS)
            workspace.run("validate", "-C", "new")
        elif scenario.name == "sandbox":
            workspace.run(*APPLY, "--sandbox", environment=KEYLESS)
        else:
            _check_nothing_is_lost(workspace, scenario, server)
        return failures[0] if failures else Failure()


def _ran(workspace: Workspace, scenario: Scenario, command: Iterable[str], limit: int | None = None) -> Ended:
    return finished(
        workspace.start(
            *command,
            environment=FOR_LIMITED | ({} if scenario.has_key else KEYLESS),
            preexec_fn=None if limit is None else without_space(limit),
        )
    )


def _failure(ended: Ended) -> Failure:
    told = next(filter(None, (severity.search(ended.both) for severity in FAILED)), None)
    assert told is not None, ended.both
    return Failure(told[1], told[2] or "")


def _check_nothing_is_half_made(workspace: Workspace) -> None:
    """No temporary file, no half of a key, plan or starter file, no distinct id unpacked."""
    left = [path.name for path in workspace.root.rglob("*.tmp")]
    left += [path.name for path in workspace.root.glob(".mixpriv/spool/*/*")]
    assert left == []
    for name in ("mixpriv.key", "new/mixpriv.key", "new/mixpriv.yaml", "the.plan"):
        path = workspace.root / name
        assert not path.exists() or path.read_text("utf-8").endswith("\n"), name


def _check_nothing_is_lost(workspace: Workspace, scenario: Scenario, server: Server) -> None:
    """What Mixpanel acknowledged is known or in doubt; the next apply finishes: each id in one live task, each task remembered."""
    environment = {} if scenario.has_key else KEYLESS
    issued = {task["tracking_id"] for task in server.tasks()}
    requests = workspace.run("status", "--format", "json", environment=environment).document["requests"]
    known = {task["tracking_id"] for request in requests for task in request["tasks"]}
    planned = workspace.run("plan", "--format", "json", environment=environment).document
    assert known <= issued
    # `state rm` forgets one task on purpose; the apply that follows adopts it.
    forgotten = 1 if scenario.name == "upkeep" else 0
    assert len(issued - known) <= codes(planned).count("MP0613") + forgotten
    workspace.run(*APPLY, environment=environment)
    assert set(server.ids_in_live_tasks().values()) == {1}
    assert workspace.remembered_tasks() == {task["tracking_id"] for task in server.tasks()}
    after = workspace.run("plan", "--format", "json", environment=environment).document
    assert [change["address"] for change in after["resource_changes"] if change["change"]["actions"] == ["delete"]] == []
