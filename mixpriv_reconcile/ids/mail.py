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

    What stands before the at sign may be in quotes, with blanks: `"anna b"@example.org`.

    Addresses at one of *allowed_domains* (lower case), or below it, are passed over.
    """
    if "@" not in text and "%40" not in text:
        return
    for word in WORD.finditer(text):
        begin = _quoted(text, word.start())
        for at in AT.finditer(word[0], 1 if begin == word.start() else 0):
            domain = DOMAIN.match(word[0], at.end())
            if domain is not None and not _is_allowed(domain[0].lower(), allowed_domains):
                start = begin if at.start() == 0 else word.start()
                yield start, word.start() + domain.end() - start
                break


def _quoted(text: str, end: int) -> int:
    """Where the quoted word begins that ends right before *end*, its quotes doubled (CSV) or escaped (JSON) or not; *end* where none does.

    A quote that closes nothing but punctuation closed another word: `"id": "@example.org"`.
    """
    if not end or text[end - 1] != '"' or AT.match(text, end) is None:
        return end
    close = end
    while close and text[close - 1] in '"\\':
        close -= 1
    begin = text.rfind('"', 0, close)  # of one at sign no farther than to the quote before the last: a line's length in all
    return begin if begin >= 0 and any(map(str.isalnum, text[begin + 1 : close])) else end


def _is_allowed(domain: str, allowed: Sequence[str]) -> bool:
    return any(domain == one or domain.endswith(f".{one}") for one in allowed)
