"""GitHub's REST API, as far as `comment.py` needs it, with nothing but Python's own library."""

from __future__ import annotations

import json
import os
import re
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from typing import Any

__all__ = ["BOT", "MOST_CHARACTERS", "GitHub", "Trouble"]

BOT = "github-actions[bot]"
"""Whose name everything bears that is written with a job's own token."""

MOST_CHARACTERS = 65_536
"""Of the text of a comment or an issue; GitHub answers 422 to more."""

MOST_CLOSING = 40
"""Characters that end what a cut left open: a block of code, and a `<details>`, which no report puts into another."""

TRIES = 3
BUSY = (500, 502, 503, 504)


class Trouble(Exception):
    """What can't be asked of GitHub, in one sentence."""


class _NoRedirect(urllib.request.HTTPRedirectHandler):
    """Redirects are errors: the token would go along, to wherever they lead."""

    def redirect_request(self, *_: Any) -> None:
        return None


class GitHub:
    """One repository, asked with the job's own token."""

    def __init__(self) -> None:
        self._origin = os.environ.get("GITHUB_API_URL", "https://api.github.com").rstrip("/")
        self._repository = os.environ["GITHUB_REPOSITORY"]
        self._token = os.environ["GITHUB_TOKEN"]
        self._opener = urllib.request.build_opener(_NoRedirect)

    def ask(self, method: str, path: str, document: object = None) -> Any:
        """The answer's JSON; *path* follows `/repos/OWNER/NAME`."""
        return self._asked(method, f"{self._origin}/repos/{self._repository}{path}", document)[0]

    def all(self, path: str) -> Iterator[Any]:
        """Every element of a list, however many pages it has."""
        url: str | None = f"{self._origin}/repos/{self._repository}{path}{'&' if '?' in path else '?'}per_page=100"
        while url is not None:
            page, url = self._asked("GET", url, None)
            yield from page

    def written(self, issue: int, marker: str) -> list[Any]:
        """The comments on *issue*, oldest first, that begin with *marker* and that a job's token wrote: anybody may write the same text."""
        return [comment for comment in self.all(f"/issues/{issue}/comments") if is_by_bot(comment) and comment["body"].startswith(marker)]

    def comment(self, issue: int, marker: str, text: str) -> None:
        """Let *text*, which begins with *marker*, replace the comment that began so, or be a new one."""
        earlier = self.written(issue, marker)
        if earlier:
            self.ask("PATCH", f"/issues/comments/{earlier[-1]['id']}", {"body": fitting(text)})
        else:
            self.ask("POST", f"/issues/{issue}/comments", {"body": fitting(text)})

    def _asked(self, method: str, url: str, document: object) -> tuple[Any, str | None]:
        headers = {
            "Accept": "application/vnd.github+json",
            "Authorization": f"Bearer {self._token}",
            "X-GitHub-Api-Version": "2022-11-28",
            "User-Agent": "mixpriv-recipe",
            **({} if document is None else {"Content-Type": "application/json"}),
        }
        body = None if document is None else json.dumps(document).encode()
        where = f"{method} {url.removeprefix(self._origin)}"
        for left in reversed(range(TRIES)):
            request = urllib.request.Request(url, body, headers, method=method)
            try:
                with self._opener.open(request, timeout=30) as answer:
                    return json.load(answer), self._next(answer.headers.get("Link", ""))
            except urllib.error.HTTPError as error:
                # What was posted once may have arrived, and would stand there twice.
                if error.code not in BUSY or method == "POST" or not left:
                    raise Trouble(f"GitHub answered {error.code} to {where}: {_reason(error)}") from None
            except (OSError, ValueError) as error:
                if method == "POST" or not left:
                    raise Trouble(f"no answer of GitHub to {where}: {type(error).__name__}") from None
            time.sleep(TRIES - left)
        raise AssertionError("unreachable")

    def _next(self, links: str) -> str | None:
        """The next page, where it lies at the same place."""
        found = re.search(r'<([^>]+)>; rel="next"', links)
        return found[1] if found and found[1].startswith(f"{self._origin}/") else None


def is_by_bot(thing: Any) -> bool:
    """Whether a comment or an issue was written with a job's token. Nobody can take that name, for people's names have no brackets."""
    return bool(thing["user"]) and thing["user"]["login"] == BOT and thing["user"]["type"] == "Bot"


def fitting(text: str) -> str:
    """*text*, cut at the end of a line where it is longer than GitHub takes. What the cut left open is closed, so that it is seen.

    A report for a comment has 60,000 characters at most and is never cut; this is for whatever else somebody puts into one.
    """
    if len(text) <= MOST_CHARACTERS:
        return text
    rest = "\n\n… cut here, for GitHub takes no more; the summary of the job has all of it.\n"
    kept = text[: MOST_CHARACTERS - len(rest) - MOST_CLOSING].rpartition("\n")[0]
    fences = "\n```" if len(re.findall("^```", kept, re.MULTILINE)) % 2 else ""
    is_open = kept.count("<details") > kept.count("</details>")
    return kept + fences + ("\n\n</details>" if is_open else "") + rest


def _reason(error: urllib.error.HTTPError) -> str:
    try:
        message = str(json.load(error).get("message", ""))[:200]
    except (OSError, ValueError, AttributeError):
        message = ""
    if error.code in (403, 404):
        message += " (has the job the `permissions:` for it?)"
    return message.strip() or str(error.reason)
