"""Where each id of a request can be read again, and reading it: raw ids exist only from here to the wire."""

from __future__ import annotations

import contextlib
import os
import weakref
from collections.abc import Iterator
from pathlib import Path
from typing import IO

from mixpriv_reconcile.errors import SourceMoved
from mixpriv_reconcile.ids.arrays import Ints, NDArray, Rows, np
from mixpriv_reconcile.ids.digest import Digester
from mixpriv_reconcile.ids.files import blocks, open_source
from mixpriv_reconcile.ids.flaws import Flaw, shown_path
from mixpriv_reconcile.ids.gz import gunzip
from mixpriv_reconcile.ids.lexers import id_at
from mixpriv_reconcile.ids.reading import record_bytes
from mixpriv_reconcile.ids.rows import positions, rows_of
from mixpriv_reconcile.ids.sources import IdFile
from mixpriv_reconcile.ids.spool import Spool
from mixpriv_reconcile.model.bounds import Bounds
from mixpriv_reconcile.model.diagnostics import SourceSpan
from mixpriv_reconcile.model.ids import DIGEST_BYTES, InlineIds
from mixpriv_reconcile.model.secrets import RawIds

__all__ = ["Origins"]

_WINDOW_BYTES = 2048  # one read for any id at its usual bound
_UNPACK_BYTES = 2**20
_CLOSE_BYTES = 4096  # between ids, up to which reading what lies between costs less than another call


class Origins:
    """For each id of a sorted set, the source it was first seen in and the offset there.

    Row *i* of the set was the `stood[i]`-th id read, doubles counted; that one's offset is `offsets[stood[i]]`, its source the
    last whose `first` isn't above it. That takes 12 bytes an id and no second sort.
    """

    __slots__ = (
        "__weakref__",
        "_bounds",
        "_closing",
        "_digester",
        "_first",
        "_offsets",
        "_open_spool",
        "_record_bytes",
        "_root",
        "_rows",
        "_stood",
        "_unpacked",
        "sources",
    )

    def __init__(
        self,
        root: Path,
        sources: tuple[InlineIds | IdFile, ...],
        first: Ints,
        rows: Rows,
        stood: NDArray[np.uint32],
        offsets: Ints,
        digester: Digester,
        bounds: Bounds,
    ) -> None:
        self.sources = sources
        self._root, self._bounds, self._digester = root, bounds, digester
        self._record_bytes = record_bytes(bounds)
        self._first, self._rows, self._stood, self._offsets = first, rows, stood, offsets
        self._unpacked: dict[int, IO[bytes]] = {}
        self._open_spool: Spool | None = None
        self._closing = contextlib.ExitStack()
        weakref.finalize(self, self._closing.close)  # also when the interpreter exits

    def places(self, digests: memoryview) -> tuple[NDArray[np.uint32], NDArray[np.uint64]]:
        """For each digest the number of its source in `sources`, and its offset; `SourceMoved` when a digest is in none."""
        at, found = positions(self._rows, rows_of(digests))
        if not bool(found.all()):
            raise SourceMoved("MP0441", "the sources no longer hold all of the ids that were planned", "run `mixpriv plan` again")
        read = self._stood[at]
        return (np.searchsorted(self._first, read, "right") - 1).astype(np.uint32), self._offsets[read].astype(np.uint64)

    def raw_ids(self, digests: memoryview) -> RawIds:
        """The ids of *digests*, in that order, read again and compared; `SourceMoved` names the file that no longer holds one."""
        sources, offsets = self.places(digests)
        found: list[bytes] = [b""] * len(sources)
        for number in np.unique(sources).tolist():
            members = np.flatnonzero(sources == number)
            members = members[np.argsort(offsets[members])]  # front to back, as the disk likes it
            source = self.sources[number]
            wanted = zip(members.tolist(), offsets[members].tolist(), strict=True)
            if isinstance(source, InlineIds):
                for index, offset in wanted:
                    found[index] = source[offset]
                continue
            with contextlib.ExitStack() as stack:
                descriptor = self._content(number, source, stack)
                for index, value in self._read(descriptor, source, list(wanted)):
                    found[index] = value
        rows = self._digester.digest(b"".join(found), np.cumsum([len(value) for value in found], dtype=np.int64))
        altered = np.flatnonzero((rows != rows_of(digests)).any(axis=1))
        if len(altered):
            source = self.sources[int(sources[altered[0]])]
            raise _moved(source.file if isinstance(source, InlineIds) else source.path)
        return RawIds(tuple(value.decode() for value in found))

    def place(self, digests: memoryview) -> SourceSpan:
        """Where the first of *digests* stands: file and line; the column too where it is inline. `SourceMoved` where it is gone."""
        numbers, offsets = self.places(digests[:DIGEST_BYTES])
        number, offset = int(numbers[0]), int(offsets[0])
        source = self.sources[number]
        if isinstance(source, InlineIds):
            return SourceSpan(source.file, source.lines[offset], source.columns[offset])
        line, at = 1, 0
        with contextlib.ExitStack() as stack:
            descriptor = self._content(number, source, stack)
            while at < offset:
                piece = os.pread(descriptor, min(_UNPACK_BYTES, offset - at), at)
                if not piece:
                    break
                line, at = line + piece.count(b"\n"), at + len(piece)
        return SourceSpan(source.path, line, 1)

    def close(self) -> None:
        """Remove the spool, if one was needed; a later `raw_ids` makes it again."""
        self._unpacked.clear()
        self._open_spool = None
        self._closing.close()

    def _content(self, number: int, file: IdFile, stack: contextlib.ExitStack) -> int:
        """A descriptor whose bytes are the content of *file*, unpacked: its own, or one of the spool."""
        if number in self._unpacked:
            return self._unpacked[number].fileno()
        try:
            descriptor = open_source(self._root, file.path)
            stack.callback(os.close, descriptor)
            if not file.gzip:
                return descriptor
            return self._unpack(number, file, descriptor)
        except Flaw as flaw:
            raise SourceMoved("MP0441", f"{flaw.message}; the plan was made when it could be read", "run `mixpriv plan` again") from None

    def _unpack(self, number: int, file: IdFile, packed: int) -> int:
        """The spool's copy of the content behind the descriptor *packed*."""
        if self._open_spool is None:
            self._open_spool = self._closing.enter_context(Spool(self._root))
        pieces = gunzip(blocks(packed, file.path, _UNPACK_BYTES), file.path, ratio=self._bounds.gzip_ratio, size=_UNPACK_BYTES)
        copy = self._closing.enter_context(self._open_spool.filled(pieces))
        self._unpacked[number] = copy
        return copy.fileno()

    def _read(self, descriptor: int, file: IdFile, wanted: list[tuple[int, int]]) -> Iterator[tuple[int, bytes]]:
        """The ids at ascending offsets, each with what came with its offset. Where they lie close together one read serves many."""
        apart = (wanted[-1][1] - wanted[0][1]) // len(wanted)
        size = _WINDOW_BYTES if apart > _CLOSE_BYTES else _WINDOW_BYTES * 32
        window, begin = b"", 0
        for index, offset in wanted:
            if offset + _WINDOW_BYTES > begin + len(window):
                window, begin = os.pread(descriptor, size, offset), offset
            at = offset - begin
            value = id_at(file.format, file.selector, window[at : at + _WINDOW_BYTES], False)
            yield index, self._id(descriptor, file, offset) if value is None else value

    def _id(self, descriptor: int, file: IdFile, offset: int) -> bytes:
        """The id at *offset*; of a file that has changed it may be anything."""
        size = _WINDOW_BYTES
        while True:
            window = os.pread(descriptor, size, offset)
            is_end = len(window) < size or size > 2 * self._record_bytes
            value = id_at(file.format, file.selector, window, is_end)
            if value is not None:
                return value
            size *= 8


def _moved(path: str) -> SourceMoved:
    return SourceMoved("MP0441", f"{shown_path(path)} no longer holds the ids that were read from it", "run `mixpriv plan` again")
