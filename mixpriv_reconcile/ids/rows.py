"""Arrays of digests: their order, sorting them, and finding some among many.

The order of digests is that of their bytes. A row holds them as they lie in memory; `halves` makes numbers that compare alike.
Large arrays are worked on in slices, so that what comes on top of them stays at some MiB.
"""

from __future__ import annotations

import bisect
from collections.abc import Iterator

from mixpriv_reconcile.ids.arrays import Bools, Ints, NDArray, Rows, Words, np
from mixpriv_reconcile.model.ids import DIGEST_BYTES

__all__ = [
    "compacted",
    "first_of_equals",
    "flat",
    "gathered",
    "halves",
    "is_ascending",
    "position",
    "positions",
    "rows_of",
    "slices",
    "sort",
]

_SLICE = 1 << 18
_NEEDLES = 1 << 16
_SPARSE = 32  # haystack rows a needle, above which probing by hand beats making the haystack comparable


def rows_of(buffer: bytes | memoryview) -> Rows:
    """The rows of a flat buffer of 16 bytes a digest; a view, not a copy."""
    return np.frombuffer(buffer, np.uint64).reshape(-1, 2)


def flat(rows: Rows) -> memoryview:
    """The flat buffer of *rows*, 16 bytes a digest; a view wherever they lie one after the other."""
    return np.ascontiguousarray(rows).view(np.uint8).reshape(-1).data if len(rows) else memoryview(b"")


def halves(rows: Rows) -> tuple[Words, Words]:
    """The first and last 8 bytes of each digest as numbers that order as the bytes do."""
    big_endian = rows.view(">u8")
    return big_endian[:, 0].astype(np.uint64), big_endian[:, 1].astype(np.uint64)


def slices(count: int, step: int = _SLICE) -> Iterator[slice]:
    """The slices that cover *count* rows, *step* rows each."""
    for begin in range(0, count, step):
        yield slice(begin, min(begin + step, count))


def sort(rows: Rows) -> tuple[Rows, NDArray[np.uint32]]:
    """*rows* ascending, and where each stood; equal ones keep their order.

    The position takes the place of the low bits of each first half: sorting bare numbers is thrice as fast as sorting positions by a key.
    The few neighbours that differ only in the bits given up are put right afterwards.
    """
    count = len(rows)
    bits = np.uint64(max(1, (count - 1).bit_length()))
    keys: Words = np.empty(count, np.uint64)
    for part in slices(count):
        first_half = rows[part].view(">u8")[:, 0].astype(np.uint64)
        keys[part] = (first_half >> bits << bits) | np.arange(part.start, part.stop, dtype=np.uint64)
    keys.sort()
    stood: NDArray[np.uint32] = (keys & ((np.uint64(1) << bits) - np.uint64(1))).astype(np.uint32)
    del keys
    ascending = gathered(rows, stood)
    _put_right(ascending, stood, int(bits))
    return ascending, stood


def gathered(rows: Rows, order: NDArray[np.uint32]) -> Rows:
    """`rows[order]`, the positions widened slice by slice."""
    chosen: Rows = np.empty((len(order), 2), np.uint64)
    for part in slices(len(order)):
        np.take(rows, order[part], axis=0, out=chosen[part], mode="clip")
    return chosen


def first_of_equals(rows: Rows) -> Bools | None:
    """Which rows of an ascending array differ from the one before; None where all do."""
    differs = np.ones(len(rows), np.bool_)
    for part in slices(len(rows) - 1):
        here, there = rows[part.start : part.stop], rows[part.start + 1 : part.stop + 1]
        differs[part.start + 1 : part.stop + 1] = (here[:, 0] != there[:, 0]) | (here[:, 1] != there[:, 1])
    return None if bool(differs.all()) else differs


def compacted(rows: Rows, keep: Bools) -> Rows:
    """The rows that *keep* names, moved to the front of *rows* itself."""
    written = 0
    for part in slices(len(rows)):
        kept = rows[part][keep[part]]
        rows[written : written + len(kept)] = kept
        written += len(kept)
    return rows[:written]


def is_ascending(rows: Rows) -> bool:
    """Whether each row is above the one before."""
    for part in slices(len(rows) - 1):
        pair = rows[part.start : part.stop + 1]
        high = pair.view(">u8")[:, 0].astype(np.uint64)
        if not bool((high[:-1] < high[1:]).all()):  # nearly always enough: equal first halves are rare, and the second ones decide
            _, low = halves(pair)
            if not bool(((high[:-1] < high[1:]) | ((high[:-1] == high[1:]) & (low[:-1] < low[1:]))).all()):
                return False
    return True


def position(rows: Rows, digest: bytes) -> int:
    """How many of the ascending *rows* are below *digest*."""
    return bisect.bisect_left(range(len(rows)), digest, key=lambda index: rows[index].tobytes())


def positions(haystack: Rows, needles: Rows) -> tuple[Ints, Bools]:
    """For each needle how many rows of the ascending *haystack* are below it, and whether it is among them.

    Fast where needles ascend too; right in any order.
    """
    places: Ints = np.empty(len(needles), np.int64)
    found: Bools = np.zeros(len(needles), np.bool_)
    for part in slices(len(needles), _NEEDLES):
        wanted = needles[part]
        begin, end = _range(haystack, wanted)
        places[part] = begin + _places(haystack[begin:end], wanted)
        inside = np.flatnonzero(places[part] < len(haystack))
        hits = haystack[places[part][inside]]
        found[part.start + inside] = (hits[:, 0] == wanted[inside, 0]) & (hits[:, 1] == wanted[inside, 1])
    return places, found


def _range(haystack: Rows, needles: Rows) -> tuple[int, int]:
    """The part of *haystack* that lies between the lowest and the highest needle."""
    if not len(needles) or not len(haystack):
        return 0, 0
    high, _ = halves(needles)
    lowest, highest = int(high.min()), int(high.max())
    begin = position(haystack, lowest.to_bytes(8, "big") + bytes(8))
    beyond = highest + 1
    end = len(haystack) if beyond >> 64 else begin + position(haystack[begin:], beyond.to_bytes(8, "big") + bytes(8))
    return begin, end


def _places(haystack: Rows, needles: Rows) -> Ints:
    if not len(haystack):
        return np.zeros(len(needles), np.int64)
    if len(haystack) <= _SPARSE * len(needles):
        high, _ = halves(haystack)
        if not bool((high[1:] == high[:-1]).any()):
            wanted, wanted_low = halves(needles)
            places = np.searchsorted(high, wanted)
            at = np.minimum(places, len(haystack) - 1)
            beyond = (high[at] == wanted) & (places < len(haystack))
            if bool(beyond.any()):  # equal first halves: the second ones decide
                _, low = halves(haystack[at])
                places += beyond & (low < wanted_low)
            return places
    return _probed(haystack, needles)


def _probed(haystack: Rows, needles: Rows) -> Ints:
    """Binary search by both halves, all needles in step."""
    wanted, wanted_low = halves(needles)
    begin = np.zeros(len(needles), np.int64)
    end = np.full(len(needles), len(haystack), np.int64)
    while bool((open_ := begin < end).any()):
        middle = (begin + end) >> 1
        high, low = halves(haystack[np.minimum(middle, len(haystack) - 1)])
        below = open_ & ((high < wanted) | ((high == wanted) & (low < wanted_low)))
        begin = np.where(below, middle + 1, begin)
        end = np.where(open_ & ~below, middle, end)
    return begin


def _put_right(rows: Rows, stood: NDArray[np.uint32], bits: int) -> None:
    """Sort the runs that agree in all but the last *bits* of the first half, where they don't ascend yet."""
    done = 0
    for part in slices(len(rows) - 1):
        high, low = halves(rows[part.start : part.stop + 1])
        for offset in np.flatnonzero((high[1:] < high[:-1]) | ((high[1:] == high[:-1]) & (low[1:] < low[:-1]))).tolist():
            place = part.start + offset
            if place < done:
                continue
            prefix = _prefix(rows, place, bits)
            begin = bisect.bisect_left(range(len(rows)), prefix, key=lambda index: _prefix(rows, index, bits))
            done = bisect.bisect_right(range(len(rows)), prefix, key=lambda index: _prefix(rows, index, bits))
            run_high, run_low = halves(rows[begin:done])
            order = np.lexsort((run_low, run_high))
            rows[begin:done] = rows[begin:done][order]
            stood[begin:done] = stood[begin:done][order]


def _prefix(rows: Rows, index: int, bits: int) -> int:
    return int.from_bytes(rows[index].tobytes()[: DIGEST_BYTES // 2], "big") >> bits
