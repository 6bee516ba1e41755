"""Following a task until it ends, and cancelling it before it starts."""

from __future__ import annotations

import io
import zipfile
from typing import Any

import pytest

from mixpriv_reconcile.sandbox.tasks import final_day


@pytest.mark.parametrize("kind", ["deletions", "retrievals"])
def test_task_lives_its_life(caller: Any, kind: str) -> None:
    """A task waits for a day, is prepared for two, runs until its last day, and succeeds."""
    item = caller.created("u1", kind=kind)
    last = final_day(item)
    assert 10 <= last <= 28
    seen = []
    for days in (0, 0.99, 0.02, 1.98, 0.02, last - 3.02, 0.02):
        caller.control("POST", "advance", {"days": days})
        seen.append(caller.status(item, kind=kind))
    assert seen == ["PENDING", "PENDING", "STAGING", "STAGING", "STARTED", "STARTED", "SUCCESS"]


def test_last_days_differ() -> None:
    """Tasks end on different days, from the 10th to the 28th, each always on the same."""
    days = [final_day(f"task-{number}") for number in range(2000)]
    assert set(days) == set(range(10, 29))
    assert days == [final_day(f"task-{number}") for number in range(2000)]


def test_clock_moves_for_present_tasks_only(caller: Any) -> None:
    """A task made after the clock was moved forward begins its life then."""
    caller.control("POST", "advance", {"days": 40})
    assert caller.status(caller.created("u1")) == "PENDING"


def test_speed_makes_tasks_age_faster(opened: Any) -> None:
    """At a high speed a task is through within moments."""
    with opened(speed=1e12) as caller:
        assert caller.status(caller.created("u1")) == "SUCCESS"


def test_item_is_found_with_and_without_slash(caller: Any) -> None:
    """A task is found under its address with a last slash and without."""
    item = caller.created("u1")
    for url in (caller.url(item=item), caller.url(item=item).rstrip("/")):
        headers = {"Authorization": "Bearer b"}
        answer = caller.http.get(url, params={"token": "token-1"}, headers=headers)
        assert answer.status_code == 200


@pytest.mark.parametrize("method", ["GET", "DELETE"])
def test_unknown_task_is_not_found(caller: Any, method: str) -> None:
    """A task is unknown under another id, in another project, and as the other kind."""
    item = caller.created("u1")
    retrieval = caller.created("u1", kind="retrievals")
    assert caller.call(method, "no-such-task").status_code == 404
    assert caller.call(method, item, token="token-2").status_code == 404
    assert caller.call(method, retrieval).status_code == 404
    assert caller.call("GET", item, kind="retrievals").status_code == 404


def test_not_found_may_come_as_a_status(opened: Any) -> None:
    """By option, an unknown task is a job status in a 200 answer."""
    with opened(not_found="body") as caller:
        answer = caller.call("GET", "no-such-task")
        assert answer.status_code == 200
        assert answer.json()["status"] == "ok"
        assert answer.json()["results"]["status"] == "NOT_FOUND"


@pytest.mark.parametrize("status", ["PENDING", "STAGING"])
def test_early_deletion_can_be_cancelled(caller: Any, status: str) -> None:
    """A deletion that hasn't started can be cancelled, and then tells so."""
    item = caller.created("u1")
    caller.control("POST", "force", {"tracking_id": item, "status": status})
    answer = caller.call("DELETE", item)
    assert (answer.status_code, answer.content) == (204, b"")
    assert caller.status(item) == "REVOKED"
    assert caller.post("u1").status_code == 201


@pytest.mark.parametrize("status", ["STARTED", "SUCCESS", "FAILURE", "REVOKED", "UNKNOWN"])
def test_late_deletion_cannot_be_cancelled(caller: Any, status: str) -> None:
    """A deletion that has started or ended can't be cancelled, and stays as it is."""
    item = caller.created("u1")
    caller.control("POST", "force", {"tracking_id": item, "status": status})
    assert caller.call("DELETE", item).status_code == 405
    assert caller.status(item) == status


def test_cancelling_twice_is_refused(caller: Any) -> None:
    """A cancelled deletion can't be cancelled again."""
    item = caller.created("u1")
    assert [caller.call("DELETE", item).status_code for _ in range(2)] == [204, 405]


def test_collections_can_neither_be_read_nor_deleted(caller: Any) -> None:
    """There is no list of tasks and no way to cancel them all at once."""
    caller.created("u1")
    for method in ("GET", "DELETE", "PUT", "PATCH"):
        answer = caller.call(method, json={"distinct_ids": ["u1"]})
        assert (answer.status_code, answer.headers["allow"]) == (405, "POST")
    assert [task["status"] for task in caller.tasks()] == ["PENDING"]


def test_retrieval_cannot_be_cancelled(caller: Any) -> None:
    """A retrieval can't be cancelled."""
    item = caller.created("u1", kind="retrievals")
    assert caller.call("DELETE", item, kind="retrievals").status_code == 405


def test_finished_retrieval_can_be_downloaded(caller: Any) -> None:
    """A retrieval has a link when it has succeeded, on the same origin, to a ZIP with its ids."""
    item = caller.created("u1", "u2", kind="retrievals", region="eu")
    where = {"kind": "retrievals", "region": "eu"}
    assert caller.call("GET", item, **where).json()["results"]["result"] == ""
    caller.control("POST", "advance", {"days": 28})
    link = caller.call("GET", item, **where).json()["results"]["result"]
    assert link.startswith(caller.origins["eu"] + "/")
    answer = caller.http.get(link)
    assert answer.headers["content-type"] == "application/zip"
    with zipfile.ZipFile(io.BytesIO(answer.content)) as archive:
        assert archive.read("profiles.jsonl").decode().count("$distinct_id") == 2
    assert answer.content == caller.http.get(link).content
    last = caller.calls()[-1]
    assert (last["route"], last["tracking_id"], last["authorization"]) == ("download", item, None)


def test_download_of_an_export_goes_wrong(caller: Any) -> None:
    """A fault may strike exports alone, and is in the log; one that names no kind leaves them alone."""
    item = caller.created("u1", kind="retrievals")
    for spec in ("ANY=500", "GET:exports@2=503:retry-after=3", "GET:exports@3=html"):
        caller.control("POST", "fault", {"spec": spec})
    link = f"{caller.origins['us']}/_exports/{item}.zip"
    answers = [caller.http.get(link) for _ in range(4)]
    assert [answer.status_code for answer in answers] == [200, 503, 200, 200]
    assert answers[1].headers["retry-after"] == "3"
    assert answers[2].text.startswith("<!DOCTYPE html>")
    assert answers[3].content == answers[0].content
    faults = [call["fault"] for call in caller.calls() if call["route"] == "download"]
    assert faults == [None, "GET:exports@2=503:retry-after=3", "GET:exports@3=html", None]


def test_unknown_export_is_not_found(caller: Any) -> None:
    """A download that belongs to no retrieval isn't there."""
    deletion = caller.created("u1")
    for name in ("nothing.zip", f"{deletion}.zip"):
        assert caller.http.get(f"{caller.origins['us']}/_exports/{name}").status_code == 404
