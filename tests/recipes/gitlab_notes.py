"""The part of GitLab's API that the recipe's note needs, on loopback: who the token is, and the notes of one merge request."""

from __future__ import annotations

import contextlib
import json
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit

BOT, STRANGER = 71, 72
TOKEN = "note-token-canary"


@dataclass
class Notes:
    """The merge request's notes, in order; *url* is what CI_API_V4_URL says."""

    url: str = ""
    notes: list[dict[str, Any]] = field(default_factory=list)

    def write(self, author: int, body: str) -> dict[str, Any]:
        note = {"id": 9000 + len(self.notes), "author": {"id": author}, "body": body}
        self.notes.append(note)
        return note

    def of(self, author: int) -> list[str]:
        return [note["body"] for note in self.notes if note["author"]["id"] == author]


@contextlib.contextmanager
def serving(path: str) -> Iterator[Notes]:
    """The API while the block runs; *path* is that of the merge request's notes below `/api/v4/`."""
    served = Notes()

    class Handler(BaseHTTPRequestHandler):
        def log_message(self, *_: object) -> None:
            pass

        def answer(self) -> None:
            body = self.rfile.read(int(self.headers.get("Content-Length", 0))).decode()
            parts = urlsplit(self.path)
            status, document = self.answered(parts.path.removeprefix("/api/v4/"), parse_qs(parts.query), parse_qs(body))
            content = json.dumps(document).encode()
            self.send_response(status)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)

        do_GET = do_POST = do_PUT = answer

        def answered(self, asked: str, query: dict[str, list[str]], fields: dict[str, list[str]]) -> tuple[int, Any]:
            if self.headers.get("PRIVATE-TOKEN") != TOKEN:
                return 401, {"message": "401 Unauthorized"}
            if (self.command, asked) == ("GET", "user"):
                return 200, {"id": BOT}
            if (self.command, asked) == ("GET", path):
                size, page = int(query["per_page"][0]), int(query["page"][0])
                return 200, served.notes[size * (page - 1) : size * page]
            if (self.command, asked) == ("POST", path):
                return 201, served.write(BOT, fields["body"][0])
            for note in served.notes:
                if (self.command, asked) == ("PUT", f"{path}/{note['id']}"):
                    note["body"] = fields["body"][0]
                    return 200, note
            return 404, {"message": "404 Not Found"}

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        served.url = f"http://127.0.0.1:{server.server_address[1]}/api/v4"
        try:
            yield served
        finally:
            server.shutdown()
