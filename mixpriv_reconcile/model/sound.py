"""What no document of ours holds though its types fit: numbers, days and times beyond what can be counted with."""

from __future__ import annotations

import dataclasses
import enum
import functools
from collections.abc import Mapping
from datetime import date, datetime
from typing import Any

__all__ = ["LARGEST", "check"]

LARGEST = 2**63 - 1
FIRST_YEAR, LAST_YEAR = 1900, 9000
"""Deadlines are counted from days, and times shown in other zones: both must stay within what a date can be."""

WORDS: Mapping[str, frozenset[str]] = {"opt_out": frozenset({"off", "warn", "require"}), "compliance": frozenset({"gdpr", "ccpa"})}
"""Fields that are looked up by what they say."""


def check(value: Any) -> None:
    """Raise `ValueError` where *value*, or something in it, is a number below zero or too large, a time without a zone, or an
    unknown word."""
    match value:
        case None | str() | bool() | enum.Enum():  # most of what there is, so it comes first
            pass
        case int() | float():
            if not 0 <= value <= LARGEST:
                raise ValueError("not a number that can be")
        case date():
            if not FIRST_YEAR <= value.year <= LAST_YEAR or (isinstance(value, datetime) and value.tzinfo is None):
                raise ValueError("not a day or time that can be")
        case Mapping():
            for item in value.values():
                check(item)
        case tuple() | list():
            for item in value:
                check(item)
        case _:
            for name in _fields(type(value)):  # type: ignore[arg-type]  # mypy takes no class for hashable
                inner = getattr(value, name)
                if name in WORDS and inner not in WORDS[name]:
                    raise ValueError("not a word that is known here")
                check(inner)


@functools.cache
def _fields(cls: Any) -> tuple[str, ...]:
    """The names of a dataclass's fields; none of another type."""
    return tuple(field.name for field in dataclasses.fields(cls)) if dataclasses.is_dataclass(cls) else ()
