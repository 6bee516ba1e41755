"""Times that a server tells and that no clock shows are taken for not told."""

from __future__ import annotations

import json
import socket

import pytest

from mixpriv_reconcile.errors import StateLocked

from .http_serving import backend_at
from .state_backend import FACTS
from .test_http_hostile import OURS, answer, saying

UNREASONABLE = (
    "0001-01-01T00:00:00+23:59",
    "0001-01-01T00:00:00Z",
    "1969-12-31T23:59:59Z",
    "9999-12-31T23:59:59-10:00",
    "9999-12-31T23:59:59Z",
)


@pytest.mark.parametrize("date", ["Fri, 31 Dec 9999 23:59:59 -1200", "Mon, 01 Jan 0001 00:00:00 +2359", "Fri, 99 Dec 99999 99:99:99 GMT"])
def test_date(date: str) -> None:
    """A server whose clock is out of reason still keeps a state and its lock."""
    there: dict[str, bytes] = {}

    def said(client: socket.socket, head: bytes) -> None:
        method, _, rest = head.partition(b" ")
        body = rest.partition(b"\r\n\r\n")[2]
        size = int(next(line.split(b":")[1] for line in [*head.lower().split(b"\r\n"), b"content-length: 0"] if line.startswith(b"content-length")))
        while len(body) < size:
            body += client.recv(2**16)
        if method == b"POST":
            there["document"] = body
        client.sendall(answer("404 Not Found" if method == b"GET" and not there else "200 OK", there.get("document", b""), f"Date: {date}"))

    with saying(said) as (origin, _):
        backend = backend_at(origin, "terraform", lease_seconds=60)
        lock = backend.lock(FACTS, timeout_seconds=0)
        backend.append_journal(b"one")
        assert backend.holder() is not None
        lock.release()
        assert bytes(backend.read_journal() or b"") == b"one"


@pytest.mark.parametrize("created", UNREASONABLE)
def test_created(created: str) -> None:
    """Who holds the lock is told, though the server says that he took it at no time."""
    holder = json.dumps({"ID": "mixpriv-theirs", "Who": "x", "Created": created}).encode()

    def said(client: socket.socket, head: bytes) -> None:
        client.sendall(answer("423 Locked", holder) if head.startswith(b"LOCK") else answer("404 Not Found"))

    with saying(said) as (origin, _), pytest.raises(StateLocked, match="unknown"):
        backend_at(origin, "terraform", lease_seconds=60).lock(FACTS, timeout_seconds=0)


@pytest.mark.parametrize("at", UNREASONABLE)
def test_lease(at: str) -> None:
    """A document whose holder was seen at no time is read, and its holder shown."""
    lease = {"lock_id": "a", "who": "x", "host": "y", "pid": 1, "since": "", "command": "", "seconds": 60, "at": at}
    body = json.dumps({**OURS, "lease": lease}).encode()
    with saying(lambda client, _: client.sendall(answer("200 OK", body))) as (origin, _):
        holder = backend_at(origin, "terraform", lease_seconds=60).holder()
    assert holder is not None
    assert holder.lock_id == "a"
