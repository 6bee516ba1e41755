"""Tasks: what a client asked for, and which status it has on which day of its life."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field
from typing import Final

from mixpriv_reconcile.sandbox.faults import Kind
from mixpriv_reconcile.sandbox.options import Region

__all__ = ["CANCELLABLE", "LIVE", "Draft", "Task", "VirtualClock", "final_day", "status_on_day"]

CANCELLABLE: Final = frozenset({"PENDING", "STAGING"})
"""Where DELETE still works. Source: API §1.4."""

LIVE: Final = CANCELLABLE | {"STARTED"}
"""Where the ids of a deletion are held against a second one. Source: API §1.6."""

SECONDS_PER_DAY: Final = 86_400
STAGING_DAY: Final = 1
STARTED_DAY: Final = 3
FIRST_FINAL_DAY: Final = 10
LAST_FINAL_DAY: Final = 28
"""Invented days, but within the 30 that API §1.5 promises."""


@dataclass(frozen=True, slots=True)
class Draft:
    """A request that has passed all checks and waits for its ids and its number."""

    kind: Kind
    project_token: str = field(repr=False)
    region: Region
    compliance: str
    disclosure: str
    distinct_ids: tuple[str, ...] = field(repr=False)


@dataclass(frozen=True, slots=True)
class Task:
    """One deletion or retrieval. Times are seconds since 1970 in UTC.

    `created_day` is what the clock had been moved forward by when the task was made;
    `forced_status` wins over everything; `final_status` is where the lifecycle ends.
    """

    number: int
    tracking_id: str
    kind: Kind
    project_token: str = field(repr=False)
    region: Region
    compliance: str
    disclosure: str
    id_count: int
    created_at: float
    created_day: float
    revoked_at: float | None
    forced_status: str | None
    final_status: str


@dataclass(frozen=True, slots=True)
class VirtualClock:
    """The sandbox's time: `speed` times as fast as ours, and moved forward by `advanced_days`."""

    speed: float
    advanced_days: float

    def day(self, task: Task, now: float) -> float:
        """Virtual days since the task was made; a fraction, negative if clocks were set back."""
        real_seconds = now - task.created_at
        skipped_days = self.advanced_days - task.created_day
        return real_seconds * self.speed / SECONDS_PER_DAY + skipped_days


def final_day(tracking_id: str) -> int:
    """The day on which a task ends, from 10 to 28: a hash of its id, so the same every time."""
    digest = hashlib.blake2b(tracking_id.encode(), digest_size=8).digest()
    return FIRST_FINAL_DAY + int.from_bytes(digest) % (LAST_FINAL_DAY - FIRST_FINAL_DAY + 1)


def status_on_day(task: Task, day: float) -> str:
    """The job status of *task* on a virtual day of its life. Source of the names: API §1.4."""
    if task.forced_status is not None:
        return task.forced_status
    if task.revoked_at is not None:
        return "REVOKED"
    if day < STAGING_DAY:
        return "PENDING"
    if day < STARTED_DAY:
        return "STAGING"
    if day < final_day(task.tracking_id):
        return "STARTED"
    return task.final_status
