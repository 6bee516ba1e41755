"""What goes over the wire to Mixpanel, and what is taken for its answer."""

from __future__ import annotations

import asyncio
import json
import logging
import socket
import threading
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from mixpriv_reconcile.errors import LockLost
from mixpriv_reconcile.kinds.wire import cancellation, lookup, submission
from mixpriv_reconcile.model.regions import Region
from mixpriv_reconcile.model.remote import Access, Lost, NotSent, Request, Response
from mixpriv_reconcile.model.secrets import RawIds, Secret
from mixpriv_reconcile.remote import Paces, open_lane, shared_tls
from mixpriv_reconcile.sandbox import Embedded, Project, SandboxOptions

from .loopback import Answering, answered, serving
from .simulated import HastyClock

TLS = shared_tls()
TOKEN, BEARER = "canary-token", "canary-bearer"
ACCESS = Access("web-eu", 1978118, Region.EU, Secret(TOKEN), Secret(BEARER))
POST = submission("deletions", RawIds(("canary-id",)), "gdpr")
GET, DELETE = lookup("deletions", "task-1"), cancellation("task-1")
EACH = pytest.mark.parametrize("request_", [POST, GET, DELETE], ids=["POST", "GET", "DELETE"])

SHORT = 1.0
"""Seconds of a call to a server that never answers; half of it is left for connecting, on a busy machine too."""

Outcome = Response | NotSent | Lost


class Caller:
    """Sends requests through one lane, and knows the pace that they keep."""

    def __init__(self, folder: Path) -> None:
        self.clock = HastyClock()
        self.folder = folder
        self.paces = Paces(self.clock, folder)

    def __call__(
        self,
        origin: str,
        *requests: Request,
        access: Access = ACCESS,
        verify: Callable[[], None] | None = None,
        call_seconds: float = 20.0,
        between: Callable[[], object] = lambda: None,
    ) -> Outcome:
        """The answer to the last of *requests*, all over one lane."""

        async def sent() -> Outcome:
            lane = open_lane(access, origin, self.paces, TLS, verify, call_seconds=call_seconds)
            try:
                for request in requests[:-1]:
                    await lane.send(request)
                    between()
                return await lane.send(requests[-1])
            finally:
                await lane.aclose()

        return asyncio.run(sent())

    @property
    def has_paced(self) -> bool:
        """Whether a call was noted as started."""
        return any(note.read_bytes().strip() for note in self.folder.iterdir() if note.name != "salt")


@pytest.fixture
def call(tmp_path: Path) -> Caller:
    return Caller(tmp_path)


# What goes out


def test_post(call: Caller) -> None:
    """A deletion is asked for at the collection with its trailing slash, with the bearer in the header and the token in the query."""
    with serving(answered()) as server:
        call(server.origin, POST)
    assert server.line == "POST /api/app/data-deletions/v3.0/?token=canary-token HTTP/1.1"
    assert server.headers["authorization"] == "Bearer canary-bearer"
    assert server.headers["content-type"] == "application/json"
    assert server.headers["content-length"] == str(len(server.body))
    assert json.loads(server.body) == {"distinct_ids": ["canary-id"], "compliance_type": "GDPR"}


@pytest.mark.parametrize(("request_", "method"), [(GET, "GET"), (DELETE, "DELETE")], ids=["GET", "DELETE"])
def test_call_without_a_body(call: Caller, request_: Request, method: str) -> None:
    """A task is looked at and cancelled at its own address, with its trailing slash and without a body."""
    with serving(answered()) as server:
        call(server.origin, request_)
    assert server.line == f"{method} /api/app/data-deletions/v3.0/task-1/?token=canary-token HTTP/1.1"
    assert server.body == b""
    assert "content-type" not in server.headers


def test_nothing_else_is_told(call: Caller) -> None:
    """A call says what it needs to and which program it is, not more; and asks for an answer that isn't packed."""
    with serving(answered()) as server:
        call(server.origin, GET)
    assert server.headers.keys() == {"host", "accept", "accept-encoding", "connection", "user-agent", "authorization"}
    assert server.headers["user-agent"].startswith("mixpriv/")
    assert server.headers["accept-encoding"] == "identity"


def test_cookies_are_not_kept(call: Caller) -> None:
    """A cookie that an answer sets isn't sent back: nobody can mark a run, or have what he was told carried on."""
    with serving(answered("200 OK", b"{}", "Set-Cookie: canary=1; Path=/", "Set-Cookie: other=2; Max-Age=999999")) as server:
        call(server.origin, GET, POST, DELETE)
    assert 3 == len(server.requests)
    assert not any(b"cookie" in request.lower() for request in server.requests)


def test_token_is_percent_encoded(call: Caller) -> None:
    """Whatever characters a project token has, it arrives as it is and adds no parameter."""
    with serving(answered()) as server:
        call(server.origin, GET, access=Access("p", 1, Region.US, Secret("a+b&c=d%20/#?"), Secret("bearer")))
    assert server.line.split()[1].partition("?token=")[2].upper() == "A%2BB%26C%3DD%2520%2F%23%3F"


def test_tracking_id_is_percent_encoded(call: Caller) -> None:
    """Whatever characters a tracking id has, it stays one segment of the path."""
    with serving(answered()) as server:
        call(server.origin, lookup("retrievals", "a/b?c#d e%2F../ü"))
    path = "/api/app/data-retrievals/v3.0/a%2Fb%3Fc%23d%20e%252F..%2F%C3%BC/"
    assert server.line == f"GET {path}?token=canary-token HTTP/1.1"


def test_ids_go_out_as_they_are(call: Caller) -> None:
    """Every id arrives as the string that it is: nothing trimmed, folded, normalised or made a number."""
    ids = (" 007 ", "1e5", "naïve", "naïve", "ß", "SS", "日本語", "😀", 'a"b\\c', "a/b", "\u2028", "\u0001", "</script>", "x" * 1024)
    with serving(answered()) as server:
        call(server.origin, submission("retrievals", RawIds(ids), "ccpa", "categories"))
    assert server.body.isascii()
    assert json.loads(server.body) == {"distinct_ids": list(ids), "compliance_type": "CCPA", "disclosure_type": "Categories"}


def test_full_batch(call: Caller) -> None:
    """A batch of 2,000 ids goes out whole, and its echo comes back whole."""
    ids = tuple(f"user-{number}-{'é' * 400}" for number in range(2_000))
    project = Project(1978118, TOKEN, "eu")
    with Embedded(SandboxOptions(interval_seconds=0, projects=(project,), bearers=(BEARER,))) as origins:
        answer = call(origins["eu"], submission("deletions", RawIds(ids), "gdpr"))
        assert isinstance(answer, Response)
        assert answer.status == 201
        echo = call(origins["eu"], lookup("deletions", json.loads(answer.body)["results"]["tracking_id"]))
    assert isinstance(echo, Response)
    assert json.loads(echo.body)["results"]["distinct_ids"] == list(ids)


def test_one_connection_for_a_lane(call: Caller) -> None:
    """Calls that follow each other share one connection."""
    with serving(answered()) as server:
        call(server.origin, GET, GET, POST)
    assert (server.connections, len(server.requests)) == (1, 3)


def test_connection_closed_between_calls(call: Caller) -> None:
    """A POST after the server has closed the connection goes over a new one, and isn't in doubt."""
    with serving(answered(), closes=True) as server:
        answer = call(server.origin, GET, POST, between=lambda: server.has_closed.wait(120))
    assert isinstance(answer, Response)
    assert server.connections == 2


# Lock


@pytest.mark.parametrize("request_", [POST, DELETE], ids=["POST", "DELETE"])
def test_lost_lock_sends_nothing(call: Caller, request_: Request) -> None:
    """A run whose lock was taken away sends no byte, and doesn't use up its turn."""

    def lost() -> None:
        raise LockLost("MP0522", "the lock is no longer ours")

    with serving(answered()) as server:
        with pytest.raises(LockLost):
            call(server.origin, request_, verify=lost)
        assert (server.connections, call.has_paced) == (0, False)
        assert isinstance(call(server.origin, request_), Response)


@pytest.mark.parametrize("request_", [POST, DELETE], ids=["POST", "DELETE"])
def test_lock_lost_while_connecting(call: Caller, request_: Request) -> None:
    """A lock that is taken away between the first look and the first byte keeps that byte back, however long connecting took."""
    looks = iter([None, LockLost("MP0522", "the lock is no longer ours")])

    def verify() -> None:
        if (lost := next(looks)) is not None:
            raise lost

    with serving(answered()) as server:
        with pytest.raises(LockLost):
            call(server.origin, request_, verify=verify)
        assert server.has_closed.wait(120)
    assert [request for request in server.requests if request] == []


def test_lock_is_verified_each_time(call: Caller) -> None:
    """The lock is looked at before every POST and DELETE, twice; a GET changes nothing and needs none."""
    verified: list[int] = []
    with serving(answered()) as server:
        call(server.origin, POST, GET, DELETE, POST, verify=lambda: verified.append(len(server.requests)))
    assert verified == [0, 0, 2, 2, 3, 3]


# What comes back


def test_a_look_over_a_network_holds_nobody_up(call: Caller) -> None:
    """While one lane's look at its lock waits for an answer, other lanes go on: here the answer comes from one of them."""
    goes_on = threading.Event()

    def verify() -> None:
        if not goes_on.is_set():
            asyncio.run_coroutine_threadsafe(other_lane(), loops[0]).result(timeout=120)

    async def other_lane() -> None:
        goes_on.set()

    loops: list[asyncio.AbstractEventLoop] = []

    async def sent() -> Outcome:
        loops.append(asyncio.get_running_loop())
        lane = open_lane(ACCESS, server.origin, call.paces, TLS, verify, asks_far=True)
        try:
            return await lane.send(POST)
        finally:
            await lane.aclose()

    with serving(answered()) as server:
        assert isinstance(asyncio.run(sent()), Response)
    assert goes_on.is_set()


def test_answer(call: Caller) -> None:
    """An answer is its status, its bytes, and the two headers that are of use."""
    with serving(answered("429 Too Many Requests", b"\x00\xff", "Retry-After: 7", "Content-Type: text/html", "X-Echo-Token: x")) as server:
        answer = call(server.origin, GET)
    assert answer == Response(429, {"retry-after": "7", "content-type": "text/html"}, b"\x00\xff")


@EACH
@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
def test_redirect_is_not_followed(call: Caller, request_: Request, status: int) -> None:
    """A redirect is handed back as it is; its target is never called, wherever it lies."""
    with serving(answered()) as target:
        for location in (f"{target.origin}/other", "/other"):
            with serving(answered(f"{status} Moved", b"", f"Location: {location}")) as server:
                answer = call(server.origin, request_)
            assert isinstance(answer, Response)
            assert (answer.status, len(server.requests)) == (status, 1)
    assert target.connections == 0


@pytest.mark.parametrize("location", ["http://[", "//", "http://exa mple/", "\xff\xfe", "http://a:b", "mailto:x", "http://" + "a" * 300, "http://xn--/"])
def test_redirect_to_nowhere(call: Caller, location: str) -> None:
    """A redirect that can't even be read is no crash."""
    with serving(answered("302 Found", b"", f"Location: {location}")) as server:
        assert isinstance(call(server.origin, POST), Response | Lost)
    assert len(server.requests) == 1


def test_pace_becomes_common(call: Caller) -> None:
    """A rate 429 counts for the pace of the token; one for outstanding scans says nothing of it."""
    other = Access("web-us", 2, Region.EU, ACCESS.token, ACCESS.bearer)
    for fault, expected in (("429-scans", False), ("429", True)):
        with Embedded(SandboxOptions(interval_seconds=0, faults=(f"GET={fault}",))) as origins:
            for access in (ACCESS, other):
                call(origins["eu"], GET, access=access)
        assert call.paces.is_common(ACCESS) is expected


# What doesn't come back


def hanging(connection: socket.socket) -> None:
    """No answer until the client hangs up."""
    while connection.recv(1):
        pass


def dripping(connection: socket.socket) -> None:
    """An answer that never ends, and never pauses."""
    connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 100000\r\n\r\n")
    while True:
        connection.sendall(b" ")
        time.sleep(0.02)


def flooding(connection: socket.socket) -> None:
    """An answer of 17 MiB."""
    connection.sendall(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n")
    for _ in range(17):
        connection.sendall(b"100000\r\n" + b"x" * 2**20 + b"\r\n")


def cut(connection: socket.socket) -> None:
    """The connection ends in the middle of an answer."""
    connection.sendall(b'HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n{"status"')
    connection.shutdown(socket.SHUT_RDWR)


LOST: dict[str, Answering] = {
    "flood": flooding,
    "cut": cut,
    "silent end": lambda connection: connection.shutdown(socket.SHUT_RDWR),
    "no HTTP": lambda connection: connection.sendall(b"SSH-2.0-OpenSSH_9.6\r\n\r\n"),
    "headers without end": lambda connection: connection.sendall(b"HTTP/1.1 200 OK\r\n" + b"X: " + b"x" * 200_000),
    "two lengths": answered("200 OK", b"{}", "Content-Length: 7"),
}


@EACH
@pytest.mark.parametrize("how", LOST)
def test_answer_that_is_lost(call: Caller, request_: Request, how: str) -> None:
    """Where the call may have arrived but no whole answer came back, that is what is said, never that it wasn't sent."""
    with serving(LOST[how]) as server:
        answer = call(server.origin, request_)
    assert isinstance(answer, Lost)
    assert len(server.requests) == 1
    assert call.has_paced
    assert_silent(answer)


@pytest.mark.parametrize("how", [hanging, dripping])
def test_answer_that_never_ends(call: Caller, how: Answering) -> None:
    """A call ends after its time, whether the server is silent or goes on for ever; it may have arrived."""
    with serving(how) as server:
        answer = call(server.origin, POST, call_seconds=SHORT)
    assert isinstance(answer, Lost)
    assert len(server.requests) == 1
    assert call.has_paced
    assert_silent(answer)


@pytest.mark.parametrize("fault", ["reset-before", "reset-after", "truncate", "hang"])
def test_service_that_breaks_off(call: Caller, fault: str) -> None:
    """A reset, before or after the service did the work, looks the same from here: it may have."""
    with Embedded(SandboxOptions(interval_seconds=0, faults=(f"POST={fault}",))) as origins:
        answer = call(origins["eu"], POST, call_seconds=SHORT if fault == "hang" else 20.0)
    assert isinstance(answer, Lost)
    assert_silent(answer)


@EACH
def test_nobody_listens(call: Caller, request_: Request) -> None:
    """A refused connection is told as never sent, and the pace isn't used up."""
    with serving(answered()) as server:
        pass
    answer = call(server.origin, request_)
    assert isinstance(answer, NotSent)
    assert not call.has_paced
    assert_silent(answer)


def test_tls_that_never_begins(call: Caller) -> None:
    """A server that takes the connection but doesn't answer the TLS greeting has got no request."""
    with serving(hanging, scheme="https") as server:
        answer = call(server.origin, POST, call_seconds=SHORT)
    assert isinstance(answer, NotSent)
    assert_silent(answer)


def test_certificate_of_somebody_else(call: Caller) -> None:
    """What answers the TLS greeting with anything but a trusted certificate gets no request."""
    with serving(lambda connection: connection.sendall(b"HTTP/1.1 400 Bad Request\r\n\r\n"), scheme="https") as server:
        answer = call(server.origin, POST, call_seconds=SHORT)
    assert isinstance(answer, NotSent)


# Proxies


@pytest.fixture
def no_proxy_settings(monkeypatch: pytest.MonkeyPatch) -> pytest.MonkeyPatch:
    for name in ("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "NO_PROXY"):
        monkeypatch.delenv(name, raising=False)
        monkeypatch.delenv(name.lower(), raising=False)
    return monkeypatch


def test_no_proxy_on_loopback(call: Caller, no_proxy_settings: pytest.MonkeyPatch) -> None:
    """Calls to this machine go there directly, whatever proxies the environment names."""
    with serving(answered("502 Bad Gateway")) as proxy, serving(answered()) as server:
        for name in ("HTTP_PROXY", "http_proxy", "HTTPS_PROXY", "ALL_PROXY"):
            no_proxy_settings.setenv(name, proxy.origin)
        answer = call(server.origin, POST)
    assert isinstance(answer, Response)
    assert answer.status == 200
    assert (proxy.connections, len(server.requests)) == (0, 1)


@pytest.mark.parametrize("answer", [answered("403 Forbidden"), hanging, cut], ids=["refused", "hang", "cut"])
def test_proxy_that_does_not_connect(call: Caller, no_proxy_settings: pytest.MonkeyPatch, answer: Answering) -> None:
    """Where the proxy makes no connection nothing was sent, nothing secret was told to it, and the pace isn't used up."""
    with serving(answer) as proxy:
        no_proxy_settings.setenv("HTTPS_PROXY", proxy.origin)
        outcome = call("https://eu.mixpanel.com", POST, call_seconds=SHORT)
    assert isinstance(outcome, NotSent)
    assert not call.has_paced
    # After a cut answer the client may have begun its handshake, which the server takes for another request.
    assert proxy.requests[0].startswith(b"CONNECT eu.mixpanel.com:443 HTTP/1.1\r\n")
    assert b"canary" not in b"".join(proxy.requests)
    assert_silent(outcome)


# Secrets


def assert_silent(outcome: NotSent | Lost) -> None:
    """What is told of a failure names neither secrets nor addresses."""
    told = repr(outcome) + str(outcome) + outcome.why
    assert not any(word in told for word in ("canary", "http:", "https:", "127.0.0.1", "mixpanel.com", "/api/"))


def test_logs_are_silent(call: Caller, caplog: pytest.LogCaptureFixture) -> None:
    """However much the libraries below are asked to log, no token, bearer or id is in it."""
    with caplog.at_level(logging.DEBUG), Embedded(SandboxOptions(interval_seconds=0, faults=("POST=echo-secrets",))) as origins:
        call(origins["eu"], POST, GET)
        logging.getLogger("asyncio").error("an error that nobody waited for: canary")
    assert "canary" not in caplog.text
    assert "canary" not in "".join(record.getMessage() for record in caplog.records)


def test_values_are_silent(call: Caller) -> None:
    """Requests, accesses and answers can be printed without a token, a bearer or an id."""
    with Embedded(SandboxOptions(interval_seconds=0, faults=("POST=echo-secrets",))) as origins:
        answer = call(origins["eu"], POST)
    assert "canary" not in repr((POST, ACCESS, answer)) + str(answer) + f"{ACCESS}"
