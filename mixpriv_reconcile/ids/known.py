"""What the state knows of one request's ids, and what is new, kept or gone against what the manifest declares now."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from mixpriv_reconcile.ids.arrays import Bools, NDArray, Rows, Words, np
from mixpriv_reconcile.ids.growing import Growing
from mixpriv_reconcile.ids.parts import Batches, Part, consolidated, joined, merged_ranges, numbered
from mixpriv_reconcile.ids.rows import flat, positions, rows_of, slices
from mixpriv_reconcile.ids.sets import id_set
from mixpriv_reconcile.model.ids import EMPTY_IDS, IdSet

__all__ = ["Groups", "Known", "Split"]


class Groups(Mapping[int, IdSet]):
    """Ids by batch number, ascending. How many there are of each costs little; a set is made when it is asked for."""

    __slots__ = ("_batches", "_borders", "_chosen", "_counts", "_members", "_rows")

    def __init__(self, rows: Rows, batches: Batches, chosen: Bools | None = None) -> None:
        self._rows, self._batches, self._chosen = rows, batches, chosen
        self._counts: dict[int, int] | None = None
        self._members: NDArray[np.uint32] | None = None
        self._borders: dict[int, int] = {}

    @property
    def counts(self) -> Mapping[int, int]:
        """How many ids each batch has, ascending by number."""
        if self._counts is None:
            found: dict[int, int] = {}
            for part in slices(len(self._batches)):
                numbers, counts = np.unique(self._numbers(part), return_counts=True)
                for number, count in zip(numbers.tolist(), counts.tolist(), strict=True):
                    found[number] = found.get(number, 0) + count
            self._counts = dict(sorted(found.items()))
        return self._counts

    def __getitem__(self, number: int) -> IdSet:
        count = self.counts[number]
        members = self._grouped()
        begin = self._borders[number]
        return id_set(flat(self._rows[members[begin : begin + count]]))

    def __iter__(self) -> Iterator[int]:
        return iter(self.counts)

    def __len__(self) -> int:
        return len(self.counts)

    def __repr__(self) -> str:
        return f"Groups({dict(self.counts)!r})"

    def _numbers(self, part: slice) -> Batches:
        """The batch numbers of the chosen rows of *part*, in the order of the rows."""
        return self._batches[part] if self._chosen is None else self._batches[part][self._chosen[part]]

    def _grouped(self) -> NDArray[np.uint32]:
        """The rows' positions, batch by batch; within a batch they ascend. Made once."""
        if self._members is None:
            # number and position in one word, since bare numbers sort fastest
            keys: Words = np.empty(sum(self.counts.values()), np.uint64)
            done = 0
            for part in slices(len(self._batches)):
                numbers = self._numbers(part)
                at = np.arange(part.start, part.stop, dtype=np.uint64)
                chosen = at if self._chosen is None else at[self._chosen[part]]
                keys[done : done + len(numbers)] = (numbers.astype(np.uint64) << np.uint64(32)) | chosen
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

    __slots__ = ("_parts",)

    def __init__(self, parts: Sequence[Part]) -> None:
        self._parts = consolidated([numbered(part) for part in parts])

    @property
    def count(self) -> int:
        """How many ids are known."""
        if len(self._parts) < 2:
            return sum(len(rows) for rows, _ in self._parts)
        return sum(len(rows) for rows, _, _ in merged_ranges(self._parts, _NO_ROWS))

    def all(self) -> IdSet:
        """Every known id; where one part knows them all, a view of it."""
        if len(self._parts) < 2:
            return id_set(flat(self._parts[0][0])) if self._parts else EMPTY_IDS
        every = Growing(np.uint64, 2)
        for rows, _, _ in merged_ranges(self._parts, _NO_ROWS):
            every.append(rows)
        return id_set(flat(every.finish()))

    def batches(self) -> Groups:
        """All known ids by the number of the batch that had them last."""
        if len(self._parts) < 2:
            return Groups(*joined(self._parts))
        ranges = [(rows, batches) for rows, batches, _ in merged_ranges(self._parts, _NO_ROWS)]
        return Groups(np.concatenate([rows for rows, _ in ranges]), np.concatenate([batches for _, batches in ranges]))

    def split(self, declared: IdSet) -> Split:
        """What of *declared* is new, what is kept, and which known ids are declared no more."""
        if not self._parts:
            return Split(declared, NO_GROUPS, NO_GROUPS)
        rows = rows_of(declared.digests)
        if len(self._parts) == 1 and _is_view_of(rows, self._parts[0][0]):  # sources proven unchanged: all that is known, nothing else
            return Split(EMPTY_IDS, Groups(*self._parts[0]), NO_GROUPS)
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
        gone = Groups(np.concatenate(gone_rows), np.concatenate(gone_batches)) if gone_rows else NO_GROUPS
        if not found.any():
            return Split(declared, NO_GROUPS, gone)
        return Split(EMPTY_IDS if found.all() else id_set(flat(rows[~found])), Groups(rows, last, found), gone)


def _is_view_of(rows: Rows, others: Rows) -> bool:
    """Whether both are the same rows in the same place of memory."""
    return rows.shape == others.shape and rows.ctypes.data == others.ctypes.data


_NO_ROWS: Rows = np.empty((0, 2), np.uint64)
NO_GROUPS = Groups(_NO_ROWS, np.empty(0, np.uint32))
