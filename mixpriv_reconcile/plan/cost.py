"""What a plan costs: calls that change something, and the time that the pace allows them."""

from __future__ import annotations

import math
from collections.abc import Iterable

from mixpriv_reconcile.model.plan import Change, Cost
from mixpriv_reconcile.model.workspace import Limits

__all__ = ["cost_of"]

CALLS_PER_CANCELLATION = 3
"""A look before, the DELETE, and a look after that confirms REVOKED."""


def cost_of(changes: Iterable[Change], limits: Limits) -> Cost:
    """Projects run side by side, so the slowest one's calls decide the seconds."""
    requests = 0
    calls: dict[int, int] = {}
    for change in changes:
        requests += change.requests
        cost = len(change.batches) + CALLS_PER_CANCELLATION * len(change.cancels)
        calls[change.project_id] = calls.get(change.project_id, 0) + cost
    rate = limits.requests_per_second
    return Cost(requests=requests, seconds=math.ceil(max(calls.values(), default=0) / rate), requests_per_second=rate)
