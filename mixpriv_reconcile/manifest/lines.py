"""Lines as YAML counts them: libyaml takes NEL, LS and PS for line breaks too, and `str.splitlines` takes still others."""

from __future__ import annotations

import re
from bisect import bisect_right

__all__ = ["Lines", "lines_of"]

BREAK = re.compile("\r\n|[\n\r\x85\u2028\u2029]")


def lines_of(text: str) -> list[str]:
    """The lines of *text* without their breaks; the last one is what stands behind the last break, which may be nothing."""
    return BREAK.split(text)


class Lines:
    """From a character's index in a text to its line and column, both from 1."""

    __slots__ = ("_starts",)

    def __init__(self, text: str) -> None:
        self._starts = [0, *(match.end() for match in BREAK.finditer(text))]

    def at(self, index: int) -> tuple[int, int]:
        """Line and column of the character at *index*."""
        line = bisect_right(self._starts, index)
        return line, index - self._starts[line - 1] + 1
