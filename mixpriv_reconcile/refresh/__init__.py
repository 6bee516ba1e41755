"""Stage 2. OBSERVE: (State, GET answers) → what was seen of open tasks. Nothing is changed at Mixpanel, no state is written."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Final

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


def __getattr__(name: str) -> object:
    """Loads a public name on first use, for most plans have nothing to send and need neither client nor event loop."""
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"{__name__}.{_HOMES[name]}"), name)
