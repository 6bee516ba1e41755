"""What is remembered between runs. Distinct ids are in it only as keyed digests; secrets only as references.

The JSON form is `docs/reference/formats.md`; these types are that form, field by field.
"""

from __future__ import annotations

import enum
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import TypeAlias

from mixpriv_reconcile.model.regions import Region
from mixpriv_reconcile.model.resource import Confirmation, Extension
from mixpriv_reconcile.model.secrets import SecretRef

__all__ = [
    "FEATURES",
    "LINEAGE",
    "MOST_BATCHES",
    "MOST_NEXT_BATCH",
    "MOST_SERIAL",
    "BatchPhase",
    "BatchRecord",
    "Declared",
    "KeyRecord",
    "OptOutRecord",
    "PolicyRecord",
    "ProjectRecord",
    "Record",
    "RequestRecord",
    "ResidencyRecord",
    "Run",
    "SegmentRef",
    "SourceRecord",
    "SsoRecord",
    "State",
    "TaskKey",
    "TaskRecord",
]

TaskKey: TypeAlias = tuple[int, str]
"""A task is known by its project's number and its tracking id."""

MOST_BATCHES = 2**32 - 1
"""Of one request: segments keep a batch's number in four bytes."""

MOST_NEXT_BATCH = MOST_BATCHES - 10**6
"""What no request comes to in earnest. It bounds what is read and what is written alike: nothing is written that can't be read."""

MOST_SERIAL = 2**53
"""The largest whole number that every reader of JSON takes exactly."""

LINEAGE = re.compile(r"[ -~]{1,64}")
"""How a lineage reads; programs make it a UUID."""


class BatchPhase(enum.Enum):
    """What is known of one batch's POST."""

    IN_DOUBT = "in_doubt"  # the intent is durable, the answer isn't known
    RETURNED = "returned"  # provably not accepted: it never left, or was answered with a plain no
    REFUSED = "refused"  # Mixpanel refuses these ids (400, 413, 422)
    SENT = "sent"  # acknowledged: it has a task


@dataclass(frozen=True, slots=True)
class Declared:
    """The ids a request declared at the last apply: how many, and the SHA-256 over their sorted digests."""

    count: int
    sha256: str


@dataclass(frozen=True, slots=True)
class SegmentRef:
    """A segment file by its content (SHA-256, hex), with its number of ids."""

    sha256: str
    count: int


@dataclass(frozen=True, slots=True)
class BatchRecord:
    """One batch of one request. *number* counts from 1 within the request; *attempt* from 1 to 3."""

    number: int
    count: int
    sha256: str
    attempt: int
    phase: BatchPhase
    intent_at: datetime
    settled_at: datetime | None = None
    tracking_id: str | None = None
    adopted: bool = False
    why: str = ""


@dataclass(frozen=True, slots=True)
class RequestRecord:
    """A deletion (later: a retrieval): what it declared, its batches, and the segments that say which id went in which."""

    kind: str
    project: str
    project_id: int
    region: Region
    compliance: str
    declared: Declared
    received: date | None = None
    not_before: date | None = None
    extension: Extension | None = None
    disclosure: str | None = None
    next_batch: int = 1
    batches: tuple[BatchRecord, ...] = ()
    segments: tuple[SegmentRef, ...] = ()
    held: Declared | None = None
    refused_under: str | None = None
    downloads: tuple[Mapping[str, str], ...] = ()
    withdrawn_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class ResidencyRecord:
    """The region a project was adopted with; it never changes (API §2.2)."""

    kind: str
    project: str
    project_id: int
    region: Region
    recorded_at: datetime


@dataclass(frozen=True, slots=True)
class SsoRecord:
    """A confirmed manual step, and the URL it was confirmed for."""

    kind: str
    project: str
    postback_url: str
    confirmed: Confirmation
    recorded_at: datetime


@dataclass(frozen=True, slots=True)
class OptOutRecord:
    """The opt-out list that was written last: where in the workspace, in which form, with which ids, and the file that it made."""

    kind: str
    project: str
    project_id: int
    file: str
    digest: str
    count: int
    ids_sha256: str
    size: int
    sha256: str
    recorded_at: datetime


Record: TypeAlias = RequestRecord | ResidencyRecord | SsoRecord | OptOutRecord

FEATURES: Mapping[str, type[Record]] = {"opt_outs": OptOutRecord}
"""By the name of a feature, the records that take it: a version that doesn't know them must not read the state."""


@dataclass(frozen=True, slots=True)
class TaskRecord:
    """A task at Mixpanel. *subjects* counts this workspace's ids in it; *foreign* says that it holds others too."""

    tracking_id: str
    kind: str
    project: str
    project_id: int
    region: Region
    status: str
    subjects: int
    submitted_at: datetime
    checked_at: datetime
    adopted: bool = False
    foreign: bool = False
    cancelled_at: datetime | None = None

    @property
    def key(self) -> TaskKey:
        return (self.project_id, self.tracking_id)


@dataclass(frozen=True, slots=True)
class ProjectRecord:
    """What is needed to reach a project after it left the manifest: references to credentials, never credentials."""

    project_id: int
    region: Region
    token: SecretRef
    gdpr_token: SecretRef | None = None
    data_groups: int = 0
    learned_cap: int | None = None


@dataclass(frozen=True, slots=True)
class KeyRecord:
    """How digests were made, and a check value that tells one key from another without revealing it."""

    scheme: str
    check: str


@dataclass(frozen=True, slots=True)
class PolicyRecord:
    """The policy of the last apply, so that a loosened one is seen."""

    max_deletions: int
    max_withdrawals: int
    opt_out: str
    allow_placeholder_ids: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class SourceRecord:
    """A source proven unchanged by a keyed hash of its bytes."""

    address: str
    file: str
    size: int
    keyed_hash: str
    count: int
    sha256: str


@dataclass(frozen=True, slots=True)
class Run:
    """One batch's digests, ascending, that the journal holds and no segment yet."""

    address: str
    batch: int
    digests: memoryview = field(repr=False, compare=False)


@dataclass(frozen=True, slots=True)
class State:
    """The whole memory. *open_segments* and *runs* are its open parts; the JSON holds all the rest.

    *open_segments* holds, by SHA-256, the digests (16 bytes each, ascending) and batch numbers (4 bytes each, little-endian) of
    each segment; *runs* what a journal holds beyond them, oldest first.
    """

    lineage: str
    serial: int
    tool_version: str
    digest_key: KeyRecord | None = None
    created_by_plan: str | None = None
    last_journal: str | None = None
    features: tuple[str, ...] = ()
    encryption: Mapping[str, str] | None = None
    journal: Mapping[str, str] | None = None
    policy: PolicyRecord | None = None
    manifests: tuple[str, ...] = ()
    sources: tuple[SourceRecord, ...] = ()
    projects: Mapping[str, ProjectRecord] = field(default_factory=dict)
    records: Mapping[str, Record] = field(default_factory=dict)
    tasks: Mapping[TaskKey, TaskRecord] = field(default_factory=dict)
    open_segments: Mapping[str, tuple[memoryview, memoryview]] = field(default_factory=dict, repr=False, compare=False)
    runs: tuple[Run, ...] = field(default=(), repr=False, compare=False)
    _runs_by_address: dict[str, list[Run]] = field(default_factory=dict, init=False, repr=False, compare=False)

    @property
    def requests(self) -> Mapping[str, RequestRecord]:
        """The records that are requests, by address."""
        return {address: record for address, record in self.records.items() if isinstance(record, RequestRecord)}

    def runs_of(self, address: str) -> Sequence[Run]:
        """The runs of one request, oldest first. All are sorted by address once, for a journal may have as many as there are requests."""
        if self.runs and not self._runs_by_address:
            for run in self.runs:
                self._runs_by_address.setdefault(run.address, []).append(run)
        return self._runs_by_address.get(address, ())
