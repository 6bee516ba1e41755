"""Exports: the small ZIP archive behind a finished retrieval's link."""

from __future__ import annotations

import io
import json
import zipfile
from collections.abc import Sequence
from typing import Final

from mixpriv_reconcile.sandbox.tasks import Task

__all__ = ["archive"]

EARLIEST: Final = (1980, 1, 1, 0, 0, 0)
"""The first date ZIP can hold; a fixed one, so that the same task gives the same bytes."""


def archive(task: Task, distinct_ids: Sequence[str]) -> bytes:
    """A ZIP with an invented profile and event for each id. Not protected by a password."""
    profiles = [{"$distinct_id": one, "$properties": {"$name": "Sandbox user"}} for one in distinct_ids]
    events = [{"event": "Sandbox event", "properties": {"distinct_id": one, "time": int(task.created_at)}} for one in distinct_ids]
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as target:
        for name, lines in (("profiles.jsonl", profiles), ("events.jsonl", events)):
            text = "".join(json.dumps(line, ensure_ascii=False) + "\n" for line in lines)
            target.writestr(zipfile.ZipInfo(name, EARLIEST), text, zipfile.ZIP_DEFLATED)
    return buffer.getvalue()
