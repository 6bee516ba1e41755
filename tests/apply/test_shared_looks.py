"""Looks at tasks where the state is shared: many of them share one write, and all are saved in the end."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from journeys.unhurried import Unhurried
from journeys.workspace import Server, Workspace, standing_in
from remote.simulated import HastyClock

import mixpriv_reconcile.state.local as local
from mixpriv_reconcile.errors import LockLost
from mixpriv_reconcile.model.plan import PlanOptions
from mixpriv_reconcile.pipeline.apply import Approval, apply
from mixpriv_reconcile.pipeline.setting import Setting
from mixpriv_reconcile.pipeline.upkeep import refresh

from .slow_backend import Storage

TASKS = 20


class DayAfter(HastyClock):
    """Two days later, so that every look is an old one."""

    def now(self) -> datetime:
        return super().now() + timedelta(days=2)


@pytest.fixture
def server() -> Iterator[Server]:
    with standing_in(interval_seconds=0) as server:
        yield server


@pytest.fixture
def storage(monkeypatch: pytest.MonkeyPatch) -> Storage:
    slow = Storage()
    monkeypatch.setattr(local, "opened", slow.opened)
    return slow


@pytest.fixture
def workspace(tmp_path: Path, server: Server, storage: Storage) -> Workspace:
    """A workspace with `TASKS` open tasks, which have started since they were last looked at."""
    workspace = Workspace(tmp_path, server.origins)
    workspace.project("web", r1=[f"u{number}" for number in range(2 * TASKS)])
    Unhurried(workspace).apply()
    server.force("STARTED")
    return workspace


def looks(storage: Storage) -> int:
    return sum(names.count("Polled") for names in storage.names)


def statuses(workspace: Workspace) -> list[str]:
    return [task["status"] for task in workspace.state["tasks"]]


def test_a_refresh_writes_now_and_then(workspace: Workspace, storage: Storage) -> None:
    """`refresh` saves as it goes, but not each look by itself: twenty, one a second, take three writes after the first."""
    told: list[str] = []
    setting = Setting(workspace.root, workspace.environment, HastyClock(), "refresh")
    refresh(setting, Unhurried(workspace), max_seconds=None, on_polled=lambda seen: told.append(seen.tracking_id))
    assert (len(told), looks(storage)) == (TASKS, TASKS)
    assert storage.names[0] == ["Began"]
    assert len(storage.names) <= 4
    assert statuses(workspace) == ["STARTED"] * TASKS


def test_a_refresh_that_lost_the_lock_writes_no_more(workspace: Workspace, storage: Storage) -> None:
    """When a write finds the lock lost, `refresh` ends and writes nothing after it; the looks are made again by the next one."""

    def lost(number: int) -> None:
        if number == 2:
            raise LockLost("MP0522", "the lock is no longer ours")

    storage.before = lost
    setting = Setting(workspace.root, workspace.environment, HastyClock(), "refresh")
    with pytest.raises(LockLost):
        refresh(setting, Unhurried(workspace), max_seconds=None, on_polled=lambda seen: None)
    assert storage.names == [["Began"]]
    storage.before = lambda number: None
    refresh(setting, Unhurried(workspace), max_seconds=None, on_polled=lambda seen: None)
    assert statuses(workspace) == ["STARTED"] * TASKS


def test_an_apply_with_nothing_to_do_saves_its_looks_at_once(workspace: Workspace, storage: Storage) -> None:
    """An apply that only looked at old tasks saves all of its looks in one write."""
    setting = Setting(workspace.root, workspace.environment, DayAfter(), "apply")
    apply(setting, PlanOptions(), Approval(is_automatic=True), Unhurried(workspace), show=lambda made, ids: None)
    assert storage.names == [["Began"], ["Polled"] * TASKS]
    assert statuses(workspace) == ["STARTED"] * TASKS


def test_a_wait_saves_every_look(workspace: Workspace, server: Server, storage: Storage) -> None:
    """What `--wait` sees is all saved when it ends, in fewer writes than looks, and after what the apply itself did."""
    workspace.declare("web.r2", ["v1", "v2", "v3"])
    setting = Setting(workspace.root, workspace.environment, HastyClock(), "apply")
    before = len(server.calls("GET"))
    apply(
        setting, PlanOptions(), Approval(is_automatic=True), Unhurried(workspace), show=lambda made, ids: None, wait_seconds=120.0
    )  # fmt: skip
    assert looks(storage) == len(server.calls("GET")) - before > 0
    assert len(storage.writes) < looks(storage) / 3
    assert storage.names[0][-1] == "Intended"
    assert statuses(workspace).count("STARTED") == TASKS
