"""What the state knows of one request's ids, and what is new, kept or gone against what the manifest declares now."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from mixpriv_reconcile.ids.arrays import Bools, Ints, Rows, np
from mixpriv_reconcile.ids.parts import Batches, Part, consolidated, joined, merged_ranges, numbered
from mixpriv_reconcile.ids.rows import flat, positions, rows_of
from mixpriv_reconcile.ids.sets import id_set
from mixpriv_reconcile.model.ids import EMPTY_IDS, IdSet

__all__ = ["Groups", "Known", "Split"]


class Groups(Mapping[int, IdSet]):
    """Ids by batch number, ascending. A set is made when it is asked for; `counts` makes none."""

    __slots__ = ("_batches", "_borders", "_chosen", "_members", "_numbers", "_rows")

    def __init__(self, rows: Rows, batches: Batches, chosen: Bools | None = None) -> None:
        self._rows, self._batches, self._chosen = rows, batches, chosen
        self._members: Ints | None = None
        self._numbers: dict[int, int] = {}
        self._borders: list[int] = []

    @property
    def counts(self) -> Mapping[int, int]:
        """How many ids each batch has."""
        self._group()
        return {number: self._borders[at + 1] - self._borders[at] for number, at in self._numbers.items()}

    def __getitem__(self, number: int) -> IdSet:
        members = self._group()
        at = self._numbers[number]
        return id_set(flat(self._rows[members[self._borders[at] : self._borders[at + 1]]]))

    def __iter__(self) -> Iterator[int]:
        self._group()
        return iter(self._numbers)

    def __len__(self) -> int:
        self._group()
        return len(self._numbers)

    def __repr__(self) -> str:
        return f"Groups({dict(self.counts)!r})"

    def _group(self) -> Ints:
        """The rows' positions, batch by batch; within a batch they ascend. Made once."""
        if self._members is None:
            members = np.arange(len(self._rows)) if self._chosen is None else np.flatnonzero(self._chosen)
            numbers = self._batches[members]
            if bool((numbers[1:] < numbers[:-1]).any()):
                # number and position in one word, since bare numbers sort fastest
                keys = (numbers.astype(np.uint64) << np.uint64(32)) | np.arange(len(numbers), dtype=np.uint64)
                keys.sort()
                order = (keys & np.uint64(0xFFFFFFFF)).astype(np.int64)
                members, numbers = members[order], numbers[order]
            borders = np.concatenate(([0], np.flatnonzero(numbers[1:] != numbers[:-1]) + 1, [len(numbers)])) if len(numbers) else [0]
            self._borders = [int(border) for border in borders]
            self._numbers = {int(numbers[border]): at for at, border in enumerate(self._borders[:-1])}
            self._members = members
        return self._members


@dataclass(frozen=True, slots=True)
class Split:
    """Declared ids against known ones. *kept* and *gone* are by the number of the batch that had the id last."""

    new: IdSet
    kept: Mapping[int, IdSet]
    gone: Mapping[int, IdSet]


class Known:
    """Parts of one request's memory, oldest first; where several have an id, the latest says its batch."""

    __slots__ = ("_parts",)

    def __init__(self, parts: Sequence[Part]) -> None:
        self._parts = consolidated([numbered(part) for part in parts])

    @property
    def count(self) -> int:
        """How many ids are known."""
        if len(self._parts) < 2:
            return sum(len(rows) for rows, _ in self._parts)
        return sum(len(rows) for rows, _, _ in merged_ranges(self._parts, _NO_ROWS))

    def batches(self) -> Mapping[int, IdSet]:
        """All known ids by the number of the batch that had them last."""
        if len(self._parts) < 2:
            return Groups(*joined(self._parts))
        ranges = [(rows, batches) for rows, batches, _ in merged_ranges(self._parts, _NO_ROWS)]
        return Groups(np.concatenate([rows for rows, _ in ranges]), np.concatenate([batches for _, batches in ranges]))

    def split(self, declared: IdSet) -> Split:
        """What of *declared* is new, what is kept, and which known ids are declared no more."""
        if not self._parts:
            return Split(declared, {}, {})
        rows = rows_of(declared.digests)
        found: Bools = np.zeros(len(rows), np.bool_)
        last: Batches = np.zeros(len(rows), np.uint32)
        gone_rows, gone_batches = [], []
        for known, batches, part in merged_ranges(self._parts, rows):
            places, hit = positions(known, rows[part])
            found[part] = hit
            last[part][hit] = batches[places[hit]]
            missing = np.ones(len(known), np.bool_)
            missing[places[hit]] = False
            if missing.any():
                gone_rows.append(known[missing])
                gone_batches.append(batches[missing])
        gone = Groups(np.concatenate(gone_rows), np.concatenate(gone_batches)) if gone_rows else {}
        if not found.any():
            return Split(declared, {}, gone)
        return Split(EMPTY_IDS if found.all() else id_set(flat(rows[~found])), Groups(rows, last, found), gone)


_NO_ROWS: Rows = np.empty((0, 2), np.uint64)
