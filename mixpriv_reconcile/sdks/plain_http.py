"""Plain HTTP, without an SDK: for any language, and where an SDK has no name for a region."""

from __future__ import annotations

from mixpriv_reconcile.sdks.profile import TOKEN, Form, Profile, Snippet, setups

__all__ = ["HTTP"]

HTTP = Profile(
    name="http",
    title="Plain HTTP",
    on_privacy_page=False,
    option="the host of every URL; the token stands in each record",
    form=Form.ORIGIN,
    setups=setups(
        "sh",
        f"""\
curl https://@host@/track \\
  --header 'Content-Type: application/json' \\
  --data '[{{"event": "Signed up", "properties":
    {{"token": "{TOKEN}", "distinct_id": "user-17"}}}}]'
""",
        "https://@host@",
    ),
    default="none",
    version="Mixpanel's API reference",
    opt_out=None,
    list_check=Snippet(
        "python",
        """\
import hashlib
import json
import urllib.request
from pathlib import Path

TRACK_URL = "https://@host@/track"

# The list that `mixpriv apply` writes, loaded once.
document = json.loads(Path("opt-outs.json").read_text("utf-8"))
is_known = document["digest"] in ("none", "sha256")
if document["format_version"] != 1 or not is_known:
    raise ValueError("an opt-out list of an unknown format")
listed = frozenset(document["distinct_ids"])


def is_opted_out(distinct_id):
    key = str(distinct_id)
    if document["digest"] == "sha256":
        key = hashlib.sha256(key.encode("utf-8")).hexdigest()
    return key in listed


def track(records):
    kept = [
        record
        for record in records
        if not is_opted_out(record["properties"]["distinct_id"])
    ]
    if kept:
        request = urllib.request.Request(
            TRACK_URL,
            json.dumps(kept).encode("utf-8"),
            {"Content-Type": "application/json"},
        )
        with urllib.request.urlopen(request, timeout=30) as answer:
            answer.read()
""",
    ),
)
