"""From a request's `distinct_ids` and `from` to `IdSources`: paths made relative to the workspace, and kept inside it."""

from __future__ import annotations

import glob
import posixpath
from collections.abc import Mapping
from typing import Any

from mixpriv_reconcile.manifest.checked import Checked
from mixpriv_reconcile.manifest.document import IdList, Path
from mixpriv_reconcile.manifest.report import Report
from mixpriv_reconcile.model.ids import IdSources, SourceEntry
from mixpriv_reconcile.model.paths import leaves

__all__ = ["sources_of"]

WILD = frozenset("*?[")
MAX_DEEP, MAX_STARS = 2, 4
"""Wildcards beyond which looking for files takes for ever in a deep folder."""


def sources_of(values: Mapping[str, Any], source: Checked, path: Path, report: Report) -> IdSources:
    """Where the ids of the request at *path* stand; entries that leave the workspace are reported and left out."""
    document = source.document
    listed = values.get("distinct_ids")
    inline = listed.ids if isinstance(listed, IdList) else None
    base = posixpath.dirname(document.file)
    entries = []
    for number, entry in enumerate(values.get("from", [])):
        pattern = entry.get("file")
        if pattern is None:
            continue
        here = (*path, "from", number, "file")
        why = _trouble(base, pattern)
        if why:
            report.error("MP0317", why, "write a path relative to this manifest that stays inside the workspace", document, here)
            continue
        # A folder of the manifest that is called [a] is no pattern.
        relative = posixpath.normpath(posixpath.join(glob.escape(base), pattern))
        is_whole = not any(source.is_unsure(*here[:-1], key) for key in ("column", "field"))
        entries.append(SourceEntry(relative, "", document.span(here), entry.get("column"), entry.get("field"), is_whole))
    return IdSources(inline, tuple(entries))


def _trouble(base: str, pattern: str) -> str:
    """Why *pattern*, in a manifest in *base*, can't name a source; empty where it can."""
    why = leaves(pattern, base)
    parts = pattern.split("/")
    wild = next((at for at, part in enumerate(parts) if WILD & set(part)), len(parts))
    if not why and (parts.count("**") > MAX_DEEP or any(part.count("*") > MAX_STARS for part in parts if part != "**")):
        return f"this path has too many wildcards: at most {MAX_DEEP} times ** and {MAX_STARS} times * between two slashes"
    if not why and ".." in parts[wild:]:
        return "this path goes up behind a wildcard; where it leads can't be known"
    return why
