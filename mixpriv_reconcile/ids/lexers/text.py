"""One id a line. LF, CRLF and a leading BOM are the file's; every other byte is the id's, a lone CR too."""

from __future__ import annotations

from collections.abc import Iterator

from mixpriv_reconcile.ids.arrays import np
from mixpriv_reconcile.ids.flaws import Flaw
from mixpriv_reconcile.ids.lexers.chunk import Chunk, encoding_faults
from mixpriv_reconcile.ids.lexers.pieces import line_end, pieces

__all__ = ["chunks", "id_at", "too_long"]

_LF, _CR = 10, 13


def chunks(stream: Iterator[bytes], record_bytes: int) -> Iterator[Chunk]:
    """The ids of a text file."""
    line = 1
    for piece in pieces(stream, line_end, record_bytes):
        raw = piece.raw
        if len(raw) > record_bytes and piece.is_rest:
            raise too_long(line, record_bytes)
        if piece.is_rest:
            ends = np.array([len(raw)], np.int64)
            starts = np.zeros(1, np.int64)
        else:
            octets = np.frombuffer(raw, np.uint8)
            breaks = np.flatnonzero(octets == _LF)
            starts = np.empty_like(breaks)
            starts[0] = 0
            np.add(breaks[:-1], 1, out=starts[1:])
            # a line of LF alone has another line's LF, or nothing, before it; never a CR of its own
            ends = breaks - (octets[breaks - 1] == _CR) * (breaks > starts) if b"\r" in raw else breaks
            lengths = ends - starts
            if int(lengths.max()) > record_bytes:
                longest = int(np.flatnonzero(lengths > record_bytes)[0])
                if longest:
                    yield Chunk(raw, starts[:longest], ends[:longest], raw, starts[:longest], piece.base, line)
                raise too_long(line + longest, record_bytes)
        yield Chunk(raw, starts, ends, raw, starts, piece.base, line, encoding_faults(raw))
        line += len(starts)


def id_at(window: bytes, is_end: bool) -> bytes | None:
    """The line that *window* starts with."""
    end = window.find(b"\n")
    if end < 0:
        return window if is_end else None
    return window[: end - 1] if window[end - 1 : end] == b"\r" else window[:end]


def too_long(line: int, record_bytes: int) -> Flaw:
    return Flaw(
        "MP0421", f"this line is longer than {record_bytes:,} bytes", "check that the file has line ends, and its format", line=line
    )
