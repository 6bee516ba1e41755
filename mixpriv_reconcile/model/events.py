"""What happens during an apply, as it happens: the lines of `apply --format json` and the source of the progress bar."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import TypeAlias

from mixpriv_reconcile.model.diagnostics import Diagnostic
from mixpriv_reconcile.model.plan import Change, Summary

__all__ = [
    "ApplyComplete",
    "ApplyErrored",
    "ApplyProgress",
    "ApplyStart",
    "BatchSent",
    "BatchesLeft",
    "ChangeSummary",
    "DiagnosticRaised",
    "Event",
    "Finished",
    "PlannedChange",
    "RateLimitHit",
    "Version",
]


@dataclass(frozen=True, slots=True)
class Version:
    """Always the first event."""

    tool_version: str
    format_version: int = 1


@dataclass(frozen=True, slots=True)
class PlannedChange:
    """One change of the plan that is about to be carried out."""

    change: Change


@dataclass(frozen=True, slots=True)
class ChangeSummary:
    """What the plan adds up to, or (with *operation* "apply") what was done."""

    operation: str
    summary: Summary
    erases: int
    withdraws: int
    requests: int
    seconds: int
    next_deadline: date | None = None


@dataclass(frozen=True, slots=True)
class ApplyStart:
    """Work on one address begins: *requests* POSTs and DELETEs for *subjects* distinct ids, *withdraws* of which are withdrawn."""

    address: str
    action: str
    requests: int
    subjects: int
    withdraws: int = 0


@dataclass(frozen=True, slots=True)
class BatchSent:
    """One call was answered. *outcome* is acknowledged, adopted, in_doubt, refused, returned, cancelled, too_late or
    downloaded."""

    address: str
    batch: int | None
    subjects: int
    outcome: str
    tracking_id: str | None = None
    status: str | None = None


@dataclass(frozen=True, slots=True)
class RateLimitHit:
    """A wait before the next try. *why* is rate, outstanding_scans, server_error or network."""

    project: str
    why: str
    wait_seconds: float
    attempt: int


@dataclass(frozen=True, slots=True)
class ApplyProgress:
    """How far the run is: calls and distinct ids done of all, and the seconds that the pace still needs."""

    requests_done: int
    requests: int
    subjects_done: int
    subjects: int
    eta_seconds: int
    open_tasks: int = 0
    phase: str = "submitting"


@dataclass(frozen=True, slots=True)
class ApplyComplete:
    """One address is done: *subjects* distinct ids, *withdraws* of which are withdrawn."""

    address: str
    action: str
    subjects: int
    withdraws: int = 0


@dataclass(frozen=True, slots=True)
class BatchesLeft:
    """Batches (or tasks to cancel) of one address that came to the same end, not the one that was planned.

    *first* and *last* are their numbers, as the state counts a request's batches; those not sent yet are numbered on from there, and
    what has no number has None. *outcome* is in_doubt, refused, returned, unsent, kept, not_cancelled or not_downloaded.
    """

    first: int | None
    last: int | None
    batches: int
    subjects: int
    outcome: str
    why: str


@dataclass(frozen=True, slots=True)
class ApplyErrored:
    """One address could not be finished; *remaining* distinct ids of it were not acknowledged, and *left* tells what became of them.

    *further_batches* and *further_subjects* count what *left* has no room for. These events come at the end of an apply.
    """

    address: str
    why: str
    remaining: int
    left: tuple[BatchesLeft, ...] = ()
    further_batches: int = 0
    further_subjects: int = 0


@dataclass(frozen=True, slots=True)
class DiagnosticRaised:
    """A finding made while applying."""

    diagnostic: Diagnostic


@dataclass(frozen=True, slots=True)
class Finished:
    """Always the last event: the exit code, and why in one sentence."""

    exit_code: int
    why: str


Event: TypeAlias = (
    Version
    | PlannedChange
    | ChangeSummary
    | ApplyStart
    | BatchSent
    | RateLimitHit
    | ApplyProgress
    | ApplyComplete
    | ApplyErrored
    | DiagnosticRaised
    | Finished
)
