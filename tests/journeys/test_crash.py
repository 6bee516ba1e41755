"""`kill -9` at any moment: nothing that Mixpanel acknowledged is lost, and nothing is erased twice."""

from __future__ import annotations

import random
import time
from pathlib import Path

import pytest

from .workspace import Server, Workspace, codes, finished

KILLS = 4
REQUESTS = {name: [f"{name}-{number}" for number in range(4)] for name in ("web", "shop", "blog")}


@pytest.mark.parametrize("seed", range(3))
def test_killed_anywhere_and_resumed(workspace: Workspace, server: Server, seed: int) -> None:
    """Six batches of three projects, killed at random moments and resumed: each id is in one live task, each task is remembered."""
    chance = random.Random(seed)
    for name, ids in REQUESTS.items():
        workspace.project(name, r1=ids)
    for _ in range(KILLS):
        wanted, delay = len(server.calls()) + chance.randrange(4), chance.uniform(0, 0.15)
        running = workspace.start("apply", "--auto-approve")
        while running.poll() is None and len(server.calls()) < wanted:
            time.sleep(0.03)
        time.sleep(delay)
        running.kill()
        finished(running)
    issued = {task["tracking_id"] for task in server.tasks()}
    planned = workspace.plan()
    known = {task["tracking_id"] for request in workspace.status().values() for task in request["tasks"]}
    doubtful = codes(planned).count("MP0613")
    assert known <= issued
    assert len(issued - known) <= doubtful
    workspace.apply()
    live = server.ids_in_live_tasks()
    assert {one for _, one in live} == {one for ids in REQUESTS.values() for one in ids}
    assert set(live.values()) == {1}
    assert workspace.remembered_tasks() == {task["tracking_id"] for task in server.tasks()}
    assert spools(workspace.root) == []


def spools(root: Path) -> list[Path]:
    """What runs keep raw ids in while they run."""
    return [path for path in root.glob(".mixpriv/**/*") if path.is_file() and path.name != "state-location.json"]
