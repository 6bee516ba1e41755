"""One question to a region, as a service account: which projects do you have? Never retried, never redirected, never paced."""

from __future__ import annotations

import asyncio
import ssl

import httpx

from mixpriv_reconcile.model.remote import Lost, NotSent, Request, Response
from mixpriv_reconcile.model.secrets import Secret
from mixpriv_reconcile.remote.client import client_to, whole

__all__ = ["asked"]


async def asked(
    request: Request, origin: str, username: Secret, secret: Secret, tls: ssl.SSLContext, *, seconds: float
) -> Response | NotSent | Lost:
    """The answer of *origin* to *request*, a GET, within *seconds*; Basic authentication, and no project token (API fact sheet §5.3)."""
    account = httpx.BasicAuth(username.reveal(), secret.reveal())
    try:
        async with asyncio.timeout(seconds), client_to(origin, tls) as client:
            call = client.build_request(request.method, request.path, timeout=seconds)
            answer = await client.send(call, auth=account, stream=True)
            try:
                return await whole(answer)
            finally:
                await answer.aclose()
    except TimeoutError:
        return Lost(f"no whole answer in {seconds:.0f} s")
    except httpx.ConnectError:
        return NotSent("no connection")
    except (httpx.HTTPError, OSError) as error:
        return Lost(f"no whole answer ({type(error).__name__})")  # of the library's text only the type is kept
