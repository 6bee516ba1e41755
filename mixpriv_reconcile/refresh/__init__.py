"""Stage 2. OBSERVE: (State, GET answers) → what was seen of open tasks. Nothing is changed at Mixpanel, no state is written."""

from __future__ import annotations

from mixpriv_reconcile.refresh.poll import Observed, poll
from mixpriv_reconcile.refresh.select import stale_tasks

__all__ = ["Observed", "poll", "stale_tasks"]
