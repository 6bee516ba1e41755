"""A stand-in for the XML interface of Google Cloud Storage, with generations: no emulator serves those.

As obstore uses it: a PUT heeds `x-goog-if-generation-match` (0: there must be none) and answers 412 otherwise; answers carry
`ETag`, `x-goog-generation` and `Last-Modified`; a bucket is listed as in version 2 of S3's interface.
"""

from __future__ import annotations

import contextlib
import email.utils
import hashlib
import itertools
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs, unquote, urlsplit
from xml.sax.saxutils import escape

__all__ = ["serving"]

TOKEN = "ya29.stand-in-token"
PAGE = 3
"""Objects on one page of a listing: few, so that there are several."""


@dataclass(frozen=True, slots=True)
class Kept:
    content: bytes
    generation: int
    modified: float

    @property
    def headers(self) -> dict[str, str]:
        return {
            "ETag": f'"{hashlib.md5(self.content).hexdigest()}"',
            "x-goog-generation": str(self.generation),
            "Last-Modified": email.utils.formatdate(self.modified, usegmt=True),
        }


@contextlib.contextmanager
def serving(bucket: str) -> Iterator[int]:
    """The stand-in with one *bucket*, while the block runs; its port."""
    kept: dict[str, Kept] = {}
    generations = itertools.count(1)
    turn = threading.Lock()

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self) -> None:
            if (name := self.named()) == "":
                return self.listed()
            if name is not None and (found := kept.get(name)) is not None:
                return self.answer(200, found.content, found.headers)
            return self.missing(name)

        do_HEAD = do_GET

        def do_PUT(self) -> None:
            # All of it first: what was cut off is no object.
            content = self.rfile.read(length := int(self.headers.get("content-length", 0)))
            name = self.named()
            if not name or len(content) < length:
                return self.missing(name)
            with turn:
                found, wanted = kept.get(name), self.headers.get("x-goog-if-generation-match")
                if wanted is not None and int(wanted) != (found.generation if found else 0):
                    return self.error(412, "PreconditionFailed")
                kept[name] = Kept(content, next(generations), time.time())
                return self.answer(200, b"", kept[name].headers)

        def do_DELETE(self) -> None:
            name = self.named()
            with turn:
                if name is None or kept.pop(name, None) is None:
                    return self.missing(name)
            return self.answer(204, b"", {})

        def listed(self) -> None:
            query = {key: values[0] for key, values in parse_qs(urlsplit(self.path).query).items()}
            after = query.get("continuation-token", "")
            names = sorted(name for name in kept if name.startswith(query.get("prefix", "")) and name > after)
            page, rest = names[:PAGE], names[PAGE:]
            entries = "".join(
                f"<Contents><Key>{escape(name)}</Key><Size>{len(kept[name].content)}</Size><ETag>x</ETag>"
                f"<LastModified>{time.strftime('%Y-%m-%dT%H:%M:%S.000Z', time.gmtime(kept[name].modified))}</LastModified></Contents>"
                for name in page
            )
            more = f"<NextContinuationToken>{escape(page[-1])}</NextContinuationToken>" if rest else ""
            self.answer(200, f"<ListBucketResult>{entries}{more}</ListBucketResult>".encode(), {})

        def named(self) -> str | None:
            """The object's name, empty for the bucket, None for another bucket's."""
            place, _, name = unquote(urlsplit(self.path).path).lstrip("/").partition("/")
            return name if place == bucket else None

        def missing(self, name: str | None) -> None:
            self.error(404, "NoSuchBucket" if name is None else "NoSuchKey")

        def error(self, status: int, code: str) -> None:
            self.answer(status, f"<Error><Code>{code}</Code></Error>".encode(), {})

        def answer(self, status: int, content: bytes, headers: dict[str, str]) -> None:
            if self.headers.get("authorization") != f"Bearer {TOKEN}":
                status, content, headers = 401, b"<Error><Code>AuthenticationRequired</Code></Error>", {}
            self.send_response(status)
            for name, value in headers.items():
                self.send_header(name, value)
            if status != 204:
                self.send_header("Content-Length", str(len(content)))
            if self.close_connection:
                self.send_header("Connection", "close")
            self.end_headers()
            if self.command != "HEAD":
                self.wfile.write(content)

        def log_message(self, format: str, *args: object) -> None:
            """Nobody reads it."""

        def handle(self) -> None:
            with contextlib.suppress(OSError):
                super().handle()

    class Server(ThreadingHTTPServer):
        daemon_threads = True

    with Server(("127.0.0.1", 0), Handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield server.server_address[1]
        server.shutdown()
