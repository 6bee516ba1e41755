"""409 in every variant, each settled by plain applies in a pipeline: nobody is asked, nobody is erased twice, no task is forgotten."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from .workspace import BEARER, LIVE, Ended, Server, Workspace, actions, ago, codes, finished, standing_in, until


@pytest.fixture(scope="module", params=["echo", "silent"])
def _either(request: pytest.FixtureRequest) -> Iterator[Server]:
    # Without a pace of its own: the tests' own calls would cost the program a 429.
    with standing_in(interval_seconds=0.0, echoes_ids=request.param == "echo") as server:
        yield server


@pytest.fixture(scope="module")
def _echoing() -> Iterator[Server]:
    with standing_in(interval_seconds=0.0) as server:
        yield server


@pytest.fixture
def server(_echoing: Server) -> Server:
    """A stand-in for Mixpanel that shows a task's ids."""
    return _echoing.emptied()


@pytest.fixture
def either(_either: Server) -> Server:
    """One that shows a task's ids, and then one that doesn't."""
    return _either.emptied()


@pytest.fixture
def workspace(tmp_path: Path, server: Server) -> Workspace:
    return pipeline(tmp_path, server)


def pipeline(folder: Path, server: Server) -> Workspace:
    """A workspace in CI: no prompt is possible, standard input is closed."""
    made = Workspace(folder, server.origins)
    made.environment["CI"] = "1"
    made.manifest["workspace"]["limits"]["distinct_ids_per_request"] = 3
    return made


def apply(workspace: Workspace, *, code: int = 0) -> Ended:
    return workspace.apply("--new-state", code=code)


def elsewhere(workspace: Workspace, server: Server, *ids: str, project: str = "web") -> str:
    """The tracking id of a deletion that somebody else orders."""
    answer = httpx.post(
        f"{server.origins['eu']}/api/app/data-deletions/v3.0/",
        params={"token": workspace.token(project)},
        headers={"Authorization": f"Bearer {BEARER}"},
        json={"distinct_ids": list(ids), "compliance_type": "GDPR"},
        trust_env=False,
        timeout=60,
    )
    return str(answer.raise_for_status().json()["results"]["tracking_id"])


def check_settled(workspace: Workspace, server: Server, *ids: str) -> None:
    """Nothing is left to do, each of *ids* is in one live task, and those tasks are the ones remembered as live."""
    server.heal()
    assert server.ids_in_live_tasks() == {(workspace.token("web"), one): 1 for one in ids}
    live = {task["tracking_id"] for task in server.tasks(*LIVE)}
    assert {task["tracking_id"] for task in workspace.state["tasks"] if task["status"] in LIVE} == live
    assert "No changes." in apply(workspace).out


def remembered(workspace: Workspace, tracking_id: str) -> dict[str, Any]:
    (found,) = [task for task in workspace.state["tasks"] if task["tracking_id"] == tracking_id]
    return dict(found)


# One task


def test_one_task_is_adopted(tmp_path: Path, either: Server) -> None:
    """A task that holds ids of the batch already is adopted, whether it shows them or not; who isn't in it is sent."""
    workspace = pipeline(tmp_path, either)
    workspace.project("web", r1=["u1", "u2", "u3"])
    task = elsewhere(workspace, either, "u1", "u2")
    assert "MP0710" in apply(workspace).err
    assert remembered(workspace, task)["adopted"] is True
    assert remembered(workspace, task)["subjects"] == 2
    assert [call["id_count"] for call in either.calls("POST")] == [2, 3, 1]
    check_settled(workspace, either, "u1", "u2", "u3")


def test_a_kill_before_the_receipt_is_settled_by_the_409(tmp_path: Path, either: Server) -> None:
    """`kill -9` while a POST hangs: the next apply finds the batch in the task that the 409 names, whether it shows its ids or not."""
    workspace = pipeline(tmp_path, either)
    workspace.project("web", r1=["u1", "u2"])
    either.fault("POST@1=hang")
    running = workspace.start("apply", "--auto-approve", "--new-state")
    until(lambda: either.struck("POST@1=hang"), running)
    running.kill()
    finished(running)
    either.heal()
    assert codes(workspace.plan()).count("MP0613") == 1
    assert "MP0710" in apply(workspace).err
    check_settled(workspace, either, "u1", "u2")


# Several tasks


def test_several_tasks_that_show_their_ids_are_adopted(workspace: Workspace, server: Server) -> None:
    """Each task is adopted with the ids it holds, and who is in none of them is sent."""
    workspace.project("web", r1=["u1", "u2", "u3"])
    tasks = [elsewhere(workspace, server, "u1"), elsewhere(workspace, server, "u2")]
    apply(workspace)
    assert [remembered(workspace, task)["subjects"] for task in tasks] == [1, 1]
    check_settled(workspace, server, "u1", "u2", "u3")


def test_several_silent_tasks_leave_the_batch_in_doubt(workspace: Workspace, server: Server) -> None:
    """Where several tasks don't show their ids nothing is guessed: in doubt, the tasks are printed, and it is settled once one is left."""
    workspace.project("web", r1=["u1", "u2", "u3"])
    tasks = [elsewhere(workspace, server, "u1"), elsewhere(workspace, server, "u2")]
    server.fault("GET=hide-ids")
    stopped = apply(workspace, code=3)
    assert all(task in stopped.err for task in tasks)
    assert workspace.status()["web.deletions.r1"]["subjects"]["in_doubt"] == 3
    doubts = [found["message"] for found in workspace.plan()["diagnostics"] if found["code"] == "MP0613"]
    assert all(task in doubts[0] for task in tasks)
    assert len(server.calls("POST")) == 3
    server.force("REVOKED", {"tracking_id": tasks[0]})
    apply(workspace)
    assert [sorted(task["distinct_ids"]) for task in server.tasks(*LIVE)] == [["u2"], ["u1", "u3"]]
    check_settled(workspace, server, "u1", "u2", "u3")


def test_one_silent_task_among_several_keeps_only_its_part_in_doubt(workspace: Workspace, server: Server) -> None:
    """A task that shows its ids is adopted at once; only what it doesn't hold waits for the silent one, which is printed."""
    workspace.project("web", r1=["u1", "u2", "u3"])
    shown, silent = elsewhere(workspace, server, "u1"), elsewhere(workspace, server, "u2")
    server.fault("GET@2=hide-ids")
    stopped = apply(workspace, code=3)
    assert silent in next(line for line in stopped.err.splitlines() if "MP0804" in line)
    subjects = workspace.status()["web.deletions.r1"]["subjects"]
    assert (subjects["submitted"], subjects["in_doubt"]) == (1, 2)
    assert workspace.remembered_tasks() == {shown}
    apply(workspace)
    check_settled(workspace, server, "u1", "u2", "u3")


# Tasks that are no obstacle


def test_a_task_just_revoked_is_no_obstacle(workspace: Workspace, server: Server) -> None:
    """A 409 that still names the task this workspace has just cancelled: it is looked at, seen REVOKED, and the rest is sent again."""
    workspace.project("web", r1=["u1", "u2"])
    apply(workspace)
    workspace.declare("web.r1", ["u1"])
    server.fault("POST@1=conflict-stale")
    apply(workspace)
    methods = [call["method"] for call in server.calls()]
    assert methods[methods.index("DELETE") :] == ["DELETE", "GET", "POST", "GET", "POST"]
    check_settled(workspace, server, "u1")


def test_tasks_that_have_ended_are_no_obstacle(workspace: Workspace, server: Server) -> None:
    """A 409 that names only tasks which failed, or which Mixpanel doesn't know in this project, is over: the batch is sent."""
    for name in ("web", "shop"):
        workspace.project(name, r1=[f"{name}-1"])
    workspace.project("other")
    failed, lost = elsewhere(workspace, server, "x1"), elsewhere(workspace, server, "x2")
    of_another = elsewhere(workspace, server, "x3", project="other")
    server.force("FAILURE", {"tracking_id": failed})
    server.force("NOT_FOUND", {"tracking_id": lost})
    server.fault(f"POST@1-2=conflict-names:{failed},{lost},{of_another},never-was")
    apply(workspace)
    assert sorted(call["status"] for call in server.calls("POST")[3:]) == [201, 201, 409, 409]
    assert {task["distinct_ids"][0] for task in server.tasks("PENDING")} == {"web-1", "shop-1", "x3"}
    assert "No changes." in apply(workspace).out


# Tasks that can't be looked at


def test_names_that_can_be_no_task_leave_the_batch_in_doubt(workspace: Workspace, server: Server) -> None:
    """Dots, control characters and a person's own id beside a task that is gone are never looked up, printed or sent past: in doubt."""
    for name in ("web", "shop", "blog"):
        workspace.project(name, r1=["user-canary-77"])
    names = ("..", "a\u0007b", "user-canary-77")
    server.fault(*(f"POST@{number}=conflict-names:{name},gone" for number, name in enumerate(names, 1)))
    stopped = apply(workspace, code=3)
    assert "user-canary-77" not in stopped.both
    assert [call["tracking_id"] for call in server.calls("GET")] == ["gone"] * 3
    assert [call["status"] for call in server.calls("POST")] == [409] * 3
    assert {request["phase"] for request in workspace.status().values()} == {"in_doubt"}
    server.heal()
    apply(workspace)
    assert "No changes." in apply(workspace).out
    assert set(server.ids_in_live_tasks().values()) == {1}
    assert workspace.remembered_tasks() == {task["tracking_id"] for task in server.tasks()}


def test_a_task_that_cannot_be_looked_at_is_not_passed(workspace: Workspace, server: Server) -> None:
    """A look that fails leaves the batch in doubt, with the task printed; the next apply looks again and adopts."""
    workspace.project("web", r1=["u1"])
    task = elsewhere(workspace, server, "u1")
    server.fault("GET@1=not-json")
    assert task in apply(workspace, code=3).err
    apply(workspace)
    check_settled(workspace, server, "u1")
    assert workspace.remembered_tasks() == {task}


def test_a_409_that_never_names_a_task_has_its_ways_out(workspace: Workspace, server: Server) -> None:
    """A batch that each apply leaves in doubt is asked for once an apply, and is settled by waiting, or by giving it up as the page says."""
    workspace.project("web", r1=["u1"], r2=["u2"])
    server.fault("POST=conflict-nameless")
    for asked in (2, 4):
        assert "mixpriv explain MP0804" in apply(workspace, code=3).err
        assert len(server.calls("POST")) == asked
    hints = [found["hint"] for found in workspace.plan()["diagnostics"] if found["code"] == "MP0613"]
    assert len(hints) == 2
    assert all("mixpriv explain MP0613" in hint for hint in hints)
    workspace.declare("web.r1", None)
    workspace.declare("web.r2", ["u2", "u3"])
    server.heal()
    assert "MP0614" in apply(workspace).both
    assert workspace.run("state", "rm", "web.deletions.r1").out == "Forgot web.deletions.r1.\n"
    check_settled(workspace, server, "u2", "u3")


# Whose task it is


def test_a_task_with_foreign_ids_is_never_cancelled(workspace: Workspace, server: Server) -> None:
    """A task made elsewhere that also holds somebody else is adopted and marked; when its ids are withdrawn it goes on, and that is said."""
    workspace.project("web", r1=["u1", "u2"])
    task = elsewhere(workspace, server, "u1", "stranger")
    apply(workspace)
    assert remembered(workspace, task)["foreign"] is True
    workspace.declare("web.r1", ["u2"])
    planned = workspace.plan()
    assert (actions(planned), codes(planned)) == ({}, ["MP0615"])
    assert "MP0615" in apply(workspace).both
    assert server.calls("DELETE") == []
    check_settled(workspace, server, "u1", "u2", "stranger")


@pytest.mark.parametrize("is_wanted", [True, False])
def test_a_task_with_ids_that_were_never_recorded_in_it_is_not_cancelled(workspace: Workspace, server: Server, is_wanted: bool) -> None:
    """A task made elsewhere that also holds an id of a request not yet due is left alone, whether that request is still declared or not."""
    later = workspace.deletion(["u2"]) | {"not_before": ago(-30)}
    workspace.project("web", r1=["u1"], r2=later)
    elsewhere(workspace, server, "u1", "u2")
    apply(workspace)
    workspace.declare("web.r1", None)
    if not is_wanted:
        workspace.declare("web.r2", None)
    assert "MP0615" in apply(workspace).err
    assert server.calls("DELETE") == []
    check_settled(workspace, server, "u1", "u2")


def test_a_task_of_several_requests_is_cancelled_only_when_none_wants_it(workspace: Workspace, server: Server) -> None:
    """A task that serves two requests is remembered once, stays while one of them wants an id of it, and is cancelled when none does."""
    workspace.project("web", r1=["u1"], r2=["u2"])
    task = elsewhere(workspace, server, "u1", "u2")
    apply(workspace)
    assert remembered(workspace, task)["subjects"] == 2
    assert remembered(workspace, task)["foreign"] is False
    workspace.declare("web.r1", None)
    assert codes(workspace.plan()) == ["MP0616"]
    apply(workspace)
    assert server.calls("DELETE") == []
    workspace.declare("web.r2", None)
    planned = workspace.plan()
    assert "web.deletions.r2" in actions(planned)
    apply(workspace)
    assert len(server.calls("DELETE")) == 1
    check_settled(workspace, server)
