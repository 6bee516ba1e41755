"""Finished exports: which of a request's tasks have theirs downloaded or handed over."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping

from mixpriv_reconcile.model.files import FileSeen
from mixpriv_reconcile.model.state import RequestRecord

__all__ = ["export_file", "is_delivered", "kept_exports"]

PLAIN_NAME = re.compile(r"[A-Za-z0-9-]{1,64}")


def export_file(folder: str, tracking_id: str) -> str:
    """Where the export of a task goes, relative to the workspace; a task's name that can be no file's is hashed."""
    name = tracking_id if PLAIN_NAME.fullmatch(tracking_id) else hashlib.sha256(tracking_id.encode()).hexdigest()[:32]
    return f"{folder}/export-{name}.zip"


def is_delivered(record: RequestRecord, tracking_id: str | None, files: Mapping[str, FileSeen]) -> bool:
    """Whether the task's export is done (contract §3): its file has the recorded size and hash, or it was handed over."""
    return any(_is_there(export, files) for export in record.downloads if export.get("tracking_id") == tracking_id)


def _is_there(export: Mapping[str, str], files: Mapping[str, FileSeen]) -> bool:
    if "handed_over_by" in export:
        return True
    seen = files.get(export.get("file", ""))
    return seen is not None and (str(seen.size), seen.sha256) == (export.get("size"), export.get("sha256"))


def kept_exports(record: RequestRecord, export: Mapping[str, str]) -> tuple[Mapping[str, str], ...]:
    """The record's exports with *export* in place of what was known of its task."""
    return (*(known for known in record.downloads if known.get("tracking_id") != export["tracking_id"]), export)
