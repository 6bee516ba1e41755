"""What would be done: changes, each an ordered list of typed steps, and the plan they add up to."""

from __future__ import annotations

import enum
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any, TypeAlias

from mixpriv_reconcile.model.address import Address
from mixpriv_reconcile.model.diagnostics import Diagnostic, SourceSpan
from mixpriv_reconcile.model.heaviest import heaviest
from mixpriv_reconcile.model.ids import EMPTY_IDS, IdSet
from mixpriv_reconcile.model.state import Record, RequestRecord

__all__ = [
    "HAS_ERRORS",
    "MOST_SHOWN",
    "Action",
    "CancelTask",
    "Change",
    "Cost",
    "Download",
    "ManualStep",
    "Plan",
    "PlanOptions",
    "PutRecord",
    "PutRequest",
    "Step",
    "SubmitBatch",
    "Summary",
    "WriteList",
]


MOST_SHOWN = 50
"""Addresses shown in full: what a person reads."""

HAS_ERRORS = "the plan has errors, and can't be applied as it stands"
"""How a plan or an apply ends where findings keep the plan from being carried out: a conflict, or an option that fits nothing."""


class Action(enum.Enum):
    """Terraform's words, strongest first in a change. Submitting a deletion is `delete`: it destroys data."""

    DELETE = "delete"
    UPDATE = "update"
    CREATE = "create"
    READ = "read"
    NO_OP = "no-op"


@dataclass(frozen=True, slots=True)
class PutRecord:
    """Remember *record* under the change's address: a region adopted, a confirmation."""

    record: Record


@dataclass(frozen=True, slots=True)
class PutRequest:
    """Remember what a request declares now, before its work starts.

    *moved_from* is the address it is remembered under so far; *withdrawn* says that it left the manifest.
    """

    record: RequestRecord
    moved_from: str | None = None
    withdrawn: bool = False


@dataclass(frozen=True, slots=True)
class ManualStep:
    """Something a person does: what, in one line, then the details."""

    title: str
    lines: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class CancelTask:
    """Cancel a task: *withdrawn* of its ids are no longer wanted, *kept* are submitted again afterwards."""

    project_id: int
    tracking_id: str
    withdrawn: int
    kept: int


@dataclass(frozen=True, slots=True)
class SubmitBatch:
    """Submit *ids* in one request. *after* names the task that must be REVOKED first; *origin* is the reason."""

    ids: IdSet
    attempt: int
    origin: str
    after: str | None = None


@dataclass(frozen=True, slots=True)
class Download:
    """Fetch the finished export of a task with *subjects* ids into *folder*, relative to the workspace."""

    project_id: int
    tracking_id: str
    folder: str
    subjects: int


@dataclass(frozen=True, slots=True)
class WriteList:
    """Write the opt-out list of *ids* to *write_to*, relative to the workspace.

    It takes the place of the file whose bytes have the SHA-256 *replaces*; with None there is no such file.
    """

    ids: IdSet
    write_to: str
    digest: str
    replaces: str | None = None


Step: TypeAlias = PutRecord | PutRequest | ManualStep | CancelTask | SubmitBatch | Download | WriteList


@dataclass(frozen=True, slots=True)
class Change:
    """Everything planned for one address.

    *submits*, *withdraws*, *waits* and *held* are distinct ids of this address: one that stands in two requests is in both changes.
    *withdrawn_unsent* counts those of a withdrawn request that were never acknowledged, of which only the number is remembered,
    *held_started* those under a legal hold that a running task erases all the same, *beyond_recall* those withdrawn by now or before that
    nothing calls back, *refused* and *failed* declared ones that aren't sent again by themselves. *deadline* is the law's.
    """

    address: Address
    kind: str
    project: str
    project_id: int
    actions: tuple[Action, ...]
    reasons: tuple[str, ...]
    before: Mapping[str, Any] | None = None
    after: Mapping[str, Any] | None = None
    steps: tuple[Step, ...] = ()
    irreversible: bool = False
    submits: IdSet = EMPTY_IDS
    withdraws: IdSet = EMPTY_IDS
    waits: IdSet = EMPTY_IDS
    held: IdSet = EMPTY_IDS
    withdrawn_unsent: int = 0
    held_started: int = 0
    beyond_recall: int = 0
    refused: int = 0
    failed: int = 0
    deadline: date | None = None
    source: SourceSpan | None = None
    notes: tuple[Diagnostic, ...] = ()

    @property
    def action(self) -> Action:
        """The strongest action, by which the change is counted."""
        return self.actions[0]

    @property
    def is_pending(self) -> bool:
        """Whether there is something to do."""
        return self.action is not Action.NO_OP

    @property
    def erased(self) -> int:
        """Distinct ids that this submits for erasure, those submitted again included."""
        return self.submits.count if self.irreversible else 0

    @property
    def resubmitted(self) -> int:
        """Of those submitted, the ones that a cancelled task had before."""
        return sum(batch.ids.count for batch in self.batches if batch.origin == "resubmitted")

    @property
    def withdrawn(self) -> int:
        """Distinct ids withdrawn, whether they were ever sent or not."""
        return self.withdraws.count + self.withdrawn_unsent

    @property
    def withdrawn_in_doubt(self) -> int:
        """Of those withdrawn, the ones in no task that is known: their batch may have arrived."""
        return self.withdraws.count - sum(step.withdrawn for step in self.cancels)

    @property
    def subjects(self) -> int:
        """Distinct ids submitted or withdrawn."""
        return self.submits.count + self.withdrawn

    @property
    def weight(self) -> tuple[int, int]:
        """A key that sorts what can't be undone first: erasures, then what else Mixpanel is asked for, then what it isn't; of one sort
        most people first."""
        if self.irreversible and self.submits:
            return (0, -self.submits.count)
        return (1 if self.requests else 2, -self.subjects)

    @property
    def manual_steps(self) -> tuple[ManualStep, ...]:
        """What a person does."""
        return tuple(step for step in self.steps if isinstance(step, ManualStep))

    @property
    def is_by_hand(self) -> bool:
        """Whether all that there is to do is a person's."""
        return bool(self.steps) and len(self.manual_steps) == len(self.steps)

    @property
    def batches(self) -> tuple[SubmitBatch, ...]:
        return tuple(step for step in self.steps if isinstance(step, SubmitBatch))

    @property
    def cancels(self) -> tuple[CancelTask, ...]:
        return tuple(step for step in self.steps if isinstance(step, CancelTask))

    @property
    def downloads(self) -> tuple[Download, ...]:
        return tuple(step for step in self.steps if isinstance(step, Download))

    @property
    def lists(self) -> tuple[WriteList, ...]:
        return tuple(step for step in self.steps if isinstance(step, WriteList))

    @property
    def requests(self) -> int:
        """POSTs and DELETEs."""
        return len(self.batches) + len(self.cancels)


@dataclass(frozen=True, slots=True)
class PlanOptions:
    """The options that choose work, and whether it is pretended; they are part of the plan's digest."""

    targets: tuple[str, ...] = ()
    retry: tuple[str, ...] = ()
    sandbox: bool = False

    @property
    def is_partial(self) -> bool:
        return bool(self.targets)


@dataclass(frozen=True, slots=True)
class Summary:
    """Addresses by their strongest action, in Terraform's words."""

    add: int
    change: int
    destroy: int

    @classmethod
    def of(cls, changes: Collection[Change]) -> Summary:
        """*changes* counted by their first action."""

        def count(action: Action) -> int:
            return sum(change.action is action for change in changes)

        return cls(add=count(Action.CREATE), change=count(Action.UPDATE), destroy=count(Action.DELETE))


@dataclass(frozen=True, slots=True)
class Cost:
    """POSTs and DELETEs, the seconds the slowest project needs for its calls, and the pace (calls a second) they are counted at."""

    requests: int
    seconds: int
    requests_per_second: float = 1.0


@dataclass(frozen=True, slots=True)
class Plan:
    """The decision: every change, the guards' answers, and the digest that approves exactly this.

    *manifests* is the manifests' fingerprint, *declared* the SHA-256 over each request's sorted digests, *today* the day it was made
    on, in the workspace's time zone. A plan read back from a file is the same type; its id sets know their counts and hashes, and hold
    no digests, and one of an earlier version has no day.

    Every number of people is a sum over the changes: an id that stands in two requests counts twice, as it is sent twice.
    """

    tool_version: str
    lineage: str | None
    serial: int
    digest: str
    changes: tuple[Change, ...]
    diagnostics: tuple[Diagnostic, ...]
    refusals: tuple[Diagnostic, ...]
    summary: Summary
    cost: Cost
    erases: int
    withdraws: int
    cancels: int
    resubmits: int
    next_deadline: date | None
    options: PlanOptions
    manifests: str = ""
    declared: Mapping[str, str] = field(default_factory=dict)
    known_since: datetime | None = None
    today: date | None = None

    @property
    def sha256(self) -> str:
        """What of the digest decides: the 64 hex digits before the dash. The others only tell what moved."""
        return self.digest.partition("-")[0]

    @property
    def parts(self) -> str:
        """What of the digest tells what moved: the digits after the dash."""
        return self.digest.partition("-")[2]

    @property
    def pending(self) -> tuple[Change, ...]:
        """The changes with something to do, in the order of work."""
        return tuple(change for change in self.changes if change.is_pending)

    @property
    def weightiest(self) -> tuple[Change, ...]:
        """Those of the pending changes that are shown in full, in the order of work: of very many, those that weigh most."""
        return heaviest(self.pending, MOST_SHOWN, lambda change: change.weight)

    @property
    def retrieves(self) -> int:
        """Distinct ids whose export is asked for."""
        return sum(change.submits.count for change in self.changes if change.kind == "retrievals")

    @property
    def beyond_recall(self) -> int:
        """Distinct ids that are withdrawn, now or before, and that nothing calls back."""
        return sum(change.beyond_recall for change in self.changes)

    @property
    def withdrawn_in_doubt(self) -> int:
        """Of the distinct ids withdrawn, those whose batch may have arrived."""
        return sum(change.withdrawn_in_doubt for change in self.changes)

    @property
    def refused(self) -> int:
        """Declared distinct ids that Mixpanel refused and that aren't sent again by themselves."""
        return sum(change.refused for change in self.changes)

    @property
    def failed(self) -> int:
        """Declared distinct ids whose task failed or is gone, and that aren't sent again by themselves."""
        return sum(change.failed for change in self.changes)

    @property
    def held(self) -> int:
        """Distinct ids that a legal hold keeps out."""
        return sum(change.held.count for change in self.changes)

    @property
    def waits(self) -> int:
        """Distinct ids that wait for a day or for their export."""
        return sum(change.waits.count for change in self.changes)

    @property
    def is_blocked(self) -> bool:
        """Whether it can't be applied as it stands: for a conflict, or for a policy that refuses it."""
        return bool(self.conflicts or self.refusals)

    @property
    def conflicts(self) -> tuple[Diagnostic, ...]:
        """Findings that no apply can carry out, such as a changed region."""
        return tuple(found for found in self.diagnostics if found.is_error)
