"""One request's sources → the set of its ids, what is wrong with them, and where each can be read again."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from pathlib import Path

from mixpriv_reconcile.ids.arrays import np
from mixpriv_reconcile.ids.findings import doubles_note
from mixpriv_reconcile.ids.guarded import NOTHING_GUARDED, Guarded
from mixpriv_reconcile.ids.keys import DigestKey
from mixpriv_reconcile.ids.origins import Origins
from mixpriv_reconcile.ids.proofs import Prover
from mixpriv_reconcile.ids.reading import Reading, TooMany
from mixpriv_reconcile.ids.rows import compacted, first_of_equals, flat, sort
from mixpriv_reconcile.ids.sets import id_set
from mixpriv_reconcile.ids.sources import expand
from mixpriv_reconcile.model.bounds import Bounds
from mixpriv_reconcile.model.diagnostics import Diagnostic, Severity
from mixpriv_reconcile.model.ids import IdSet, IdSources
from mixpriv_reconcile.model.state import SourceRecord
from mixpriv_reconcile.model.wording import people

__all__ = ["BLOCK_BYTES", "Scan", "scan"]

BLOCK_BYTES = 2**20
"""Bytes read and worked on at once: what stays in the processor's cache."""


@dataclass(frozen=True, slots=True)
class Scan:
    """What the sources hold. *doubles* are repetitions that were merged; the ids are of use only without errors.

    *origins* and *proofs* are there as far as they were asked for.
    """

    ids: IdSet
    doubles: int
    diagnostics: tuple[Diagnostic, ...]
    origins: Origins | None = field(default=None, repr=False, compare=False)
    proofs: tuple[SourceRecord, ...] = ()


def scan(
    root: Path,
    sources: IdSources,
    digester_key: DigestKey,
    *,
    bounds: Bounds,
    allowed_placeholders: frozenset[str],
    address: str,
    guarded: Guarded = NOTHING_GUARDED,
    progress: Callable[[int], None] | None = None,
    block_bytes: int = BLOCK_BYTES,
    with_origins: bool = True,
    prover: Prover | None = None,
    show_ids: bool = False,
) -> Scan:
    """The ids of *sources*, inline ones first, then file by file. *progress* gets the number of ids read since its last call.
    *guarded* files are no sources. *with_origins* keeps 12 bytes an id, to read it again; a *prover* hashes each source as it is read.
    *show_ids* gives findings the ids they are about, for a terminal alone.

    Everything that is wrong is among the diagnostics; nothing is raised for it.
    """
    files, wrong = expand(root, sources.entries, guarded)
    reading = Reading(
        digester_key, bounds, allowed_placeholders, address, progress, with_offsets=with_origins, prover=prover, show_ids=show_ids
    )
    reading.findings.extend(wrong)
    first: list[int] = []
    entry = None
    try:
        if sources.inline is not None:
            first.append(0)
            reading.take_inline(sources.inline)
        for file in files:
            entry = file.entry
            first.append(reading.count)
            reading.take_file(root, file, block_bytes)
    except TooMany:
        message = f"this request has more than {people(bounds.ids_per_request)}, doubles counted"
        hint = "divide it into several requests; or set MIXPRIV_MAX_IDS_PER_REQUEST"
        reading.findings.request(Severity.ERROR, "MP0414", message, hint, entry.span if entry else None)
    except BaseException:
        reading.drop()
        raise
    rows, stood = sort(reading.finish())
    keep = first_of_equals(rows)
    doubles = 0
    if keep is not None:
        doubles = len(rows) - int(np.count_nonzero(keep))
        rows, stood = compacted(rows, keep), stood[keep]
        reading.findings.extend((doubles_note(doubles),))
    ids = id_set(flat(rows))
    origins = None
    if reading.offsets is not None:
        every = (() if sources.inline is None else (sources.inline,)) + files
        offsets = reading.offsets.finish()
        origins = Origins(root, every, np.array(first, np.int64), rows, stood, offsets, reading.digester, bounds)
    proofs = tuple(replace(proof, sha256=ids.sha256) for proof in reading.proofs)
    return Scan(ids, doubles, reading.findings.all(), origins, proofs)
