"""An output that may fail while an apply is at work: a full disk behind a redirection, a reader that went away."""

from __future__ import annotations

from mixpriv_reconcile.model.events import ApplyStart, Event
from mixpriv_reconcile.ports import EventSink

__all__ = ["Steady"]


class Steady:
    """An event sink whose stream may fail. Once work has begun the run goes on and is saved; *trouble* is how it failed first."""

    def __init__(self, sink: EventSink) -> None:
        self._sink = sink
        self._is_at_work = False
        self.trouble: OSError | None = None

    def emit(self, event: Event) -> None:
        self._is_at_work = self._is_at_work or isinstance(event, ApplyStart)
        if self.trouble is not None:
            return
        try:
            self._sink.emit(event)
        except OSError as error:
            if not self._is_at_work:
                raise  # nothing was sent yet, and nobody would see what is
            self.trouble = error
