"""The members of one JSON object as they stand, doubles included, each with its place."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Any, NoReturn

__all__ = ["NotAnObject", "members", "raw_decode"]

_BLANKS = re.compile(r"[ \t\r\n]*")


class NotAnObject(Exception):
    """The text isn't one JSON object; *at* says from which character on, from 0. The wording holds nothing of the text."""

    def __init__(self, at: int, why: str) -> None:
        super().__init__(why)
        self.at = at


def _refuse(constant: str) -> NoReturn:
    raise ValueError(f"{constant} is not JSON")


raw_decode = json.JSONDecoder(parse_constant=_refuse).raw_decode


def members(text: str) -> Iterator[tuple[str, Any, int]]:
    """Key, value, and the character that the value starts at."""
    at = _expect(text, 0, "{", "it does not start with {")
    if text[at : at + 1] == "}":
        at += 1
    else:
        while True:
            if text[at : at + 1] != '"':
                raise NotAnObject(at, "a key in quotes is missing")
            key, at = _decoded(text, at)
            start = _expect(text, at, ":", "a colon is missing")
            value, at = _decoded(text, start)
            yield key, value, start
            at = _skip(text, at)
            if text[at : at + 1] != ",":
                break
            at = _skip(text, at + 1)
        at = _expect(text, at, "}", "a comma or } is missing")
    at = _skip(text, at)
    if at != len(text):
        raise NotAnObject(at, "something follows the object")


def _decoded(text: str, at: int) -> tuple[Any, int]:
    try:
        return raw_decode(text, at)
    except json.JSONDecodeError as trouble:
        raise NotAnObject(trouble.pos, "it is not valid JSON") from None
    except (ValueError, RecursionError):
        raise NotAnObject(at, "it is not valid JSON, or nested or long beyond reason") from None


def _expect(text: str, at: int, mark: str, why: str) -> int:
    at = _skip(text, at)
    if text[at : at + 1] != mark:
        raise NotAnObject(at, why)
    return _skip(text, at + 1)


def _skip(text: str, at: int) -> int:
    blanks = _BLANKS.match(text, at)
    return blanks.end() if blanks else at
