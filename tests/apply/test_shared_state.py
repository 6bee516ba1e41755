"""An apply whose state lies where each write is a call over a network: few writes, the same memory, and nobody in doubt without need.

Manifests, journal, lock, HTTP client and server are real; the storage is a slow one, and the clock passes no time.
"""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from crash.trial import view
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from journeys.unhurried import Unhurried
from journeys.workspace import LIVE, Server, Workspace, standing_in

import mixpriv_reconcile.state.local as local
from mixpriv_reconcile.errors import LockLost, SourceMoved, StateError
from mixpriv_reconcile.model.journal import Acknowledged, Intended, Unsettled
from mixpriv_reconcile.model.state import BatchPhase, State
from mixpriv_reconcile.state import LocalBackend, Store

from .slow_backend import Storage

TESTS = Path(__file__).parents[1]


@pytest.fixture(scope="module")
def served() -> Iterator[Server]:
    with standing_in(interval_seconds=0) as server:
        yield server


@pytest.fixture
def server(served: Server) -> Server:
    return served.emptied()


@pytest.fixture
def workspace(tmp_path: Path, server: Server) -> Workspace:
    return Workspace(tmp_path, server.origins)


@pytest.fixture
def storage(monkeypatch: pytest.MonkeyPatch) -> Storage:
    """Where the state of every workspace of the test lies."""
    slow = Storage()
    monkeypatch.setattr(local, "opened", slow.opened)
    return slow


def people(project: str, request: str, count: int) -> list[str]:
    return [f"{project}-{request}-{number}" for number in range(1, count + 1)]


def remembered(workspace: Workspace) -> State:
    """What the next run knows: state and journal."""
    return Store(LocalBackend(workspace.root / "mixpriv.state.json")).load().state


def phases(workspace: Workspace) -> Counter[tuple[str, str]]:
    """How many batches of each project are in each phase."""
    records = remembered(workspace).requests.values()
    return Counter((record.project, batch.phase.value) for record in records for batch in record.batches)


def check_finished(workspace: Workspace, server: Server, wanted: int) -> None:
    """Each of *wanted* people is in one live task, and each task is remembered."""
    live = server.ids_in_live_tasks()
    assert (len(live), set(live.values())) == (wanted, {1})
    assert workspace.remembered_tasks() == {task["tracking_id"] for task in server.tasks()}


def take_lock(workspace: Workspace) -> None:
    """Somebody takes the lock away, as `mixpriv unlock` does."""
    lock_id = json.loads((workspace.root / "mixpriv.state.lock").read_text())["lock_id"]
    LocalBackend(workspace.root / "mixpriv.state.json").unlock(lock_id)


@pytest.mark.parametrize("batches", [1, 2, 5])
def test_one_write_a_batch_and_one_more(workspace: Workspace, server: Server, storage: Storage, batches: int) -> None:
    """All batches of a project take one write each and one more, over however many requests: a receipt brings the next intent along."""
    workspace.project("web", r1=people("web", "r1", 2 * batches - 1), r2=people("web", "r2", 1))
    Unhurried(workspace).apply()
    batches += 1
    names = storage.names
    assert names[0][0] == "Began"
    assert names[0][-1] == "Intended"
    assert names[1:-1] == [["Acknowledged", "Intended"]] * (batches - 1)
    assert names[-1] == ["Acknowledged"]
    assert len(names) == batches + 1
    check_finished(workspace, server, 2 * (batches - 1))


def test_on_this_disk_nothing_changed(workspace: Workspace, server: Server) -> None:
    """A local journal has an intent and a receipt for each batch, in turn, as ever: no intent stands there before its time."""
    workspace.project("web", r1=people("web", "r1", 6))
    storage = Storage(is_shared=False)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(local, "opened", storage.opened)
        Unhurried(workspace).apply()
    names = storage.names
    assert all(len(each) == 1 for each in names)
    assert [each for (each,) in names][-6:] == ["Intended", "Acknowledged"] * 3


def test_twenty_projects_share_their_writes(workspace: Workspace, server: Server, storage: Storage) -> None:
    """Twenty projects side by side don't take twenty times the writes of one: who waits at once is written together."""
    projects, batches = 20, 3
    for number in range(projects):
        workspace.project(f"p{number}", r1=people(f"p{number}", "r1", 2 * batches))
    storage.seconds = 0.05
    Unhurried(workspace).apply()
    assert len(storage.writes) <= projects * (batches + 1) / 2
    assert sum(isinstance(entry, Acknowledged) for write in storage.writes for entry in write) == projects * batches
    check_finished(workspace, server, projects * batches * 2)


def test_when_time_runs_out_nobody_is_in_doubt(workspace: Workspace, server: Server, storage: Storage) -> None:
    """A batch that was announced and then isn't sent, for the time is over, is taken back: nobody has to wonder what became of it."""
    workspace.project("web", r1=people("web", "r1", 8))
    runs = Unhurried(workspace)

    def late(number: int) -> None:
        if number == 3:
            runs.clock._now += 1_000

    storage.after = late
    outcome = runs.apply(code=3, max_seconds=500)
    assert len(server.calls("POST")) == 2
    assert storage.names[-1] == ["Unsettled"]
    assert phases(workspace) == {("web", "sent"): 2, ("web", "returned"): 1}
    assert "in doubt" not in outcome.why
    (left,) = [event for event in runs.events if type(event).__name__ == "ApplyErrored"]
    assert [(each.first, each.last, each.subjects) for each in left.left] == [(3, 4, 4)]
    storage.after = lambda number: None
    runs.apply()
    check_finished(workspace, server, 8)


def test_when_a_source_moves_nobody_is_in_doubt(workspace: Workspace, server: Server, storage: Storage) -> None:
    """Where a source is edited after a batch was announced, the batch is taken back before the run ends."""
    source = workspace.root / "people.txt"
    source.write_text("".join(f"{one}\n" for one in people("web", "r1", 6)))
    workspace.project("web", r1={"compliance": "ccpa", "from": [{"file": "people.txt"}]})
    storage.after = lambda number: (source.write_text("somebody else\n" * 20), None)[1] if number == 2 else None
    with pytest.raises(SourceMoved):
        Unhurried(workspace).apply()
    sent = len(server.calls("POST"))
    assert sent < 3
    assert phases(workspace)["web", "in_doubt"] == 0
    assert phases(workspace)["web", "sent"] == sent


def test_a_batch_that_must_wait_is_never_announced(workspace: Workspace, server: Server, storage: Storage) -> None:
    """What stays in a task that could not be cancelled is passed over: the batch after it is announced instead."""
    workspace.manifest["workspace"]["limits"]["distinct_ids_per_request"] = 3
    workspace.project("web", r1=people("web", "r1", 3))
    runs = Unhurried(workspace)
    runs.apply()
    server.force("STARTED")
    workspace.declare("web.r1", people("web", "r1", 2))
    workspace.declare("web.r2", people("web", "r2", 4))
    runs.apply(code=None)
    intended = [entry for write in storage.writes for entry in write if isinstance(entry, Intended)]
    assert Counter(entry.address for entry in intended) == {"web.deletions.r2": 2}
    assert phases(workspace) == {("web", "sent"): 3}


def test_a_batch_that_is_halved_is_not_followed_too_early(workspace: Workspace, server: Server, storage: Storage) -> None:
    """While a refused batch is sent in parts nothing is announced, for the next one may have to be smaller; then it is cut to the new size."""
    workspace.manifest["workspace"]["limits"]["distinct_ids_per_request"] = 4
    workspace.project("web", r1=people("web", "r1", 7), r2=people("web", "r2", 5))
    server.fault("POST=refuse-over:2")
    Unhurried(workspace).apply()
    returned = [entry for write in storage.writes for entry in write if isinstance(entry, Unsettled)]
    assert {entry.why for entry in returned} == {"HTTP 413"}
    assert phases(workspace)["web", "in_doubt"] == 0
    check_finished(workspace, server, 12)


def test_a_write_that_fails_names_the_task(workspace: Workspace, server: Server, storage: Storage) -> None:
    """Where a receipt can't be written the run ends, naming the task that only the error knows; nothing is sent or written after it."""
    workspace.project("web", r1=people("web", "r1", 8))

    def broken(number: int) -> None:
        if number >= 3:
            raise StateError("MP0560", "the storage can't be reached", "try again")

    storage.before = broken
    with pytest.raises(StateError, match=r"can't be reached; Mixpanel acknowledged task \S+ for 2 distinct ids") as failed:
        Unhurried(workspace).apply()
    assert [task["tracking_id"] in failed.value.message for task in server.tasks()] == [False, True]
    assert len(storage.writes) == 2
    assert phases(workspace) == {("web", "sent"): 1, ("web", "in_doubt"): 1}
    storage.before = lambda number: None
    Unhurried(workspace).apply()
    check_finished(workspace, server, 8)


@pytest.mark.parametrize("moment", ["before", "after"])
def test_who_lost_the_lock_neither_sends_nor_writes(workspace: Workspace, server: Server, storage: Storage, moment: str) -> None:
    """When somebody takes the lock, before or after a write, the run ends at once: not even an announced batch is taken back."""
    for name in ("web", "shop", "blog"):
        workspace.project(name, r1=people(name, "r1", 8))
    sent: list[int] = []

    def taken(number: int) -> None:
        if number == 3:
            take_lock(workspace)
            sent.append(len(server.calls("POST")))

    setattr(storage, moment, taken)
    with pytest.raises(LockLost):
        Unhurried(workspace).apply()
    assert len(storage.writes) == (2 if moment == "before" else 3)
    assert len(server.calls("POST")) - sent[0] <= 2  # what was under way already
    assert all(count <= 1 for (_, phase), count in phases(workspace).items() if phase == "in_doubt")
    setattr(storage, moment, lambda number: None)
    Unhurried(workspace).apply()
    check_finished(workspace, server, 24)


@pytest.mark.parametrize("write", range(1, 7))
@pytest.mark.parametrize("moment", ["before", "after"])
def test_killed_at_any_write(workspace: Workspace, server: Server, storage: Storage, write: int, moment: str) -> None:
    """`kill -9` before or after any write: every task is known or in doubt, at most one batch a project is; the next run finishes it."""
    workspace.project("web", r1=people("web", "r1", 6))
    workspace.project("shop", r1=people("shop", "r1", 4))
    environment = workspace.environment | {"PYTHONPATH": f"{TESTS}:{workspace.environment.get('PYTHONPATH', '')}"}
    command = [sys.executable, "-m", "apply.slow_backend", str(workspace.root), str(write), moment]
    ended = subprocess.run(command, env=environment, cwd=TESTS, capture_output=True, text=True, timeout=300)
    assert ended.returncode in (-9, 0), ended.stderr
    assert ended.returncode == -9 or write > 4
    known = {task.tracking_id for task in remembered(workspace).tasks.values()}
    doubtful = {project: count for (project, phase), count in phases(workspace).items() if phase == BatchPhase.IN_DOUBT.value}
    assert all(count == 1 for count in doubtful.values())
    unknown = [task for task in server.tasks() if task["tracking_id"] not in known]
    assert len(unknown) <= len(doubtful)
    Unhurried(workspace).apply()
    check_finished(workspace, server, 10)


PEOPLE = people("web", "r1", 6)
SOME = st.sets(st.sampled_from(PEOPLE), min_size=1, max_size=5)
FAULTS = st.sampled_from(
    ["", "POST@1=reset-after", "POST@2=503:after", "POST@1=no-task", "POST@1=401", "POST@2=429", "POST=conflict-stale",
     "POST@1=conflict-nameless", "GET@1=not-json", "POST=refuse-over:2", "DELETE@1=reset-after"]
)  # fmt: skip


@settings(max_examples=10, deadline=None, suppress_health_check=list(HealthCheck), phases=[Phase.reuse, Phase.generate])
@given(st.integers(1, 4), st.lists(st.tuples(SOME, SOME, FAULTS), min_size=1, max_size=3))
def test_the_memory_is_the_same(served: Server, cap: int, rounds: list[tuple[set[str], set[str], str]]) -> None:
    """Whatever is declared, withdrawn and goes wrong: shared state remembers of everybody what local state remembers, after the same calls."""
    seen = []
    for is_shared in (False, True):
        served.control("POST", "reset")
        storage = Storage(is_shared=is_shared)
        with tempfile.TemporaryDirectory() as folder, pytest.MonkeyPatch.context() as patch:
            patch.setattr(local, "opened", storage.opened)
            seen.append(list(played(Workspace(Path(folder), served.origins), served, cap, rounds)))
    assert seen[1] == seen[0]


def played(workspace: Workspace, server: Server, cap: int, rounds: list[tuple[set[str], set[str], str]]) -> Iterator[Any]:
    """After each round: how it ended, the calls so far, what is remembered, and what lives at the server."""
    workspace.manifest["workspace"]["limits"]["distinct_ids_per_request"] = cap
    workspace.project("web", r1=PEOPLE[:1], r2=PEOPLE[:1])
    runs = Unhurried(workspace)
    for first, second, fault in rounds:
        workspace.declare("web.r1", sorted(first))
        workspace.declare("web.r2", sorted(second))
        server.heal()
        if fault:
            server.fault(fault)
        outcome = runs.apply(code=None)
        calls = [(call["method"], call["status"]) for call in server.calls()]
        live = sorted(sorted(task["distinct_ids"]) for task in server.tasks(*LIVE))
        left = view(workspace.root, workspace.environment)
        yield outcome.exit_code, outcome.why, calls, live, left
