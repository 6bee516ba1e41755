"""CSV (RFC 4180): comma, double quotes, a header row; ids from the column of a name.

Everything is found by arithmetic on whole arrays: a comma or LF divides where an even number of quotes stands before it. That
holds only while quotes stand where the RFC puts them, so one elsewhere ends the reading.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from mixpriv_reconcile.ids.arrays import Ints, np
from mixpriv_reconcile.ids.flaws import Fault, Flaw
from mixpriv_reconcile.ids.lexers.chunk import Chunk, encoding_faults
from mixpriv_reconcile.ids.lexers.header import column_number, no_header
from mixpriv_reconcile.ids.lexers.layout import Layout, layout
from mixpriv_reconcile.ids.lexers.pieces import pieces
from mixpriv_reconcile.ids.lexers.quotes import misplaced, records_end, unfinished

__all__ = ["chunks", "id_at"]

_FIELD_END = re.compile(rb"[,\n]")


def chunks(stream: Iterator[bytes], column: str, record_bytes: int) -> Iterator[Chunk]:
    """The ids of a CSV file; the first row is its header. A row's offset is that of the field, its opening quote included."""
    line = 1
    number = width = -1
    for piece in pieces(stream, records_end, record_bytes):
        raw, is_open = piece.raw, False
        if piece.is_rest:
            flaw = unfinished(raw, line, None if piece.is_end else record_bytes)
            if flaw is not None:
                raise flaw
            raw, is_open = raw + b"\n", True
        bad = misplaced(raw, line)
        if bad is not None:
            raw = raw[: bad[0]]
        if raw:
            found = layout(raw, is_open and bad is None)
            lines = raw.count(b"\n") if found.quotes.size else found.rows
            if number < 0:
                number, width = column_number(found.cells(0), column), found.width(0)
                found = found.without_first()
            longest = found.longer_than(record_bytes)
            if longest is not None:
                raise Flaw(
                    "MP0421",
                    f"this row is longer than {record_bytes:,} bytes",
                    "check the quotes around it",
                    line=line + raw.count(b"\n", 0, longest),
                )
            yield _chunk(found, number, width, piece.base, line)
        if bad is not None:
            raise bad[1]
        line += lines
    if number < 0:
        raise no_header()


def id_at(window: bytes, is_end: bool) -> bytes | None:
    """The field that *window* starts with."""
    if window.startswith(b'"'):
        close = 1
        while (close := window.find(b'"', close)) >= 0 and window[close + 1 : close + 2] == b'"':
            close += 2
        if close < 0 or (close + 1 == len(window) and not is_end):
            return b"" if is_end else None
        return window[1:close].replace(b'""', b'"')
    end = _FIELD_END.search(window)
    if end is None:
        return window if is_end else None
    return window[: end.start()].removesuffix(b"\r") if end.group() == b"\n" else window[: end.start()]


def _chunk(found: Layout, number: int, width: int, base: int, line: int) -> Chunk:
    widths = found.widths
    blank = found.is_blank()
    fits = (widths > number) & (widths <= width)
    faults = [*encoding_faults(found.raw)]
    for row in np.flatnonzero(~fits).tolist():
        at = int(found.begins[row])
        if blank[row]:
            faults.append(Fault(at, "MP0411", "this line is blank, an empty distinct id", "remove the line"))
        else:
            hint = "quote a field that holds a comma or a line end; check the row against the header"
            faults.append(Fault(at, "MP0424", f"this row has {int(widths[row])} fields where the header has {width}", hint))
    begins, ends = found.fields(number, fits)
    blob, starts, stops = _unquoted(found, begins, ends)
    return Chunk(blob, starts, stops, found.raw, begins, base, line, tuple(faults))


def _unquoted(found: Layout, begins: Ints, ends: Ints) -> tuple[bytes, Ints, Ints]:
    """The spans without their quotes; fields with doubled quotes are written anew behind the raw bytes."""
    if not found.quotes.size:
        return found.raw, begins, ends
    quoted = (ends > begins) & (found.octets[np.minimum(begins, len(found.octets) - 1)] == ord('"'))
    starts, stops = begins + quoted, ends - quoted
    doubled = np.flatnonzero(quoted & (np.searchsorted(found.quotes, stops) > np.searchsorted(found.quotes, starts)))
    if not len(doubled):
        return found.raw, starts, stops
    anew = [found.raw[begin:end].replace(b'""', b'"') for begin, end in zip(starts[doubled].tolist(), stops[doubled].tolist(), strict=True)]
    written = len(found.raw) + np.cumsum([0, *map(len, anew)])
    starts[doubled], stops[doubled] = written[:-1], written[1:]
    return b"".join([found.raw, *anew]), starts, stops
