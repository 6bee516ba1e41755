"""What the manifests say, as one number: the same for any order of files, keys, `from` entries and for any comment."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping
from typing import Any

from mixpriv_reconcile.manifest.document import IdList

__all__ = ["fingerprint"]

UNORDERED = frozenset({"from", "allow_placeholder_ids"})


def fingerprint(workspace: Mapping[str, Any], projects: Mapping[str, Any]) -> str:
    """SHA-256 (hex) of all values; of an id list only that it is there, for its ids count by their digests."""
    values = _ordered({"workspace": workspace, "projects": projects})
    return hashlib.sha256(_spelled(values).encode("utf-8", "surrogatepass")).hexdigest()


def _ordered(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _sorted(item) if key in UNORDERED and _is_list(item) else _ordered(item) for key, item in value.items()}
    if isinstance(value, IdList):
        return None
    if isinstance(value, list):
        return [_ordered(item) for item in value]
    return value


def _sorted(values: Iterable[Any]) -> list[Any]:
    return sorted(map(_ordered, values), key=_spelled)


def _is_list(value: Any) -> bool:
    return isinstance(value, list) and not isinstance(value, IdList)


def _spelled(value: Any) -> str:
    return json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
