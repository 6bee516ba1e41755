"""What goes to Mixpanel and what comes back, as values; and the six ways a submission can end."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, TypeAlias

from mixpriv_reconcile.model.diagnostics import Diagnostic
from mixpriv_reconcile.model.regions import Region
from mixpriv_reconcile.model.secrets import RawIds, Secret

__all__ = [
    "Accepted",
    "Access",
    "CancelOutcome",
    "Cancelled",
    "Conflict",
    "Denied",
    "Fetched",
    "Lookup",
    "Lost",
    "NotFetched",
    "NotSent",
    "RateLimited",
    "Refused",
    "Request",
    "Response",
    "SubmitOutcome",
    "TaskSeen",
    "TooLate",
    "Unclear",
]


@dataclass(frozen=True, slots=True)
class Access:
    """How one project is reached: its region, its number, its token, and the bearer token of a person."""

    project: str
    project_id: int
    region: Region
    token: Secret
    bearer: Secret


@dataclass(frozen=True, slots=True)
class Request:
    """One call: path below the region's origin, and a JSON body where there is one. Never a host: the region decides it."""

    method: str
    path: str
    body: Mapping[str, Any] | None = field(default=None, repr=False)


@dataclass(frozen=True, slots=True)
class Response:
    """An answer that arrived whole. Header names are lower-case."""

    status: int
    headers: Mapping[str, str] = field(repr=False)
    body: bytes = field(repr=False)

    @property
    def names_scans(self) -> bool:
        """Whether a 429 is about outstanding day-scans, which takes hours, and not about the rate (API §1.5)."""
        return b"scan" in self.body.lower()


@dataclass(frozen=True, slots=True)
class NotSent:
    """The call provably never left this machine: no connection was made.

    *finding* says what to do where it isn't for the network, and to try again now wouldn't help.
    """

    why: str
    finding: Diagnostic | None = None


@dataclass(frozen=True, slots=True)
class Lost:
    """The call may have arrived; its answer didn't: a timeout, a reset, a cut."""

    why: str


@dataclass(frozen=True, slots=True)
class RateLimited:
    """429. *wait_seconds* is the server's own word (`Retry-After`), if it gave one."""

    wait_seconds: float | None
    outstanding_scans: bool = False

    def told(self, now: datetime) -> str:
        """In a few words, with the moment at which Mixpanel asked to come back, if it did."""
        busy = "Mixpanel has as many open requests of this project as it takes (HTTP 429)"
        why = busy if self.outstanding_scans else "Mixpanel answers HTTP 429"
        if self.wait_seconds is None:
            return why
        return f"{why} and asks to come back after {now + timedelta(seconds=math.ceil(self.wait_seconds)):%Y-%m-%d %H:%M:%S} UTC"


@dataclass(frozen=True, slots=True)
class Denied:
    """A no that waiting can't heal: 401, 403, 404, 405, or a redirect. *finding* says what to do."""

    status: int
    finding: Diagnostic


@dataclass(frozen=True, slots=True)
class Unclear:
    """The fate of the call is unknown: 5xx, an unreadable answer, a success that names no task."""

    why: str
    status: int | None = None


@dataclass(frozen=True, slots=True)
class Accepted:
    """Mixpanel acknowledged the batch under *tracking_id*.

    *weak* says that only the numeric `id` was given (API §1.8 #2); *echo* holds the ids where the answer repeats them (#15).
    """

    tracking_id: str
    status: str
    weak: bool = False
    echo: RawIds | None = None


@dataclass(frozen=True, slots=True)
class Conflict:
    """409: some ids sit in live tasks already; nothing was scheduled (API §1.6).

    *unreadable* counts what stands among the tasks and can be no task's id: a task that is there and can't be looked at.
    """

    ids: RawIds
    tracking_ids: tuple[str, ...]
    unreadable: int = 0


@dataclass(frozen=True, slots=True)
class Refused:
    """400, 413 or 422: these ids, or this many of them, are not accepted."""

    status: int


@dataclass(frozen=True, slots=True)
class TaskSeen:
    """A task's status, its ids where the answer echoes them, and the link to a finished export."""

    status: str
    ids: RawIds | None = None
    link: Secret | None = None


@dataclass(frozen=True, slots=True)
class Fetched:
    """An export that arrived whole: its *size* in bytes, and the SHA-256 of them (hex)."""

    size: int
    sha256: str


@dataclass(frozen=True, slots=True)
class NotFetched:
    """An export that didn't arrive: *why* in a few words, without the link. *status* is the HTTP status, if that was it.

    *is_refused* says that the link leads where no export may lie, so that nothing was asked for. *retry_after* is the header of that name.
    """

    why: str
    status: int | None = None
    is_refused: bool = False
    retry_after: str = ""


@dataclass(frozen=True, slots=True)
class Cancelled:
    """The cancellation was accepted; a look at the task has yet to confirm REVOKED."""


@dataclass(frozen=True, slots=True)
class TooLate:
    """405 or 409 to a cancellation: the task has started (API §1.8 #9)."""

    status: int


SubmitOutcome: TypeAlias = Accepted | Conflict | RateLimited | Refused | Denied | Unclear | NotSent
Lookup: TypeAlias = TaskSeen | RateLimited | Denied | Unclear | NotSent
CancelOutcome: TypeAlias = Cancelled | TooLate | RateLimited | Denied | Unclear | NotSent
