"""What a plain scalar is by YAML 1.2's core rules: `no` is text, a date is text, `007` is text."""

from __future__ import annotations

import re
from typing import Any

__all__ = ["resolved"]

WORDS: dict[str, Any] = dict.fromkeys(("", "~", "null", "Null", "NULL"))
WORDS |= dict.fromkeys(("true", "True", "TRUE"), True)
WORDS |= dict.fromkeys(("false", "False", "FALSE"), False)
MAYBE_NUMBER = frozenset("0123456789+-.")
# Lengths are bounded: no number in a manifest needs more, and a number of a million digits takes seconds to convert.
WHOLE = re.compile(r"[-+]?(?:0|[1-9][0-9]{0,17})")
FRACTION = re.compile(r"[-+]?(?:0|[1-9][0-9]{0,17})?\.[0-9]{1,18}(?:[eE][-+]?[0-9]{1,2})?")


def resolved(text: str) -> Any:
    """The value of the plain scalar *text*, without octal, hexadecimal, infinities and dates."""
    if text in WORDS:
        return WORDS[text]
    if text[0] not in MAYBE_NUMBER:
        return text
    if WHOLE.fullmatch(text):
        return int(text)
    if FRACTION.fullmatch(text):
        return float(text)
    return text
