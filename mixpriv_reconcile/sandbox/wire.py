"""The wire: answers on a real TCP connection, which may also be cut, reset or kept silent."""

from __future__ import annotations

import asyncio
import itertools
import math
import socket
import struct
import sys
import time
from typing import Final, cast

from starlette.responses import Response
from starlette.types import Receive, Scope, Send
from uvicorn.protocols.http.h11_impl import H11Protocol

from mixpriv_reconcile.sandbox.answers import Answer

__all__ = ["WireProtocol", "WireResponse"]

_LINGER: Final = struct.pack("hh" if sys.platform == "win32" else "ii", 1, 0)
"""Linger switched on with 0 seconds: closing then sends RST instead of FIN. Source: socket(7), tcp(7)."""


_DROP_SECONDS: Final = 0.05

_LOOK_SECONDS: Final = 0.02
"""How often a held answer looks whether it may go: it is released in another thread."""


class WireProtocol(H11Protocol):
    """uvicorn's HTTP/1.1 protocol, which also puts its transport within reach of the answers."""

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """Called once a connection; what `app_state` holds comes with each of its requests."""
        super().connection_made(transport)
        self.app_state = {**self.app_state, "transport": transport}


class WireResponse(Response):
    """An answer that travels in its own manner. Works under WireProtocol only."""

    def __init__(self, answer: Answer) -> None:
        media_type = answer.media_type if answer.body else None
        super().__init__(answer.body, answer.status, dict(answer.headers), media_type)
        self._delivery = answer.delivery

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Sends the answer, or fails to; returns when the connection has no more use for it."""
        transport = cast(asyncio.Transport, scope["state"]["transport"])
        match self._delivery.how:
            case "whole":
                await super().__call__(scope, receive, send)
            case "late":
                if await _client_stays(receive, self._delivery.after_seconds):
                    await super().__call__(scope, receive, send)
            case "held":
                if await self._let_go(receive):
                    await super().__call__(scope, receive, send)
            case "hang":
                if await _client_stays(receive, self._delivery.after_seconds):
                    transport.close()
                    await _client_stays(receive, None)
            case "drip":
                await self._drip(receive, send, self._delivery.after_seconds)
                transport.close()
                await _client_stays(receive, None)
            case "half":
                await self._send_half(send)
                transport.close()
                await _client_stays(receive, None)
            case "reset":
                _reset(transport)
                await _client_stays(receive, None)

    async def _let_go(self, receive: Receive) -> bool:
        """Waits until the answer may go, by release or by time; False as soon as the connection is gone."""
        end = time.monotonic() + (self._delivery.after_seconds or 0)
        while self._delivery.until is not None and not self._delivery.until.is_over and time.monotonic() < end:
            if not await _client_stays(receive, _LOOK_SECONDS):
                return False
        return True

    async def _send_half(self, send: Send) -> None:
        start = {"type": "http.response.start", "status": self.status_code, "headers": self.raw_headers}
        await send(start)
        half = bytes(self.body)[: len(self.body) // 2]
        await send({"type": "http.response.body", "body": half, "more_body": True})

    async def _drip(self, receive: Receive, send: Send, seconds: float | None) -> None:
        """Blanks, which a JSON document may begin with, until the time is over or the client is gone."""
        headers = [header for header in self.raw_headers if header[0] != b"content-length"]
        await send({"type": "http.response.start", "status": self.status_code, "headers": headers})
        drops = itertools.count() if seconds is None else range(max(1, math.ceil(seconds / _DROP_SECONDS)))
        for _ in drops:
            await send({"type": "http.response.body", "body": b" ", "more_body": True})
            if not await _client_stays(receive, _DROP_SECONDS):
                return


def _reset(transport: asyncio.Transport) -> None:
    connection: socket.socket | None = transport.get_extra_info("socket")
    if connection is not None:
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _LINGER)
    transport.abort()


async def _client_stays(receive: Receive, seconds: float | None) -> bool:
    """Waits *seconds*, None for ever; False as soon as the connection is gone."""
    try:
        async with asyncio.timeout(seconds):
            while (await receive())["type"] != "http.disconnect":
                pass
    except TimeoutError:
        return True
    return False
