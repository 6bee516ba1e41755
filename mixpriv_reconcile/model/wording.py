"""Numbers as people write them, for whoever has something to say."""

from __future__ import annotations

__all__ = ["capitalised", "counted", "full_stopped", "people"]


def counted(count: int, noun: str, plural: str = "") -> str:
    """`1 request`, `1,234 requests`; *plural* where it isn't made by an `s`."""
    return f"{count:,} {noun if count == 1 else plural or noun + 's'}"


def capitalised(text: str) -> str:
    """*text* with a capital first, the rest as it is; empty stays empty."""
    return text[:1].upper() + text[1:]


def full_stopped(text: str) -> str:
    """*text* with a full stop at its end, where it doesn't end as a question does."""
    return text if text.endswith("?") else f"{text.rstrip('.')}."


def people(count: int) -> str:
    """`1 distinct id`, `4,321 distinct ids`."""
    return counted(count, "distinct id")
