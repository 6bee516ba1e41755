"""`fold(base, journal)`: the next state, as a pure function of the last one and of what a run wrote down."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable

from mixpriv_reconcile.model.journal import (
    Acknowledged,
    Began,
    CancelAccepted,
    Entry,
    Forgot,
    Intended,
    LearnedCap,
    Polled,
    Put,
    PutRequestEntry,
    Unsettled,
)
from mixpriv_reconcile.model.state import (
    FEATURES,
    BatchPhase,
    BatchRecord,
    ProjectRecord,
    Record,
    RequestRecord,
    Run,
    State,
    TaskKey,
    TaskRecord,
)

__all__ = ["fold"]


def fold(base: State, entries: Iterable[Entry]) -> State:
    """*base* with every entry applied in order.

    The serial rises by one, once, if a task was made, cancelled or adopted, or a record was put or forgotten; polling alone
    doesn't raise it. An intent without a later entry leaves its batch in doubt.
    """
    folding = _Folding(base)
    for entry in entries:
        folding.take(entry)
    return folding.state()


class _Folding:
    """The mutable inside of one fold; nothing of it outlives the call."""

    def __init__(self, base: State) -> None:
        self.base = base
        self.facts: dict[str, object] = {}
        self.records: dict[str, Record] = dict(base.records)
        self.tasks: dict[TaskKey, TaskRecord] = dict(base.tasks)
        self.projects: dict[str, ProjectRecord] = dict(base.projects)
        self.runs: list[Run] = list(base.runs)
        self.sources = base.sources
        self.batches: dict[str, dict[int, BatchRecord]] = {}
        self.raises_serial = False

    def take(self, entry: Entry) -> None:
        match entry:
            case Began():
                self._begin(entry)
            case Put(address, record):
                self.records[address] = record
                self.raises_serial = True
            case PutRequestEntry():
                self._put_request(entry)
            case Intended():
                self._intend(entry)
            case Acknowledged(address, number, task, at):
                is_adopted = task.adopted
                batch = self._batches(address)[number]
                known = self.tasks.get(task.key)
                if known is not None:
                    task = dataclasses.replace(
                        known,
                        status=task.status,
                        checked_at=task.checked_at,
                        subjects=known.subjects + task.subjects,
                        foreign=known.foreign or (task.foreign and known.adopted),
                    )
                self.tasks[task.key] = task
                self._batches(address)[number] = dataclasses.replace(
                    batch, phase=BatchPhase.SENT, tracking_id=task.tracking_id, adopted=is_adopted, settled_at=at, why=""
                )
                self.raises_serial = True
            case Unsettled(address, number, phase, why, at):
                batch = self._batches(address)[number]
                self._batches(address)[number] = dataclasses.replace(batch, phase=BatchPhase(phase), why=why, settled_at=at)
                refused = self.records.get(address)
                if isinstance(refused, RequestRecord) and phase == BatchPhase.REFUSED.value:
                    self.records[address] = dataclasses.replace(refused, refused_under=refused.declared.sha256)
                self.raises_serial = True
            case Polled():
                self._poll(entry)
            case CancelAccepted(project_id, tracking_id, at):
                known = self.tasks.get((project_id, tracking_id))
                if known is not None:
                    self.tasks[known.key] = dataclasses.replace(known, cancelled_at=at)
                    self.raises_serial = True
            case LearnedCap(project, cap):
                if project in self.projects:
                    self.projects[project] = dataclasses.replace(self.projects[project], learned_cap=cap)
            case Forgot(address):
                self._forget(address)

    def _begin(self, entry: Began) -> None:
        self.facts["last_journal"] = entry.journal_id
        self.facts["tool_version"] = entry.tool_version
        self.facts["lineage"] = entry.lineage
        if entry.digest_key is not None:
            self.facts["digest_key"] = entry.digest_key
        if entry.policy is not None:
            self.facts["policy"] = entry.policy
        if entry.manifests is not None:
            self.facts["manifests"] = entry.manifests
        if not self.base.lineage:
            self.facts["created_by_plan"] = entry.plan_digest
            self.raises_serial = True
        for name, project in entry.projects.items():
            known = self.projects.get(name)
            cap = known.learned_cap if known is not None and known.project_id == project.project_id else None
            self.projects[name] = dataclasses.replace(project, learned_cap=cap)

    def _put_request(self, entry: PutRequestEntry) -> None:
        old_address = entry.moved_from or entry.address
        known = self.records.get(old_address)
        if entry.moved_from is not None:
            self.batches[entry.address] = dict(self._batches(entry.moved_from))
            self.batches.pop(entry.moved_from, None)
            self.records.pop(entry.moved_from, None)
            self.runs = [dataclasses.replace(run, address=entry.address) if run.address == entry.moved_from else run for run in self.runs]
            self.sources = tuple(
                dataclasses.replace(source, address=entry.address) if source.address == entry.moved_from else source
                for source in self.sources
            )
            self._move_tasks(entry)
        record = entry.record
        if isinstance(known, RequestRecord):
            record = dataclasses.replace(record, next_batch=known.next_batch, segments=known.segments)
        if entry.withdrawn:
            record = dataclasses.replace(record, withdrawn_at=entry.at)
        self._batches(entry.address)
        self.records[entry.address] = record
        self.raises_serial = True

    def _move_tasks(self, entry: PutRequestEntry) -> None:
        """Tasks of a request that moved are reached by the project's new name, for the old one may have no token any more."""
        for batch in self.batches[entry.address].values():
            task = self.tasks.get((entry.record.project_id, batch.tracking_id)) if batch.tracking_id is not None else None
            if task is not None:
                self.tasks[task.key] = dataclasses.replace(task, project=entry.record.project)

    def _intend(self, entry: Intended) -> None:
        batches = self._batches(entry.address)
        if entry.batch not in batches:
            self.runs.append(Run(entry.address, entry.batch, entry.digests))
        batches[entry.batch] = BatchRecord(entry.batch, entry.count, entry.sha256, entry.attempt, BatchPhase.IN_DOUBT, entry.at)
        record = self.records[entry.address]
        if isinstance(record, RequestRecord):
            self.records[entry.address] = dataclasses.replace(record, next_batch=max(record.next_batch, entry.batch + 1))
        self.raises_serial = True

    def _poll(self, entry: Polled) -> None:
        known = self.tasks.get((entry.project_id, entry.tracking_id))
        if known is not None:
            foreign = known.foreign if entry.foreign is None else entry.foreign
            self.tasks[known.key] = dataclasses.replace(known, status=entry.status, checked_at=entry.at, foreign=foreign)

    def _forget(self, address: str) -> None:
        self.records.pop(address, None)
        self.batches.pop(address, None)
        self.runs = [run for run in self.runs if run.address != address]
        self.raises_serial = True

    def _batches(self, address: str) -> dict[int, BatchRecord]:
        """The batches of *address*, opened for change."""
        if address not in self.batches:
            record = self.records.get(address)
            listed = record.batches if isinstance(record, RequestRecord) else ()
            self.batches[address] = {batch.number: batch for batch in listed}
        return self.batches[address]

    def _features(self) -> tuple[str, ...]:
        """Those of the base that no record decides, and those that a record takes now."""
        others = set(self.base.features) - FEATURES.keys()
        taken = {name for name, cls in FEATURES.items() if any(isinstance(record, cls) for record in self.records.values())}
        return tuple(sorted(others | taken))

    def state(self) -> State:
        """The folded state; tasks that no batch names any more, and sources, are gone with the address that was forgotten."""
        for address, batches in self.batches.items():
            record = self.records.get(address)
            if isinstance(record, RequestRecord):
                ordered = tuple(batches[number] for number in sorted(batches))
                self.records[address] = dataclasses.replace(record, batches=ordered)
        named = {
            (record.project_id, batch.tracking_id)
            for record in self.records.values()
            if isinstance(record, RequestRecord)
            for batch in record.batches
        }
        return dataclasses.replace(
            self.base,
            serial=self.base.serial + (1 if self.raises_serial else 0),
            features=self._features(),
            records=dict(sorted(self.records.items())),
            tasks={key: task for key, task in sorted(self.tasks.items()) if key in named},
            projects=dict(sorted(self.projects.items())),
            runs=tuple(self.runs),
            sources=tuple(source for source in self.sources if source.address in self.records),
            **self.facts,  # type: ignore[arg-type]
        )
