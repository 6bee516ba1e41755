"""The three ways in which answers are described."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import pytest

from mixpriv_reconcile.sandbox import Project

PROJECTS = (Project(4242, "token-1", "us"),)
UUID = r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}"
NUMBER = r"[1-9]\d{18}"
SECONDS = r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d"


@pytest.fixture(scope="module")
def oas(opened: Any) -> Iterator[Any]:
    """A sandbox that answers as the OpenAPI file says."""
    with opened(dialect="oas", projects=PROJECTS) as caller:
        yield caller


@pytest.fixture(scope="module")
def prose(opened: Any) -> Iterator[Any]:
    """A sandbox that answers as the prose reference says."""
    with opened(dialect="prose", projects=PROJECTS) as caller:
        yield caller


@pytest.fixture(scope="module")
def live(opened: Any) -> Iterator[Any]:
    """A sandbox that answers as the real service was seen to."""
    with opened(dialect="live", projects=PROJECTS) as caller:
        yield caller


@pytest.mark.parametrize("kind", ["deletions", "retrievals"])
def test_oas_create(oas: Any, kind: str) -> None:
    """In the OpenAPI file's words, a new task is an object with a task_id."""
    answer = oas.post(f"oas-{kind}", kind=kind)
    assert answer.status_code == 201
    (task_id,) = answer.json()["results"].values()
    assert re.fullmatch(NUMBER, task_id)
    assert answer.json() == {"status": "ok", "results": {"task_id": task_id}}


def test_oas_deletion(oas: Any) -> None:
    """In the OpenAPI file's words, a deletion has seven members."""
    item = oas.created("u1")
    results = oas.call("GET", item).json()["results"]
    assert re.fullmatch(SECONDS, results.pop("date_requested"))
    assert results == {
        "tracking_id": item,
        "status": "PENDING",
        "requesting_user": "dpo@example.test",
        "compliance_type": "GDPR",
        "project_id": 4242,
        "distinct_ids": ["u1"],
    }


def test_oas_retrieval(oas: Any) -> None:
    """In the OpenAPI file's words, a retrieval's link is called results."""
    item = oas.created("u1", kind="retrievals")
    answer = oas.call("GET", item, kind="retrievals").json()
    expected = {"status": "PENDING", "results": "", "distinct_ids": ["u1"]}
    assert answer == {"status": "ok", "results": expected}
    oas.control("POST", "force", {"tracking_id": item, "status": "SUCCESS"})
    link = oas.call("GET", item, kind="retrievals").json()["results"]["results"]
    assert link == f"{oas.origins['us']}/_exports/{item}.zip"


def test_oas_cancel(oas: Any) -> None:
    """In the OpenAPI file's words, a cancelled deletion is an empty 204."""
    answer = oas.call("DELETE", oas.created("u2"))
    assert (answer.status_code, answer.content) == (204, b"")


@pytest.mark.parametrize("kind", ["deletions", "retrievals"])
def test_prose_create(prose: Any, kind: str) -> None:
    """In the prose reference, a new task is a list of one, with a number of 19 digits."""
    answer = prose.post(f"prose-{kind}", "u0", kind=kind)
    assert answer.status_code == 200
    assert answer.json()["status"] == "ok"
    (record,) = answer.json()["results"]
    assert re.fullmatch(NUMBER, record.pop("tracking_id"))
    assert re.fullmatch(SECONDS + r"\.\d{6}", record.pop("date_requested"))
    assert record == {
        "status": "PENDING",
        "disclosure_type": "DATA",
        "project_id": 4242,
        "compliance_type": "gdpr",
        "destination_url": None,
        "requesting_user": "dpo@example.test",
        "distinct_id_count": 2,
    }


@pytest.mark.parametrize("kind", ["deletions", "retrievals"])
def test_prose_read(prose: Any, kind: str) -> None:
    """In the prose reference, both kinds have a status, a result and ids."""
    item = prose.created("u1", kind=kind)
    results = prose.call("GET", item, kind=kind).json()["results"]
    assert results == {"status": "PENDING", "result": "", "distinct_ids": ["u1"]}


def test_prose_cancel(prose: Any) -> None:
    """In the prose reference, a cancelled deletion is a JSON answer."""
    item = prose.created("u2")
    answer = prose.call("DELETE", item)
    assert answer.status_code == 200
    assert answer.json() == {"status": "ok", "results": {"task_id": item}}


def test_live_create(live: Any) -> None:
    """The real service answers with a UUID, a number of its own and the ids."""
    answer = live.post("u1", "u2")
    assert answer.status_code == 201
    record = answer.json()["results"]
    assert re.fullmatch(UUID, record.pop("tracking_id"))
    assert isinstance(record.pop("id"), int)
    assert re.fullmatch(SECONDS + r"\.\d{6}", record.pop("date_requested"))
    assert record == {
        "status": "PENDING",
        "project_id": 4242,
        "distinct_ids": ["u1", "u2"],
        "requesting_user": "dpo@example.test",
        "compliance_type": "gdpr",
    }


def test_live_read(live: Any) -> None:
    """The real service's answer to GET is the record that it gave at first."""
    created = live.post("u3").json()["results"]
    assert live.call("GET", created["tracking_id"]).json() == {"status": "ok", "results": created}


def test_live_retrieval_has_a_link(live: Any) -> None:
    """The real service calls a retrieval's link result."""
    item = live.created("u1", kind="retrievals")
    live.control("POST", "force", {"tracking_id": item, "status": "SUCCESS"})
    results = live.call("GET", item, kind="retrievals").json()["results"]
    assert results["result"] == f"{live.origins['us']}/_exports/{item}.zip"


@pytest.mark.parametrize("dialect", ["oas", "prose", "live"])
def test_ids_may_stay_unechoed(opened: Any, dialect: str) -> None:
    """By option, GET tells how many ids there are, not which."""
    with opened(dialect=dialect, echoes_ids=False) as caller:
        for kind in ("deletions", "retrievals"):
            results = caller.call("GET", caller.created("u1", kind=kind), kind=kind).json()["results"]
            assert results["distinct_id_count"] == 1
            assert "distinct_ids" not in results


def test_unregistered_project_has_no_number(caller: Any) -> None:
    """A project that isn't registered has no number, so none is invented."""
    assert "project_id" not in caller.post("u1").json()["results"]
