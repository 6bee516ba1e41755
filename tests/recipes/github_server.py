"""GitHub's REST API on loopback: the routes that the recipe asks, with tokens that may do what their job's `permissions:` say."""

from __future__ import annotations

import contextlib
import itertools
import json
import re
import secrets
import threading
from collections.abc import Iterator, Mapping
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit

__all__ = ["BOT", "REPOSITORY", "GitHubServer", "serving"]

REPOSITORY = "acme/privacy"
BOT = {"login": "github-actions[bot]", "type": "Bot"}
MOST_CHARACTERS = 65_536
PAGE = 2
"""Elements of a page, few so that there are several; GitHub gives up to 100."""

READS = {"read", "write"}


class GitHubServer:
    """A repository's pull requests, issues and comments."""

    def __init__(self) -> None:
        self.origin = ""
        self.pulls: list[dict[str, Any]] = []
        self.issues: list[dict[str, Any]] = []
        self.comments: list[dict[str, Any]] = []
        self.heads: dict[str, str] = {}
        self.asked: list[tuple[str, str]] = []
        self.busy = 0
        self._tokens: dict[str, Mapping[str, str]] = {}
        self._numbers = itertools.count(1)

    def token(self, permissions: Mapping[str, str]) -> str:
        """A token as a job gets it."""
        made = f"ghs_{secrets.token_hex(18)}"
        self._tokens[made] = permissions
        return made

    def number(self) -> int:
        """The next one: pull requests and issues are counted together."""
        return next(self._numbers)

    def said(self, number: int) -> list[str]:
        """The bodies of the comments on a pull request or an issue."""
        return [comment["body"] for comment in self.comments if comment["issue"] == number]

    def say(self, number: int, login: str, body: str) -> dict[str, Any]:
        """Let somebody comment."""
        user = BOT if login == BOT["login"] else {"login": login, "type": "User"}
        comment = {"id": 1000 + len(self.comments), "issue": number, "user": user, "body": body}
        self.comments.append(comment)
        return comment

    def answer(self, method: str, path: str, query: Mapping[str, list[str]], token: str, document: Any) -> tuple[int, Any]:
        """Status and JSON, as the API gives them."""
        self.asked.append((method, path))
        if self.busy and method != "POST":
            self.busy -= 1
            return 502, {"message": "Server Error"}
        if token not in self._tokens:
            return 401, {"message": "Bad credentials"}
        found = re.fullmatch(rf"/repos/{REPOSITORY}(/.*)", path)
        rights = self._tokens[token]
        route = f"{method} {found[1] if found else path}"
        if (match := re.fullmatch(r"GET /commits/([0-9a-f]{40})/pulls", route)) and rights.get("contents") in READS:
            if rights.get("pull-requests") not in READS:
                return 403, {"message": "Resource not accessible by integration"}
            return 200, [pull for pull in self.pulls if match[1] in (pull["merge_commit_sha"], pull["head"]["sha"])]
        if (match := re.fullmatch(r"GET /git/ref/(heads/\w+)", route)) and rights.get("contents") in READS:
            return 200, {"ref": f"refs/{match[1]}", "object": {"type": "commit", "sha": self.heads[match[1]]}}
        if match := re.fullmatch(r"(GET|POST) /issues/(\d+)/comments", route):
            number = int(match[2])
            if not self._may(rights, number, method):
                return 403, {"message": "Resource not accessible by integration"}
            if method == "GET":
                return 200, [comment for comment in self.comments if comment["issue"] == number]
            if len(document["body"]) > MOST_CHARACTERS:
                return 422, {"message": "Validation Failed"}
            return 201, self.say(number, BOT["login"], document["body"])
        if match := re.fullmatch(r"PATCH /issues/comments/(\d+)", route):
            comment = next(one for one in self.comments if one["id"] == int(match[1]))
            if not self._may(rights, comment["issue"], method):
                return 403, {"message": "Resource not accessible by integration"}
            comment["body"] = document["body"]
            return 200, comment
        if re.fullmatch(r"(GET|POST) /issues|PATCH /issues/\d+", route) and rights.get("issues") in ({"write"} if method != "GET" else READS):
            return self._issue(method, route, query, document)
        return 404, {"message": "Not Found"}

    def _issue(self, method: str, route: str, query: Mapping[str, list[str]], document: Any) -> tuple[int, Any]:
        if method == "GET":
            assert query["creator"] == [BOT["login"]]
            return 200, [issue for issue in self.issues if issue["state"] == query["state"][0]]
        if method == "POST":
            self.issues.append({"number": self.number(), "state": "open", "user": BOT, **document})
            return 201, self.issues[-1]
        issue = next(one for one in self.issues if route.endswith(f"/{one['number']}"))
        issue.update(document)
        return 200, issue

    def _may(self, rights: Mapping[str, str], number: int, method: str) -> bool:
        kind = "pull-requests" if any(pull["number"] == number for pull in self.pulls) else "issues"
        return rights.get(kind) in (READS if method == "GET" else {"write"})


@contextlib.contextmanager
def serving() -> Iterator[GitHubServer]:
    """The API on loopback while the block runs."""
    github = GitHubServer()

    class Handler(BaseHTTPRequestHandler):
        def answer(self) -> None:
            url = urlsplit(self.path)
            query = parse_qs(url.query)
            length = int(self.headers.get("Content-Length") or 0)
            document = json.loads(self.rfile.read(length)) if length else None
            token = (self.headers.get("Authorization") or "").removeprefix("Bearer ")
            status, found = github.answer(self.command, url.path, query, token, document)
            links = ""
            if isinstance(found, list):
                page = int(query.get("page", ["1"])[0])
                rest = found[page * PAGE :]
                found = found[(page - 1) * PAGE : page * PAGE]
                base = f"{github.origin}{url.path}?" + "&".join(f"{key}={value[0]}" for key, value in query.items() if key != "page")
                links = f'<{base}&page={page + 1}>; rel="next", <{base}&page=9>; rel="last"' if rest else ""
            body = json.dumps(found).encode()
            self.send_response(status)
            for name, value in (("Content-Type", "application/json"), ("Content-Length", str(len(body))), *([("Link", links)] if links else [])):
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(body)

        do_GET = do_POST = do_PATCH = answer

        def log_message(self, *_: Any) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    github.origin = f"http://127.0.0.1:{server.server_address[1]}"
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield github
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
