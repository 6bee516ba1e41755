"""Where a command without a progress of its own tells of its waits, which may take hours."""

from __future__ import annotations

import sys
import time

from mixpriv_reconcile.cli.options import Shared
from mixpriv_reconcile.ports import EventSink
from mixpriv_reconcile.render.events_text import TextEvents
from mixpriv_reconcile.render.look import Look

__all__ = ["waits_told"]


def waits_told(shared: Shared) -> EventSink:
    """Lines on stderr, now and then."""
    look = Look(color=shared.has_color and sys.stderr.isatty(), width=100, sandbox=shared.sandbox)
    return TextEvents(sys.stderr, look, is_terminal=False, monotonic=time.monotonic)
