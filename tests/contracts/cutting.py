"""A proxy on loopback that hands HTTP requests on, counts them, and cuts the connection at a chosen one."""

from __future__ import annotations

import contextlib
import socket
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from enum import Enum

__all__ = ["CuttingProxy", "Moment", "cutting"]


class Moment(Enum):
    """Where in a request the connection ends."""

    BEFORE = "before the server saw anything"
    WITHIN = "in the middle of what the client sends"
    AFTER = "after the server did it, before the client hears of it"
    ANSWER = "in the middle of the answer"


@dataclass(slots=True)
class CuttingProxy:
    """Hands on to *port*. *requests* were seen, as `METHOD path`; *sent* and *received* count bytes of requests and answers.

    Each request is held back for *delay_seconds*, as by a network. The methods in *forbidden* are answered 403, as where somebody may only read.
    """

    port: int
    listener: socket.socket
    requests: list[str] = field(default_factory=list)
    delay_seconds: float = 0.0
    forbidden: tuple[str, ...] = ()
    sent: int = 0
    received: int = 0
    _cuts: dict[int, Moment] = field(default_factory=dict)
    _is_deaf: bool = False
    _lock: threading.Lock = field(default_factory=threading.Lock)

    @property
    def origin(self) -> str:
        """What clients connect to."""
        return f"http://127.0.0.1:{self.listener.getsockname()[1]}"

    def cut(self, nth: int, moment: Moment, *, times: int = 1) -> None:
        """Cut the *nth* request from now on (0: the next), and those that follow at once, *times* in all."""
        with self._lock:
            self._cuts = {len(self.requests) + nth + place: moment for place in range(times)}

    def cut_off(self, *, is_deaf: bool = True) -> None:
        """From now on cut every request before the server sees it; or end that."""
        self._is_deaf = is_deaf

    def heal(self) -> None:
        """Cut nothing any more."""
        with self._lock:
            self._cuts, self._is_deaf = {}, False

    def serve(self) -> None:
        while True:
            try:
                client, _ = self.listener.accept()
            except OSError:
                return
            threading.Thread(target=self._one, args=(client,), daemon=True).start()

    def _one(self, client: socket.socket) -> None:
        """One connection: each request goes to the server on a connection of its own, which ends with the answer."""
        with contextlib.suppress(OSError), client:
            while True:
                head = _head(client)
                if head is None:
                    return
                length = _length(head)
                body = _exactly(client, length)
                with self._lock:
                    moment = Moment.BEFORE if self._is_deaf else self._cuts.pop(len(self.requests), None)
                    self.requests.append(" ".join(head.split(b"\r\n", 1)[0].decode("latin-1").split(" ")[:2]))
                    self.sent += len(head) + len(body)
                time.sleep(self.delay_seconds)
                if head.split(b" ", 1)[0].decode("latin-1") in self.forbidden:
                    client.sendall(b"HTTP/1.1 403 Forbidden\r\nContent-Length: 0\r\nConnection: close\r\n\r\n")
                    return
                if moment is Moment.BEFORE:
                    return
                with socket.create_connection(("127.0.0.1", self.port)) as server:
                    whole = _closing(head) + body
                    if moment is Moment.WITHIN:
                        server.sendall(whole[: len(whole) // 2 if body else len(whole) - 2])
                        return
                    server.sendall(whole)
                    answer = b"".join(iter(lambda: server.recv(2**16), b""))
                self.received += len(answer)
                if moment is Moment.AFTER:
                    return
                if moment is Moment.ANSWER:
                    client.sendall(answer[: len(answer) // 2])
                    return
                client.sendall(answer)
                return  # the answer says that the connection is closed


@contextlib.contextmanager
def cutting(port: int) -> Iterator[CuttingProxy]:
    """A proxy before the server at *port*, while the block runs."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        proxy = CuttingProxy(port, listener)
        threading.Thread(target=proxy.serve, daemon=True).start()
        yield proxy


def _head(client: socket.socket) -> bytes | None:
    """The request line and headers, None where the client is gone."""
    head = b""
    while not head.endswith(b"\r\n\r\n"):
        byte = client.recv(1)
        if not byte:
            return None
        head += byte
    return head


def _length(head: bytes) -> int:
    for line in head.lower().split(b"\r\n"):
        if line.startswith(b"content-length:"):
            return int(line.split(b":", 1)[1])
    return 0


def _exactly(client: socket.socket, length: int) -> bytes:
    parts = []
    while length:
        part = client.recv(min(length, 2**16))
        if not part:
            raise OSError("the client is gone")
        parts.append(part)
        length -= len(part)
    return b"".join(parts)


def _closing(head: bytes) -> bytes:
    """*head* with a request to close the connection after the answer."""
    lines = [line for line in head.split(b"\r\n") if not line.lower().startswith((b"connection:", b"expect:"))]
    return b"\r\n".join([*lines[:-2], b"Connection: close", b"", b""])
