"""What a plan costs: calls that change something, and the time that the pace allows them."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterable

from mixpriv_reconcile.model.plan import Change, Cost
from mixpriv_reconcile.model.state import TaskKey
from mixpriv_reconcile.model.workspace import Limits

__all__ = ["cost_of"]

CALLS_PER_CANCELLATION = 3
"""A look before, the DELETE, and a look after that confirms REVOKED."""


def cost_of(changes: Iterable[Change], limits: Limits) -> Cost:
    """Projects run side by side, so the slowest one's calls decide the seconds."""
    posts: Counter[int] = Counter()
    cancelled: set[TaskKey] = set()  # several requests may withdraw from one task, which is cancelled once
    for change in changes:
        posts[change.project_id] += len(change.batches)
        cancelled.update((step.project_id, step.tracking_id) for step in change.cancels)
    calls = posts.copy()
    for project_id, _ in cancelled:
        calls[project_id] += CALLS_PER_CANCELLATION
    requests = posts.total() + len(cancelled)
    rate = limits.requests_per_second
    return Cost(requests=requests, seconds=math.ceil(max(calls.values(), default=0) / rate), requests_per_second=rate)
