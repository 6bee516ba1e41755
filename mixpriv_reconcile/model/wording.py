"""Numbers as people write them, for whoever has something to say."""

from __future__ import annotations

import re

__all__ = ["capitalised", "counted", "full_stopped", "people", "verb"]

WORD = re.compile(r"[^\W\d_]+(?:['’-][^\W\d_]+)*")
"""A plain word: letters, in it an apostrophe or a hyphen (`can't`, `re-read`)."""


def counted(count: int, noun: str, plural: str = "") -> str:
    """`1 request`, `1,234 requests`; *plural* where it isn't made by an `s`."""
    return f"{count:,} {noun if count == 1 else plural or noun + 's'}"


def capitalised(text: str) -> str:
    """*text* with a capital first, the rest as it is; empty stays empty.

    Where the first word is no plain one (an address, a file, a `command`), or stands before a colon, it is a name, which has no other
    spelling.
    """
    first = text.partition(" ")[0].rstrip(",;.?!")
    return text[:1].upper() + text[1:] if WORD.fullmatch(first) else text


def full_stopped(text: str) -> str:
    """*text* with a full stop at its end, where it doesn't end as a question does."""
    return text if text.endswith("?") else f"{text.rstrip('.')}."


def people(count: int) -> str:
    """`1 distinct id`, `4,321 distinct ids`."""
    return counted(count, "distinct id")


def verb(count: int, one: str, several: str) -> str:
    """What *count* of something do or are: `1 distinct id is in task 7`, `2 distinct ids are in task 7`."""
    return one if count == 1 else several
