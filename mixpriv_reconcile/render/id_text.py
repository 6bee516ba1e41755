"""A distinct id for the eyes of a person: whatever stands in it, it steers no terminal."""

from __future__ import annotations

import re
import unicodedata

from mixpriv_reconcile.render.look import ORDER

__all__ = ["CUT", "MOST_CHARACTERS", "id_text"]

MOST_CHARACTERS = 200
"""Characters of an id that are shown: more than any usual one has. An id may have 1,024 bytes, and by `MIXPRIV_MAX_ID_BYTES` more."""

INVISIBLE = re.compile("[\u034f\u115f\u1160\u17b4\u17b5\u180b-\u180f\u3164\ufe00-\ufe0f\uffa0\U000e0100-\U000e01ef]")
"""Letters and marks that nobody sees, though they count as printable (Unicode's Default_Ignorable_Code_Point)."""

CUT = "…"
SPECIAL = re.compile(r"\A(?:[\"…]|\Z)| ")
"""Where an id is put into quotes though all of it is seen: it might be taken for one in quotes, one that is cut, or a line of words."""


def id_text(value: str) -> str:
    """*value* as it is where it is plain; else in quotes, with all that nobody would see, or that steers a terminal, as `\\u{…}`.

    A long one is cut, and says so. Two different ids look different, unless they are cut or look alike by their letters.
    """
    shown = value[:MOST_CHARACTERS]
    hidden = _hidden(shown)
    if hidden or SPECIAL.search(shown):
        shown = f'"{"".join(_escaped(char, is_hidden=at in hidden) for at, char in enumerate(shown))}"'
    return f"{shown}{CUT} (cut)" if len(value) > MOST_CHARACTERS else shown


def _hidden(text: str) -> frozenset[int]:
    """Where *text* has a character that isn't to reach a terminal, or would not be seen there."""
    unseen = {at for at, char in enumerate(text) if not char.isprintable() or INVISIBLE.match(char)}
    if text and unicodedata.combining(text[0]):  # it would stand on what is before the id
        unseen.add(0)
    return frozenset(unseen.union(found.start() for found in ORDER.finditer(text)))


def _escaped(char: str, *, is_hidden: bool) -> str:
    if is_hidden:
        return f"\\u{{{ord(char):x}}}"
    return f"\\{char}" if char in '"\\' else char
