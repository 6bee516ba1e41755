"""A task's life at Mixpanel, as its status words tell it (API fact sheet §1.4)."""

from __future__ import annotations

__all__ = [
    "CANCELLABLE",
    "ENDED",
    "FAILED",
    "KNOWN",
    "MISSING",
    "PENDING",
    "REVOKED",
    "STAGING",
    "STARTED",
    "SUCCEEDED",
    "UNKNOWN",
    "is_cancellable",
    "is_live",
    "is_open",
]

PENDING = "PENDING"
STAGING = "STAGING"
STARTED = "STARTED"
SUCCEEDED = "SUCCESS"
FAILED = "FAILURE"
REVOKED = "REVOKED"
MISSING = "NOT_FOUND"
UNKNOWN = "UNKNOWN"

CANCELLABLE = frozenset({PENDING, STAGING})
ENDED = frozenset({SUCCEEDED, FAILED, REVOKED, MISSING})
KNOWN = CANCELLABLE | ENDED | {STARTED, UNKNOWN}


def is_open(status: str) -> bool:
    """Whether a task may still change; a word nobody documents counts as UNKNOWN, which is polled again."""
    return status not in ENDED


def is_cancellable(status: str) -> bool:
    """Whether Mixpanel says that it accepts a cancellation in this status."""
    return status in CANCELLABLE


def is_live(status: str) -> bool:
    """Whether the task does or did erase its ids: what a 409 may be answered with by adoption (contract §3)."""
    return status not in {REVOKED, FAILED, MISSING}
