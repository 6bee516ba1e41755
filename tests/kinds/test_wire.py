"""The GDPR API's calls, and every answer that may come back (API fact sheet §1.3 and §1.8)."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mixpriv_reconcile.kinds.wire import (
    cancellation,
    lookup,
    read_cancellation,
    read_lookup,
    read_submission,
    submission,
)
from mixpriv_reconcile.model.remote import (
    Accepted,
    Cancelled,
    Conflict,
    Denied,
    Lost,
    NotSent,
    RateLimited,
    Refused,
    Response,
    TaskSeen,
    TooLate,
    Unclear,
)
from mixpriv_reconcile.model.secrets import RawIds

from .building import ACCESS, BEARER, CANARY, NOON, TOKEN, answer

UUID = "7b0f8a52-4a53-4dd2-9d6c-0d1f3c1a9c11"
READERS = (read_submission, read_lookup, read_cancellation)


def submitted(status: int, body: object = None, headers: dict[str, str] | None = None) -> object:
    return read_submission(answer(status, body, headers), ACCESS, NOON)


def seen(status: int, body: object = None) -> object:
    return read_lookup(answer(status, body), ACCESS, NOON)


def cancelled(status: int, body: object = None) -> object:
    return read_cancellation(answer(status, body), ACCESS, NOON)


def acknowledged(**results: object) -> object:
    return submitted(201, {"status": "ok", "results": results})


# Calls


def test_a_submission_is_a_post_to_the_collection_with_its_slash() -> None:
    """A POST goes to the path with a trailing slash, for a redirect would lose its body; the law is upper case."""
    request = submission("deletions", RawIds([CANARY]), "gdpr")
    assert ("POST", "/api/app/data-deletions/v3.0/") == (request.method, request.path)
    assert {"distinct_ids", "compliance_type"} == set(request.body or {})
    assert request.body is not None
    assert ("GDPR", [CANARY]) == (request.body["compliance_type"], list(request.body["distinct_ids"]))
    assert CANARY not in repr(request)


def test_a_retrieval_may_say_what_it_discloses() -> None:
    """The disclosure type of a retrieval is written in title case, and only a retrieval has one."""
    request = submission("retrievals", RawIds(["a"]), "ccpa", "categories")
    assert "/api/app/data-retrievals/v3.0/" == request.path
    assert request.body is not None
    assert ("CCPA", "Categories") == (request.body["compliance_type"], request.body["disclosure_type"])


@pytest.mark.parametrize(("tracking_id", "part"), [(UUID, UUID), ("a/b?c#d", "a%2Fb%3Fc%23d"), ("a b", "a%20b"), ("é", "%C3%A9")])
def test_a_tracking_id_is_opaque(tracking_id: str, part: str) -> None:
    """Whatever stands in a tracking id is one part of the path, never more."""
    get, delete = lookup("deletions", tracking_id), cancellation(tracking_id)
    assert ("GET", f"/api/app/data-deletions/v3.0/{part}/") == (get.method, get.path)
    assert ("DELETE", f"/api/app/data-deletions/v3.0/{part}/", None) == (delete.method, delete.path, delete.body)


# Answers to a submission


@pytest.mark.parametrize("status", [200, 201, 202])
@pytest.mark.parametrize(
    ("results", "tracking_id"),
    [
        ({"task_id": "9001112223334445556"}, "9001112223334445556"),
        ([{"status": "PENDING", "tracking_id": "9001", "project_id": 4242, "destination_url": None, "distinct_id_count": 3}], "9001"),
        ({"tracking_id": UUID, "id": 77, "status": "PENDING", "project_id": 4242, "distinct_ids": ["a"], "compliance_type": "gdpr"}, UUID),
        ([{"tracking_id": UUID, "id": 77}], UUID),
        ([None, {"tracking_id": UUID}], UUID),
        ({"tracking_id": "", "task_id": "t-1"}, "t-1"),
        ({"tracking_id": None, "task_id": "t-1"}, "t-1"),
        ({"tracking_id": 9001112223334445556}, "9001112223334445556"),
        ({"tracking_id": UUID, "task_id": "other"}, UUID),
    ],
)
def test_each_known_shape_of_an_acknowledgement_is_one(status: int, results: object, tracking_id: str) -> None:
    """An object or a list, `tracking_id` before `task_id`, text or number, 200, 201 or 202: the batch is acknowledged."""
    outcome = submitted(status, {"status": "ok", "results": results})
    assert isinstance(outcome, Accepted)
    assert (tracking_id, "PENDING", False) == (outcome.tracking_id, outcome.status, outcome.weak)


def test_echoed_ids_are_kept_for_comparison() -> None:
    """Where the acknowledgement repeats the ids, they can be compared with what was sent."""
    outcome = submitted(201, {"status": "ok", "results": {"tracking_id": UUID, "distinct_ids": ["a", "b"]}})
    assert isinstance(outcome, Accepted)
    assert outcome.echo is not None
    assert ["a", "b"] == list(outcome.echo)


def test_a_bare_number_is_the_last_resort() -> None:
    """Where only the numeric `id` is given it counts, and is flagged."""
    assert Accepted("77", "PENDING", weak=True) == acknowledged(id=77)


@pytest.mark.parametrize(
    ("status", "known"), [("PENDING", "PENDING"), ("staging", "STAGING"), (None, "PENDING"), (7, "PENDING"), ("", "PENDING"), ("ALICE", "UNKNOWN")]
)
def test_an_acknowledgement_tells_the_tasks_status(status: object, known: str) -> None:
    """The task's status is `results.status`, not the envelope's `ok`; without one the task is pending, with a word nobody documents unknown."""
    assert Accepted("t-1", known) == acknowledged(tracking_id="t-1", status=status)


@pytest.mark.parametrize("project_id", [4242, "4242", None])
def test_the_project_may_be_number_or_text(project_id: object) -> None:
    """A project id is compared whether it comes as number or as text, or not at all."""
    assert isinstance(acknowledged(tracking_id="t-1", project_id=project_id), Accepted)


@pytest.mark.parametrize("project_id", [4243, "4243", True, 4242.0, [4242], {"a": 4242}, "", "4242 "])
def test_an_answer_about_another_project_is_in_doubt(project_id: object) -> None:
    """An answer that names another project acknowledges nothing."""
    assert isinstance(acknowledged(tracking_id="t-1", project_id=project_id), Unclear)
    body = {"status": "ok", "results": {"status": "PENDING", "project_id": project_id}}
    assert isinstance(seen(200, body), Unclear)


@pytest.mark.parametrize(
    "body",
    [
        None,
        b"",
        b"<html>ok</html>",
        b"\xff\xfe\x00",
        b"\xff" * 40,
        b'{"status": "ok", "results": {"tracking_id": "t-1"',
        b"[" * 100_000,
        b'{"results":' * 50_000,
        b'{"results": {"tracking_id": ' + b"9" * 5000 + b"}}",
        b'{"results": {"tracking_id": ' + b"9" * 4000 + b"}}",
        b'{"results": {"tracking_id": 1e999}}',
        b'{"results": {"tracking_id": NaN}}',
        b'{"results": {"tracking_id": "\\ud800"}}',
        [],
        7,
        "ok",
        {"status": "ok"},
        {"status": "ok", "results": []},
        {"status": "ok", "results": [[]]},
        {"status": "ok", "results": [None]},
        {"status": "ok", "results": "t-1"},
        {"status": "ok", "results": 9001},
        {"status": "ok", "results": {}},
        {"status": "ok", "results": {"tracking_id": ""}},
        {"status": "ok", "results": {"tracking_id": True}},
        {"status": "ok", "results": {"tracking_id": True, "task_id": False, "id": True}},
        {"status": "ok", "results": {"tracking_id": ["t-1"]}},
        {"status": "ok", "results": {"tracking_id": "t-1\n"}},
        {"status": "ok", "results": {"tracking_id": "t\x1b[31m"}},
        {"status": "ok", "results": {"tracking_id": "t\u202e1"}},
        {"status": "ok", "results": {"tracking_id": "t" * 257}},
        {"status": "ok", "results": {"tracking_id": "é" * 129}},
        {"status": "ok", "results": {"tracking_id": "."}},
        {"status": "ok", "results": {"tracking_id": ".."}},
        {"status": "ok", "results": {"tracking_id": " "}},
        {"status": "ok", "results": {"tracking_id": 1.5}},
    ],
)
def test_a_success_without_a_task_is_in_doubt(body: object) -> None:
    """A success whose task can't be read, or would not be safe to ask for, leaves the batch in doubt."""
    assert isinstance(submitted(201, body), Unclear)


def test_unknown_keys_are_ignored() -> None:
    """Mixpanel may add fields."""
    found = acknowledged(tracking_id="t-1", new_field={"deep": [1]}, date_requested="02/03/2031", disclosure_type="DATA")
    assert isinstance(found, Accepted)


@pytest.mark.parametrize("status", [203, 204, 205, 206, 299, 303, 408, 500, 502, 503, 504, 520, 599])
def test_what_may_have_arrived_is_in_doubt(status: int) -> None:
    """A success without a task, a timeout at the server, and every 5xx leave a POST in doubt: it is not simply repeated."""
    assert isinstance(submitted(status, {"status": "ok"}), Unclear)


@pytest.mark.parametrize("status", [400, 413, 422])
def test_refused_ids_are_refused(status: int) -> None:
    """400, 413 and 422 refuse these ids."""
    assert Refused(status) == submitted(status, {"status": "error", "error": "text"})


@pytest.mark.parametrize(
    ("status", "code", "word"),
    [
        (401, "MP0701", "token"),
        (403, "MP0702", "may not erase"),
        (404, "MP0703", "doesn't know"),
        (405, "MP0704", "doesn't allow"),
        (301, "MP0705", "redirect"),
        (302, "MP0705", "redirect"),
        (307, "MP0705", "redirect"),
        (308, "MP0705", "redirect"),
        (402, "MP0706", "402"),
        (418, "MP0706", "418"),
    ],
)
def test_a_no_says_what_to_do(status: int, code: str, word: str) -> None:
    """A no that waiting can't heal has a code of its own, names the project, and says what to do; its text is not Mixpanel's."""
    found = submitted(status, {"status": "error", "error": f"{TOKEN} {BEARER} {CANARY}"}, {"location": f"https://evil.invalid/{TOKEN}"})
    assert isinstance(found, Denied)
    assert (status, code, "web-eu") == (found.status, found.finding.code, found.finding.address)
    assert word in found.finding.message
    assert found.finding.hint
    assert not any(secret in repr(found) for secret in (TOKEN, BEARER, CANARY))


@pytest.mark.parametrize("body", [b"", b"<html>", {"error": "text"}, {"status": "error", "error": None}, {"error": {"error": "text"}}, [1]])
@pytest.mark.parametrize("status", [400, 401, 403, 404, 405, 409, 429, 500])
def test_an_errors_body_may_be_anything(status: int, body: object) -> None:
    """An error counts by its status, be its text a string, an object, missing or no JSON."""
    assert not isinstance(submitted(status, body), Accepted)


# Lookups


@pytest.mark.parametrize(
    ("results", "status", "echo"),
    [
        ({"tracking_id": "t-1", "status": "STARTED", "project_id": 4242, "distinct_ids": ["a", "b"]}, "STARTED", ["a", "b"]),
        ({"tracking_id": "t-1", "status": "STARTED", "project_id": "4242", "compliance_type": "gdpr"}, "STARTED", None),
        ({"status": "PENDING", "result": "", "distinct_ids": ["a"]}, "PENDING", ["a"]),
        ([{"status": "SUCCESS"}], "SUCCESS", None),
        ({"status": "success"}, "SUCCESS", None),
        ({"status": "NOT_FOUND"}, "NOT_FOUND", None),
        ({"status": "A_NEW_WORD"}, "UNKNOWN", None),
        ({"status": "", "distinct_ids": []}, "UNKNOWN", None),
        ({"status": "done\x1b[31m", "distinct_ids": [1]}, "UNKNOWN", None),
        ({"status": "D" * 33, "distinct_ids": ["a", 1]}, "UNKNOWN", None),
        ({"status": "STARTED", "distinct_ids": {"a": 1}}, "STARTED", None),
    ],
)
def test_each_known_shape_of_a_task_is_one(results: object, status: str, echo: list[str] | None) -> None:
    """Only the status is essential; the ids count where they are echoed as texts."""
    found = seen(200, {"status": "ok", "results": results})
    assert isinstance(found, TaskSeen)
    assert (status, echo) == (found.status, None if found.ids is None else list(found.ids))


@pytest.mark.parametrize("status", [None, 7, True, ["PENDING"], {"a": 1}])
def test_a_task_without_a_status_is_unclear(status: object) -> None:
    """An answer without a task status tells nothing, even where the envelope says ok."""
    assert isinstance(seen(200, {"status": "ok", "results": {"status": status}}), Unclear)


def test_a_task_that_404s_is_not_found() -> None:
    """A 404 for a task that was known is the status NOT_FOUND."""
    assert TaskSeen("NOT_FOUND") == seen(404)


@pytest.mark.parametrize(
    ("status", "kind"),
    [(401, Denied), (403, Denied), (405, Denied), (301, Denied), (303, Denied), (201, Unclear), (204, Unclear), (503, Unclear)],
)
def test_other_answers_to_a_lookup(status: int, kind: type) -> None:
    """A lookup is denied by 401, 403, 405 and redirects, and unclear after anything that isn't an answer."""
    assert isinstance(seen(status), kind)


# Cancellations


@pytest.mark.parametrize("status", [200, 202, 204])
@pytest.mark.parametrize("body", [None, {"status": "ok", "results": {"task_id": "t-1"}}, b"\xff"])
def test_a_cancellation_is_accepted(status: int, body: object) -> None:
    """200, 202 and 204 accept a cancellation, with or without a body."""
    assert Cancelled() == cancelled(status, body)


@pytest.mark.parametrize("status", [405, 409])
def test_a_cancellation_may_come_too_late(status: int) -> None:
    """405 and 409 say that the task has started."""
    assert TooLate(status) == cancelled(status, {"status": "error", "error": "text"})


@pytest.mark.parametrize(("status", "kind"), [(404, Denied), (401, Denied), (403, Denied), (500, Unclear), (203, Unclear), (307, Denied)])
def test_other_answers_to_a_cancellation(status: int, kind: type) -> None:
    """An unknown task, a wrong token and a broken server each end a cancellation in their own way."""
    assert isinstance(cancelled(status), kind)


# Whatever comes


@pytest.mark.parametrize("reader", READERS)
def test_a_call_without_an_answer(reader: Any) -> None:
    """A call that never left is told from one whose answer was lost: only the first is known not to have arrived."""
    assert NotSent("refused") == reader(NotSent("refused"), ACCESS, NOON)
    assert Unclear("timeout") == reader(Lost("timeout"), ACCESS, NOON)


TASK_KEYS = ["status", "tracking_id", "task_id", "id", "project_id", "distinct_ids"]
KEYS = ["results", "error", "conflicting_task_ids", "conflicting_distinct_ids", *TASK_KEYS]
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8) | st.just(CANARY) | st.just(TOKEN),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.sampled_from(KEYS) | st.text(max_size=4), inner, max_size=5),
    max_leaves=24,
)
DATES = st.from_regex(r"[A-Z][a-z]{2}, [0-9]{1,3} [A-Z][a-z]{2} [0-9]{1,6} [0-9:]{0,9} [-+A-Z0-9]{0,6}", fullmatch=True)
BODIES = st.binary(max_size=64) | JSON.map(lambda value: json.dumps(value).encode()) | st.text(max_size=64).map(str.encode)


@given(
    status=st.integers(100, 999) | st.sampled_from([200, 201, 204, 401, 404, 409, 429]),
    body=BODIES,
    wait=st.text(max_size=40) | DATES,
)
def test_no_answer_breaks_a_reader(status: int, body: bytes, wait: str) -> None:
    """Any bytes and any JSON under any status are read without an error, and no finding repeats what they say."""
    for reader in READERS:
        found: Any = reader(Response(status, {"retry-after": wait}, body), ACCESS, NOON)
        if isinstance(found, Denied):
            assert not any(secret in repr(found) for secret in (TOKEN, BEARER, CANARY))
        if isinstance(found, RateLimited) and found.wait_seconds is not None:
            assert found.wait_seconds >= 0
        if isinstance(found, Accepted):
            assert 0 < len(found.tracking_id) <= 256
            assert found.tracking_id.isprintable()


def test_more_ids_than_any_task_holds_are_no_list() -> None:
    """A task or a conflict that lists more than 100,000 ids is read as one that lists none."""
    many = ["u"] * 100_001
    flood, most = (seen(200, {"results": {"status": "PENDING", "distinct_ids": many[start:]}}) for start in (0, 1))
    conflict = submitted(409, {"conflicting_distinct_ids": many, "conflicting_task_ids": ["t"]})
    assert isinstance(flood, TaskSeen)
    assert isinstance(most, TaskSeen)
    assert isinstance(conflict, Conflict)
    assert flood.ids is None
    assert len(most.ids or ()) == 100_000
    assert (len(conflict.ids), conflict.tracking_ids) == (0, ("t",))
