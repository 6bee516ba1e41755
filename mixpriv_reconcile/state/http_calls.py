"""The calls of Terraform's HTTP state protocol, each within a time and a size, to one server and nowhere else."""

from __future__ import annotations

import base64
import contextlib
import hashlib
import json
import logging
import socket
import threading
import weakref
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from email.utils import parsedate_to_datetime
from http.cookiejar import CookieJar, DefaultCookiePolicy
from typing import Any

import httpx

from mixpriv_reconcile import __version__
from mixpriv_reconcile.errors import StateError
from mixpriv_reconcile.model.lease import Lease
from mixpriv_reconcile.model.loopback import is_loopback
from mixpriv_reconcile.model.secrets import Secret
from mixpriv_reconcile.state.http_times import seconds_of
from mixpriv_reconcile.state.leased import seconds_now

__all__ = ["DOCUMENT_BYTES", "Answer", "Calls", "Ways", "refused"]

DOCUMENT_BYTES = 64 * 2**20
"""Longest document read or written: 200,000 ids take about 5 MiB in segments, as much again while they are merged, and 4 in a journal."""

LOCK_BYTES = 2**16
"""Longest answer to anything else; Terraform's lock facts are a few hundred bytes."""

SNIFFED_BYTES = 2**10
"""Of an answer: what tells a web page."""

CALL_SECONDS = 10.0
"""Longest call that carries no document."""

FRESH_SHARE = 0.8
"""Of the time that a sign of life may be old where a call to Mixpanel begins: longer calls would be old before they are told."""

KEEP_ALIVE_SECONDS = 2.5
"""A connection idle for longer is closed by us: one that the server closes meanwhile leaves a write in doubt."""

NO_STORED_ANSWER = {"Cache-Control": "no-cache", "Pragma": "no-cache"}
"""Sent where the document is asked for: what a cache on the way kept of it may be older than what was written since."""

for library in ("httpx", "httpcore"):
    logging.getLogger(library).setLevel(logging.CRITICAL + 1)  # they log whole addresses, and an answer's headers


@dataclass(frozen=True, slots=True)
class Ways:
    """Where the document, its lock and the lock's giving back are asked for, and by which methods."""

    address: httpx.URL
    lock_address: httpx.URL
    unlock_address: httpx.URL
    lock_method: str
    unlock_method: str


@dataclass(frozen=True, slots=True)
class Answer:
    """What the server said, and when by its own clock (seconds since 1970, None where it doesn't say)."""

    status: int
    body: bytes = field(repr=False)
    date: float | None
    media: str = ""

    @property
    def is_page(self) -> bool:
        """Whether it is HTML. The header alone doesn't tell: servers of few lines call everything HTML that they send, JSON too."""
        begin = self.body[:SNIFFED_BYTES].lstrip(b"\xef\xbb\xbf \t\r\n").lower()
        is_called_html = self.media.partition(";")[0].strip().lower() == "text/html"
        return begin.startswith((b"<!doctype", b"<html")) or (is_called_html and begin.startswith(b"<"))

    @property
    def is_done(self) -> bool:
        return self.status in (200, 201, 204)


class Calls:
    """One client of one server; one call at a time. Redirects are answers like others and never followed; no cookie is kept.

    Every call raises `StateError` where no whole answer came in time (MP0560: it may have been done or not), and where the answer is
    larger or other than the protocol has it (MP0568). Nothing of the library's own text is kept, for it may hold the address.

    The time bounds all that goes over a connection, through proxies too. It doesn't bound the looking up of the host's name, which no
    program can break off, nor the trying of one address of the host after another: the call ends after that, late.
    """

    def __init__(self, ways: Ways, place: str, lease: Lease, username: str | None, password: Secret | None) -> None:
        self._ways = ways
        self._place = place
        self._document_seconds = lease.fresh_seconds * FRESH_SHARE
        self._seconds = min(CALL_SECONDS, self._document_seconds)
        self._turn = threading.Lock()
        self._stream: Any = None
        self._late = threading.Event()
        self._clock: tuple[float, float] | None = None
        self._client = httpx.Client(
            auth=None if username is None else httpx.BasicAuth(username, "" if password is None else password.reveal()),
            follow_redirects=False,
            cookies=CookieJar(DefaultCookiePolicy(allowed_domains=())),  # none is kept, so none is sent back
            event_hooks={"response": [_without_target]},
            trust_env=not is_loopback(ways.address.host),
            limits=httpx.Limits(max_connections=1, keepalive_expiry=KEEP_ALIVE_SECONDS),
            headers={"User-Agent": f"mixpriv/{__version__}", "Accept": "application/json", "Accept-Encoding": "identity"},
        )
        weakref.finalize(self, self._client.close)  # a backend is never closed, for a file needs none of that

    @property
    def date(self) -> float | None:
        """The server's clock when it answered last: never later than its time now."""
        return None if self._clock is None else self._clock[0]

    @property
    def server_now(self) -> float | None:
        """About the server's time now: not more than a second earlier, for it tells whole ones, and later by as long as its answer took."""
        return None if self._clock is None else self._clock[0] + seconds_now() - self._clock[1]

    def get(self) -> Answer:
        """The document. Raises MP0568 where a web page is there, for somebody to sign in, say."""
        answer = self._call("GET", self._ways.address, None, self._document_seconds, DOCUMENT_BYTES)
        if answer.status == 200 and answer.is_page:
            raise StateError(
                "MP0568",
                f"at {self._place} lies a web page, and no state: the server there speaks something else than Terraform's state protocol",
                "look at `address`, in a browser too, and at whether a sign-in page or a proxy stands before it; nothing was changed",
            )
        return answer

    def post(self, content: bytes, lock_id: str | None) -> Answer:
        """Put *content* in the document's place, as the holder of the lock *lock_id*, or as one who has none."""
        address = self._ways.address
        if lock_id is not None:
            address = address.copy_merge_params({"ID": lock_id})
        return self._call("POST", address, content, self._document_seconds, LOCK_BYTES)

    def lock(self, facts: Mapping[str, str]) -> Answer:
        """Ask for the lock."""
        return self._call(self._ways.lock_method, self._ways.lock_address, _filed(facts), self._seconds, LOCK_BYTES)

    def unlock(self, facts: Mapping[str, str]) -> Answer:
        """Give the lock back that *facts* name."""
        return self._call(self._ways.unlock_method, self._ways.unlock_address, _filed(facts), self._seconds, LOCK_BYTES)

    def _call(self, method: str, address: httpx.URL, content: bytes | None, seconds: float, most_bytes: int) -> Answer:
        headers = NO_STORED_ANSWER if method == "GET" else {}
        if content is not None:
            md5 = hashlib.md5(content, usedforsecurity=False).digest()
            headers = {"Content-Type": "application/json", "Content-MD5": base64.b64encode(md5).decode()}  # as Terraform does
        with self._turn:
            began = seconds_now()
            try:
                with (
                    self._cut_after(seconds),
                    self._client.stream(
                        method,
                        address,
                        content=content,
                        headers=headers,
                        timeout=httpx.Timeout(seconds, connect=seconds / 2),
                        extensions={"trace": self._traced},
                    ) as answer,
                ):
                    body = self._whole(answer, most_bytes)
                    date = _seconds_of(answer.headers.get("Date"))
            except (httpx.HTTPError, OSError) as error:
                late = f" in {seconds:.0f} s" if seconds_now() - began >= seconds else ""
                raise StateError(
                    "MP0560",
                    f"no whole answer{late} from the server of the state at {self._place} ({type(error).__name__})",
                    "look at the network and the server, then run the same command again; what was sent is not lost",
                ) from None
            if date is not None:
                self._clock = date, began
            return Answer(answer.status_code, body, date, answer.headers.get("Content-Type", ""))

    def _whole(self, answer: httpx.Response, most_bytes: int) -> bytes:
        if answer.headers.get("Content-Encoding", "identity") != "identity":
            raise _not_the_protocol(self._place, "it answers packed, which was not asked for")
        chunks, size = [], 0
        for chunk in answer.iter_raw():
            size += len(chunk)
            if size > most_bytes:
                raise _not_the_protocol(self._place, f"it answers more than {most_bytes:,} bytes")
            chunks.append(chunk)
        return b"".join(chunks)

    def _traced(self, event: str, info: Mapping[str, Any]) -> None:
        """Remember the newest connection: the first words differ, `connection.`, `proxy.` or `socks.`; TLS puts a new one in its place."""
        if event.endswith((".connect_tcp.complete", ".start_tls.complete")):
            self._stream = info["return_value"]
            if self._late.is_set():  # the time was over while there was nothing to cut: before a connection, or between two
                self._cut(self._late)

    @contextlib.contextmanager
    def _cut_after(self, seconds: float) -> Iterator[None]:
        """End the connection when the block has taken *seconds*: the library's own times start anew with every byte that comes."""
        late = self._late = threading.Event()
        timer = threading.Timer(seconds, self._cut, (late,))
        timer.daemon = True
        timer.start()
        try:
            yield
        finally:
            timer.cancel()

    def _cut(self, late: threading.Event) -> None:
        late.set()
        if late is not self._late:  # that call has ended
            return
        stream = self._stream
        connection = None if stream is None else stream.get_extra_info("socket")
        if connection is not None:
            with contextlib.suppress(OSError):
                socket.socket.shutdown(connection, socket.SHUT_RDWR)  # of a TLS socket, too: only the descriptor is touched


def refused(answer: Answer, place: str, doing: str) -> StateError:
    """What to raise where the server answered *answer* and no more to *doing*."""
    told = f"the server of the state at {place} answers HTTP {answer.status} to {doing}"
    match answer.status:
        case 401 | 403:
            hint = "check state.username and state.password, or TF_HTTP_USERNAME and TF_HTTP_PASSWORD; a reader may not be a writer"
            return StateError("MP0561", told, hint)
        case 404:
            return StateError("MP0562", told, "check the address; GitLab answers so, too, to one who may not see the project")
        case 400 | 413 | 422:
            return StateError("MP0569", told, "see `mixpriv explain MP0569`; nothing was changed")
        case status if status == 429 or status >= 500:
            return StateError("MP0560", told, "run the same command again when the server is well")
        case status if 300 <= status < 400:
            return _not_the_protocol(place, f"it redirects (HTTP {status}), and credentials go nowhere but to the address that was given")
        case status:
            return _not_the_protocol(place, f"it answers HTTP {status} to {doing}")


def _not_the_protocol(place: str, what: str) -> StateError:
    return StateError(
        "MP0568",
        f"the server of the state at {place} doesn't speak Terraform's state protocol: {what}",
        "check address, lock_address, unlock_address, lock_method and unlock_method (GitLab: POST and DELETE)",
    )


def _filed(facts: Mapping[str, str]) -> bytes:
    return json.dumps(dict(facts)).encode()


def _seconds_of(date: str | None) -> float | None:
    """A `Date` header as seconds since 1970; None for what is none."""
    try:
        return None if date is None else seconds_of(parsedate_to_datetime(date))
    except (ValueError, TypeError, OverflowError):
        return None


def _without_target(answer: httpx.Response) -> None:
    # The library takes a redirect's target apart even where it isn't followed, and raises much for one that is none.
    answer.headers.pop("Location", None)
