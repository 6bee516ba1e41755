"""Looking at tasks, against a served stand-in."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest
from remote.loopback import closed_port

from mixpriv_reconcile.errors import CredentialMissing, LockLost
from mixpriv_reconcile.model.diagnostics import Severity
from mixpriv_reconcile.model.journal import Polled
from mixpriv_reconcile.model.regions import Region
from mixpriv_reconcile.model.remote import Access
from mixpriv_reconcile.model.secrets import Secret
from mixpriv_reconcile.model.state import TaskRecord
from mixpriv_reconcile.ports import Lane
from mixpriv_reconcile.refresh import Observed, poll
from mixpriv_reconcile.remote import Paces, Retrying, SystemPatience, open_lane, shared_tls
from mixpriv_reconcile.sandbox import Embedded, Project, SandboxOptions

LONG_AGO = datetime(2026, 1, 1, tzinfo=UTC)
TLS = shared_tls()
PROJECTS = {"web": Project(1, "token-web", "eu"), "app": Project(2, "token-app", "us")}


class Clock:
    """A clock beside real sockets: whoever sleeps wakes up at once, so much later."""

    def __init__(self) -> None:
        self.seconds = 0.0

    def now(self) -> datetime:
        return datetime(2026, 11, 20, 8, tzinfo=UTC) + timedelta(seconds=self.seconds)

    def monotonic(self) -> float:
        return self.seconds

    async def sleep(self, seconds: float) -> None:
        self.seconds += seconds
        await asyncio.sleep(0)


class Bench:
    """A sandbox with two projects, and the way to poll it."""

    def __init__(self, origins: dict[str, str], folder: Path) -> None:
        self.origins = origins
        self.folder = folder
        self.clock = Clock()
        self.stop = asyncio.Event()

    def control(self, method: str, name: str, document: object = None) -> Any:
        url = f"{self.origins['us']}/_sandbox/{name}"
        return httpx.request(method, url, json=document, trust_env=False, timeout=60).raise_for_status().json()

    def made(self, project: str, count: int = 1) -> list[TaskRecord]:
        """New tasks of *project*, in the order in which they were made."""
        known, tasks = PROJECTS[project], []
        for _ in range(count):
            answer = httpx.post(
                f"{self.origins[known.region]}/api/app/data-deletions/v3.0/?token={known.token}",
                json={"distinct_ids": [f"user-{len(self.control('GET', 'tasks')['tasks'])}"]},
                headers={"Authorization": "Bearer bearer"},
                trust_env=False,
                timeout=60,
            )
            tasks.append(self.remembered(project, answer.raise_for_status().json()["results"]["tracking_id"]))
        return tasks

    def remembered(self, project: str, tracking_id: str) -> TaskRecord:
        known = PROJECTS[project]
        return TaskRecord(tracking_id, "deletions", project, known.project_id, Region(known.region), "PENDING", 1, LONG_AGO, LONG_AGO)

    def looks(self) -> list[str]:
        """The tasks that were looked at, in order."""
        return [call["tracking_id"] for call in self.control("GET", "calls")["calls"] if call["method"] == "GET"]

    def poll(
        self,
        tasks: Sequence[TaskRecord],
        *,
        seconds: float | None = None,
        parallelism: int = 4,
        on_polled: Callable[[Polled], object] = lambda seen: None,
        missing: str | None = None,
        bearer: str = "bearer",
    ) -> Observed:
        """What looking at *tasks* for *seconds* comes to; there are no credentials for the project *missing*."""

        async def looked() -> Observed:
            deadline = None if seconds is None else self.clock.monotonic() + seconds
            patience = SystemPatience(self.clock, deadline=deadline, stop=self.stop, on_wait=lambda wait: None, jitter=lambda: 1.0)
            paces = Paces(self.clock, self.folder)

            async def lane(project: str) -> Lane:
                if project == missing:
                    raise CredentialMissing("MP0711", "web.token: the environment variable TOKEN is not set", "export TOKEN=…")
                known = PROJECTS[project]
                access = Access(project, known.project_id, Region(known.region), Secret(known.token), Secret(bearer))
                return Retrying(open_lane(access, self.origins[known.region], paces, TLS), patience, self.clock)

            async def told(seen: Polled) -> None:
                on_polled(seen)

            return await poll(tasks, lane, self.clock, patience, parallelism=parallelism, on_polled=told)

        return asyncio.run(looked())


@pytest.fixture
def bench(tmp_path: Path) -> Iterator[Bench]:
    with Embedded(SandboxOptions(interval_seconds=0, projects=tuple(PROJECTS.values()), bearers=("bearer",))) as origins:
        yield Bench(dict(origins), tmp_path)


def statuses(observed: Observed) -> dict[str, str]:
    return {seen.tracking_id: seen.status for seen in observed.polled}


def ids(tasks: Sequence[TaskRecord]) -> list[str]:
    return [task.tracking_id for task in tasks]


def test_sees_what_is(bench: Bench) -> None:
    """Each task's status is what Mixpanel says at this moment, in whichever region its project lies."""
    tasks = [*bench.made("web", 2), *bench.made("app")]
    bench.control("POST", "force", {"tracking_id": tasks[0].tracking_id, "status": "SUCCESS"})
    bench.control("POST", "force", {"tracking_id": tasks[2].tracking_id, "status": "STARTED"})
    observed = bench.poll(tasks)
    assert statuses(observed) == dict(zip(ids(tasks), ("SUCCESS", "PENDING", "STARTED"), strict=True))
    assert [(seen.project_id, seen.tracking_id) for seen in observed.polled] == sorted(task.key for task in tasks)
    assert (observed.unseen, observed.diagnostics) == (0, ())
    assert all(seen.at > LONG_AGO for seen in observed.polled)


def test_nothing_to_look_at(bench: Bench) -> None:
    """Without tasks there is no call."""
    assert bench.poll([]) == Observed()
    assert bench.looks() == []


def test_in_the_given_order(bench: Bench) -> None:
    """Within a project tasks are looked at in the order in which they were given, and each is told as it comes."""
    tasks = list(reversed(bench.made("web", 4)))
    told: list[str] = []
    bench.poll(tasks, on_polled=lambda seen: told.append(seen.tracking_id))
    assert bench.looks() == ids(tasks)
    assert told == ids(tasks)


def test_unknown_task(bench: Bench) -> None:
    """A task that Mixpanel doesn't know any more is seen as NOT_FOUND; that is an answer, not trouble."""
    gone = bench.remembered("web", "gone")
    observed = bench.poll([gone, *bench.made("web")])
    assert statuses(observed)["gone"] == "NOT_FOUND"
    assert (len(observed.polled), observed.diagnostics) == (2, ())


@pytest.mark.parametrize("parallelism", [1, 4])
def test_missing_credentials(bench: Bench, parallelism: int) -> None:
    """Tasks of a project without credentials are taken from the state, with a warning; other projects are looked at."""
    web, app = bench.made("web", 2), bench.made("app")
    observed = bench.poll([*web, *app], missing="web", parallelism=parallelism)
    assert list(statuses(observed)) == ids(app)
    assert observed.unseen == 2
    (warning,) = observed.diagnostics
    assert (warning.code, warning.severity, warning.address) == ("MP0711", Severity.WARNING, "web")
    assert warning.message == "2 open tasks of web are taken from the state: web.token: the environment variable TOKEN is not set"
    assert warning.hint == "export TOKEN=…"


def test_refused_credentials(bench: Bench) -> None:
    """A token that Mixpanel refuses is a warning once a project, after one call each, and the state counts."""
    tasks = [*bench.made("web", 3), *bench.made("app", 3)]
    observed = bench.poll(tasks, bearer="expired")
    assert (observed.polled, observed.unseen, observed.is_denied) == ((), 6, True)
    assert [(found.code, found.severity, found.address) for found in observed.diagnostics] == [
        ("MP0701", Severity.WARNING, "app"),
        ("MP0701", Severity.WARNING, "web"),
    ]
    assert len(bench.looks()) == 2


def test_moved_project(bench: Bench) -> None:
    """Tasks of a project whose name now means another one aren't looked for there, where they'd be taken for lost."""
    mine, other = bench.made("web", 2), bench.remembered("web", "of-another-project")
    moved = TaskRecord("of-another-project", "deletions", "web", 77, Region.EU, "PENDING", 1, LONG_AGO, LONG_AGO)
    assert other.key != moved.key
    observed = bench.poll([mine[0], moved, mine[1]])
    assert list(statuses(observed)) == sorted(ids(mine))
    assert "of-another-project" not in bench.looks()
    (warning,) = observed.diagnostics
    assert "belongs to project 77" in warning.message
    assert warning.severity is Severity.WARNING


@pytest.mark.parametrize("fault", ["not-json", "empty", "no-task", "list-empty", "html"])
def test_one_unreadable_answer(bench: Bench, fault: str) -> None:
    """A task whose answer can't be read is taken from the state with a warning, and doesn't keep the others back."""
    tasks = bench.made("web", 3)
    bench.control("POST", "fault", {"spec": f"GET@1={fault}"})
    observed = bench.poll(tasks)
    assert sorted(statuses(observed)) == sorted(ids(tasks[1:]))
    (warning,) = observed.diagnostics
    assert (warning.code, warning.severity, warning.address) == ("MP0707", Severity.WARNING, "web")
    assert tasks[0].tracking_id in warning.message


def test_task_that_breaks_the_service(bench: Bench) -> None:
    """A task for which the service fails for minutes is given up with a warning, and the next ones are looked at."""
    tasks = bench.made("web", 3)
    bench.control("POST", "fault", {"spec": "GET@1-9=500"})  # once, and after waits of 2, 4, 8 … 256 s
    observed = bench.poll(tasks)
    assert bench.looks() == ids(tasks[:1]) * 9 + ids(tasks[1:])
    assert sorted(statuses(observed)) == sorted(ids(tasks[1:]))
    assert [tasks[0].tracking_id in found.message for found in observed.diagnostics] == [True]


def test_service_that_is_down(bench: Bench) -> None:
    """Where one task after another meets a broken service, the project is left to the state after the second."""
    tasks = bench.made("web", 5)
    bench.control("POST", "fault", {"spec": "GET=503"})
    observed = bench.poll(tasks)
    assert (observed.polled, observed.unseen) == ((), 5)
    assert set(bench.looks()) == set(ids(tasks[:2]))
    assert len(observed.diagnostics) == 2


def test_nobody_there(bench: Bench) -> None:
    """Where no connection can be made, the project is left to the state with one warning."""
    tasks = [bench.remembered("web", "a"), bench.remembered("web", "b"), *bench.made("app")]
    with closed_port() as port:
        bench.origins["eu"] = f"http://127.0.0.1:{port}"
        observed = bench.poll(tasks)
    assert list(statuses(observed)) == ids(tasks[2:])
    assert [found.address for found in observed.diagnostics] == ["web"]


def test_budget_ends_it(bench: Bench) -> None:
    """When the time is up no further task is taken up; what was seen counts, and the rest is counted."""
    tasks = bench.made("web", 10)
    observed = bench.poll(tasks, seconds=5.0)
    assert bench.looks() == ids(tasks)[:6]  # after 0, 1.02 … 4.08 s, and the one that then waits for its turn
    assert (len(observed.polled), observed.unseen, observed.diagnostics) == (6, 4, ())


def test_busy_service_ends_it(bench: Bench) -> None:
    """A service that says 429 until the time is up leaves the rest to the state, with a note of when to come back: nothing is wrong."""
    tasks = bench.made("web", 4)
    bench.control("POST", "fault", {"spec": "GET@2-=429:retry-after=60"})
    observed = bench.poll(tasks, seconds=30.0)
    assert (len(observed.polled), observed.unseen, observed.is_denied) == (1, 3, False)
    (note,) = observed.diagnostics
    assert (note.code, note.severity) == ("MP0716", Severity.NOTE)
    assert note.message.startswith("3 open tasks of web are taken from the state: Mixpanel answers HTTP 429 and asks to come back after 2026-")


def test_stop_ends_it(bench: Bench) -> None:
    """After Ctrl-C the call in flight is the last one, in every project."""
    tasks = bench.made("web", 5)
    observed = bench.poll(tasks, on_polled=lambda seen: bench.stop.set())
    assert (len(observed.polled), observed.unseen) == (1, 4)


def test_lost_lock_ends_it(bench: Bench) -> None:
    """What the run can't go on with, such as a lost lock, ends it in all projects, and is told as what it is."""
    tasks = [*bench.made("web", 3), *bench.made("app", 3)]

    def lost(seen: Polled) -> None:
        raise LockLost("MP0522", "the lock is no longer ours")

    with pytest.raises(LockLost, match="no longer ours"):
        bench.poll(tasks, on_polled=lost)
    assert len(bench.looks()) <= 2
