"""Puts a Markdown report into the merge request of this pipeline, as one note that each run replaces: `python3 ci/note.py plan.md`.

Where there is no report, because the run before came to nothing, the note says that: an older plan must not stay as if it still held.

Needs MIXPRIV_NOTE_TOKEN, a project access token with the scope `api` and the role Reporter, and what GitLab sets for a merge request.
"""

from __future__ import annotations

import json
import os
import re
import sys
import urllib.error
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
    try:
        with urllib.request.urlopen(request, urllib.parse.urlencode(fields).encode() if fields else None, timeout=60) as answer:
            return json.load(answer)
    except urllib.error.HTTPError as error:
        hint = "is MIXPRIV_NOTE_TOKEN a project access token with the scope `api` and the role Reporter, and not expired?"
        sys.exit(f"GitLab answered {error.code} to {method} {path.partition('?')[0]}; {hint}")
    except (OSError, ValueError) as error:
        sys.exit(f"GitLab can't be asked for {path.partition('?')[0]}: {getattr(error, 'reason', error)}")


def former(notes: str, marker: str) -> Any:
    """The note that begins with *marker* and is this token's own, for anybody can write such a line; None where there is none."""
    me = asked("GET", "user")["id"]
    for page in range(1, MOST_PAGES + 1):
        found = asked("GET", f"{notes}?per_page={A_PAGE}&page={page}&sort=asc&order_by=created_at")
        for note in found:
            if note["author"]["id"] == me and note["body"].startswith(marker):
                return note
        if len(found) < A_PAGE:
            break
    return None


def main(file: str) -> None:
    begins, body = None, ""
    if os.path.exists(file):
        with open(file, encoding="utf-8") as report:
            body = report.read()
        begins = MARKER.match(body)
    marker = begins[0] if begins else f"<!-- mixpriv:{os.path.splitext(os.path.basename(file))[0]} "
    notes = f"projects/{os.environ['CI_MERGE_REQUEST_PROJECT_ID']}/merge_requests/{os.environ['CI_MERGE_REQUEST_IID']}/notes"
    note = former(notes, marker)
    if not begins:
        same = MARKER.match(note["body"]) if note else None
        first = same[0] if same else f'{marker}folder=""'
        nothing = f"**There is no plan for this commit.** [The log of the pipeline]({os.environ['CI_PIPELINE_URL']}) says why."
        body = f"{first} -->\n\n{body or nothing}"
    if note is None:
        asked("POST", notes, {"body": body})
    else:
        asked("PUT", f"{notes}/{note['id']}", {"body": body})
    print("wrote a note" if note is None else "replaced the note")


if __name__ == "__main__":
    main(sys.argv[1])
