"""What Mixpanel didn't acknowledge, batch by batch, noted as it happens: the report at the end of an apply."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence

from mixpriv_reconcile.model.events import ApplyErrored, BatchesLeft

__all__ = ["MOST_LINES", "Leftovers", "errored"]

MOST_LINES = 20
"""Lines of one address in the report; what lies beyond is counted."""

UNDONE = frozenset({"unsent", "returned", "not_cancelled", "not_downloaded"})
"""Ends of a batch after which the next apply simply does it; what is in doubt or refused is counted by itself."""

BY_ITSELF = frozenset({"in_doubt", "returned"})
"""Ends of a batch that are told one by one, for somebody may have to look into each."""


class Leftovers:
    """The batches of one project that weren't acknowledged, by address, in the order in which their fate was known."""

    def __init__(self) -> None:
        self._noted: dict[str, list[BatchesLeft]] = {}

    def note(self, address: str, left: BatchesLeft) -> None:
        """Add *left*; it becomes one line with its forerunner where both are told together and their numbers follow each other."""
        noted = self._noted.setdefault(address, [])
        if noted and (together := _together(noted[-1], left)) is not None:
            noted[-1] = together
        else:
            noted.append(left)

    def of(self, address: str) -> Sequence[BatchesLeft]:
        """What was noted of *address*."""
        return self._noted.get(address, ())

    def undone(self, address: str) -> int:
        """Distinct ids of *address* that are left for the next apply."""
        return sum(left.subjects for left in self.of(address) if left.outcome in UNDONE)

    def unsettled(self, address: str) -> int:
        """Distinct ids of *address* that the next apply has to do with again; those that stay in their task are settled."""
        return sum(left.subjects for left in self.of(address) if left.outcome != "kept")


def errored(address: str, why: str, left: Sequence[BatchesLeft]) -> ApplyErrored:
    """The report on one address, at most `MOST_LINES` long."""
    remaining = sum(each.subjects for each in left if each.outcome != "kept")
    beyond = left[MOST_LINES:]
    return ApplyErrored(
        address, why, remaining, tuple(left[:MOST_LINES]), sum(each.batches for each in beyond), sum(each.subjects for each in beyond)
    )


def _together(before: BatchesLeft, after: BatchesLeft) -> BatchesLeft | None:
    """Both as one line, or None where they are two."""
    if (before.outcome, before.why) != (after.outcome, after.why) or before.outcome in BY_ITSELF:
        return None
    follows = after.first is None if before.last is None else after.first == before.last + 1
    if follows:
        batches, subjects = before.batches + after.batches, before.subjects + after.subjects
        return dataclasses.replace(before, last=after.last, batches=batches, subjects=subjects)
    return None
