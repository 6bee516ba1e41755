"""What is being sent: the ids of one POST, whose they are, and how often they were tried."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from dataclasses import dataclass

from mixpriv_reconcile.apply.refusal import part, slice_of
from mixpriv_reconcile.model.ids import IdSet
from mixpriv_reconcile.model.secrets import RawIds

__all__ = ["Sending"]


@dataclass(frozen=True, slots=True)
class Sending:
    """Ids of one request at *address*, by digest and raw, in the same order. *attempt* counts from 1.

    *rounds* says how often they may still be sent again after a 409 in this run.
    """

    address: str
    kind: str
    ids: IdSet
    raw: RawIds
    attempt: int
    rounds: int

    @property
    def count(self) -> int:
        return self.ids.count

    def slice(self, start: int, count: int) -> Sending:
        """*count* ids from position *start* on."""
        if (start, count) == (0, self.count):
            return self  # nearly every batch is sent whole, and to name it once more is a tenth of its cost
        ids, raw = slice_of(self.ids, self.raw, start, count)
        return dataclasses.replace(self, ids=ids, raw=raw)

    def at(self, positions: Sequence[int]) -> Sending:
        """The ids at *positions*, ascending from 0."""
        return dataclasses.replace(self, ids=part(self.ids, positions), raw=RawIds(tuple(self.raw[position] for position in positions)))

    def again(self) -> Sending:
        """The same with one round less."""
        return dataclasses.replace(self, rounds=self.rounds - 1)
