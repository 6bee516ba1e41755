"""What a refresh saw, counted."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from mixpriv_reconcile.model.journal import Polled
from mixpriv_reconcile.model.tasks import is_open

__all__ = ["by_status"]


def by_status(polled: Sequence[Polled]) -> list[tuple[str, int]]:
    """Each status with its tasks, those that are still open first."""
    counts = Counter(seen.status for seen in polled)
    return sorted(counts.items(), key=lambda item: (not is_open(item[0]), item[0]))
