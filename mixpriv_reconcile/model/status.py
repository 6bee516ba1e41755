"""How each declared or remembered request stands: what `mixpriv status` shows."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime

__all__ = ["ENDED", "PHASES", "RequestStatus", "StatusReport", "Subjects", "TaskStatus"]

PHASES = (
    "withdrawn",
    "in_doubt",
    "failed",
    "refused",
    "waiting",
    "held",
    "unsent",
    "pending",
    "running",
    "succeeded",
)
"""In this order; a request's phase is the first that fits (contract §5)."""

ENDED = frozenset({"succeeded", "withdrawn"})
"""Phases in which nothing is owed any more: no deadline of such a request counts."""


@dataclass(frozen=True, slots=True)
class Subjects:
    """Distinct ids of one request by where they are; *submitted* are in a task that is open."""

    declared: int = 0
    unsent: int = 0
    submitted: int = 0
    succeeded: int = 0
    failed: int = 0
    refused: int = 0
    in_doubt: int = 0
    held: int = 0
    waiting: int = 0

    @property
    def to_send(self) -> int:
        """Those that no task holds or has erased, and that one is still to get; held ones are to get none."""
        return self.unsent + self.failed + self.refused + self.in_doubt + self.waiting

    @property
    def sent(self) -> int:
        """Those in a task that is open or has succeeded."""
        return self.submitted + self.succeeded


@dataclass(frozen=True, slots=True)
class TaskStatus:
    """One task of a request."""

    tracking_id: str
    status: str
    subjects: int
    submitted_at: datetime
    checked_at: datetime


@dataclass(frozen=True, slots=True)
class RequestStatus:
    """One request: its law, its days, its phase, its ids and its tasks.

    The flags are of unfinished requests alone: *overdue* and *due_soon* look at `due` (never both are set), *submit_overdue* and
    *submit_soon* at `submit_by`, while ids are still to be sent. Soon means within `policy.due_soon` of the report's day.
    """

    address: str
    kind: str
    compliance: str
    received: date | None
    due: date | None
    submit_by: date | None
    phase: str
    subjects: Subjects
    tasks: tuple[TaskStatus, ...]
    overdue: bool = False
    due_soon: bool = False
    submit_overdue: bool = False
    submit_soon: bool = False

    @property
    def is_over(self) -> bool:
        """Whether nothing is owed any more."""
        return self.phase in ENDED


@dataclass(frozen=True, slots=True)
class StatusReport:
    """Every request, as of *today*; *apply_running* is the holder's facts while a live lock is held.

    *due_soon_days* is `policy.due_soon`, by which requests were flagged.
    """

    today: date
    requests: tuple[RequestStatus, ...]
    serial: int
    apply_running: Mapping[str, str] | None = None
    due_soon_days: int = 7
