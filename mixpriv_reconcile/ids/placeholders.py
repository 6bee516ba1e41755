"""Values that stand for "no user": Mixpanel's importer refuses them as distinct ids, and erasing one would erase many (API §6.6)."""

from __future__ import annotations

__all__ = ["PLACEHOLDERS"]

PLACEHOLDERS = frozenset(
    {
        "00000000-0000-0000-0000-000000000000",
        "anon",
        "anonymous",
        "nil",
        "none",
        "null",
        "n/a",
        "na",
        "undefined",
        "unknown",
        "<nil>",
        "0",
        "-1",
        "true",
        "false",
        "[]",
        "{}",
    }
)
"""In small letters; ASCII letters are compared without regard to case."""
