"""Stage 2. OBSERVE: (State, GET answers) → what was seen of open tasks. Nothing is changed at Mixpanel, no state is written."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from mixpriv_reconcile.lazily import loader

if TYPE_CHECKING:
    from mixpriv_reconcile.refresh.polling import Observed, poll
    from mixpriv_reconcile.refresh.select import stale_tasks

__all__ = [
    "Observed",
    "poll",
    "stale_tasks",
]

_HOMES: Final = {
    "Observed": "polling",
    "poll": "polling",
    "stale_tasks": "select",
}

__getattr__ = loader(__name__, _HOMES)  # for most plans have nothing to send and need neither client nor event loop
