"""What can be wrong with a source or an id in it: one code and one wording each, never with the id."""

from __future__ import annotations

from dataclasses import dataclass

__all__ = ["Fault", "Flaw", "shown_path"]


class Flaw(Exception):
    """Why a source can't be read on; ends that source. *line* and *column* count from 1."""

    def __init__(self, code: str, message: str, hint: str = "", *, line: int = 1, column: int = 1, length: int = 1) -> None:
        super().__init__(message)
        self.code, self.message, self.hint = code, message, hint
        self.line, self.column, self.length = line, column, length


@dataclass(frozen=True, slots=True)
class Fault:
    """Something wrong with one record, at byte *at* of its chunk; reading goes on behind it."""

    at: int
    code: str
    message: str
    hint: str = ""
    length: int = 1


def shown_path(path: str) -> str:
    """*path* as it may be printed: control characters and bytes that aren't UTF-8 are escaped."""
    return "".join(character if character.isprintable() else character.encode("unicode_escape").decode() for character in path)
