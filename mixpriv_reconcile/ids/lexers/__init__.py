"""Bytes of a source → chunks of ids, as spans into the bytes: which format is read by which lexer."""

from __future__ import annotations

from collections.abc import Iterator

from mixpriv_reconcile.ids.lexers import delimited, ndjson, text
from mixpriv_reconcile.ids.lexers.chunk import Chunk
from mixpriv_reconcile.ids.sources import Format

__all__ = ["Chunk", "chunks", "id_at"]


def chunks(form: Format, selector: str | None, stream: Iterator[bytes], *, record_bytes: int) -> Iterator[Chunk]:
    """The ids of a whole stream. `Flaw` when it can't be read on, or has a record of more than *record_bytes*."""
    match form:
        case Format.TEXT:
            return text.chunks(stream, record_bytes)
        case Format.CSV:
            return delimited.chunks(stream, selector or "", record_bytes)
        case Format.NDJSON:
            return ndjson.chunks(stream, selector or "", record_bytes)


def id_at(form: Format, selector: str | None, window: bytes, is_end: bool) -> bytes | None:
    """The id whose offset is the first byte of *window*; None where the window is too short (never if it *is_end* of the file).

    Of a file that has changed it may give anything: its caller compares digests.
    """
    match form:
        case Format.TEXT:
            return text.id_at(window, is_end)
        case Format.CSV:
            return delimited.id_at(window, is_end)
        case Format.NDJSON:
            return ndjson.id_at(window, is_end, selector or "")
