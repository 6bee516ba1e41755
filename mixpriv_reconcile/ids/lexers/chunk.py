"""Some ids of a source, with what is needed to say where each one stands."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

from mixpriv_reconcile.ids.arrays import Ints
from mixpriv_reconcile.ids.flaws import Fault, Flaw

__all__ = ["Chunk", "column_of", "encoding_faults", "flaw_at"]


@dataclass(frozen=True, slots=True)
class Chunk:
    """Id *i* is `blob[starts[i]:ends[i]]`; it, or its record, starts at byte `at[i]` of *raw*, which is the source from byte *base*.

    *first_line* is the line that *raw* starts in, from 1. Where `at` is that of the record, *inner* finds the id in its line.
    """

    blob: bytes = field(repr=False)
    starts: Ints = field(repr=False)
    ends: Ints = field(repr=False)
    raw: bytes = field(repr=False)
    at: Ints = field(repr=False)
    base: int
    first_line: int
    faults: tuple[Fault, ...] = ()
    inner: Callable[[str], int] | None = field(default=None, repr=False)

    @property
    def offsets(self) -> Ints:
        """The byte of the source, from 0, to read each id again from."""
        return self.at + self.base

    def place(self, index: int) -> tuple[int, int]:
        """Line and column, both from 1, of id *index*."""
        at = int(self.at[index])
        line, column = self.place_of_byte(at)
        if self.inner is None:
            return line, column
        end = self.raw.find(b"\n", at)
        return line, self.inner(self.raw[at : len(self.raw) if end < 0 else end].decode("utf-8", "replace")) + 1

    def place_of_byte(self, at: int) -> tuple[int, int]:
        """Line and column, both from 1, of byte *at* of `raw`."""
        return self.first_line + self.raw.count(b"\n", 0, at), column_of(self.raw, at)


def column_of(raw: bytes, at: int) -> int:
    """The column of byte *at* in its line: in characters, from 1."""
    start = raw.rfind(b"\n", 0, at) + 1
    return len(raw[start:at].decode("utf-8", "replace")) + 1


def flaw_at(raw: bytes, first_line: int, at: int, code: str, message: str, hint: str) -> Flaw:
    """A flaw at byte *at* of *raw*, which starts in line *first_line*."""
    return Flaw(code, message, hint, line=first_line + raw.count(b"\n", 0, at), column=column_of(raw, at))


def encoding_faults(raw: bytes) -> tuple[Fault, ...]:
    """The first byte of each line that isn't UTF-8."""
    if raw.isascii():
        return ()
    faults: list[Fault] = []
    begin, view = 0, memoryview(raw)
    while begin < len(raw):
        try:
            str(view[begin:], "utf-8")
            break
        except UnicodeDecodeError as trouble:
            at = begin + trouble.start
        faults.append(Fault(at, "MP0420", "this is not UTF-8", "save the file as UTF-8"))
        begin = raw.find(b"\n", at) + 1 or len(raw)
    return tuple(faults)
