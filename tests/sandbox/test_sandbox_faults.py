"""What goes wrong by request, seen from the client's side."""

from __future__ import annotations

import email.utils
import json
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import httpx
import pytest

from mixpriv_reconcile.sandbox import Project

PATIENCE_SECONDS = 120

SHORT_SECONDS = 2.0
"""After which a caller gives up here: time for a busy machine to take the request in, and far less than the answer takes."""


def causes(error: BaseException | None) -> Iterator[BaseException]:
    while error is not None:
        yield error
        error = error.__cause__ or error.__context__


def wait_for(holds: Callable[[], bool]) -> None:
    end = time.monotonic() + PATIENCE_SECONDS
    while not holds():
        assert time.monotonic() < end, "waited in vain"
        time.sleep(0.01)


def with_fault(caller: Any, *specs: str) -> None:
    for spec in specs:
        caller.control("POST", "fault", {"spec": spec})


def test_fault_strikes_the_call_it_names(caller: Any) -> None:
    """A fault on the second POST strikes the second POST, and no GET in between."""
    with_fault(caller, "POST@2=503")
    assert caller.post("u1").status_code == 201
    assert caller.call("GET", "x").status_code == 404
    assert [caller.post(one).status_code for one in ("u2", "u3")] == [503, 201]
    assert [task["distinct_ids"] for task in caller.tasks()] == [["u1"], ["u3"]]


def test_faults_can_be_given_at_the_start(opened: Any) -> None:
    """Faults given as options are in force from the first call on."""
    with opened(faults=("POST:retrievals=500", "POST=502")) as caller:
        assert caller.post("u1", kind="retrievals").status_code == 500
        assert caller.post("u1").status_code == 502


def test_calls_above_the_pace_do_not_use_faults_up(opened: Any) -> None:
    """A fault waits for a call that keeps the pace."""
    with opened(interval_seconds=3600.0, faults=("POST@2=503",)) as caller:
        assert [caller.post(one).status_code for one in ("u1", "u2")] == [201, 429]
        assert caller.post("u1", token="token-2").status_code == 503


def test_status_may_carry_retry_after(caller: Any) -> None:
    """A refusal can say for how many seconds to stay away."""
    with_fault(caller, "ANY=429:retry-after=3")
    answer = caller.post("u1")
    assert (answer.status_code, answer.headers["retry-after"]) == (429, "3")


def test_status_may_carry_a_retry_date(caller: Any) -> None:
    """A refusal can say until when to stay away."""
    with_fault(caller, "ANY=503:retry-date=3600")
    answer = caller.post("u1")
    until = email.utils.parsedate_to_datetime(answer.headers["retry-after"]).timestamp()
    assert until - caller.calls()[-1]["at"] >= 3600


def test_retry_after_may_be_nonsense(caller: Any) -> None:
    """A refusal can name a time that lies back, or one that nobody lives to see."""
    with_fault(caller, "ANY@1=429:retry-after=-5", "ANY@2=429:retry-after=100000000000", "ANY@3=429:retry-date=-3600")
    told = [caller.post("u1").headers["retry-after"] for _ in range(3)]
    assert told[:2] == ["-5", "100000000000"]
    assert email.utils.parsedate_to_datetime(told[2]).timestamp() < caller.calls()[-1]["at"]


def test_failure_after_the_work_is_done(caller: Any) -> None:
    """A server error can hide that the request was carried out."""
    with_fault(caller, "POST=502:after")
    assert caller.post("u1").status_code == 502
    assert len(caller.tasks()) == 1


def test_too_many_scans(caller: Any) -> None:
    """The other kind of 429 speaks of outstanding day-scans."""
    with_fault(caller, "POST=429-scans")
    answer = caller.post("u1")
    assert answer.status_code == 429
    assert "outstanding day-scans" in answer.json()["error"]


@pytest.mark.parametrize(("action", "count"), [("reset-before", 0), ("reset-after", 1)])
def test_connection_is_reset(caller: Any, action: str, count: int) -> None:
    """A reset connection leaves the client without an answer, before or after the work is done."""
    with_fault(caller, f"POST={action}")
    with pytest.raises(httpx.ReadError) as caught:
        caller.post("u1")
    assert any(isinstance(cause, ConnectionResetError) for cause in causes(caught.value))
    assert len(caller.tasks()) == count
    assert caller.calls()[-1]["status"] is None


def test_reset_cancels_too(caller: Any) -> None:
    """A cancel can work although its answer is lost."""
    item = caller.created("u1")
    with_fault(caller, "DELETE@1=reset-after")
    with pytest.raises(httpx.ReadError):
        caller.call("DELETE", item)
    assert caller.status(item) == "REVOKED"


def test_answer_never_comes(caller: Any) -> None:
    """A request can be carried out and never be answered, until the client gives up."""
    with_fault(caller, "POST@1=hang")
    with pytest.raises(httpx.ReadTimeout):
        caller.post("u1", timeout=SHORT_SECONDS)
    assert len(caller.tasks()) == 1


def test_silence_ends_with_a_hang_up(caller: Any) -> None:
    """A silence with an end is ended by the server, still without an answer."""
    with_fault(caller, "POST@1=hang:0.1")
    with pytest.raises(httpx.RemoteProtocolError):
        caller.post("u1")
    assert len(caller.tasks()) == 1


def test_answer_comes_late(caller: Any) -> None:
    """A late answer is late and otherwise the usual one."""
    with_fault(caller, "POST@1=delay:60")
    with pytest.raises(httpx.ReadTimeout):
        caller.post("u1", timeout=SHORT_SECONDS)
    assert len(caller.tasks()) == 1
    with_fault(caller, "POST@1=delay:0.1")
    assert caller.post("u2").status_code == 201


def test_answer_is_held_until_it_is_released(caller: Any) -> None:
    """A held answer comes when it is let go, and not before; the request has worked at once, and answers held later stay."""
    with_fault(caller, "POST@1=hold", "POST@2=hold")
    with ThreadPoolExecutor(2) as pool:
        first = pool.submit(caller.post, "u1")
        wait_for(lambda: len(caller.tasks()) == 1)
        with pytest.raises(TimeoutError):
            first.result(0.3)
        caller.control("POST", "release")
        assert first.result(PATIENCE_SECONDS).status_code == 201
        second = pool.submit(caller.post, "u2")
        wait_for(lambda: len(caller.tasks()) == 2)
        with pytest.raises(TimeoutError):
            second.result(0.3)
        caller.control("POST", "release")
        assert second.result(PATIENCE_SECONDS).status_code == 201
    assert [call["status"] for call in caller.calls()] == [201, 201]


def test_client_leaves_while_its_answer_is_held(caller: Any) -> None:
    """Who gives up before the answer is released gets none, and the next call is served as ever."""
    with_fault(caller, "POST@1=hold")
    with pytest.raises(httpx.ReadTimeout):
        caller.post("u1", timeout=SHORT_SECONDS)
    caller.control("POST", "release")
    assert caller.post("u2").status_code == 201
    assert len(caller.tasks()) == 2


def test_answer_is_cut_short(caller: Any) -> None:
    """Of a truncated answer the client gets half, although more was announced."""
    with_fault(caller, "POST=truncate")
    with pytest.raises(httpx.RemoteProtocolError, match="without sending complete message body"):
        caller.post("u1")
    assert len(caller.tasks()) == 1


@pytest.mark.parametrize("action", ["not-json", "empty"])
def test_answer_is_no_json(caller: Any, action: str) -> None:
    """An answer can say that all is well without being JSON."""
    with_fault(caller, f"POST={action}")
    answer = caller.post("u1")
    assert answer.status_code == 201
    with pytest.raises(ValueError, match=r"."):
        answer.json()
    assert len(caller.tasks()) == 1


@pytest.mark.parametrize(("action", "results"), [("no-task", {}), ("list-empty", [])])
def test_answer_names_no_task(caller: Any, action: str, results: object) -> None:
    """An answer can say that all is well without naming a task."""
    with_fault(caller, f"POST={action}")
    answer = caller.post("u1")
    assert answer.status_code == 201
    assert answer.json() == {"status": "ok", "results": results}
    assert len(caller.tasks()) == 1


@pytest.mark.parametrize(
    ("action", "body"),
    [
        ("body:[]", []),
        ('body:"ok"', "ok"),
        ("body:3", 3),
        ("results:null", {"status": "ok", "results": None}),
        ('results:"queued"', {"status": "ok", "results": "queued"}),
        ("results:7", {"status": "ok", "results": 7}),
        ('results:["a"]', {"status": "ok", "results": ["a"]}),
    ],
)
def test_answer_has_another_shape(caller: Any, action: str, body: object) -> None:
    """An answer can say that all is well in any shape, while the request is carried out."""
    with_fault(caller, f"POST={action}")
    answer = caller.post("u1")
    assert (answer.status_code, answer.json()) == (201, body)
    assert len(caller.tasks()) == 1


@pytest.mark.parametrize("dialect", ["live", "oas", "prose"])
@pytest.mark.parametrize("name", [{"a": 1}, True, "...", 12, None])
def test_task_has_an_odd_name(opened: Any, dialect: str, name: object) -> None:
    """The task can be named by anything, in every dialect, and has no other name then."""
    with opened(dialect=dialect, faults=(f"POST=task:{json.dumps(name)}",)) as caller:
        results = caller.post("u1").json()["results"]
    record = results[0] if isinstance(results, list) else results
    assert record["tracking_id"] == name
    assert record.keys().isdisjoint({"task_id", "id"})


def test_answer_names_another_project(opened: Any) -> None:
    """An answer can be about a project that nobody asked for."""
    project = Project(42, "token-1", "us")
    with opened(projects=(project,), faults=("POST=other-project",)) as caller:
        assert caller.post("u1").json()["results"]["project_id"] == 1


def test_echo_lacks_an_id(caller: Any) -> None:
    """An answer can lack one of the ids that were sent."""
    with_fault(caller, "POST=partial-echo")
    assert caller.post("u1", "u2").json()["results"]["distinct_ids"] == ["u1"]
    assert [task["distinct_ids"] for task in caller.tasks()] == [["u1", "u2"]]


def test_answer_is_too_long(caller: Any) -> None:
    """An answer can be of the usual content and of a length that nobody has to take."""
    with_fault(caller, "POST=oversized")
    answer = caller.post("u1")
    assert len(answer.content) > 17 * 2**20
    assert answer.json()["results"]["distinct_ids"] == ["u1"]


def test_answer_drips(caller: Any) -> None:
    """An answer can begin, go on, and never come to its point; the server hangs up at the end, if there is one."""
    with_fault(caller, "POST@1=drip:0.2", "POST@2=drip")
    with pytest.raises(httpx.RemoteProtocolError):
        caller.post("u1")
    seen = 0
    request = caller.http.build_request("POST", caller.url(), params={"token": "token-1"}, headers={"Authorization": "Bearer b"}, json={"distinct_ids": ["u2"], "compliance_type": "GDPR"})
    answer = caller.http.send(request, stream=True)
    for chunk in answer.iter_raw():
        seen += len(chunk)
        if seen >= 10:
            break
    answer.close()
    assert answer.status_code == 201
    assert len(caller.tasks()) == 2


def test_garbled_cancel_is_still_a_legal_answer(caller: Any) -> None:
    """A cancel whose answer is useless has still worked."""
    item = caller.created("u1")
    with_fault(caller, "DELETE=not-json")
    assert caller.call("DELETE", item).status_code == 200
    assert caller.status(item) == "REVOKED"


def test_refusal_is_not_garbled(caller: Any) -> None:
    """A fault that hides a task leaves a refusal as it is."""
    with_fault(caller, "POST=no-task")
    assert caller.call("POST", json={}).json()["status"] == "error"


def test_html_page_instead_of_the_api(caller: Any) -> None:
    """A proxy's page can stand where an answer is expected; the request got nowhere."""
    with_fault(caller, "POST=html")
    answer = caller.post("u1")
    assert answer.headers["content-type"].startswith("text/html")
    assert caller.tasks() == []


@pytest.mark.parametrize(("name", "code"), [("redirect", 302), ("redirect307", 307), ("redirect308", 308)])
def test_redirect_elsewhere(caller: Any, name: str, code: int) -> None:
    """A call can be sent elsewhere, with nothing done here."""
    with_fault(caller, f"ANY={name}:http://127.0.0.1:9/x?y=1")
    answer = caller.post("u1")
    assert (answer.status_code, answer.headers["location"]) == (code, "http://127.0.0.1:9/x?y=1")
    assert caller.tasks() == []


def test_secrets_are_echoed(caller: Any) -> None:
    """An error can repeat the bearer, the project token and the ids, in its body and its headers."""
    with_fault(caller, "POST=echo-secrets")
    answer = caller.post("u-secret", "ü\r\n2", bearer="bearer-secret", token="token-secret")
    assert answer.status_code == 400
    for secret in ("Bearer bearer-secret", "token-secret", "u-secret"):
        assert secret in answer.json()["error"]
        assert any(secret in value for value in answer.headers.values())
    assert caller.tasks() == []


@pytest.mark.parametrize(
    ("place", "status", "told"),
    [
        ("extra", 201, lambda answer: answer.json()["results"]["message"]),
        ("status", 201, lambda answer: answer.json()["results"]["status"]),
        ("task", 201, lambda answer: answer.json()["results"]["tracking_id"]),
        ("retry-after", 429, lambda answer: answer.headers["Retry-After"]),
        ("location", 302, lambda answer: answer.headers["Location"]),
        ("conflict", 409, lambda answer: answer.json()["error"]["conflicting_task_ids"][0]),
        ("html", 200, lambda answer: answer.text),
    ],
)
def test_secrets_are_echoed_in_other_places(caller: Any, place: str, status: int, told: Callable[[httpx.Response], str]) -> None:
    """Secrets can come back where a success, a conflict or a redirect tells something; a success did take effect."""
    with_fault(caller, f"POST=echo-secrets:{place}")
    answer = caller.post("u-secret")
    assert answer.status_code == status
    assert "u-secret" in told(answer)
    assert len(caller.tasks()) == (1 if status == 201 else 0)


@pytest.mark.parametrize("disguise", ["upper", "suffix", "percent", "base64", "hex", "sha256"])
def test_echoed_secrets_are_disguised(caller: Any, disguise: str) -> None:
    """Secrets can come back as something that has to be looked through."""
    with_fault(caller, f"ANY=echo-secrets:task,{disguise}")
    named = caller.post("u+secret").json()["results"]["tracking_id"]
    assert named != "u+secret"
    assert caller.call("GET", caller.tasks()[0]["tracking_id"]).json()["results"]["tracking_id"] not in ("u+secret", named)


def test_conflict_that_names_nothing(caller: Any) -> None:
    """A conflict can come without the ids and tasks it is about."""
    with_fault(caller, "POST=conflict-nameless")
    answer = caller.post("u1")
    assert answer.status_code == 409
    assert isinstance(answer.json()["error"], str)


def test_conflict_that_names_given_tasks(caller: Any) -> None:
    """A conflict can name any tasks, with all ids of the request."""
    with_fault(caller, "POST@1=conflict-names:t-1,..")
    answer = caller.post("u1", "u2")
    assert answer.status_code == 409
    assert answer.json()["error"]["conflicting_task_ids"] == ["t-1", ".."]
    assert answer.json()["error"]["conflicting_distinct_ids"] == ["u1", "u2"]
    assert caller.tasks() == []


def test_conflict_with_a_cancelled_task(caller: Any) -> None:
    """A conflict can name tasks that were cancelled, as long as it is about ids that they held."""
    item = caller.created("u1", "u2")
    caller.call("DELETE", item)
    with_fault(caller, "POST=conflict-stale")
    answer = caller.post("u2", "u3")
    assert answer.status_code == 409
    assert answer.json()["error"]["conflicting_task_ids"] == [item]
    assert answer.json()["error"]["conflicting_distinct_ids"] == ["u2"]
    assert caller.post("u3").status_code == 201


def test_ids_are_hidden(caller: Any) -> None:
    """A look at a task can leave its ids out, while others show them."""
    item = caller.created("u1")
    with_fault(caller, "GET@1=hide-ids")
    looks = [caller.call("GET", item).json()["results"] for _ in range(2)]
    assert ["distinct_ids" in look for look in looks] == [False, True]


def test_certain_ids_are_refused(caller: Any) -> None:
    """Requests with an id of a certain kind can be refused, and others not."""
    with_fault(caller, "POST=refuse-ids:bad")
    assert [caller.post(one).status_code for one in ("u1", "a-bad-one", "u2")] == [201, 400, 201]
    assert len(caller.tasks()) == 2


@pytest.mark.parametrize(("spec", "code"), [("POST=refuse-over:2", 413), ("POST=refuse-over:2,422", 422)])
def test_large_requests_are_refused(caller: Any, spec: str, code: int) -> None:
    """Requests of more than so many ids can be refused, and smaller ones not."""
    with_fault(caller, spec)
    assert [caller.post(*ids).status_code for ids in (("u1", "u2"), ("u3", "u4", "u5"), ("u3",))] == [201, code, 201]


@pytest.mark.parametrize(("action", "status"), [("unknown-status", "UNKNOWN"), ("status:ODD", "ODD")])
def test_job_status_is_overridden(caller: Any, action: str, status: str) -> None:
    """GET can tell any job status, while the task itself stays as it is."""
    item = caller.created("u1")
    with_fault(caller, f"GET@1={action}")
    assert [caller.status(item), caller.status(item)] == [status, "PENDING"]


def test_faults_end(caller: Any) -> None:
    """Once they are cleared, faults are gone."""
    with_fault(caller, "ANY=500")
    assert caller.control("GET", "fault") == {"faults": ["ANY=500"]}
    assert caller.control("DELETE", "fault") == {"faults": []}
    assert caller.post("u1").status_code == 201


def test_faults_are_in_the_log(caller: Any) -> None:
    """The log tells which calls a fault has struck."""
    with_fault(caller, "POST@2=reset-after")
    caller.post("u1")
    with pytest.raises(httpx.ReadError):
        caller.post("u2", "u3")
    log = [(call["status"], call["id_count"], call["fault"]) for call in caller.calls()]
    assert log == [(201, 1, None), (None, 2, "POST@2=reset-after")]
    assert [call["tracking_id"] for call in caller.calls()] == [
        task["tracking_id"] for task in caller.tasks()
    ]
