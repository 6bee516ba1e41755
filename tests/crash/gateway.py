"""A relay between the program and its server, which stops at each boundary of a call: it came, it took effect, half was answered, all was."""

from __future__ import annotations

import contextlib
import http.client
import re
import threading
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import urlsplit

__all__ = ["BOUNDARIES", "gateway"]

BOUNDARIES = ("connected", "arrived", "took effect", "half answered", "answered")
"""A connection stands; a request is here, the server doesn't know of it; the server has done it; half the answer is out; all of it is."""

Crossing = Callable[[str, str], None]
"""Told a boundary and a route, e.g. `POST /api/app/data-deletions/v3.0/`; an `OSError` that it raises cuts the connection there."""


@contextlib.contextmanager
def gateway(origin: str, crossing: Crossing) -> Iterator[str]:
    """The origin of a relay to *origin* that calls *crossing* at each boundary, in the thread that serves the call."""
    address = urlsplit(origin)

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def setup(self) -> None:
            super().setup()
            crossing("connected", "")

        def _relay(self) -> None:
            body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
            route = f"{self.command} {_route(self.path)}"
            crossing("arrived", route)
            server = http.client.HTTPConnection(str(address.hostname), address.port)
            with contextlib.closing(server):
                server.request(self.command, self.path, body, dict(self.headers.items()))
                answer = server.getresponse()
                content = answer.read()
            crossing("took effect", route)
            self.send_response(answer.status)
            for name, value in answer.getheaders():
                if name.lower() not in ("content-length", "connection", "transfer-encoding", "date", "server"):
                    self.send_header(name, value)
            if answer.status != 204:
                self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            self.wfile.write(content[: len(content) // 2])
            crossing("half answered", route)
            self.wfile.write(content[len(content) // 2 :])
            crossing("answered", route)

        do_GET = do_POST = do_DELETE = _relay

        def log_message(self, format: str, *arguments: object) -> None:
            """Nothing is logged."""

    class Relay(ThreadingHTTPServer):
        daemon_threads = True

        def handle_error(self, request: object, client_address: object) -> None:
            """The program was killed, or its server reset the connection: then the program's is cut off, too."""

    with Relay(("127.0.0.1", 0), Handler) as relay:
        thread = threading.Thread(target=relay.serve_forever, kwargs={"poll_interval": 0.05})
        thread.start()
        try:
            yield f"http://127.0.0.1:{relay.server_port}"
        finally:
            relay.shutdown()
            thread.join()


def _route(path: str) -> str:
    """The path without its query, a task's id as `ID`."""
    return re.sub(r"(/v3\.0/|/_exports/)[^/]+", r"\1ID", path.partition("?")[0])
