"""Reading sources one after the other: digests and offsets of their ids pile up, and what is wrong with them."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

from mixpriv_reconcile.ids.arrays import Ints, Rows, np
from mixpriv_reconcile.ids.beside import Beside
from mixpriv_reconcile.ids.digest import digester_of
from mixpriv_reconcile.ids.files import blocks, open_source
from mixpriv_reconcile.ids.findings import Findings, characters
from mixpriv_reconcile.ids.flaws import Flaw
from mixpriv_reconcile.ids.growing import Growing
from mixpriv_reconcile.ids.gz import gunzip
from mixpriv_reconcile.ids.keys import DigestKey
from mixpriv_reconcile.ids.lexers import Chunk, chunks
from mixpriv_reconcile.ids.proofs import Prover, hashed
from mixpriv_reconcile.ids.rules import rules_of
from mixpriv_reconcile.ids.sieve import sieve_of
from mixpriv_reconcile.ids.sources import IdFile
from mixpriv_reconcile.model.bounds import Bounds
from mixpriv_reconcile.model.diagnostics import SourceSpan
from mixpriv_reconcile.model.ids import InlineIds
from mixpriv_reconcile.model.state import SourceRecord

__all__ = ["Reading", "TooMany", "record_bytes"]

_INLINE_STEP = 1 << 15


class TooMany(Exception):
    """The request has more ids than its bound."""


def record_bytes(bounds: Bounds) -> int:
    """The longest line or CSV row that is read: 1 MiB, or what an id at its bound may take with all of it escaped."""
    return max(2**20, 8 * bounds.id_bytes)


class Reading:
    """What was read so far: a row for each id, in the order of the sources, doubles included; and what is wrong.

    `offsets`, one for each row, are kept where ids are to be read again; `proofs`, one for each source, where a *prover* is given.
    Digests are made beside the reading: `finish` waits for the last ones.
    """

    __slots__ = (
        "_address",
        "_beside",
        "_bounds",
        "_progress",
        "_prover",
        "_rows",
        "_rules",
        "_sieve",
        "count",
        "digester",
        "findings",
        "offsets",
        "proofs",
    )

    def __init__(
        self,
        key: DigestKey,
        bounds: Bounds,
        allowed_placeholders: frozenset[str],
        address: str,
        progress: Callable[[int], None] | None,
        *,
        with_offsets: bool,
        prover: Prover | None,
        show_ids: bool = False,
    ) -> None:
        self.digester = digester_of(key)
        self.findings = Findings(address, show_ids=show_ids)
        self.count = 0
        self._rows = Growing(np.uint64, 2)
        self._beside = Beside(self._rows.append)
        self.offsets: Growing[np.int64] | None = Growing(np.int64) if with_offsets else None
        self.proofs: list[SourceRecord] = []
        self._address = address
        self._prover = prover
        self._bounds = bounds
        self._rules = rules_of(bounds.id_bytes, allowed_placeholders)
        self._sieve = sieve_of(self._rules)
        self._progress = progress

    def finish(self) -> Rows:
        """The rows, once; nothing is taken any more."""
        self._beside.finish()
        return self._rows.finish()

    def drop(self) -> None:
        """Give up what is still being digested; may be called after `finish`."""
        self._beside.drop()

    def take_inline(self, inline: InlineIds) -> None:
        """The ids of the manifest; an offset is a position in their list, from 0."""
        every = np.array(inline.ends, np.int64)
        for begin in range(0, len(every), _INLINE_STEP):
            ends = every[begin : begin + _INLINE_STEP]
            origin = int(every[begin - 1]) if begin else 0
            blob = inline.blob[origin : int(ends[-1])]
            ends = ends - origin
            starts = np.concatenate(([0], ends[:-1]))
            offenders = self._sieve.offenders(blob, starts, ends)
            shown = offenders[: self.findings.room].tolist()
            for index in shown:
                value, at = inline[begin + index], begin + index
                span = SourceSpan(inline.file, inline.lines[at], inline.columns[at], characters(value))
                self.findings.offender(span, *self._rules.wording(value), value)
            self.findings.more(len(offenders) - len(shown))
            self._add(blob, starts, ends, np.arange(begin, begin + len(ends)))
        if self._prover is not None:
            self._prove(inline.file, len(inline.blob), self._prover.of_inline(inline), len(inline))

    def take_file(self, root: Path, file: IdFile, block_bytes: int) -> None:
        """The ids of one file; an offset is a byte of its content, unpacked."""
        descriptor, before = -1, self.count
        try:
            descriptor = open_source(root, file.path)
            stream = blocks(descriptor, file.path, block_bytes)
            proof = self._prover.begun(file) if self._prover is not None else None
            if proof is not None:
                stream = hashed(stream, proof)
            if file.gzip:
                stream = gunzip(stream, file.path, ratio=self._bounds.gzip_ratio, size=block_bytes)
            for chunk in chunks(file.format, file.selector, stream, record_bytes=record_bytes(self._bounds)):
                self._judge(file.path, chunk)
                self._add(chunk.blob, chunk.starts, chunk.ends, chunk.offsets)
            if proof is not None:
                self._prove(file.path, os.fstat(descriptor).st_size, proof.hexdigest(), self.count - before)
        except Flaw as flaw:
            self.findings.flaw(file.path, flaw)
        finally:
            if descriptor >= 0:
                os.close(descriptor)

    def _prove(self, file: str, size: int, keyed_hash: str, count: int) -> None:
        """Remember the hash of one source; `scan` fills in that of the whole set."""
        self.proofs.append(SourceRecord(self._address, file, size, keyed_hash, count, ""))

    def _judge(self, path: str, chunk: Chunk) -> None:
        """Report offending ids and faulty records of *chunk*, those that stand first as far as there is room."""
        offenders = self._sieve.offenders(chunk.blob, chunk.starts, chunk.ends)
        total = len(offenders) + len(chunk.faults)
        if not total:
            return
        room = self.findings.room
        ids = [(int(chunk.at[index]), index, None) for index in offenders[:room].tolist()]
        records = [(fault.at, -1, fault) for fault in sorted(chunk.faults, key=lambda fault: fault.at)[:room]]
        shown = sorted([*ids, *records], key=lambda found: found[0])[:room]
        for at, index, fault in shown:
            if fault is not None:
                span = SourceSpan(path, *chunk.place_of_byte(at), fault.length)
                self.findings.offender(span, fault.code, fault.message, fault.hint)
            else:
                value = chunk.blob[int(chunk.starts[index]) : int(chunk.ends[index])]
                span = SourceSpan(path, *chunk.place(index), characters(value))
                self.findings.offender(span, *self._rules.wording(value), value)
        self.findings.more(total - len(shown))

    def _add(self, blob: bytes, starts: Ints, ends: Ints, offsets: Ints) -> None:
        over = self.count + len(starts) - self._bounds.ids_per_request
        if over > 0:
            raise TooMany
        fits = ends - starts <= self._bounds.id_bytes  # others are errors already, and would need a block of AES for each 16 bytes
        if not fits.all():
            starts, ends, offsets = starts[fits], ends[fits], offsets[fits]
        self.count += len(starts)
        self._beside.put(lambda: self.digester.digest_spans(blob, starts, ends))
        if self.offsets is not None:
            self.offsets.append(offsets)
        if self._progress is not None:
            self._progress(len(starts))
