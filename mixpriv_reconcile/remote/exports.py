"""Fetching a finished export: streamed, from hosts where it may lie, with no token and no redirect that wasn't looked at."""

from __future__ import annotations

import asyncio
import contextlib
import functools
import ssl
from collections.abc import Callable
from typing import TypeVar
from urllib.parse import urljoin

import httpx

from mixpriv_reconcile import __version__
from mixpriv_reconcile.model.loopback import is_loopback
from mixpriv_reconcile.model.remote import Fetched, NotFetched
from mixpriv_reconcile.model.secrets import Secret
from mixpriv_reconcile.ports import ExportFile
from mixpriv_reconcile.remote.origins import ExportHosts

__all__ = ["fetched"]

BLOCK_SECONDS = 60.0
"""Longest silence within a download; an export of gigabytes may take hours in all."""

MOST_REDIRECTS = 3

MARKUP = (b"<", b"{", b"[")
"""What a page or a JSON error begins with that a proxy or a store of files shows instead of the export, which is a ZIP (API §1.7)."""

T = TypeVar("T")


async def fetched(link: Secret, hosts: ExportHosts, file: ExportFile, tls: ssl.SSLContext) -> Fetched | NotFetched:
    """One try to bring what *link* leads to into *file*. Raises what writing raises; the link is in no text."""
    target = link.reveal()
    for _ in range(MOST_REDIRECTS + 1):
        try:
            url = _addressed(httpx.URL(target))
            why = hosts.why_not(url.scheme, url.raw_host.decode("ascii"), url.port, url.userinfo.decode("ascii", "replace"))
        except (httpx.InvalidURL, ValueError):
            return NotFetched("the link can't be read", is_refused=True)
        if why:
            return NotFetched(why, is_refused=True)
        answer = await _answer(url, file, tls)
        if not isinstance(answer, str):
            return answer
        try:
            target = urljoin(target, answer)
        except ValueError:
            return NotFetched("the link can't be read", is_refused=True)
    return NotFetched(f"more than {MOST_REDIRECTS} redirects", is_refused=True)


def _addressed(url: httpx.URL) -> httpx.URL:
    """*url* with this machine's address instead of its name, over plain http: `Origins` has it so, for the same reason."""
    return url.copy_with(host="127.0.0.1") if (url.scheme, url.host) == ("http", "localhost") else url


async def _answer(url: httpx.URL, file: ExportFile, tls: ssl.SSLContext) -> Fetched | NotFetched | str:
    """What became of one GET; a text is where it was redirected to."""
    headers = {"User-Agent": f"mixpriv/{__version__}", "Accept": "*/*", "Accept-Encoding": "identity"}
    redirected: list[str] = []

    async def without_target(answer: httpx.Response) -> None:
        # The library takes a redirect's target apart even where it isn't followed, and raises much for one that is none.
        redirected.append(answer.headers.pop("Location", ""))

    client = httpx.AsyncClient(
        verify=tls,
        follow_redirects=False,
        trust_env=not is_loopback(url.host),
        headers=headers,
        timeout=BLOCK_SECONDS,
        event_hooks={"response": [without_target]},
    )
    try:
        async with client, client.stream("GET", url) as answer:
            if answer.status_code in (301, 302, 303, 307, 308):
                return redirected[0] or NotFetched(f"HTTP {answer.status_code} to nowhere", answer.status_code)
            if answer.status_code != 200:
                return NotFetched(f"HTTP {answer.status_code}", answer.status_code, retry_after=answer.headers.get("retry-after", ""))
            return await _whole(answer, file)
    except (httpx.HTTPError, TimeoutError) as error:
        # Of the library's text only the type is kept: it may hold the link.
        return NotFetched(f"no whole answer ({type(error).__name__})")


async def _whole(answer: httpx.Response, file: ExportFile) -> Fetched | NotFetched:
    if answer.headers.get("content-encoding", "identity").strip().lower() not in ("", "identity"):
        return NotFetched("the answer is packed, though none was asked for", answer.status_code)
    file.restart()
    size, is_begun = 0, False
    async for block in answer.aiter_raw():
        size += len(block)
        if not is_begun and block.strip():
            is_begun = True
            if block.lstrip().startswith(MARKUP):
                return NotFetched("a page came instead of the export", answer.status_code)
        await _in_thread(functools.partial(file.write, block))
    told = answer.headers.get("content-length", "")
    if told.isascii() and told.isdigit() and int(told) != size:
        return NotFetched(f"{size:,} of {int(told):,} bytes arrived")
    if not size:
        return NotFetched("the export is empty")
    return await _in_thread(file.keep)


async def _in_thread(work: Callable[[], T]) -> T:
    """What *work* returns. Who is cancelled waits for its end: nobody may drop a file that is being written to."""
    working = asyncio.ensure_future(asyncio.to_thread(work))
    try:
        return await asyncio.shield(working)
    except asyncio.CancelledError:
        with contextlib.suppress(Exception):
            await working
        raise
