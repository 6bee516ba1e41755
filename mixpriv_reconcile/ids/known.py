"""What the state knows of one request's ids, and what is new, kept or gone against what the manifest declares now."""

from __future__ import annotations

import operator
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TypeAlias

from mixpriv_reconcile.ids.arrays import Bools, NDArray, Rows, Words, np
from mixpriv_reconcile.ids.parts import Batches, Part, consolidated, merged_ranges, numbered
from mixpriv_reconcile.ids.rows import flat, positions, rows_of, slices
from mixpriv_reconcile.ids.segments import let_go
from mixpriv_reconcile.ids.sets import from_unsorted, id_set
from mixpriv_reconcile.model.ids import EMPTY_IDS, IdSet

__all__ = ["Groups", "Known", "Split"]


Piece: TypeAlias = tuple[Rows, Batches, Bools | None]
"""Ascending digests, each with its batch number, and which of them count (None: all)."""


class Groups(Mapping[int, IdSet]):
    """Ids by batch number, ascending. How many there are of each costs little; a set is made when it is asked for.

    No digest counts in more than one of *pieces*.
    """

    __slots__ = ("_borders", "_counts", "_members", "_pieces")

    def __init__(self, *pieces: Piece) -> None:
        self._pieces = pieces
        self._counts: dict[int, int] | None = None
        self._members: NDArray[np.uint32] | None = None
        self._borders: dict[int, int] = {}

    @property
    def counts(self) -> Mapping[int, int]:
        """How many ids each batch has, ascending by number."""
        if self._counts is None:
            found: dict[int, int] = {}
            for numbers, _ in self._chosen():
                occurring, counts = np.unique(numbers, return_counts=True)
                for number, count in zip(occurring.tolist(), counts.tolist(), strict=True):
                    found[number] = found.get(number, 0) + count
            self._counts = dict(sorted(found.items()))
        return self._counts

    def __getitem__(self, number: int) -> IdSet:
        count = self.counts[number]
        members = self._grouped()
        begin = self._borders[number]
        mine, first, found = members[begin : begin + count], 0, []
        for rows, _, _ in self._pieces:
            here = mine[np.searchsorted(mine, first) : np.searchsorted(mine, first + len(rows))]
            if len(here):
                found.append(rows[here - np.uint32(first)])
            first += len(rows)
        return id_set(flat(found[0])) if len(found) == 1 else from_unsorted(flat(np.concatenate(found)))

    def __iter__(self) -> Iterator[int]:
        return iter(self.counts)

    def __len__(self) -> int:
        return len(self.counts)

    def __repr__(self) -> str:
        return f"Groups({dict(self.counts)!r})"

    def _chosen(self) -> Iterator[tuple[Batches, Words]]:
        """The batch numbers of all that count, some at a time, and where each stands among the rows of all pieces."""
        first = 0
        for rows, batches, chosen in self._pieces:
            for part in slices(len(rows)):
                at = np.arange(first + part.start, first + part.stop, dtype=np.uint64)
                if chosen is None:
                    yield batches[part], at
                else:
                    yield batches[part][chosen[part]], at[chosen[part]]
            first += len(rows)

    def _grouped(self) -> NDArray[np.uint32]:
        """The rows' places, batch by batch; within a batch they ascend. Made once."""
        if self._members is None:
            # number and place in one word, since bare numbers sort fastest
            keys: Words = np.empty(sum(self.counts.values()), np.uint64)
            done = 0
            for numbers, at in self._chosen():
                keys[done : done + len(numbers)] = (numbers.astype(np.uint64) << np.uint64(32)) | at
                done += len(numbers)
            keys.sort()
            self._members = (keys & np.uint64(0xFFFFFFFF)).astype(np.uint32)
            begin = 0
            for number, count in self.counts.items():
                self._borders[number] = begin
                begin += count
        return self._members


@dataclass(frozen=True, slots=True)
class Split:
    """Declared ids against known ones. *kept* and *gone* are by the number of the batch that had the id last."""

    new: IdSet
    kept: Groups
    gone: Groups


class Known:
    """Parts of one request's memory, oldest first; where several have an id, the latest says its batch."""

    __slots__ = ("_drawn_from", "_parts")

    def __init__(self, parts: Sequence[Part]) -> None:
        views = [numbered(part) for part in parts]
        self._drawn_from = tuple(digests for digests, _ in parts)
        self._parts = consolidated(views)

    def all(self) -> IdSet:
        """Every known id; where one part knows them all, a view of it. `split` knows the set again."""
        if len(self._parts) < 2:
            every = id_set(flat(self._parts[0][0])) if self._parts else EMPTY_IDS
        else:
            merged: Rows = np.empty((sum(len(rows) for rows, _ in self._parts), 2), np.uint64)
            count = 0
            for rows, _, _ in merged_ranges(self._parts, _NO_ROWS):
                merged[count : count + len(rows)] = rows
                count += len(rows)
            every = id_set(flat(merged[:count]))
        return replace(every, drawn_from=self._drawn_from)

    def let_go(self) -> None:
        """Keep nothing of mapped segments in memory that isn't looked at again."""
        for digests in self._drawn_from:
            let_go(digests)

    def batches(self) -> Groups:
        """All known ids by the number of the batch that had them last."""
        if len(self._parts) < 2:
            return Groups(*((rows, batches, None) for rows, batches in self._parts))
        return Groups(*((rows, batches, None) for rows, batches, _ in merged_ranges(self._parts, _NO_ROWS)))

    def split(self, declared: IdSet) -> Split:
        """What of *declared* is new, what is kept, and which known ids are declared no more."""
        if not self._parts:
            return Split(declared, NO_GROUPS, NO_GROUPS)
        if declared.drawn_from is not None and _are_same(declared.drawn_from, self._drawn_from):
            # all that is known, and nothing else: its sources are proven unchanged
            is_disjoint = sum(len(rows) for rows, _ in self._parts) == declared.count
            kept = Groups(*((rows, batches, None) for rows, batches in self._parts)) if is_disjoint else self.batches()
            return Split(EMPTY_IDS, kept, NO_GROUPS)
        rows = rows_of(declared.digests)
        found: Bools = np.zeros(len(rows), np.bool_)
        # Of one part, what is kept are views of the memory; of several, which are joined range by range, the declared rows are what lasts.
        is_one = len(self._parts) == 1
        last: Batches = np.zeros(0 if is_one else len(rows), np.uint32)
        stayed: list[Piece] = [] if is_one else [(rows, last, found)]
        gone: list[Piece] = []
        for known, batches, part in merged_ranges(self._parts, rows):
            places, hit = positions(known, rows[part])
            found[part] = hit
            declared_too = np.zeros(len(known), np.bool_)
            declared_too[places[hit]] = True
            if is_one:
                stayed.append((known, batches, declared_too))
            else:
                last[part][hit] = batches[places[hit]]
            if not declared_too.all():
                gone.append((known[~declared_too], batches[~declared_too], None))
        if not found.any():
            return Split(declared, NO_GROUPS, Groups(*gone))
        return Split(EMPTY_IDS if found.all() else id_set(flat(rows[~found])), Groups(*stayed), Groups(*gone))


def _are_same(buffers: Sequence[memoryview], others: Sequence[memoryview]) -> bool:
    """Whether these are the very same buffers, whatever they hold."""
    return len(buffers) == len(others) and all(map(operator.is_, buffers, others))


_NO_ROWS: Rows = np.empty((0, 2), np.uint64)
NO_GROUPS = Groups()
