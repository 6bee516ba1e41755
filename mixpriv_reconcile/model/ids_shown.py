"""Which ids of a change a person is shown who asked for them."""

from __future__ import annotations

from dataclasses import dataclass

from mixpriv_reconcile.model.secrets import RawIds

__all__ = ["MOST_IDS", "IdsShown"]

MOST_IDS = 20
"""Ids of one change that are shown: enough to see whose they are, few enough to read."""


@dataclass(frozen=True, slots=True)
class IdsShown:
    """The *first* of the *count* ids that a change submits, or puts on its list, in the order in which they are sent; all are in *files*.

    *gone* counts those withdrawn that no source holds any more: of them there are only digests.
    """

    first: RawIds
    count: int
    files: tuple[str, ...]
    gone: int = 0
