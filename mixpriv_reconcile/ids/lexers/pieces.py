"""A stream of blocks → pieces that end where a record ends."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

__all__ = ["Piece", "line_end", "pieces"]

_BOM = b"\xef\xbb\xbf"


@dataclass(frozen=True, slots=True)
class Piece:
    """Whole records: *raw* is the source from byte *base*. *is_rest* where no record end was found: the last record, or one too long."""

    raw: bytes = field(repr=False)
    base: int
    is_rest: bool = False
    is_end: bool = False


def pieces(stream: Iterator[bytes], cut: Callable[[bytes], int], record_bytes: int) -> Iterator[Piece]:
    """The stream without a leading BOM, in pieces. *cut* says how many bytes of its argument are whole records.

    What is left of the last piece is one more with `is_end`; a record longer than *record_bytes* is one with `is_rest` alone, and
    nothing follows it.
    """
    rest, base, is_start = b"", 0, True
    for block in stream:
        rest += block
        if is_start:
            if len(rest) < len(_BOM) and _BOM.startswith(rest):
                continue  # may become a BOM
            if rest.startswith(_BOM):
                rest, base = rest[len(_BOM) :], len(_BOM)
            is_start = False
        end = cut(rest)
        if end:
            yield Piece(rest[:end], base)
            rest, base = rest[end:], base + end
        if len(rest) > record_bytes:
            yield Piece(rest, base, is_rest=True)
            return
    if rest:
        yield Piece(rest, base, is_rest=True, is_end=True)


def line_end(raw: bytes) -> int:
    """Where the last whole line of *raw* ends."""
    return raw.rfind(b"\n") + 1
