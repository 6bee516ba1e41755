"""From a request's `distinct_ids` and `from` to `IdSources`: paths made relative to the workspace, and kept inside it."""

from __future__ import annotations

import posixpath
from collections.abc import Mapping
from typing import Any

from mixpriv_reconcile.manifest.document import Document, IdList, Path
from mixpriv_reconcile.manifest.report import Report
from mixpriv_reconcile.manifest.settings import is_inside
from mixpriv_reconcile.model.diagnostics import Severity
from mixpriv_reconcile.model.ids import IdSources, SourceEntry

__all__ = ["sources_of"]

GLOB = frozenset("*?[")


def sources_of(values: Mapping[str, Any], document: Document, path: Path, report: Report) -> IdSources:
    """Where the ids of the request at *path* stand; entries that leave the workspace are reported and left out."""
    listed = values.get("distinct_ids")
    inline = listed.ids if isinstance(listed, IdList) else None
    base = posixpath.dirname(document.file)
    entries = []
    for number, entry in enumerate(values.get("from", [])):
        here = (*path, "from", number, "file")
        relative = _within(base, entry["file"])
        if relative is None:
            hint = "write a path relative to this manifest that stays inside the workspace"
            report("MP0317", Severity.ERROR, "this path leaves the workspace", hint, document, here)
            continue
        entries.append(SourceEntry(relative, "", document.span(here), entry.get("column"), entry.get("field")))
    return IdSources(inline, tuple(entries))


def _within(base: str, pattern: str) -> str | None:
    """*pattern* as a path from the workspace's root, None where it leaves it."""
    parts = pattern.split("/")
    wild = next((at for at, part in enumerate(parts) if GLOB & set(part)), len(parts))
    joined = posixpath.join(base, pattern)
    if ".." in parts[wild:] or not is_inside(joined) or pattern.startswith(("/", "~")):
        return None
    return posixpath.normpath(joined)
