"""The state under another digest key, made of the ids that were found again, and what of it is lost. Pure."""

from __future__ import annotations

import dataclasses
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

from mixpriv_reconcile.ids.remembered import remembered
from mixpriv_reconcile.kinds.standing import Standing, standing_of
from mixpriv_reconcile.model.ids import EMPTY_IDS
from mixpriv_reconcile.model.journal import Polled
from mixpriv_reconcile.model.state import (
    BatchPhase,
    Declared,
    KeyRecord,
    OptOutRecord,
    Record,
    RequestRecord,
    Run,
    State,
    TaskKey,
    TaskRecord,
)
from mixpriv_reconcile.plan.regaining import Found, Share, known_again

__all__ = ["Lost", "Proven", "Rekeyed", "rekeyed"]

UNKNOWN_SET = EMPTY_IDS.sha256
"""What stands for the hash of a set that isn't known under the new key: that of no ids, which no other set has."""


@dataclass(frozen=True, slots=True)
class Lost:
    """*missing* of the *count* ids that a request has in these batches could not be found again; *phase* is that of the last of them."""

    share: Share
    missing: int
    phase: BatchPhase
    is_declared: bool

    @property
    def count(self) -> int:
        return self.share.count


@dataclass(frozen=True, slots=True)
class Proven:
    """Sets that are known under both keys: *sets* has the new set hash of an old one, *lists* that of opt-out lists by address."""

    sets: Mapping[str, str] = dataclasses.field(default_factory=dict)
    lists: Mapping[str, str] = dataclasses.field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Rekeyed:
    """The next *state*, whose ids are all runs yet; of *count* remembered ids those in *lost* are missing."""

    state: State
    count: int
    lost: tuple[Lost, ...]

    @property
    def missing(self) -> int:
        return sum(lost.missing for lost in self.lost)


def rekeyed(
    state: State,
    every: Sequence[Share],
    found: Found,
    proven: Proven,
    *,
    seen: Mapping[TaskKey, Polled],
    declared: Collection[str],
    key: KeyRecord,
    tool_version: str,
) -> Rekeyed:
    """*state* under the new *key*: *every* share of it with the ids *found*, and with what was *seen* of its tasks.

    *declared* are the addresses of the manifests. A batch that lost ids keeps its task and its number: the task is still looked at.
    """
    records: dict[str, Record] = dict(state.records)
    runs: list[Run] = []
    lost: list[Lost] = []
    now = dataclasses.replace(state, tasks=_tasks(state, seen))
    by_address: dict[str, list[Share]] = {}
    for share in every:
        by_address.setdefault(share.address, []).append(share)
    for address, record in state.records.items():
        if isinstance(record, OptOutRecord):
            records[address] = dataclasses.replace(record, ids_sha256=proven.lists.get(address, UNKNOWN_SET))
        if not isinstance(record, RequestRecord):
            continue
        mine = by_address.get(address, [])
        again = known_again(found.get(address, {}))
        groups = again.batches()
        have = [sum(groups.counts.get(number, 0) for number in share.numbers) for share in mine]
        phases = {batch.number: batch.phase for batch in record.batches}
        gone = [
            Lost(share, share.count - count, phases[share.numbers[-1]], address in declared)
            for share, count in zip(mine, have, strict=True)
            if count < share.count
        ]
        lost += gone
        sets = dict(proven.sets)
        if have == [share.count for share in mine]:
            sets[remembered(state, address).all().sha256] = again.all().sha256
        records[address] = dataclasses.replace(
            record,
            declared=_declared(now, record, gone, sets, is_declared=address in declared),
            held=_same(record.held, sets) if record.held is not None else None,
            refused_under=sets.get(record.refused_under, UNKNOWN_SET) if record.refused_under is not None else None,
            batches=tuple(
                dataclasses.replace(batch, sha256=groups[batch.number].sha256 if batch.number in groups.counts else UNKNOWN_SET)
                for batch in record.batches
            ),
            segments=(),
        )
        runs += [Run(address, number, groups[number].digests) for number in groups]
    tasks = dict(now.tasks)
    for each in lost:
        if (name := each.share.task) is not None and name in tasks:
            tasks[name] = dataclasses.replace(tasks[name], subjects=max(0, tasks[name].subjects - each.missing))
    after = dataclasses.replace(
        state,
        serial=state.serial + 1,
        tool_version=tool_version,
        digest_key=key,
        sources=(),  # they are proven by hashes under the key of before
        records=records,
        tasks=tasks,
        open_segments={},
        runs=tuple(runs),
    )
    return Rekeyed(after, sum(share.count for share in every), tuple(lost))


def _tasks(state: State, seen: Mapping[TaskKey, Polled]) -> Mapping[TaskKey, TaskRecord]:
    return {
        key: dataclasses.replace(task, status=seen[key].status, checked_at=seen[key].at) if key in seen else task
        for key, task in state.tasks.items()
    }


def _same(before: Declared, sets: Mapping[str, str]) -> Declared:
    return Declared(before.count, sets.get(before.sha256, UNKNOWN_SET))


def _declared(state: State, record: RequestRecord, gone: Sequence[Lost], sets: Mapping[str, str], *, is_declared: bool) -> Declared:
    """What the request declared. Of one that left the manifests, the number alone tells how many were never sent (withdrawn as such):
    ids whose task is known, and which are lost, must not be among them."""
    if is_declared or record.declared.sha256 in sets:
        return _same(record.declared, sets)
    batches = {batch.number: batch for batch in record.batches}
    unsent = (Standing.RETURNED, Standing.REFUSED, Standing.REVOKED)
    tasked = sum(lost.missing for lost in gone if standing_of(state, record, batches[lost.share.numbers[-1]]) not in unsent)
    return Declared(max(0, record.declared.count - tasked), UNKNOWN_SET)
