"""What a server says that isn't the protocol is refused with a clear error, and never taken for "there is no state yet"."""

from __future__ import annotations

import contextlib
import dataclasses
import gzip
import json
import logging
import socket
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from mixpriv_reconcile.errors import StateDamaged, StateError, StateLocked, StateTooNew
from mixpriv_reconcile.model.lease import Lease
from mixpriv_reconcile.model.secrets import Secret, SecretRef
from mixpriv_reconcile.state import http_calls
from mixpriv_reconcile.state.backends import Surroundings
from mixpriv_reconcile.state.http import HttpBackend, opened

from .altered_segments import name_of
from .http_serving import DIALECTS, PASSWORD, USER, backend_at, listening, location_at, serving
from .state_backend import FACTS

TERRAFORMS = json.dumps({"version": 4, "terraform_version": "1.11.4", "serial": 3, "lineage": "x", "outputs": {}, "resources": []}).encode()

OURS = {"mixpriv_document": 1, "serial": 1, "write": "a", "segments": {}}


def answer(status: str, body: bytes = b"", *headers: str) -> bytes:
    lines = [f"HTTP/1.1 {status}", f"Content-Length: {len(body)}", "Connection: close", *headers, "", ""]
    return "\r\n".join(lines).encode() + body


@contextlib.contextmanager
def saying(what: Callable[[socket.socket, bytes], None]) -> Iterator[tuple[str, list[bytes]]]:
    """A server that does *what* with each connection once it has the request's head; its origin, and the requests it saw."""
    seen: list[bytes] = []

    def one(client: socket.socket) -> None:
        head = client.recv(2**16)
        seen.append(head)
        what(client, head)

    with listening(one) as port:
        yield f"http://127.0.0.1:{port}", seen


def read_from(reply: bytes) -> None:
    """Read the state of a server that says *reply* to everything."""
    with saying(lambda client, _: client.sendall(reply)) as (origin, _):
        backend_at(origin, "gitlab", lease_seconds=60).read()


DAMAGED = {
    "nothing": b"",
    "no JSON": b"Sign in",
    "cut off": b'{"mixpriv_document": 1, "serial"',
    "no object": b"[]",
    "no serial": b'{"mixpriv_document": 1, "write": "a"}',
    "serial of a wrong type": b'{"mixpriv_document": 1, "serial": "1", "write": "a"}',
    "serial out of range": b'{"mixpriv_document": 1, "serial": 99999999999, "write": "a"}',
    "no base64": b'{"mixpriv_document": 1, "serial": 1, "write": "a", "segments": {"a": "?"}}',
    "no UTF-8": b'{"mixpriv_document": 1, "serial": 1, "write": "\xff"}',
    "deep": b"[" * 100_000,
    "huge number": b'{"mixpriv_document": ' + b"9" * 5000 + b"}",
    "empty state": b'{"mixpriv_document": 1, "serial": 1, "write": "a", "state": ""}',
}


@pytest.mark.parametrize("body", DAMAGED.values(), ids=DAMAGED.keys())
def test_damage_is_never_new(body: bytes) -> None:
    """A document that is torn, altered or empty is damage, never "no state"."""
    with pytest.raises(StateDamaged):
        read_from(answer("200 OK", body))


@pytest.mark.parametrize("status", ["204 No Content", "404 Not Found"])
def test_none(status: str) -> None:
    """204 and 404 are what servers say where there is no state."""
    with saying(lambda client, _: client.sendall(answer(status))) as (origin, _):
        assert backend_at(origin, "gitlab", lease_seconds=60).read() is None


@pytest.mark.parametrize(
    ("reply", "code"),
    [
        (answer("302 Found", b"", "Location: http://127.0.0.1:9/elsewhere"), "MP0568"),
        (answer("301 Moved Permanently", b"", "Location: http://[broken"), "MP0568"),
        (answer("200 OK", gzip.compress(b"0" * 2**22), "Content-Encoding: gzip"), "MP0568"),
        (answer("418 I'm a teapot"), "MP0568"),
        (answer("200 OK", b"<html>Sign in</html>"), "MP0568"),
        (answer("200 OK", b"\r\n<!DOCTYPE html><title>Sign in</title>"), "MP0568"),
        (answer("200 OK", b"<!-- a page --><p>", "Content-Type: text/html; charset=utf-8"), "MP0568"),
        (answer("200 OK", TERRAFORMS, "Content-Type: text/html"), "MP0566"),
        (answer("401 Unauthorized"), "MP0561"),
        (answer("403 Forbidden"), "MP0561"),
        (answer("500 Internal Server Error"), "MP0560"),
        (answer("429 Too Many Requests"), "MP0560"),
        (b"what?\r\n\r\n", "MP0560"),
        (answer("200 OK", TERRAFORMS), "MP0566"),
        (answer("200 OK", b'{"anything": "else"}'), "MP0566"),
    ],
)
def test_other_answers(reply: bytes, code: str) -> None:
    """Every other answer is an error with a code of its own, which names the state's address and no credential."""
    with pytest.raises(StateError) as error:
        read_from(reply)
    assert error.value.code == code
    assert USER not in f"{error.value.message}{error.value.hint}"
    assert PASSWORD not in f"{error.value.message}{error.value.hint}"


def test_newer_format() -> None:
    """A document of a later version is refused, and not taken for damage."""
    with pytest.raises(StateTooNew):
        read_from(answer("200 OK", json.dumps({**OURS, "mixpriv_document": 2}).encode()))


def test_redirect_gets_no_credential() -> None:
    """Where a server redirects to, nothing is asked."""
    with saying(lambda client, _: client.sendall(answer("200 OK"))) as (elsewhere, asked):
        with pytest.raises(StateError):
            read_from(answer("307 Temporary Redirect", b"", f"Location: {elsewhere}/"))
        assert asked == []


def test_web_page() -> None:
    """A web page at the address is no damage: the hint is to look at the address, and not to put a page back."""
    with pytest.raises(StateError) as error:
        read_from(answer("200 OK", b"<!doctype html><p>Sign in</p>"))
    assert "web page" in error.value.message
    assert "`address`" in error.value.hint
    assert "POST" not in error.value.hint


def test_no_stored_answer_is_wanted() -> None:
    """Caches on the way are told that the document is wanted as it is now."""
    with saying(lambda client, _: client.sendall(answer("404 Not Found"))) as (origin, seen):
        backend_at(origin, "gitlab", lease_seconds=60).read()
    head = seen[0].lower()
    assert b"\r\ncache-control: no-cache\r\n" in head
    assert b"\r\npragma: no-cache\r\n" in head


def test_endless_answer(monkeypatch: pytest.MonkeyPatch) -> None:
    """An answer that doesn't end is left when it is longer than any document."""
    monkeypatch.setattr(http_calls, "DOCUMENT_BYTES", 2**20)

    def pour(client: socket.socket, _: bytes) -> None:
        client.sendall(b"HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n")
        while True:
            client.sendall(b"0" * 2**16)

    with saying(pour) as (origin, _), pytest.raises(StateError, match="more than") as error:
        backend_at(origin, "gitlab", lease_seconds=60).read()
    assert error.value.code == "MP0568"


@pytest.mark.parametrize("begin", [b"HTTP/1.1 200 OK\r\nX: ", b"HTTP/1.1 200 OK\r\nContent-Length: 9999\r\n\r\n"], ids=["head", "body"])
def test_dripping_answer(begin: bytes) -> None:
    """An answer that comes a byte at a time is left when its time is over, so that no lock outlasts its lease unnoticed."""

    def drip(client: socket.socket, _: bytes) -> None:
        client.sendall(begin)
        while True:
            client.sendall(b"0")
            time.sleep(0.05)

    with saying(drip) as (origin, _), pytest.raises(StateError) as error:
        backend_at(origin, "gitlab", lease_seconds=6).read()
    assert error.value.code == "MP0560"


def test_nothing_is_logged(caplog: pytest.LogCaptureFixture) -> None:
    """Neither addresses nor headers go into any log."""
    caplog.set_level(logging.DEBUG)
    with serving("gitlab") as origin:
        backend_at(origin, "gitlab").replace(b"one", expected=None)
    assert caplog.text == ""


def test_no_traceback_shows_the_password() -> None:
    """What a failing call leaves behind names no credential, not even in the exceptions that led to it."""
    with pytest.raises(StateError) as error:
        backend_at("http://127.0.0.1:9", "gitlab", lease_seconds=60).read()
    assert error.value.code == "MP0560"
    assert PASSWORD not in repr(error.value)
    assert error.value.__suppress_context__


@pytest.mark.parametrize("dialect", DIALECTS)
@pytest.mark.parametrize("body", [TERRAFORMS, b'{"serial": 1}'], ids=["terraform", "unknown"])
def test_somebody_elses_document_is_left(dialect: str, body: bytes) -> None:
    """A state of Terraform's own, or any other document, is never overwritten: not with the lock and not without."""
    with serving(dialect) as origin:
        backend = backend_at(origin, dialect)
        assert backend._remote._calls.post(body, None).is_done  # type: ignore[attr-defined]
        for write in (
            lambda: backend.replace(b"ours", expected=None),
            lambda: backend.append_journal(b"ours"),
            lambda: backend.lock(FACTS, timeout_seconds=0),
            lambda: backend.unlock("a1b2c3"),
        ):
            with pytest.raises(StateError) as error:
                write()
            assert error.value.code == "MP0566"
        assert backend._remote._calls.get().body == body  # type: ignore[attr-defined]
        assert backend._remote.look() is None  # type: ignore[attr-defined]


@pytest.mark.parametrize("dialect", DIALECTS)
def test_lock_of_others_is_never_taken_over(dialect: str) -> None:
    """A lock whose id isn't one of ours is shown as held, and left, however old it is."""
    old = (datetime.now(UTC) - timedelta(days=900)).isoformat()
    facts = {"ID": "5e3c-of-terraform", "Operation": "OperationTypeApply", "Info": "", "Who": "x@y", "Version": "1.11.4", "Created": old, "Path": ""}
    with serving(dialect) as origin:
        backend = backend_at(origin, dialect, lease_seconds=2)
        calls = backend._remote._calls  # type: ignore[attr-defined]
        assert calls.lock(facts).is_done
        for _ in range(2):
            with pytest.raises(StateLocked, match="5e3c-of-terraform") as locked:
                backend.lock(FACTS, timeout_seconds=6)
            assert locked.value.code == "MP0567"
        with pytest.raises(StateLocked):
            backend.unlock("5e3c-of-terraform")
        with pytest.raises(StateError):
            backend.append_journal(b"ours")
        assert calls.unlock(facts).is_done
        backend.lock(FACTS, timeout_seconds=0).release()


def test_wrong_password() -> None:
    """A wrong password is an error of its own, which doesn't repeat it."""
    with serving("gitlab") as origin:
        location = location_at(origin, "gitlab")
        surroundings = Surroundings(Path("."), {}, Lease(), lambda ref, what: Secret("wrong-one"))
        with pytest.raises(StateError) as error:
            opened(location, surroundings).replace(b"one", expected=None)
    assert error.value.code == "MP0561"
    assert "wrong-one" not in f"{error.value.message} {error.value.hint}"


def test_credentials_of_the_environment() -> None:
    """Without references the user and the password are those that Terraform would take."""
    with serving("gitlab") as origin:
        environment = {"TF_HTTP_USERNAME": USER, "TF_HTTP_PASSWORD": PASSWORD}
        location = location_at(origin, "gitlab")
        plain = dataclasses.replace(location, username=None, password=None)
        surroundings = Surroundings(Path("."), environment, Lease(), lambda ref, what: Secret(""))
        assert opened(plain, surroundings).read() is None
        assert PASSWORD not in repr(surroundings)


def test_document_too_large_for_the_server() -> None:
    """A document that GitLab's limit refuses is said to be too large; what was there stays."""
    with serving("gitlab", "--most-bytes", "2000") as origin:
        backend = backend_at(origin, "gitlab")
        version = backend.replace(b"one", expected=None)
        with pytest.raises(StateError) as error:
            backend.replace(b"0" * 4000, expected=version)
        assert error.value.code == "MP0569"
        assert (stored := backend.read()) is not None
        assert stored.content == b"one"


def test_a_server_that_never_locks() -> None:
    """A server that knows no lock is named as one that can't keep a state."""
    with saying(lambda client, _: client.sendall(answer("405 Method Not Allowed"))) as (origin, _), pytest.raises(StateError) as error:
        HttpBackend.lock(backend_at(origin, "terraform", lease_seconds=60), FACTS, timeout_seconds=0)
    assert error.value.code == "MP0568"


def test_a_lock_that_nobody_gives_back(monkeypatch: pytest.MonkeyPatch) -> None:
    """A server that says it took a dead holder's lock away, and didn't, isn't asked for ever."""
    holder = json.dumps({"ID": "mixpriv-dead", "Who": "x", "Created": "2020-01-01T00:00:00Z"}).encode()

    def always(client: socket.socket, head: bytes) -> None:
        date = "Date: Fri, 27 Nov 2026 08:00:00 GMT"
        match head.split(b" ")[0]:
            case b"LOCK":
                client.sendall(answer("423 Locked", holder, date))
            case b"GET":
                client.sendall(answer("404 Not Found", b"", date))
            case _:
                client.sendall(answer("200 OK", b"", date))

    with saying(always) as (origin, _), pytest.raises(StateLocked):
        backend_at(origin, "terraform", lease_seconds=60).lock(FACTS, timeout_seconds=1)


def test_secret_reference_names_its_setting() -> None:
    """References are resolved under the names that manifests use, so that an error about a missing one can be found there."""
    asked: list[str] = []

    def secret(ref: SecretRef, what: str) -> Secret:
        asked.append(what)
        return Secret("x")

    opened(location_at("http://127.0.0.1:9", "gitlab"), Surroundings(Path("."), {}, Lease(), secret))
    assert asked == ["state.username", "state.password"]


@pytest.mark.parametrize("dialect", DIALECTS)
def test_after_release(dialect: str) -> None:
    """Who gave the lock back reads what others wrote since, and can't write while one of them has it; afterwards as if he never had it."""
    with serving(dialect) as origin:
        backend, other = backend_at(origin, dialect), backend_at(origin, dialect)
        backend.lock(FACTS, timeout_seconds=0).release()
        lock = other.lock(FACTS | {"lock_id": "next"}, timeout_seconds=0)
        other.append_journal(b"theirs")
        other.write_segment(name_of(b"segment"), [b"segment"])
        assert bytes(backend.read_journal() or b"") == b"theirs"
        assert bytes(backend.read_segment(name_of(b"segment"))) == b"segment"
        with pytest.raises(StateLocked):
            backend.append_journal(b"ours")
        lock.release()
        backend.append_journal(b"ours")
        assert bytes(other.read_journal() or b"") == b"theirsours"
