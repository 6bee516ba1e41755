"""How each declared or remembered request stands: what `mixpriv status` shows."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime

__all__ = ["PHASES", "RequestStatus", "StatusReport", "Subjects", "TaskStatus"]

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
    """One request: its law, its days, its phase, its ids and its tasks."""

    address: str
    kind: str
    compliance: str
    received: date | None
    due: date | None
    submit_by: date | None
    phase: str
    subjects: Subjects
    tasks: tuple[TaskStatus, ...]


@dataclass(frozen=True, slots=True)
class StatusReport:
    """Every request, as of *today*; *apply_running* is the holder's facts while a live lock is held."""

    today: date
    requests: tuple[RequestStatus, ...]
    serial: int
    apply_running: Mapping[str, str] | None = None
