"""Where a text holds something like an e-mail address: the kind of id that names a person to everybody who reads it."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

__all__ = ["mail_like"]

WORD = re.compile(r"[^\s,;:\"'<>()\[\]{}|\\]+")
AT = re.compile(r"@|%40")
DOMAIN = re.compile(r"(?:[\w-]+\.)+[^\W\d_]{2,}")
"""A host of at least two labels, the last of letters: `user@1.2` and `a@b` are no addresses. Looked for right behind an at sign and nowhere
else, so that the longest line takes no longer than its length."""


def mail_like(text: str, allowed_domains: Sequence[str] = ()) -> Iterator[tuple[int, int]]:
    """Where each address in *text* begins, counted from 0, and its length; in order. `%40` is an at sign too, as in a URL.

    Addresses at one of *allowed_domains* (lower case), or below it, are passed over.
    """
    if "@" not in text and "%40" not in text:
        return
    for word in WORD.finditer(text):
        for at in AT.finditer(word[0], 1):
            domain = DOMAIN.match(word[0], at.end())
            if domain is not None and not _is_allowed(domain[0].lower(), allowed_domains):
                yield word.start(), domain.end()
                break


def _is_allowed(domain: str, allowed: Sequence[str]) -> bool:
    return any(domain == one or domain.endswith(f".{one}") for one in allowed)
