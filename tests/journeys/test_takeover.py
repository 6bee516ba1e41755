"""Two machines, one state: one dies in the middle of an apply, the other takes over when the lease has run out."""

from __future__ import annotations

import signal
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from .shared import *  # noqa: F403 (fixtures)
from .shared import Shared
from .workspace import Server, Workspace, actions, codes, finished, until

LEASE_SECONDS = 6
REQUESTS = {name: [f"{name}-canary-{number}" for number in range(10)] for name in ("web", "shop")}

Machine = Callable[[str], Workspace]


@pytest.fixture
def machine(tmp_path: Path, server: Server, shared: Shared) -> Machine:
    """`machine("name")` is a fresh machine: a folder, a home and nothing else but the manifests, the key and the way to the state."""

    def fresh(name: str) -> Workspace:
        (tmp_path / name).mkdir()
        workspace = Workspace(tmp_path / name, server.origins)
        workspace.manifest["workspace"]["state"] = shared.block
        workspace.environment |= {**shared.environment, "MIXPRIV_LEASE_SECONDS": str(LEASE_SECONDS)}
        for project, ids in REQUESTS.items():
            workspace.project(project, r1=ids)
        return workspace

    return fresh


def everybody(server: Server) -> None:
    """Every declared id is in exactly one live task."""
    live = server.ids_in_live_tasks()
    assert {one for _, one in live} == {one for ids in REQUESTS.values() for one in ids}
    assert set(live.values()) == {1}


@pytest.mark.parametrize("posts", [1, 4, 7])
def test_killed_and_taken_over(machine: Machine, server: Server, shared: Shared, posts: int) -> None:
    """Killed between two batches: the next machine waits for the lease, sends what is left, and remembers all that was ever acknowledged."""
    running = machine("first").start("apply", "--auto-approve")
    until(lambda: len(server.calls("POST")) >= posts, running)
    second = machine("second")
    running.kill()
    killed_at = time.monotonic()
    finished(running)
    taken = second.run("apply", "--auto-approve", code=None)
    if taken.code == 5:
        assert "mixpriv unlock" in taken.err
        taken = second.apply("--lock-timeout", "10m")
    else:  # only a machine that takes so long to start is not refused at first
        assert time.monotonic() - killed_at >= LEASE_SECONDS / 2
    assert taken.code == 0
    assert "MP0525" in taken.both
    everybody(server)
    third = machine("third")
    assert actions(third.plan()) == {}
    tasks = {task["tracking_id"] for request in third.status().values() for task in request["tasks"]}
    assert tasks == {task["tracking_id"] for task in server.tasks()}
    assert not shared.holds(b"canary"), "an id or a token lies in the storage"


def test_killed_in_a_call(machine: Machine, server: Server) -> None:
    """Killed while Mixpanel had a batch and hadn't answered: it is in doubt, one of each project at most, sent again, and found by the 409."""
    server.fault("POST@3=hang")
    running = machine("first").start("apply", "--auto-approve")
    until(lambda: server.struck("POST@3=hang"), running)
    running.kill()
    finished(running)
    second = machine("second")
    planned = second.plan()
    assert 1 <= codes(planned).count("MP0613") <= len(REQUESTS)
    second.apply("--lock-timeout", "10m")
    everybody(server)
    assert actions(machine("third").plan()) == {}


def test_stopped_and_woken(machine: Machine, server: Server) -> None:
    """A machine that slept through its lease neither sends nor writes when it wakes: the other has taken over, and finishes alone."""
    running = machine("first").start("apply", "--auto-approve")
    until(lambda: len(server.calls("POST")) >= 2, running)
    running.send_signal(signal.SIGSTOP)
    second = machine("second")
    second.apply("--lock-timeout", "10m")
    everybody(server)
    sent = len(server.calls("POST"))
    running.send_signal(signal.SIGCONT)
    woken = finished(running)
    assert woken.code == 5, woken.both
    assert len(server.calls("POST")) == sent
    assert actions(machine("third").plan()) == {}


def test_side_by_side(machine: Machine, server: Server) -> None:
    """Two machines that apply at the same time: the second waits for the first, however long that takes, and finds nothing left to do."""
    running = machine("first").start("apply", "--auto-approve")
    until(lambda: server.calls("POST"), running)
    second = machine("second").apply("--lock-timeout", "10m")
    assert "MP0525" not in second.both
    assert finished(running).code == 0
    everybody(server)


def test_a_call_is_given_up_before_the_lease_ends(machine: Machine, server: Server) -> None:
    """Mixpanel takes longer than the lease: the call is given up before, its batch is in doubt, and the next apply finds it by the 409."""
    late = f"POST@1=delay:{LEASE_SECONDS + 2}"
    server.fault(late)
    applied = machine("first").apply(code=3)
    assert server.struck(late) == 1
    assert applied.both.count("MP0804") == 1
    second = machine("second")
    assert codes(second.plan()).count("MP0613") == 1
    second.apply()
    everybody(server)


def test_another_key(machine: Machine, server: Server) -> None:
    """A machine with another digest key, or without one, is told so before anything is sent."""
    machine("first").apply()
    sent = len(server.calls())
    second = machine("second")
    second.environment["MIXPRIV_DIGEST_KEY"] = "another key, which is long enough"
    assert "MP0506" in second.apply(code=1).err
    del second.environment["MIXPRIV_DIGEST_KEY"]
    assert "MP0571" in second.apply(code=1).err
    assert len(server.calls()) == sent
