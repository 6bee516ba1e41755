"""The least server that takes erasures: a new task for each POST, SUCCESS for each GET, in the shapes of Mixpanel's GDPR API v3.

A process of its own, so that its work isn't counted as the program's. It checks nothing and keeps no id, unlike `mixpriv sandbox`.

    python benchmarks/server.py        prints its port; ends with its standard input, and prints what it saw
"""

from __future__ import annotations

import asyncio
import json
import re
import sys
import time
import uuid

LENGTH = re.compile(rb"\r\ncontent-length: *(\d+)", re.IGNORECASE)
TOKEN = re.compile(rb"[?&]token=([^& ]+)")

posts: dict[str, list[float]] = {}
"""Project token → when the heads of its POSTs had come, in seconds."""


class Connection(asyncio.Protocol):
    """One connection: requests one after the other, each answered when all of it has come."""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport
        self._head = b""
        self._missing = 0  # bytes of a body that are still to come

    def data_received(self, data: bytes) -> None:
        if self._missing:
            self._missing -= len(data)
            if not self._missing:
                self._answer()
            return
        head, end, body = (self._head + data).partition(b"\r\n\r\n")
        self._head = head + end if end else head
        if not end:
            return
        if head.startswith(b"POST"):
            found = TOKEN.search(head)
            posts.setdefault(found[1].decode() if found else "", []).append(time.monotonic())
        length = LENGTH.search(head)
        self._missing = int(length[1]) - len(body) if length else 0
        if not self._missing:
            self._answer()

    def _answer(self) -> None:
        is_new = self._head.startswith(b"POST")
        self._head = b""
        task = {"tracking_id": str(uuid.uuid4()), "status": "PENDING"} if is_new else {"status": "SUCCESS", "result": ""}
        body = json.dumps({"status": "ok", "results": task}).encode()
        status = b"201 Created" if is_new else b"200 OK"
        self._transport.write(
            b"HTTP/1.1 %s\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n%s" % (status, len(body), body)
        )


async def serve() -> None:
    loop = asyncio.get_running_loop()
    server = await loop.create_server(Connection, "127.0.0.1", 0, backlog=1024)
    print(server.sockets[0].getsockname()[1], flush=True)
    await loop.run_in_executor(None, sys.stdin.read)
    server.close()
    longest = max((times[-1] - times[0] for times in posts.values()), default=0.0)
    print(json.dumps({"posts": sum(map(len, posts.values())), "longest_seconds": longest}))


if __name__ == "__main__":
    asyncio.run(serve())
