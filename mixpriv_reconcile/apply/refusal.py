"""What to try after Mixpanel refused a batch: smaller parts, so that one bad id keeps nobody back (contract §3)."""

from __future__ import annotations

from collections.abc import Sequence

from mixpriv_reconcile.ids.sets import id_set
from mixpriv_reconcile.model.ids import DIGEST_BYTES, IdSet
from mixpriv_reconcile.model.secrets import RawIds

__all__ = ["EXTRA_CALLS", "SAFE_SIZE", "digests_of", "part", "parts_of", "slice_of"]

EXTRA_CALLS = 64
"""Most calls beyond the first for one batch in one run; what is left then waits for the next apply (contract §3)."""

SAFE_SIZE = 1999
"""The always-legal number of ids: the reference says 1,999, the guide 2,000 (API §1.8 #7)."""


def parts_of(count: int) -> tuple[int, ...]:
    """Sizes to try for a refused batch of *count* ids, at least 2: first 1,999 and the rest, then halves."""
    first = SAFE_SIZE if count > SAFE_SIZE else (count + 1) // 2
    return (first, count - first)


def part(ids: IdSet, positions: Sequence[int]) -> IdSet:
    """The ids at *positions* (ascending, from 0) as a set of their own."""
    return id_set(memoryview(b"".join(ids.digests[at * DIGEST_BYTES : (at + 1) * DIGEST_BYTES] for at in positions)))


def digests_of(ids: IdSet, start: int, count: int) -> IdSet:
    """*count* of *ids* from position *start* on."""
    if (start, count) == (0, ids.count):
        return ids
    return id_set(ids.digests[start * DIGEST_BYTES : (start + count) * DIGEST_BYTES])


def slice_of(ids: IdSet, raw: RawIds, start: int, count: int) -> tuple[IdSet, RawIds]:
    """*count* ids from position *start* on, by digest and raw."""
    return digests_of(ids, start, count), raw[start : start + count]
