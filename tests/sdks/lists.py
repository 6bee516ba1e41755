"""Lists of opt-outs as `mixpriv apply` writes them."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path

LISTED = ("007", "user-17", "zoë@example.com")
OTHERS = ("7", "user-1", "USER-17", "zoe@example.com", "")
DIGESTS = ("none", "sha256")


def write_list(folder: Path, digest: str, changed: dict[str, object] | None = None) -> Path:
    """The list of `LISTED` in *folder*; *changed* replaces keys of the document."""
    ids = sorted(LISTED if digest == "none" else (hashlib.sha256(one.encode()).hexdigest() for one in LISTED))
    document = {"format_version": 1, "generator": "mixpriv", "project": "web-eu", "project_id": 1978118, "digest": digest, "count": len(ids), "distinct_ids": ids}
    path = folder / "opt-outs.json"
    path.write_text(json.dumps(document | (changed or {}), ensure_ascii=False), "utf-8")
    return path
