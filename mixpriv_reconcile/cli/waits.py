"""Where a command without a progress of its own tells of its waits, which may take hours."""

from __future__ import annotations

import sys
import time

from mixpriv_reconcile.cli.options import Shared
from mixpriv_reconcile.cli.terminal import has_color, width
from mixpriv_reconcile.ports import EventSink
from mixpriv_reconcile.render.events_text import TextEvents
from mixpriv_reconcile.render.look import Look

__all__ = ["waits_told"]


def waits_told(shared: Shared) -> EventSink:
    """Lines on stderr, now and then, as wide as findings there are."""
    look = Look(
        color=has_color(sys.stderr, no_color=shared.no_color),
        width=width(sys.stderr),
        sandbox=shared.sandbox,
        is_terminal=sys.stderr.isatty(),
    )
    return TextEvents(sys.stderr, look, is_terminal=False, monotonic=time.monotonic)
