"""What one task of the past says of ids: ascending digests, each with its batch number; and putting several such parts together."""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Sequence
from typing import TypeAlias

from mixpriv_reconcile.ids.arrays import NDArray, Rows, np
from mixpriv_reconcile.ids.rows import compacted, first_of_equals, position, positions, rows_of, sort

__all__ = ["Batches", "Part", "consolidated", "joined", "merged_ranges", "numbered"]

Part: TypeAlias = tuple[memoryview, memoryview | int]
"""Digests ascending (16 bytes each), and their batch numbers (4 bytes each, little-endian) or the one that all have."""

Batches: TypeAlias = NDArray[np.uint32]

_SMALL = 1 << 16
_FEW = 4  # parts that are merged one into the other faster than all are sorted
_RANGE = 1 << 18


def numbered(part: Part) -> tuple[Rows, Batches]:
    """The arrays behind a part: views where it has a number for each id."""
    digests, batches = part
    rows = rows_of(digests)
    if isinstance(batches, int):
        return rows, np.broadcast_to(np.uint32(batches), (len(rows),))
    return rows, np.frombuffer(batches, "<u4").astype(np.uint32, copy=False)


def joined(parts: Sequence[tuple[Rows, Batches]]) -> tuple[Rows, Batches]:
    """One ascending array of all digests, oldest part first; where several have a digest, the last one's number counts."""
    parts = [part for part in parts if len(part[0])]
    if not parts:
        return np.empty((0, 2), np.uint64), np.empty(0, np.uint32)
    if len(parts) == 1:
        return parts[0]
    if _follow_each_other(parts):  # batches of one apply, which are cut in ascending order
        return np.concatenate([rows for rows, _ in parts]), np.concatenate([batches for _, batches in parts])
    if len(parts) > _FEW:
        return _sorted_together(parts)
    whole = parts[0]
    for part in parts[1:]:
        whole = _merged(whole, part)
    return whole


def _follow_each_other(parts: Sequence[tuple[Rows, Batches]]) -> bool:
    """Whether each part begins above the end of the one before."""
    return all(rows[-1].tobytes() < others[0].tobytes() for (rows, _), (others, _) in itertools.pairwise(parts))


def _merged(older: tuple[Rows, Batches], newer: tuple[Rows, Batches]) -> tuple[Rows, Batches]:
    """Both together; each digest of the smaller one is looked up in the larger one."""
    is_newer_larger = len(newer[0]) > len(older[0])
    (base, base_batches), (more, more_batches) = (newer, older) if is_newer_larger else (older, newer)
    places, found = positions(base, more)
    if not is_newer_larger and bool(found.any()):
        base_batches = base_batches.copy()
        base_batches[places[found]] = more_batches[found]
    if bool(found.all()):
        return base, base_batches
    added = places[~found] + np.arange(len(more) - np.count_nonzero(found))
    kept = np.ones(len(base) + len(added), np.bool_)
    kept[added] = False
    rows: Rows = np.empty((len(kept), 2), np.uint64)
    batches: Batches = np.empty(len(kept), np.uint32)
    rows[added], rows[kept] = more[~found], base
    batches[added], batches[kept] = more_batches[~found], base_batches
    return rows, batches


def _sorted_together(parts: Sequence[tuple[Rows, Batches]]) -> tuple[Rows, Batches]:
    # backwards, so that of equal digests, which keep their order, the first is the latest
    rows, stood = sort(np.concatenate([rows for rows, _ in reversed(parts)]))
    batches = np.take(np.concatenate([batches for _, batches in reversed(parts)]), stood)
    keep = first_of_equals(rows)
    return (rows, batches) if keep is None else (compacted(rows, keep), batches[keep])


def consolidated(parts: Sequence[tuple[Rows, Batches]]) -> tuple[tuple[Rows, Batches], ...]:
    """The same parts in fewer: neighbours joined while they are small, so that thousands of runs of a journal cost like a few."""
    fewer: list[tuple[Rows, Batches]] = []
    waiting: list[tuple[Rows, Batches]] = []
    for part in parts:
        if len(part[0]) < _SMALL:
            waiting.append(part)
            continue
        fewer += [joined(waiting), part] if waiting else [part]
        waiting = []
    if waiting:
        fewer.append(joined(waiting))
    return tuple(part for part in fewer if len(part[0]))


def merged_ranges(parts: Sequence[tuple[Rows, Batches]], beside: Rows) -> Iterator[tuple[Rows, Batches, slice]]:
    """Range after range of all digests, ascending: the joined parts within it, and the slice of *beside* that falls in it.

    A range has some 100,000 rows where digests are spread as a keyed function spreads them, so that joining needs little memory.
    """
    total = len(beside) + sum(len(rows) for rows, _ in parts)
    ranges = max(1, total // _RANGE)
    starts = [0] * len(parts)
    start_beside = 0
    for number in range(1, ranges + 1):
        if number < ranges:
            border = ((number << 64) // ranges).to_bytes(8, "big") + bytes(8)
            ends = [position(rows, border) for rows, _ in parts]
            end_beside = position(beside, border)
        else:
            ends, end_beside = [len(rows) for rows, _ in parts], len(beside)
        within = [(rows[begin:end], batches[begin:end]) for (rows, batches), begin, end in zip(parts, starts, ends, strict=True)]
        rows, batches = joined(within)
        yield rows, batches, slice(start_beside, end_beside)
        starts, start_beside = ends, end_beside
