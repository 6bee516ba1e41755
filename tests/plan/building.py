"""Small builders of wishes and memories. Digests are any 16 bytes: what decides never sees an id."""

from __future__ import annotations

import hashlib
import itertools
from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime

from mixpriv_reconcile.ids.sets import from_unsorted
from mixpriv_reconcile.model.address import Address
from mixpriv_reconcile.model.diagnostics import SourceSpan
from mixpriv_reconcile.model.fold import fold
from mixpriv_reconcile.model.ids import IdSet, IdSources
from mixpriv_reconcile.model.journal import (
    Acknowledged,
    Began,
    CancelAccepted,
    Entry,
    Intended,
    Polled,
    Put,
    PutRequestEntry,
    Unsettled,
)
from mixpriv_reconcile.model.plan import CancelTask, Change, Plan, PlanOptions, PutRecord, PutRequest, SubmitBatch
from mixpriv_reconcile.model.regions import Region
from mixpriv_reconcile.model.resource import DeletionSpec, DesiredState, Extension, Resource
from mixpriv_reconcile.model.secrets import SecretRef
from mixpriv_reconcile.model.state import (
    Declared,
    PolicyRecord,
    ProjectRecord,
    RequestRecord,
    SegmentRef,
    State,
    TaskRecord,
)
from mixpriv_reconcile.model.workspace import Limits, Policy, Project, Workspace
from mixpriv_reconcile.plan import plan

TODAY = date(2026, 11, 8)
NOW = datetime(2026, 11, 8, 9, 0, tzinfo=UTC)
SPAN = SourceSpan("privacy.yaml", 12, 7)
NOTHING = State(lineage="", serial=0, tool_version="")
PROJECTS = {"web-eu": (1978118, Region.EU), "renamed": (1978118, Region.EU), "web-us": (2195193, Region.US)}
FORGOTTEN = "web-eu.deletions.forgotten"
OTHERS = "web-eu.deletions.others"


def digest(number: int) -> bytes:
    return hashlib.sha256(number.to_bytes(8, "big")).digest()[:16]


def ids(*numbers: int | range) -> IdSet:
    """The set of these people."""
    flat: list[int] = []
    for number in numbers:
        flat.extend(number if isinstance(number, range) else (number,))
    return from_unsorted(b"".join(map(digest, flat)))


def people(found: IdSet) -> set[int]:
    """Who is in a set, of the first 20,000 people."""
    return {_BY_DIGEST[bytes(found.digests[at : at + 16])] for at in range(0, len(found.digests), 16)}


_BY_DIGEST = {digest(number): number for number in range(20_000)}


# Wishes


@dataclass(frozen=True)
class Wish:
    """One deletion request of a manifest."""

    address: str
    ids: IdSet
    spec: DeletionSpec


def wish(
    address: str,
    wanted: IdSet,
    *,
    compliance: str = "gdpr",
    received: date | None = TODAY,
    not_before: date | None = None,
    extension: Extension | None = None,
) -> Wish:
    return Wish(address, wanted, DeletionSpec(compliance, IdSources(), received, not_before, extension))


def project(name: str, data_groups: int = 0) -> Project:
    project_id, region = PROJECTS[name]
    return Project(name, project_id, SecretRef(env=f"TOKEN_{project_id}"), region, data_groups, SPAN)


def desired(
    *wishes: Wish,
    projects: Iterable[Project] = (),
    resources: Iterable[Resource] = (),
    policy: Policy | None = None,
    limits: Limits | None = None,
    fingerprint: str = "f" * 64,
) -> DesiredState:
    """Manifests that ask for these, in this order; a project appears by being named."""
    addresses = {one: Address.parse(one.address) for one in wishes}
    named = {address.project: project(address.project) for address in addresses.values()} | {one.name: one for one in projects}
    return DesiredState(
        workspace=Workspace(policy=policy or Policy(opt_out="off"), limits=limits or Limits(), span=SPAN),
        projects=named,
        resources=(*resources, *(Resource(addresses[one], one.spec, SPAN) for one in wishes)),
        fingerprint=fingerprint,
        ids={addresses[one]: one.ids for one in wishes},
    )


# Memories


@dataclass
class Memory:
    """A state that grows as a run would make it grow: by journal entries."""

    base: State = NOTHING
    entries: list[Entry] = field(default_factory=list)
    policy: PolicyRecord | None = None

    def __post_init__(self) -> None:
        projects = {name: ProjectRecord(number, region, SecretRef(env=f"TOKEN_{number}")) for name, (number, region) in PROJECTS.items()}
        lineage = self.base.lineage or "lineage-1"
        journal_id = f"journal-{self.base.serial}"
        self.entries.insert(
            0, Began(journal_id, lineage, self.base.serial, "0.1.0", NOW, "apply", "test", policy=self.policy, projects=projects)
        )
        self._numbers = itertools.count(1)

    def declared(self, address: str, wanted: IdSet, *, withdrawn: bool = False) -> Memory:
        name = Address.parse(address)
        project_id, region = PROJECTS[name.project]
        record = RequestRecord(name.kind, name.project, project_id, region, "gdpr", Declared(wanted.count, wanted.sha256))
        self.entries.append(PutRequestEntry(address, record, NOW, withdrawn=withdrawn))
        return self

    def intended(self, address: str, sent: IdSet, *, attempt: int = 1) -> int:
        number = next(self._numbers)
        self.entries.append(Intended(address, number, attempt, sent.count, sent.sha256, NOW, sent.digests))
        return number

    def sent(
        self,
        address: str,
        sent: IdSet,
        task: str = "task-1",
        status: str = "PENDING",
        *,
        attempt: int = 1,
        adopted: bool = False,
        foreign: bool = False,
        checked_at: datetime = NOW,
    ) -> Memory:
        number = self.intended(address, sent, attempt=attempt)
        name = Address.parse(address)
        project_id, region = PROJECTS[name.project]
        known = TaskRecord(
            task, name.kind, name.project, project_id, region, status, sent.count, NOW, checked_at, adopted=adopted, foreign=foreign
        )
        self.entries.append(Acknowledged(address, number, known, NOW))
        return self

    def unsettled(self, address: str, sent: IdSet, phase: str, why: str = "HTTP 500", *, attempt: int = 1) -> Memory:
        number = self.intended(address, sent, attempt=attempt)
        self.entries.append(Unsettled(address, number, phase, why, NOW))
        return self

    def polled(self, task: str, status: str, project_id: int = PROJECTS["web-eu"][0]) -> Memory:
        self.entries.append(Polled(project_id, task, status, NOW))
        return self

    def state(self) -> State:
        return fold(self.base, self.entries)


def published(state: State) -> State:
    """*state* as it is after publication: each request's runs in a segment of its own."""
    segments = dict(state.open_segments)
    records = dict(state.records)
    for address, record in state.requests.items():
        latest: dict[bytes, int] = {}
        for run in state.runs:
            if run.address == address:
                latest |= {bytes(run.digests[at : at + 16]): run.batch for at in range(0, len(run.digests), 16)}
        if latest:
            digests = b"".join(sorted(latest))
            numbers = b"".join(latest[one].to_bytes(4, "little") for one in sorted(latest))
            sha256 = hashlib.sha256(digests + numbers).hexdigest()
            segments[sha256] = (memoryview(digests), memoryview(numbers))
            records[address] = replace(record, segments=(*record.segments, SegmentRef(sha256, len(latest))))
    return replace(state, records=records, open_segments=segments, runs=())


def carried_out(made: Plan, state: State, *, tasks: Iterable[str], limit: int | None = None) -> State:
    """The state after an apply of *made* against a server that says yes to everything; *limit* is the number of POSTs before it ends."""
    entries: list[Entry] = []
    left = [10**9 if limit is None else limit]
    names = iter(tasks)
    projects = {name: ProjectRecord(number, region, SecretRef(env=f"TOKEN_{number}")) for name, (number, region) in PROJECTS.items()}
    entries.append(
        Began(
            f"journal-{state.serial}",
            state.lineage or "lineage-1",
            state.serial,
            made.tool_version,
            NOW,
            "apply",
            "test",
            plan_digest=made.sha256,
            projects=projects,
        )
    )
    numbers: dict[str, int] = {}
    for change in made.pending:
        _begin(change, entries, numbers)
    for change in made.pending:
        _submit(change, entries, numbers, names, left)
    return fold(state, entries)


def _begin(change: Change, entries: list[Entry], numbers: dict[str, int]) -> None:
    address = str(change.address)
    for step in change.steps:
        match step:
            case PutRecord(record):
                entries.append(Put(address, record))
            case PutRequest(record, moved_from, withdrawn):
                entries.append(PutRequestEntry(address, record, NOW, moved_from, withdrawn))
                numbers[address] = record.next_batch
            case CancelTask(project_id, tracking_id):
                entries.append(CancelAccepted(project_id, tracking_id, NOW))
                entries.append(Polled(project_id, tracking_id, "REVOKED", NOW))
            case _:
                pass


def _submit(change: Change, entries: list[Entry], numbers: dict[str, int], names: Iterable[str], left: list[int]) -> None:
    address = str(change.address)
    for batch in change.batches:
        if not left[0]:
            return
        left[0] -= 1
        number = numbers[address]
        numbers[address] += 1
        entries.append(Intended(address, number, batch.attempt, batch.ids.count, batch.ids.sha256, NOW, batch.ids.digests))
        project_id, region = PROJECTS[change.project]
        task = TaskRecord(next(iter(names)), change.kind, change.project, project_id, region, "PENDING", batch.ids.count, NOW, NOW)
        entries.append(Acknowledged(address, number, task, NOW))


# Plans


def decided(
    wishes: DesiredState,
    memory: Memory | State = NOTHING,
    observed: Iterable[Polled] = (),
    *,
    today: date = TODAY,
    **options: tuple[str, ...],
) -> Plan:
    state = memory.state() if isinstance(memory, Memory) else memory
    return plan(wishes, state, observed, today, PlanOptions(**options))


def change_of(made: Plan, address: str = FORGOTTEN) -> Change | None:
    return next((change for change in made.changes if str(change.address) == address), None)


def codes(made: Plan) -> list[str]:
    return [found.code for found in made.diagnostics]


def refused(made: Plan) -> list[str]:
    return [found.code for found in made.refusals]


def sets(batches: Iterable[SubmitBatch]) -> list[set[int]]:
    """Who is in each batch."""
    return [people(batch.ids) for batch in batches]
