"""What a region is asked as a service account: one GET over the wire, and whatever comes back."""

from __future__ import annotations

import asyncio
import base64
import socket
import time

import pytest

from mixpriv_reconcile.kinds.account import question
from mixpriv_reconcile.model.remote import Lost, NotSent, Response
from mixpriv_reconcile.model.secrets import Secret
from mixpriv_reconcile.remote import asked, shared_tls

from .loopback import answered, closed_port, serving

TLS = shared_tls()
USER, SECRET = "canary-user.a1b2c3.mp-service-account", "canary-secret"


def ask(origin: str, seconds: float = 20.0) -> Response | NotSent | Lost:
    return asyncio.run(asked(question(), origin, Secret(USER), Secret(SECRET), TLS, seconds=seconds))


def test_the_question_carries_the_account_and_nothing_else() -> None:
    """A GET with Basic authentication; no project token, no GDPR token, no query, no body."""
    with serving(answered(body=b'{"results": {}}')) as server:
        answer = ask(server.origin)
    assert isinstance(answer, Response)
    assert (200, b'{"results": {}}') == (answer.status, answer.body)
    assert "GET /api/app/me HTTP/1.1" == server.line
    assert "Basic " + base64.b64encode(f"{USER}:{SECRET}".encode()).decode() == server.headers["authorization"]
    assert server.headers.keys() == {"host", "accept", "accept-encoding", "connection", "user-agent", "authorization"}
    assert b"" == server.body


def test_a_redirect_is_not_followed() -> None:
    """The account's credentials go to the region's own origin and nowhere else."""
    with serving(answered()) as elsewhere, serving(answered("302 Found", b"", f"Location: {elsewhere.origin}/api/app/me")) as server:
        answer = ask(server.origin)
    assert isinstance(answer, Response)
    assert 302 == answer.status
    assert [] == elsewhere.requests


def test_a_busy_server_is_asked_once() -> None:
    """Neither 429 nor 5xx is asked again."""
    for status in ("429 Too Many Requests", "503 Service Unavailable"):
        with serving(answered(status, b"{}", "Retry-After: 0")) as server:
            ask(server.origin)
        assert 1 == len(server.requests)


def test_an_answer_without_end_is_cut() -> None:
    """No more than 16 MiB are read."""

    def endless(connection: socket.socket) -> None:
        connection.sendall(b"HTTP/1.1 200 OK\r\n\r\n")
        for _ in range(40):
            connection.sendall(bytes(2**20))

    with serving(endless) as server:
        assert Lost("an answer of more than 16 MiB") == ask(server.origin)


def test_a_silent_server_is_given_up() -> None:
    """The question takes no longer than it may."""
    with serving(lambda connection: time.sleep(2)) as server:
        assert isinstance(ask(server.origin, seconds=0.5), Lost)


def test_nobody_there_is_told_without_the_address() -> None:
    """A refused connection is told in a few words."""
    with closed_port() as port:
        answer = ask(f"http://127.0.0.1:{port}")
    assert NotSent("no connection") == answer


@pytest.mark.parametrize("head", [b"not http\r\n\r\n", b"HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nabc"])
def test_a_broken_answer_is_lost(head: bytes) -> None:
    """What isn't a whole HTTP answer is none; of the library's words only the kind of error is kept."""

    def broken(connection: socket.socket) -> None:
        connection.sendall(head)
        connection.shutdown(socket.SHUT_WR)

    with serving(broken, closes=True) as server:
        answer = ask(server.origin)
    assert isinstance(answer, Lost)
    assert "canary" not in repr(answer)
