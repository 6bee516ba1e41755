"""Puts a Markdown report into the merge request of this pipeline, as one note that each run replaces: `python3 ci/note.py plan.md`.

Needs MIXPRIV_NOTE_TOKEN, a project access token with the scope `api` and the role Reporter, and what GitLab sets for a merge request.
"""

from __future__ import annotations

import json
import os
import re
import sys
import urllib.parse
import urllib.request
from typing import Any

MARKER = re.compile(r'<!-- mixpriv:\w+ folder="[^"]*"')
"""How a report for a comment begins; the rest of the line, the digest, differs from run to run."""

A_PAGE = 100
MOST_PAGES = 50


def asked(method: str, path: str, fields: dict[str, str] | None = None) -> Any:
    request = urllib.request.Request(f"{os.environ['CI_API_V4_URL']}/{path}", method=method)
    request.add_header("PRIVATE-TOKEN", os.environ["MIXPRIV_NOTE_TOKEN"])
    with urllib.request.urlopen(request, urllib.parse.urlencode(fields).encode() if fields else None, timeout=60) as answer:
        return json.load(answer)


def former(notes: str, marker: str) -> int | None:
    """The number of the note that begins with *marker* and is this token's own: anybody can write such a line."""
    me = asked("GET", "user")["id"]
    for page in range(1, MOST_PAGES + 1):
        found = asked("GET", f"{notes}?per_page={A_PAGE}&page={page}&sort=asc&order_by=created_at")
        for note in found:
            if note["author"]["id"] == me and note["body"].startswith(marker):
                return int(note["id"])
        if len(found) < A_PAGE:
            break
    return None


def main(file: str) -> None:
    with open(file, encoding="utf-8") as report:
        body = report.read()
    begins = MARKER.match(body)
    marker = begins[0] if begins else f'<!-- mixpriv:{os.path.basename(file)} folder=""'
    if not begins:
        body = f"{marker} -->\n\n{body}"
    notes = f"projects/{os.environ['CI_MERGE_REQUEST_PROJECT_ID']}/merge_requests/{os.environ['CI_MERGE_REQUEST_IID']}/notes"
    number = former(notes, marker)
    if number is None:
        asked("POST", notes, {"body": body})
    else:
        asked("PUT", f"{notes}/{number}", {"body": body})
    print("wrote a note" if number is None else "replaced the note")


if __name__ == "__main__":
    main(sys.argv[1])
