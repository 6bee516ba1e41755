"""Creating deletions and retrievals."""

from __future__ import annotations

import json
from typing import Any

import pytest

from mixpriv_reconcile.sandbox import Project


def test_new_deletion_is_recorded(caller: Any) -> None:
    """A deletion I ask for is there afterwards, with exactly the ids I sent."""
    tracking_id = caller.created("u1", "ü 2", "u1")
    (task,) = caller.tasks()
    assert task["tracking_id"] == tracking_id
    assert task["distinct_ids"] == ["u1", "ü 2", "u1"]
    assert (task["kind"], task["region"], task["status"]) == ("deletion", "us", "PENDING")


@pytest.mark.parametrize("kind", ["deletions", "retrievals"])
@pytest.mark.parametrize("region", ["us", "eu", "in"])
def test_every_region_takes_requests(caller: Any, region: str, kind: str) -> None:
    """Deletions and retrievals work in each of the three regions."""
    assert caller.post("u1", kind=kind, region=region, token=f"token-{region}").status_code == 201
    assert caller.tasks()[0]["region"] == region


def test_path_without_slash_redirects(caller: Any) -> None:
    """A collection's address without its last slash redirects to the one with it, and does nothing."""
    url = caller.url().rstrip("/")
    answer = caller.http.post(url, params={"token": "t"}, json={"distinct_ids": ["u1"]})
    assert answer.status_code == 301
    assert answer.headers["location"] == "/api/app/data-deletions/v3.0/?token=t"
    assert caller.tasks() == []


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"  ",
        b"{",
        b"\xff\xfe",
        b"[]",
        b'"u1"',
        b"{}",
        b'{"distinct_ids": "u1"}',
        b'{"distinct_ids": []}',
        b'{"distinct_ids": [1]}',
        b'{"distinct_ids": ["u1", null]}',
        b'{"distinct_ids": ["u1", ""]}',
        b'{"distinct_ids": ["\\ud800"]}',
        b'{"distinct_ids": ["u1"], "compliance_type": "LGPD"}',
        b'{"distinct_ids": ["u1"], "compliance_type": 7}',
        b"[" * 100_000,
    ],
)
def test_unusable_body_is_refused(caller: Any, body: bytes) -> None:
    """A body that isn't a list of ids in a JSON object is refused, and nothing is scheduled."""
    answer = caller.call("POST", content=body)
    assert answer.status_code == 400
    assert answer.json()["status"] == "error"
    assert isinstance(answer.json()["error"], str)
    assert caller.tasks() == []


def test_disclosure_type_is_checked_for_retrievals(caller: Any) -> None:
    """A retrieval takes the three disclosure types in any case, and no others."""
    for text, status in (("Categories", 201), ("sources", 201), ("Everything", 400)):
        body = {"distinct_ids": ["u1"], "compliance_type": "ccpa", "disclosure_type": text}
        assert caller.call("POST", kind="retrievals", json=body).status_code == status
    assert [task["disclosure"] for task in caller.tasks()] == ["CATEGORIES", "SOURCES"]


def test_ids_per_request_are_limited(caller: Any) -> None:
    """2,000 ids go into one request, 2,001 don't."""
    ids = [f"u{number}" for number in range(2001)]
    assert caller.post(*ids).status_code == 400
    assert caller.post(*ids[:2000]).status_code == 201
    assert caller.post(*ids, kind="retrievals").status_code == 400


@pytest.mark.parametrize(("groups", "limit"), [(1, 1000), (2, 666), (3, 500), (4, 400)])
def test_data_groups_lower_the_limit(opened: Any, groups: int, limit: int) -> None:
    """Each data group of a project lowers its limit for deletions, but not for retrievals."""
    ids = [f"u{number}" for number in range(limit + 1)]
    with opened(projects=(Project(7, "token-1", "us", groups),)) as caller:
        assert caller.post(*ids).status_code == 400
        assert caller.post(*ids[:limit]).status_code == 201
        assert caller.post(*ids, kind="retrievals").status_code == 201


def test_overlapping_deletion_is_refused_as_a_whole(caller: Any) -> None:
    """A deletion with an id of a running one is refused, names ids and tasks, and schedules nothing."""
    first, second = caller.created("u1", "u2"), caller.created("u3")
    answer = caller.post("u9", "u3", "u1", "u3")
    assert answer.status_code == 409
    assert answer.json()["status"] == "error"
    assert answer.json()["error"]["conflicting_distinct_ids"] == ["u3", "u1"]
    assert answer.json()["error"]["conflicting_task_ids"] == [first, second]
    assert isinstance(answer.json()["error"]["error"], str)
    assert len(caller.tasks()) == 2


@pytest.mark.parametrize("status", ["PENDING", "STAGING", "STARTED"])
def test_live_deletion_holds_its_ids(caller: Any, status: str) -> None:
    """A deletion holds its ids until it has ended."""
    caller.control("POST", "force", {"tracking_id": caller.created("u1"), "status": status})
    assert caller.post("u1").status_code == 409


@pytest.mark.parametrize("status", ["SUCCESS", "FAILURE", "REVOKED"])
def test_ended_deletion_frees_its_ids(caller: Any, status: str) -> None:
    """Ids of a deletion that has ended can be sent again."""
    caller.control("POST", "force", {"tracking_id": caller.created("u1"), "status": status})
    assert caller.post("u1").status_code == 201


def test_conflicts_stay_within_a_project_and_kind(caller: Any) -> None:
    """Other projects and retrievals may have the same ids at the same time."""
    caller.created("u1")
    assert caller.post("u1", token="token-2").status_code == 201
    assert caller.post("u1", kind="retrievals").status_code == 201
    assert caller.post("u1", kind="retrievals").status_code == 201


def test_many_ids_are_all_held(caller: Any) -> None:
    """Among 200,000 ids in deletion, every single one is found again."""
    batches = [[f"user-{batch}-{number}" for number in range(2000)] for batch in range(100)]
    tracking_ids = [caller.created(*batch) for batch in batches]
    wanted = [batch[index] for index, batch in enumerate(batches)]
    conflict = caller.post(*wanted, "new").json()["error"]
    assert conflict["conflicting_distinct_ids"] == wanted
    assert conflict["conflicting_task_ids"] == tracking_ids
    answer = caller.call("GET", tracking_ids[57])
    assert json.loads(answer.text)["results"]["distinct_ids"] == batches[57]
