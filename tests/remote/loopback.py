"""A server of bytes on loopback: it sees exactly what a client sends, and answers whatever it is told to, HTTP or not."""

from __future__ import annotations

import contextlib
import socket
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

__all__ = ["Answering", "Server", "answered", "closed_port", "serving"]

Answering = Callable[[socket.socket], None]


@dataclass(slots=True)
class Server:
    """What came in: each request's bytes, and how many connections there were."""

    origin: str
    requests: list[bytes] = field(default_factory=list)
    connections: int = 0
    has_closed: threading.Event = field(default_factory=threading.Event)

    @property
    def request(self) -> bytes:
        """The only request."""
        (only,) = self.requests
        return only

    @property
    def line(self) -> str:
        """The first line of the only request."""
        return self.request.split(b"\r\n")[0].decode()

    @property
    def headers(self) -> dict[str, str]:
        """The headers of the only request, names in lower case."""
        lines = self.request.partition(b"\r\n\r\n")[0].decode().split("\r\n")[1:]
        return {name.lower(): value.strip() for name, _, value in (line.partition(":") for line in lines)}

    @property
    def body(self) -> bytes:
        return self.request.partition(b"\r\n\r\n")[2]


def answered(status: str = "200 OK", body: bytes = b"{}", *headers: str) -> Answering:
    """A whole answer."""
    head = "\r\n".join([f"HTTP/1.1 {status}", f"Content-Length: {len(body)}", *headers])
    return lambda connection: connection.sendall(head.encode("latin-1") + b"\r\n\r\n" + body)


@contextlib.contextmanager
def serving(answer: Answering, *, scheme: str = "http", closes: bool = False) -> Iterator[Server]:
    """A server that gives each request *answer*; with *closes*, one request a connection, without saying so."""
    with socket.create_server(("127.0.0.1", 0)) as listening:
        server = Server(f"{scheme}://127.0.0.1:{listening.getsockname()[1]}")
        opened: list[socket.socket] = []

        def serve(connection: socket.socket) -> None:
            with contextlib.suppress(OSError), connection:
                while request := _request(connection):
                    server.requests.append(request)
                    answer(connection)
                    if closes:
                        break
            server.has_closed.set()

        def accept() -> None:
            with contextlib.suppress(OSError):
                while True:
                    connection, _ = listening.accept()
                    server.connections += 1
                    opened.append(connection)
                    thread = threading.Thread(target=serve, args=(connection,))
                    threads.append(thread)
                    thread.start()

        threads = [threading.Thread(target=accept)]
        threads[0].start()
        try:
            yield server
        finally:
            listening.shutdown(socket.SHUT_RDWR)
            for connection in opened:
                with contextlib.suppress(OSError):
                    connection.shutdown(socket.SHUT_RDWR)
            for thread in threads:
                thread.join()


@contextlib.contextmanager
def closed_port() -> Iterator[int]:
    """A port of loopback at which nobody listens, and which nobody else is given while the block runs."""
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        yield unused.getsockname()[1]


def _request(connection: socket.socket) -> bytes:
    """The next request with its body, or what there was before the client hung up."""
    content = b""
    while b"\r\n\r\n" not in content:
        if not (chunk := connection.recv(65536)):
            return content
        content += chunk
    head, _, body = content.partition(b"\r\n\r\n")
    length = next((int(line.split(b":")[1]) for line in head.split(b"\r\n") if line.lower().startswith(b"content-length:")), 0)
    while len(body) < length:
        if not (chunk := connection.recv(65536)):
            break
        body += chunk
    return head + b"\r\n\r\n" + body
