"""The events of an apply as JSON, one object a line: the stdout of `apply --format json`."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import Any, TextIO

from mixpriv_reconcile.codec import change_document, diagnostic_document, plain
from mixpriv_reconcile.model.diagnostics import Severity
from mixpriv_reconcile.model.events import (
    ApplyComplete,
    ApplyErrored,
    ApplyProgress,
    ApplyStart,
    BatchSent,
    ChangeSummary,
    DiagnosticRaised,
    Event,
    Finished,
    PlannedChange,
    RateLimitHit,
    Version,
)
from mixpriv_reconcile.render.event_words import sentence
from mixpriv_reconcile.render.json_text import json_text

__all__ = ["EVENT_TYPES", "LEVELS", "JsonEvents"]

EVENT_TYPES: Mapping[type[Event], str] = {
    Version: "version",
    PlannedChange: "planned_change",
    ChangeSummary: "change_summary",
    ApplyStart: "apply_start",
    BatchSent: "batch_sent",
    RateLimitHit: "rate_limited",
    ApplyProgress: "apply_progress",
    ApplyComplete: "apply_complete",
    ApplyErrored: "apply_errored",
    DiagnosticRaised: "diagnostic",
    Finished: "outcome",
}
"""The contract's name of each event."""

LEVELS = ("info", "warn", "error")

WORRYING = frozenset({"in_doubt", "refused", "returned", "too_late"})
"""Outcomes of a batch after which the request is not where its author wants it."""


class JsonEvents:
    """An event sink that writes each event as one line, at once, stamped with `now()`; a clock that is put back doesn't show."""

    def __init__(self, stream: TextIO, now: Callable[[], datetime]) -> None:
        self._stream = stream
        self._now = now
        self._latest = datetime.min.replace(tzinfo=UTC)

    def emit(self, event: Event) -> None:
        self._latest = max(self._latest, self._now())
        self._stream.write(json_text(event_document(event, self._latest), indent=None))
        self._stream.flush()


def event_document(event: Event, at: datetime) -> dict[str, Any]:
    """The object of one line: `@timestamp`, `@level`, `@message` and `type`, then the event's facts by their own names."""
    head = {"@timestamp": plain(at.astimezone(UTC)), "@level": _level(event), "@message": sentence(event), "type": EVENT_TYPES[type(event)]}
    match event:
        case PlannedChange(change):
            return {**head, "change": change_document(change)}
        case DiagnosticRaised(found):
            return {**head, "diagnostic": diagnostic_document(found)}
        case _:
            return {**head, **plain(event)}


def _level(event: Event) -> str:
    match event:
        case RateLimitHit():
            return "warn"
        case BatchSent(outcome=outcome):
            return "warn" if outcome in WORRYING else "info"
        case ApplyErrored():
            return "error"
        case DiagnosticRaised(found):
            return {Severity.ERROR: "error", Severity.WARNING: "warn", Severity.NOTE: "info"}[found.severity]
        case Finished(exit_code=0 | 2):
            return "info"
        case Finished(exit_code=3):
            return "warn"
        case Finished():
            return "error"
        case _:
            return "info"
