"""Journal entries: each says one thing that is about to happen, or that happened, during one run.

A run's journal is a `Began` and then the rest in order; `fold` turns a state and a journal into the next state.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import TypeAlias

from mixpriv_reconcile.model.state import KeyRecord, PolicyRecord, ProjectRecord, Record, RequestRecord, TaskRecord

__all__ = [
    "Acknowledged",
    "Began",
    "CancelAccepted",
    "Entry",
    "Forgot",
    "Intended",
    "LearnedCap",
    "Polled",
    "Put",
    "PutRequestEntry",
    "Unsettled",
]


@dataclass(frozen=True, slots=True)
class Began:
    """The first entry: which state this journal continues, and what the run was started with."""

    journal_id: str
    lineage: str
    serial: int
    tool_version: str
    at: datetime
    command: str
    who: str
    plan_digest: str | None = None
    digest_key: KeyRecord | None = None
    policy: PolicyRecord | None = None
    manifests: tuple[str, ...] | None = None
    projects: Mapping[str, ProjectRecord] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Put:
    """A record that isn't a request: a region adopted, a confirmation."""

    address: str
    record: Record


@dataclass(frozen=True, slots=True)
class PutRequestEntry:
    """What a request declares now; its batches and segments so far stay as they are."""

    address: str
    record: RequestRecord
    at: datetime
    moved_from: str | None = None
    withdrawn: bool = False


@dataclass(frozen=True, slots=True)
class Intended:
    """A batch is about to be sent, for the first time or again. Durable before its POST; *digests* (sorted) only the first time."""

    address: str
    batch: int
    attempt: int
    count: int
    sha256: str
    at: datetime
    digests: memoryview = field(repr=False, compare=False)


@dataclass(frozen=True, slots=True)
class Acknowledged:
    """Mixpanel has the batch: the receipt. *task* is how it is known from now on."""

    address: str
    batch: int
    task: TaskRecord
    at: datetime


@dataclass(frozen=True, slots=True)
class Unsettled:
    """A batch without a task: *phase* is `in_doubt`, `returned` or `refused`, *why* in a few words without ids."""

    address: str
    batch: int
    phase: str
    why: str
    at: datetime


@dataclass(frozen=True, slots=True)
class Polled:
    """A look at a task."""

    project_id: int
    tracking_id: str
    status: str
    at: datetime
    foreign: bool | None = None


@dataclass(frozen=True, slots=True)
class CancelAccepted:
    """Mixpanel accepted this workspace's cancellation of a task."""

    project_id: int
    tracking_id: str
    at: datetime


@dataclass(frozen=True, slots=True)
class LearnedCap:
    """Mixpanel refused a batch as too large and took all of its parts: the most ids one request of *project* may hold."""

    project: str
    cap: int


@dataclass(frozen=True, slots=True)
class Forgot:
    """`state rm`: this address is remembered no longer."""

    address: str


Entry: TypeAlias = Began | Put | PutRequestEntry | Intended | Acknowledged | Unsettled | Polled | CancelAccepted | LearnedCap | Forgot
