"""Quotes of a CSV file: where whole records end in spite of them, and whether they stand where RFC 4180 has them."""

from __future__ import annotations

from mixpriv_reconcile.ids.arrays import Ints, np
from mixpriv_reconcile.ids.flaws import Flaw
from mixpriv_reconcile.ids.lexers.chunk import flaw_at

__all__ = ["misplaced", "records_end", "unfinished"]

_LF, _CR, _COMMA, _QUOTE = 10, 13, 44, 34
_HINT = 'put a field with a quote, comma or line end in quotes, and double each quote within it: "say ""hi"""'


def records_end(raw: bytes) -> int:
    """Where the last whole record of *raw* ends; 0 where there is none."""
    end = raw.rfind(b"\n") + 1
    if raw.count(b'"', 0, end) % 2 == 0:
        return end
    octets = np.frombuffer(raw, np.uint8, end)
    breaks = np.flatnonzero(octets == _LF)
    outside = breaks[np.searchsorted(np.flatnonzero(octets == _QUOTE), breaks) & 1 == 0]
    return int(outside[-1]) + 1 if len(outside) else 0


def misplaced(raw: bytes, first_line: int) -> tuple[int, Flaw] | None:
    """The first quote of *raw* that the RFC doesn't allow: where its record begins, and the flaw."""
    if b'"' not in raw:
        return None
    # a byte before the first, so that places shift by one, and commas behind the last, as a CR alone ends no field there
    octets = np.frombuffer(b"\n" + raw + b",,", np.uint8)
    quotes = np.flatnonzero(octets == _QUOTE)
    before, behind = octets[quotes[0::2] - 1], quotes[1::2] + 1
    after = octets[behind]
    # what follows a quote directly is that quote's double, so that a quote beside a quote is right on both sides
    opens_badly = np.flatnonzero((before != _LF) & (before != _COMMA) & (before != _QUOTE))
    crlf = (after == _CR) & (octets[behind + 1] == _LF)
    closes_badly = np.flatnonzero((after != _LF) & (after != _COMMA) & (after != _QUOTE) & ~crlf)
    opening = 2 * int(opens_badly[0]) if len(opens_badly) else len(quotes)
    closing = 2 * int(closes_badly[0]) + 1 if len(closes_badly) else len(quotes)
    if opening == closing:
        return None
    if opening < closing:
        at = int(quotes[opening]) - 1
        flaw = flaw_at(raw, first_line, at, "MP0426", "a quote stands inside a field that is not in quotes", _HINT)
    else:
        at = _field_start(quotes, closing) - 1
        flaw = flaw_at(raw, first_line, at, "MP0426", "the field goes on behind its closing quote", _HINT)
    return records_end(raw[:at]), flaw


def unfinished(raw: bytes, first_line: int, record_bytes: int | None) -> Flaw | None:
    """What is wrong with *raw*, a record without end: too long for *record_bytes*, or the last of its file (None)."""
    bad = misplaced(raw, first_line)
    if bad is not None:
        return bad[1]
    if raw.count(b'"') % 2:
        quotes = np.flatnonzero(np.frombuffer(raw, np.uint8) == _QUOTE)
        at = _field_start(quotes, len(quotes))
        within = "" if record_bytes is None else f" within {record_bytes:,} bytes"
        return flaw_at(raw, first_line, at, "MP0425", f"the quote that opens here is not closed{within}", _HINT)
    if record_bytes is not None:
        return Flaw("MP0421", f"this row is longer than {record_bytes:,} bytes", "check that the file has line ends", line=first_line)
    return None


def _field_start(quotes: Ints, index: int) -> int:
    """The opening quote of the field that quote *index*, were there one, closes."""
    opening = index - 1
    while opening > 0 and quotes[opening] == quotes[opening - 1] + 1:
        opening -= 2
    return int(quotes[opening])
