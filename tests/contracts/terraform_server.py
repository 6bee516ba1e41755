"""A server of Terraform's HTTP state protocol on loopback, in dialects: `python terraform_server.py --dialect gitlab`. It prints its port.

`terraform`: LOCK and UNLOCK on the address itself; who finds it locked is answered 423 and what the holder said of himself.

`careless`: as `terraform`, and keeps a lock, but takes a write whatever lock it names, and the giving back of one whoever asks.

`gitlab`: POST and DELETE on `ADDRESS/lock`, with basic authentication, as GitLab 18 answers (gitlabhq/gitlabhq, lib/api/terraform/state.rb and
app/services/terraform/remote_state_handler.rb): 409 names the holder's lock, user and time, and gives the asker's own Operation, Info and Path
back; each write is kept as the version that its `serial` names, which must be new (422), and the highest is what is read; a write under another
lock than the one that is held, or under one where none is, is 500, for nothing there expects it; a lock is given back without an ID by anybody.
"""

from __future__ import annotations

import argparse
import base64
import hashlib
import json
import threading
from dataclasses import dataclass, field
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit

LOCK_FIELDS = ("ID", "Operation", "Info", "Who", "Version", "Created", "Path")


@dataclass
class Stored:
    """One state: its versions by number, and its lock as the holder described it."""

    versions: dict[int, bytes] = field(default_factory=dict)
    lock: dict[str, Any] | None = None

    @property
    def latest(self) -> bytes | None:
        return self.versions[max(self.versions)] if self.versions else None

    @property
    def lock_id(self) -> str | None:
        return None if self.lock is None else self.lock["ID"]


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    server: Server

    def handle_one_request(self) -> None:
        try:
            super().handle_one_request()
        except OSError:  # the client is gone
            self.close_connection = True

    def log_message(self, *_: object) -> None:
        pass

    def answer(self) -> None:
        length = int(self.headers.get("Content-Length", 0))
        body = self.rfile.read(length)
        if len(body) < length:  # cut: never acted on
            self.close_connection = True
        else:
            self.say(*self.answered(body))

    def answered(self, body: bytes) -> tuple[int, bytes]:
        md5 = self.headers.get("Content-MD5")
        if md5 is not None and base64.b64decode(md5) != hashlib.md5(body, usedforsecurity=False).digest():
            return 400, b""
        if self.server.credentials is not None and self.headers.get("Authorization") != self.server.credentials:
            return 401, b""
        parts = urlsplit(self.path)
        lock_id = parse_qs(parts.query).get("ID", [None])[0]
        with self.server.turn:
            return self.server.answered(self.command, parts.path, lock_id, body)

    do_GET = do_POST = do_DELETE = do_LOCK = do_UNLOCK = answer

    def say(self, status: int, content: bytes) -> None:
        self.send_response(status)
        if status != 204:
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(content)))
        if self.close_connection:
            self.send_header("Connection", "close")
        self.end_headers()
        self.wfile.write(content)


class Server(ThreadingHTTPServer):
    daemon_threads = True
    credentials: str | None = None
    turn: threading.Lock
    states: dict[str, Stored]

    def answered(self, method: str, path: str, lock_id: str | None, body: bytes) -> tuple[int, bytes]:
        raise NotImplementedError


class TerraformServer(Server):
    def answered(self, method: str, path: str, lock_id: str | None, body: bytes) -> tuple[int, bytes]:
        stored = self.states.setdefault(path, Stored())
        held = json.dumps(stored.lock).encode()
        match method:
            case "GET":
                return (404, b"") if stored.latest is None else (200, stored.latest)
            case "POST" if stored.lock_id != lock_id:
                return 423 if stored.lock else 409, held
            case "POST":
                stored.versions[len(stored.versions)] = body
                return 200, b""
            case "LOCK" if stored.lock is not None:
                return 423, held
            case "LOCK":
                stored.lock = json.loads(body)
                return 200, b""
            case "UNLOCK" if stored.lock_id != json.loads(body).get("ID"):
                return 409, held
            case "UNLOCK":
                stored.lock = None
                return 200, b""
        return 405, b""


class CarelessServer(TerraformServer):
    def answered(self, method: str, path: str, lock_id: str | None, body: bytes) -> tuple[int, bytes]:
        held = self.states.setdefault(path, Stored()).lock
        if method == "UNLOCK" and held is not None:
            body = json.dumps(held).encode()
        return super().answered(method, path, None if held is None else held["ID"], body)


class GitLabServer(Server):
    most_bytes = 0

    def answered(self, method: str, path: str, lock_id: str | None, body: bytes) -> tuple[int, bytes]:
        name, is_lock = path.removesuffix("/lock"), path.endswith("/lock")
        if method == "GET":
            stored = self.states.get(name)
            if stored is None:
                return 404, b'{"message":"404 Not Found"}'
            return (204, b"") if stored.latest is None else (200, stored.latest)
        stored = self.states.setdefault(name, Stored())
        match method, is_lock:
            case "POST", False:
                return self.posted(stored, lock_id, body)
            case "POST", True:
                return self.locked(stored, body)
            case "DELETE", True:
                asked = json.loads(body).get("ID") if body else lock_id
                if asked is not None and asked != (stored.lock_id or ""):
                    return 409, b"null"
                stored.lock = None
                return 200, b"null"
        return 405, b'{"error":"405 Not Allowed"}'

    def posted(self, stored: Stored, lock_id: str | None, body: bytes) -> tuple[int, bytes]:
        if not body:
            return 204, b""
        if self.most_bytes and len(body) > self.most_bytes:
            return 413, b'{"message":"413 Request Entity Too Large"}'
        try:
            document = json.loads(body)
            serial = document.get("serial") if isinstance(document, dict) else None
        except ValueError:
            serial = None
        if not isinstance(serial, int):
            return 422, b'{"message":"422 Unprocessable Entity - No serial in payload"}'
        if (stored.lock_id or "") != (lock_id or ""):
            return 500, b'{"message":"500 Internal Server Error"}'
        if serial in stored.versions:
            return 422, b'{"message":"PG::UniqueViolation"}'
        stored.versions[serial] = body
        return 200, b""

    def locked(self, stored: Stored, body: bytes) -> tuple[int, bytes]:
        asked = json.loads(body)
        if not all(isinstance(asked.get(field), str) for field in LOCK_FIELDS) or len(asked["ID"]) > 255:
            return 400, b'{"error":"ID is missing"}'
        status = 409
        if stored.lock is None:
            status = 200
            created = datetime.now(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
            stored.lock = {"ID": asked["ID"], "Who": "ci-user", "Created": created}
        return status, json.dumps({**asked, **stored.lock}).encode()


SERVERS: dict[str, type[Server]] = {"terraform": TerraformServer, "careless": CarelessServer, "gitlab": GitLabServer}


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--dialect", choices=SERVERS, default="terraform")
    parser.add_argument("--credentials", help="USER:PASSWORD that every call must have")
    parser.add_argument("--most-bytes", type=int, default=0, help="longest document that gitlab takes (0: any)")
    arguments = parser.parse_args()
    server = SERVERS[arguments.dialect](("127.0.0.1", 0), Handler)
    server.turn, server.states = threading.Lock(), {}
    if arguments.credentials is not None:
        server.credentials = "Basic " + base64.b64encode(arguments.credentials.encode()).decode()
    GitLabServer.most_bytes = arguments.most_bytes
    print(server.server_address[1], flush=True)
    server.serve_forever()


if __name__ == "__main__":
    main()
