"""Our types as what JSON can hold; back from there it is `codec` that leads."""

from __future__ import annotations

import dataclasses
import enum
import functools
from collections.abc import Mapping
from datetime import date, datetime
from typing import Any

__all__ = ["NOT_IN_JSON", "plain"]

NOT_IN_JSON = frozenset({"open_segments", "runs", "_runs_by_address", "digests", "drawn_from", "unmasked"})
"""Fields that no document has."""


def plain(value: Any) -> Any:
    """*value* as what JSON can hold: dataclasses by field, enums by value, days and times in ISO 8601 (UTC, `Z`)."""
    match value:
        case str() | int() | float() | None:  # most of what there is, so it comes first
            return value.value if isinstance(value, enum.Enum) else value
        case enum.Enum():
            return value.value
        case datetime():
            return value.isoformat().replace("+00:00", "Z")
        case date():
            return value.isoformat()
        case Mapping():
            return {str(key): plain(item) for key, item in value.items()}
        case list() | tuple() | set() | frozenset():
            return [plain(item) for item in value]
        case _:
            names = _names_in_json(type(value))  # type: ignore[arg-type]  # mypy takes no class for hashable
            return {name: plain(getattr(value, name)) for name in names} if names is not None else value


@functools.cache
def _names_in_json(cls: Any) -> tuple[str, ...] | None:
    """The fields of a dataclass that JSON has; None for another type."""
    if not dataclasses.is_dataclass(cls):
        return None
    return tuple(field.name for field in dataclasses.fields(cls) if field.name not in NOT_IN_JSON)
