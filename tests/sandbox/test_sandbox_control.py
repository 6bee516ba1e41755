"""Steering the sandbox, and looking into it."""

from __future__ import annotations

from typing import Any

import pytest


def test_log_has_every_call(caller: Any) -> None:
    """The log tells of every call when it came, where to, for what, and how it was answered."""
    item = caller.created("u1", "u2", region="eu")
    caller.call("GET", item, region="eu")
    caller.call("DELETE", "unknown", region="eu", bearer=None)
    log = caller.calls()
    assert [(call["method"], call["status"], call["id_count"], call["tracking_id"]) for call in log] == [
        ("POST", 201, 2, item),
        ("GET", 200, 0, item),
        ("DELETE", 401, 0, "unknown"),
    ]
    assert {(call["region"], call["route"], call["project_token"]) for call in log} == {
        ("eu", "deletions", "token-1")
    }
    assert sorted(call["at"] for call in log) == [call["at"] for call in log]


def test_log_never_holds_a_bearer(caller: Any) -> None:
    """The log says whether a bearer came, never which."""
    caller.post("u1", bearer="bearer-secret")
    assert caller.calls()[0]["authorization"] == "Bearer"
    assert "bearer-secret" not in str(caller.calls())


def test_log_is_read_in_parts(caller: Any) -> None:
    """A long log can be read in parts."""
    for number in range(5):
        caller.call("GET", f"x{number}")
    first = caller.control("GET", "calls?limit=2")["calls"]
    second = caller.control("GET", f"calls?limit=2&after={first[-1]['number']}")["calls"]
    assert [call["tracking_id"] for call in first + second] == ["x0", "x1", "x2", "x3"]


def test_tasks_can_be_listed_without_ids(caller: Any) -> None:
    """The tasks of all regions are listed, with their ids or without."""
    caller.created("u1")
    caller.created("u2", region="in", token="token-2", kind="retrievals")
    assert [(task["region"], task["project_token"]) for task in caller.tasks()] == [
        ("us", "token-1"),
        ("in", "token-2"),
    ]
    assert all("distinct_ids" not in task for task in caller.control("GET", "tasks?ids=0")["tasks"])


def test_forced_status_lasts_until_it_is_lifted(caller: Any) -> None:
    """A forced status holds whatever day it is, until the task is set free."""
    item = caller.created("u1")
    caller.control("POST", "force", {"tracking_id": item, "status": "FAILURE"})
    caller.control("POST", "advance", {"days": 2})
    assert caller.status(item) == "FAILURE"
    caller.control("POST", "force", {"tracking_id": item, "status": None})
    assert caller.status(item) == "STAGING"


def test_end_can_be_forced(caller: Any) -> None:
    """A task can be made to fail in the end, after an ordinary life."""
    item = caller.created("u1")
    caller.control("POST", "force", {"tracking_id": item, "status": "FAILURE", "when": "end"})
    assert caller.status(item) == "PENDING"
    caller.control("POST", "advance", {"days": 28})
    assert caller.status(item) == "FAILURE"


def test_reset_forgets_everything(caller: Any) -> None:
    """After a reset nothing is left: no task, no call, no held id, no bound region."""
    item = caller.created("u1", region="eu")
    caller.control("POST", "reset")
    assert caller.tasks() == caller.calls() == []
    assert caller.call("GET", item).status_code == 404
    assert caller.post("u1", region="us").status_code == 201


@pytest.mark.parametrize(
    ("name", "document"),
    [
        ("force", {"status": "SUCCESS"}),
        ("force", {"tracking_id": "x", "status": 7}),
        ("force", {"tracking_id": "x", "status": None, "when": "end"}),
        ("force", {"tracking_id": "x", "status": "SUCCESS", "when": "soon"}),
        ("advance", {}),
        ("advance", {"days": -1}),
        ("advance", {"days": "many"}),
        ("fault", {}),
        ("fault", {"spec": "POST=explode"}),
        ("fault", ["POST=500"]),
    ],
)
def test_wrong_control_is_explained(caller: Any, name: str, document: object) -> None:
    """A control request that makes no sense is refused with a reason."""
    answer = caller.http.post(f"{caller.origins['us']}/_sandbox/{name}", json=document)
    assert answer.status_code == 400
    assert answer.json()["error"]


def test_unknown_task_cannot_be_forced(caller: Any) -> None:
    """A status can't be forced on a task that isn't there."""
    url = f"{caller.origins['us']}/_sandbox/force"
    answer = caller.http.post(url, json={"tracking_id": "x", "status": "SUCCESS"})
    assert answer.status_code == 404
