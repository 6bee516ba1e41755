"""Where rows and fields of whole CSV records lie."""

from __future__ import annotations

from dataclasses import dataclass, field, replace

from mixpriv_reconcile.ids.arrays import Bools, Bytes, Ints, np

__all__ = ["Layout", "layout"]

_LF, _CR, _COMMA, _QUOTE = 10, 13, 44, 34


@dataclass(frozen=True, slots=True)
class Layout:
    """Rows of *raw*: row *i* starts at byte `begins[i]`; its fields end at `dividers[first[i]]` to `dividers[last[i]]`.

    *is_open*: the last row's LF isn't the file's, so that a CR before it is the field's.
    """

    raw: bytes = field(repr=False)
    octets: Bytes = field(repr=False)
    quotes: Ints = field(repr=False)
    dividers: Ints = field(repr=False)
    begins: Ints = field(repr=False)
    first: Ints = field(repr=False)
    last: Ints = field(repr=False)
    is_open: bool

    @property
    def rows(self) -> int:
        return len(self.begins)

    @property
    def widths(self) -> Ints:
        """How many fields each row has."""
        return self.last - self.first + 1

    def width(self, row: int) -> int:
        return int(self.last[row] - self.first[row]) + 1

    def without_first(self) -> Layout:
        """The same without row 0."""
        return replace(self, begins=self.begins[1:], first=self.first[1:], last=self.last[1:])

    def fields(self, number: int, rows: Bools) -> tuple[Ints, Ints]:
        """Begin and end of field *number*, from 0, of the chosen *rows*, quotes included, line ends not."""
        divider = self.first[rows] + number
        ends = self.dividers[divider]
        begins = self.begins[rows] if number == 0 else self.dividers[divider - 1] + 1
        if b"\r" in self.raw:
            closes = (divider == self.last[rows]) & (ends > begins) & (self.octets[ends - 1] == _CR)
            if self.is_open and len(closes) and bool(rows[-1]):
                closes[-1] = False
            ends = ends - closes
        return begins, ends

    def is_blank(self) -> Bools:
        """Which rows have nothing in them."""
        ends = self.dividers[self.last]
        lengths = ends - self.begins
        blank: Bools = (lengths == 0) | ((lengths == 1) & (self.octets[ends - 1] == _CR))
        return blank

    def longer_than(self, size: int) -> int | None:
        """Where the first row of more than *size* bytes begins."""
        longer = np.flatnonzero(self.dividers[self.last] - self.begins > size)
        return int(self.begins[longer[0]]) if len(longer) else None

    def cells(self, row: int) -> list[bytes]:
        """The fields of one row, without quotes."""
        cells, begin = [], int(self.begins[row])
        for end in self.dividers[int(self.first[row]) : int(self.last[row]) + 1].tolist():
            cells.append(self.raw[begin:end])
            begin = end + 1
        if not (self.is_open and row == self.rows - 1):
            cells[-1] = cells[-1].removesuffix(b"\r")
        return [cell[1:-1].replace(b'""', b'"') if cell.startswith(b'"') else cell for cell in cells]


def layout(raw: bytes, is_open: bool) -> Layout:
    """The layout of *raw*, whose last byte is the LF of its last row."""
    octets = np.frombuffer(raw, np.uint8)
    dividers = np.flatnonzero((octets == _LF) | (octets == _COMMA))
    quotes = np.flatnonzero(octets == _QUOTE) if b'"' in raw else np.empty(0, np.int64)
    if quotes.size:
        dividers = dividers[np.searchsorted(quotes, dividers) & 1 == 0]
    last = np.flatnonzero(octets[dividers] == _LF)
    first, begins = np.empty_like(last), np.empty_like(last)
    first[0] = begins[0] = 0
    np.add(last[:-1], 1, out=first[1:])
    np.add(dividers[last[:-1]], 1, out=begins[1:])
    return Layout(raw, octets, quotes, dividers, begins, first, last, is_open)
