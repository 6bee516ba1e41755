"""One httpx client for one project's lane: where a `Request` becomes bytes on the wire, and nowhere else."""

from __future__ import annotations

import asyncio
import json
import logging
import shlex
import ssl
from collections.abc import Callable, Mapping
from http.cookiejar import CookieJar, DefaultCookiePolicy
from typing import Any

import httpx

from mixpriv_reconcile import __version__
from mixpriv_reconcile.model.diagnostics import Diagnostic, Severity
from mixpriv_reconcile.model.lease import LONGEST_CALL_SECONDS
from mixpriv_reconcile.model.loopback import is_loopback
from mixpriv_reconcile.model.remote import Access, Fetched, Lost, NotFetched, NotSent, Request, Response
from mixpriv_reconcile.model.secrets import RawIds, Secret
from mixpriv_reconcile.ports import ExportFile
from mixpriv_reconcile.remote.exports import fetched
from mixpriv_reconcile.remote.origins import ExportHosts
from mixpriv_reconcile.remote.pace import CONNECT_SECONDS, PaceKept, Paces

__all__ = ["HttpLane", "client_to", "open_lane", "shared_tls", "whole"]

ANSWER_BYTES = 16 * 2**20
"""Longest answer read: 2,000 ids of 1,024 bytes, escaped, echoed."""

LOOK_SECONDS = 60.0
"""The same for a GET, which costs nothing to repeat and shouldn't hold up a time budget."""

KEEP_ALIVE_SECONDS = 2.5
"""A connection idle for longer is closed by us: a POST on one that the server is about to close would be in doubt."""

KEPT_HEADERS = frozenset({"retry-after", "content-type"})


def shared_tls() -> ssl.SSLContext:
    """One TLS context for all lanes of a run; making one a lane costs 25 ms each."""
    return httpx.create_ssl_context()


for library in ("httpx", "httpcore", "asyncio"):
    # They log whole addresses, the project token in them, an answer's headers, or the text of an error that nobody waited for.
    logging.getLogger(library).setLevel(logging.CRITICAL + 1)


def open_lane(
    access: Access,
    origin: str,
    paces: Paces,
    tls: ssl.SSLContext,
    verify: Callable[[], None] | None = None,
    *,
    exports: ExportHosts | None = None,
    call_seconds: float = LONGEST_CALL_SECONDS,
    asks_far: bool = False,
) -> HttpLane:
    """A lane to *access*'s project on *origin*; close it with `aclose`.

    *verify* is called before each POST and DELETE, and once more when the connection stands and its first bytes are about to leave;
    what it raises stops the call and goes through. Where it may ask over a network (*asks_far*), the first look is made in a thread:
    other lanes go on meanwhile. *exports* says where finished exports may lie; *origin* alone if left out.
    """
    return HttpLane(access, origin, paces, tls, verify, exports or ExportHosts(origin), call_seconds, asks_far=asks_far)


def client_to(origin: str, tls: ssl.SSLContext) -> httpx.AsyncClient:
    """A client of one connection to *origin*, which follows no redirect, keeps no cookie and takes no packed answer."""
    return httpx.AsyncClient(
        base_url=origin,
        verify=tls,
        follow_redirects=False,
        cookies=CookieJar(DefaultCookiePolicy(allowed_domains=())),  # none is kept, so none is sent back
        event_hooks={"response": [_without_target]},
        trust_env=not is_loopback(httpx.URL(origin).host),
        limits=httpx.Limits(max_connections=1, keepalive_expiry=KEEP_ALIVE_SECONDS),
        headers={"User-Agent": f"mixpriv/{__version__}", "Accept": "application/json", "Accept-Encoding": "identity"},
    )


class HttpLane:
    """Sends one request at a time, in pace, to one origin. Redirects are answers like others; they are never followed."""

    def __init__(
        self,
        access: Access,
        origin: str,
        paces: Paces,
        tls: ssl.SSLContext,
        verify: Callable[[], None] | None,
        exports: ExportHosts,
        call_seconds: float,
        *,
        asks_far: bool = False,
    ) -> None:
        self._access = access
        self._origin = origin
        self._tls = tls
        self._exports = exports
        self._paces = paces
        self._verify = verify
        self._call_seconds = call_seconds
        self._asks_far = asks_far
        self._client = client_to(origin, tls)

    @property
    def access(self) -> Access:
        return self._access

    async def aclose(self) -> None:
        await self._client.aclose()

    async def download(self, link: Secret, file: ExportFile) -> Fetched | NotFetched:
        """One try to bring a finished export into *file*; it takes no turn of the pace, for it is no call of the GDPR API."""
        return await fetched(link, self._exports, file, self._tls)

    async def send(self, request: Request) -> Response | NotSent | Lost:
        """The answer, or how the call failed; waits for the project's turn first."""
        verify = self._verify if self._verify is not None and request.method != "GET" else _nothing
        call = self._built(request)  # before the turn: whatever is done after it makes the call late
        try:
            async with self._paces.turn(self._access, self._origin) as started:
                if self._asks_far and verify is not _nothing:
                    await asyncio.to_thread(verify)
                else:
                    verify()
                answer = await self._call(call, started, verify)
        except PaceKept as kept:
            return NotSent(str(kept), _kept(kept, self._access.project))
        if isinstance(answer, Response) and answer.status == 429 and not answer.names_scans:
            self._paces.was_limited(self._access)
        return answer

    def _seconds(self, method: str) -> float:
        """Longest that a call may take."""
        return min(self._call_seconds, LOOK_SECONDS) if method == "GET" else self._call_seconds

    def _built(self, request: Request) -> httpx.Request:
        """*request* as bytes for the wire."""
        headers = {"Authorization": f"Bearer {self._access.bearer.reveal()}"}
        content = None
        if request.body is not None:
            content = _json(request.body)
            headers["Content-Type"] = "application/json"
        seconds = self._seconds(request.method)
        return self._client.build_request(
            request.method,
            request.path,
            params={"token": self._access.token.reveal()},
            headers=headers,
            content=content,
            timeout=httpx.Timeout(seconds, connect=min(CONNECT_SECONDS, seconds / 2)),
        )

    async def _call(self, call: httpx.Request, started: Callable[[], None], verify: Callable[[], None]) -> Response | NotSent | Lost:
        has_left, seconds = False, self._seconds(call.method)

        async def trace(event: str, info: Mapping[str, Any]) -> None:
            nonlocal has_left
            # A proxy is asked with CONNECT first, which says nothing of our request yet.
            if event == "http11.send_request_headers.started" and info["request"].method != b"CONNECT":
                verify()  # connecting may have taken seconds, in which a stopped process loses its lock
                started()
                has_left = True

        def failed(why: str) -> NotSent | Lost:
            return Lost(f"no whole answer{why}") if has_left else NotSent(f"no connection{why}")

        call.extensions["trace"] = trace
        try:
            async with asyncio.timeout(seconds):
                answer = await self._client.send(call, stream=True)
                try:
                    return await whole(answer)
                finally:
                    await answer.aclose()
        except TimeoutError:
            return failed(f" in {seconds:.0f} s")
        except (httpx.HTTPError, OSError) as error:
            # Of the library's text only the type is kept: it may hold the URL, and so the project token.
            return failed(f" ({type(error).__name__})")


def _kept(kept: PaceKept, project: str) -> Diagnostic:
    """What is said where another process's turn doesn't end. Who holds a lock can't be asked for; the file can be named."""
    message = f"another process keeps the pace of {project}: it holds {kept.path} and doesn't let go; no call was made"
    hint = f"find it with `fuser {shlex.quote(str(kept.path))}`; one that was stopped goes on with `kill -CONT PID`; then run it again"
    return Diagnostic("MP0717", Severity.WARNING, message, hint, address=project)


def _nothing() -> None:
    """Nobody's right has to be looked at."""


async def _without_target(answer: httpx.Response) -> None:
    # The library takes a redirect's target apart even where it isn't followed, and raises much for one that is none.
    answer.headers.pop("Location", None)


async def whole(answer: httpx.Response) -> Response | Lost:
    """A streamed *answer* with its body, of which no more than `ANSWER_BYTES` is read."""
    chunks, size = [], 0
    async for chunk in answer.aiter_raw():
        size += len(chunk)
        if size > ANSWER_BYTES:
            return Lost(f"an answer of more than {ANSWER_BYTES // 2**20} MiB")
        chunks.append(chunk)
    headers = {name.lower(): value for name, value in answer.headers.items() if name.lower() in KEPT_HEADERS}
    return Response(answer.status_code, headers, b"".join(chunks))


def _json(body: object) -> bytes:
    def ids(value: Any) -> list[str]:
        if isinstance(value, RawIds):
            return list(value)
        raise TypeError(type(value).__name__)

    return json.dumps(body, separators=(",", ":"), default=ids).encode()
