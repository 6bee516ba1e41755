"""Sets of ids by their digests: pure functions over ascending buffers of 16 bytes an id."""

from __future__ import annotations

import hashlib

from mixpriv_reconcile.ids.arrays import Rows, np
from mixpriv_reconcile.ids.rows import compacted, first_of_equals, flat, positions, rows_of, sort
from mixpriv_reconcile.model.ids import DIGEST_BYTES, EMPTY_IDS, IdSet

__all__ = ["cut", "difference", "from_unsorted", "id_set", "intersection", "is_subset", "union"]


def id_set(buffer: bytes | memoryview) -> IdSet:
    """The set of digests that stand in *buffer*, which must ascend without doubles already; shares its memory."""
    view = memoryview(buffer).cast("B") if len(buffer) else memoryview(b"")
    if len(view) % DIGEST_BYTES:
        raise ValueError(f"digests are {DIGEST_BYTES} bytes each; {len(view)} bytes can't be some")
    return IdSet(len(view) // DIGEST_BYTES, hashlib.sha256(view).hexdigest(), view) if len(view) else EMPTY_IDS


def from_unsorted(buffer: bytes | memoryview) -> IdSet:
    """The set of digests that stand in *buffer* in any order, doubles merged."""
    ascending, _ = sort(rows_of(buffer))
    keep = first_of_equals(ascending)
    return id_set(flat(ascending if keep is None else compacted(ascending, keep)))


def union(left: IdSet, right: IdSet) -> IdSet:
    """The ids of either."""
    if not left or not right:
        return left or right
    base, more = rows_of(left.digests), rows_of(right.digests)
    places, found = positions(base, more)
    added = more[~found]
    if not len(added):
        return left
    merged: Rows = np.empty((len(base) + len(added), 2), np.uint64)
    taken = places[~found] + np.arange(len(added))
    rest = np.ones(len(merged), np.bool_)
    rest[taken] = False
    merged[taken] = added
    merged[rest] = base
    return id_set(flat(merged))


def difference(left: IdSet, right: IdSet) -> IdSet:
    """The ids of *left* that *right* doesn't have."""
    if not left or not right:
        return left
    wanted = rows_of(left.digests)
    _, found = positions(rows_of(right.digests), wanted)
    return id_set(flat(wanted[~found])) if found.any() else left


def intersection(left: IdSet, right: IdSet) -> IdSet:
    """The ids of both."""
    if not left or not right:
        return EMPTY_IDS
    wanted = rows_of(left.digests)
    _, found = positions(rows_of(right.digests), wanted)
    return left if found.all() else id_set(flat(wanted[found]))


def is_subset(part: IdSet, whole: IdSet) -> bool:
    """Whether *whole* has every id of *part*."""
    return part.count <= whole.count and bool(positions(rows_of(whole.digests), rows_of(part.digests))[1].all())


def cut(ids: IdSet, size: int) -> tuple[IdSet, ...]:
    """The batches of at most *size* ids, in ascending order of digest; views, not copies. The same set gives the same batches."""
    if size < 1:
        raise ValueError("a batch has at least one id")
    step = size * DIGEST_BYTES
    return tuple(id_set(ids.digests[begin : begin + step]) for begin in range(0, len(ids.digests), step))
