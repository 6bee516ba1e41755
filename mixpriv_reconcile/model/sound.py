"""What no document of ours holds though its types fit: numbers, days and times beyond what can be counted with."""

from __future__ import annotations

import dataclasses
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
    if dataclasses.is_dataclass(value):
        for field in dataclasses.fields(value):
            inner = getattr(value, field.name)
            if field.name in WORDS and inner not in WORDS[field.name]:
                raise ValueError("not a word that is known here")
            check(inner)
    elif isinstance(value, Mapping):
        for item in value.values():
            check(item)
    elif isinstance(value, tuple | list):
        for item in value:
            check(item)
    elif isinstance(value, date):
        if not FIRST_YEAR <= value.year <= LAST_YEAR or (isinstance(value, datetime) and value.tzinfo is None):
            raise ValueError("not a day or time that can be")
    elif (isinstance(value, int) and not 0 <= value <= LARGEST) or (isinstance(value, float) and not 0 <= value <= LARGEST):
        raise ValueError("not a number that can be")
