"""The rule of every kind that is a request: which ids to submit, which tasks to cancel, and what can't be done.

One address at a time, pure: declared ids against the remembered ones, each by the standing of its latest batch.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date

from mixpriv_reconcile.ids.known import Split
from mixpriv_reconcile.ids.remembered import remembered
from mixpriv_reconcile.ids.sets import cut, from_unsorted
from mixpriv_reconcile.kinds.standing import Standing, standing_of, task_of
from mixpriv_reconcile.model.deadlines import due_date
from mixpriv_reconcile.model.diagnostics import Diagnostic, Severity
from mixpriv_reconcile.model.ids import EMPTY_IDS, IdSet
from mixpriv_reconcile.model.plan import Action, CancelTask, Change, PutRequest, Situation, Step, SubmitBatch
from mixpriv_reconcile.model.resource import DeletionSpec
from mixpriv_reconcile.model.state import BatchPhase, BatchRecord, Declared, RequestRecord, TaskRecord

__all__ = ["MAX_ATTEMPTS", "request_change"]

MAX_ATTEMPTS = 3
"""New tasks made for the same ids after FAILURE, the first one counted (contract §3)."""


REFUSALS = frozenset({"HTTP 400", "HTTP 413", "HTTP 422"})
"""Why a batch came back where it holds too many ids, or one that Mixpanel doesn't take (contract §3)."""


_NOTHING_TO_SEND = frozenset({Standing.CANCELLABLE, Standing.RUNNING, Standing.SUCCEEDED})
"""Where declared ids stand well: in a task that waits, runs or has erased them."""


@dataclass(slots=True)
class _Findings:
    """What one address comes to, gathered while its batches are walked."""

    situation: Situation
    reasons: list[str] = field(default_factory=list)
    notes: list[Diagnostic] = field(default_factory=list)
    submit: dict[int, list[IdSet]] = field(default_factory=dict)  # by attempt
    pieces: list[tuple[BatchRecord, IdSet]] = field(default_factory=list)  # what is left of refused batches
    doubts: list[tuple[BatchRecord, IdSet]] = field(default_factory=list)
    refused: dict[str, int] = field(default_factory=dict)  # by answer; each id may be a batch of its own
    cancels: list[tuple[CancelTask, IdSet, IdSet, int]] = field(default_factory=list)  # step, gone, kept, attempt

    def because(self, reason: str) -> None:
        if reason not in self.reasons:
            self.reasons.append(reason)

    def note(self, code: str, severity: Severity, message: str, hint: str = "") -> None:
        resource = self.situation.resource
        span = resource.span if resource is not None else None
        self.notes.append(Diagnostic(code, severity, message, hint, span, str(self.situation.address)))


def request_change(situation: Situation, *, kind: str, submit_action: Action, is_cancellable: bool) -> Change | None:
    """What to do for one request, or None where it is as it should be and nothing needs saying."""
    record = situation.record if isinstance(situation.record, RequestRecord) else None
    if situation.resource is None and record is None:
        return None
    found = _Findings(situation)
    split = remembered(situation.state, situation.moved_from or str(situation.address)).split(situation.ids)
    _submissions(found, record, split)
    if record is not None:
        _withdrawals(found, record, split, is_cancellable)
    return _change(found, record, split, kind, submit_action)


def _submissions(found: _Findings, record: RequestRecord | None, split: Split) -> None:
    """Ids that are declared and need a task: new ones, and those whose last attempt came to nothing."""
    state, retry = found.situation.state, found.situation.retry
    if split.new:
        found.submit.setdefault(1, []).append(split.new)
        found.because("new_request" if record is None else "new_ids")
    batches = {batch.number: batch for batch in record.batches} if record is not None else {}
    for number in split.kept:
        batch = batches[number]
        assert record is not None
        standing = standing_of(state, record, batch)
        if standing in _NOTHING_TO_SEND:  # nearly always, and no set need be made to know
            continue
        ids = split.kept[number]
        match standing:
            case Standing.RETURNED if batch.why in REFUSALS:
                found.pieces.append((batch, ids))
                found.because("unsent")
            case Standing.RETURNED:
                found.submit.setdefault(batch.attempt, []).append(ids)
                found.because("unsent")
            case Standing.REVOKED:
                found.submit.setdefault(1, []).append(ids)
                found.because("revoked")
            case Standing.IN_DOUBT:
                found.doubts.append((batch, ids))
                found.because("in_doubt")
                found.note(
                    "MP0613",
                    Severity.WARNING,
                    f"batch {batch.number} with {_people(ids.count)} is in doubt ({batch.why or 'no answer was recorded'}): "
                    "it may have arrived, and the next apply sends it a second time",
                    _way_out(batch.why),
                )
            case Standing.FAILED if batch.attempt < MAX_ATTEMPTS or retry:
                found.submit.setdefault(min(batch.attempt, MAX_ATTEMPTS - 1) + 1, []).append(ids)
                found.because("after_failure")
            case Standing.FAILED:
                found.note(
                    "MP0611",
                    Severity.WARNING,
                    f"Mixpanel failed to erase {_people(ids.count)} in {batch.attempt} attempts; no further one is made by itself",
                    f"ask Mixpanel's support, then `mixpriv apply --retry {found.situation.address}`",
                )
            case Standing.MISSING | Standing.REFUSED if retry:
                found.submit.setdefault(1, []).append(ids)
                found.because("retry")
            case Standing.REFUSED if record.refused_under not in (None, found.situation.ids.sha256):
                found.submit.setdefault(1, []).append(ids)
                found.because("request_changed")
            case Standing.MISSING:
                found.note(
                    "MP0612",
                    Severity.WARNING,
                    f"Mixpanel no longer knows task {batch.tracking_id} with {_people(ids.count)}; "
                    "suspects are the region and the project token",
                    f"check both, then `mixpriv apply --retry {found.situation.address}` for a new attempt",
                )
            case Standing.REFUSED:
                found.refused[batch.why] = found.refused.get(batch.why, 0) + ids.count
            case _:
                raise AssertionError(standing)
    for why, count in found.refused.items():
        found.note(
            "MP0617",
            Severity.WARNING,
            f"Mixpanel refused {_people(count)} ({why}); they are not sent again by themselves",
            f"correct the ids in the sources, or `mixpriv apply --retry {found.situation.address}`",
        )


def _withdrawals(found: _Findings, record: RequestRecord, split: Split, is_cancellable: bool) -> None:
    """Ids that are remembered and no longer declared: cancel their tasks while that is possible, else say so."""
    situation = found.situation
    batches = {batch.number: batch for batch in record.batches}
    by_task: dict[str, list[int]] = {}
    for number, count in split.gone.counts.items():
        batch = batches[number]
        standing = standing_of(situation.state, record, batch)
        if standing is Standing.IN_DOUBT and record.withdrawn_at is None:
            found.note(
                "MP0614",
                Severity.WARNING,
                f"{_people(count)} withdrawn from batch {number}, which is in doubt: if it arrived, they will be erased",
                "ask Mixpanel's support for the project's open deletions",
            )
        elif standing is Standing.RUNNING or (standing is Standing.CANCELLABLE and not is_cancellable):
            found.note(
                "MP0610",
                Severity.WARNING,
                f"{_people(count)} can't be recalled: task {batch.tracking_id} has started",
            )
        elif standing is Standing.CANCELLABLE and batch.tracking_id is not None:
            by_task.setdefault(batch.tracking_id, []).append(number)
    in_task: dict[str | None, list[int]] = {}
    for batch in record.batches:
        in_task.setdefault(batch.tracking_id, []).append(batch.number)
    for tracking_id, numbers in by_task.items():
        task = situation.state.tasks[(record.project_id, tracking_id)]
        gone = _all_of([split.gone[number] for number in numbers])
        if _stays(found, task, gone):
            continue
        same_task = in_task[tracking_id]
        kept = _all_of([split.kept[number] for number in same_task if number in split.kept])
        attempt = max(batches[number].attempt for number in same_task)
        step = CancelTask(record.project_id, tracking_id, gone.count, kept.count)
        found.cancels.append((step, gone, kept, attempt))
    if found.cancels:
        _note_superseded_doubts(found, record, split)


def _note_superseded_doubts(found: _Findings, record: RequestRecord, split: Split) -> None:
    """A batch in doubt that was sent again may have arrived the first time: where ids are withdrawn that first task isn't known."""
    known = set(split.gone) | set(split.kept)
    for batch in record.batches:
        if batch.phase is BatchPhase.IN_DOUBT and batch.number not in known:
            found.note(
                "MP0614",
                Severity.WARNING,
                f"batch {batch.number} was in doubt and sent again: if it arrived the first time, an unknown task goes on with its ids",
                "ask Mixpanel's support for the project's open deletions",
            )


def _stays(found: _Findings, task: TaskRecord, gone: IdSet) -> bool:
    """Whether a task must not be cancelled although ids of it were withdrawn, with the reason noted."""
    if task.foreign:
        found.note(
            "MP0615",
            Severity.WARNING,
            f"task {task.tracking_id} holds ids this workspace doesn't declare and is never cancelled by itself; "
            f"{_people(gone.count)} stay in it",
        )
        return True
    others = [address for address in found.situation.elsewhere.get(task.key, ()) if address != str(found.situation.address)]
    if others:
        found.note(
            "MP0616",
            Severity.WARNING,
            f"task {task.tracking_id} also serves {', '.join(sorted(others))} and goes on; {_people(gone.count)} stay in it",
        )
    return bool(others)


def _change(found: _Findings, record: RequestRecord | None, split: Split, kind: str, submit_action: Action) -> Change | None:
    situation = found.situation
    unsent = _withdrawn_unsent(situation, record, split)
    batches = _batches(found)
    waits = EMPTY_IDS
    spec = situation.resource.spec if situation.resource is not None else None
    if isinstance(spec, DeletionSpec) and spec.not_before is not None and situation.today < spec.not_before and batches:
        waits = _submitted(found)
        batches = ()
        found.reasons = ["not_before"]
    cancels = tuple(step for step, _, _, _ in found.cancels)
    closes = _is_to_be_closed(situation, record, split)
    if cancels or unsent or closes:
        found.because("withdrawn_ids" if situation.resource is not None else "withdrawn_request")
    if situation.moved_from is not None:
        found.because("moved")
    reopens = situation.resource is not None and record is not None and record.withdrawn_at is not None
    if reopens:
        found.because("declared_again")
    actions = _actions(bool(batches), bool(cancels or unsent or situation.moved_from or closes or reopens), submit_action)
    if actions == (Action.NO_OP,) and not found.notes and not waits:
        return None
    declared = _record(situation, record, kind)
    steps: tuple[Step, ...] = ()
    if declared is not None:
        steps = (PutRequest(declared, situation.moved_from, withdrawn=situation.resource is None),)
    submitted = _submitted(found) if batches else EMPTY_IDS
    return Change(
        address=situation.address,
        kind=kind,
        project=situation.address.project,
        project_id=declared.project_id if declared is not None else 0,
        actions=actions,
        reasons=tuple(found.reasons),
        before=_before(situation, record),
        after=None if situation.resource is None else {"declared": situation.ids.count, **_facts(situation)},
        steps=(*steps, *cancels, *batches),
        irreversible=bool(batches) and submit_action is Action.DELETE,
        submits=submitted,
        withdraws=_all_of([gone for _, gone, _, _ in found.cancels]),
        waits=waits,
        withdrawn_unsent=unsent,
        deadline=_deadline(spec),
        source=situation.resource.span if situation.resource is not None else None,
        notes=tuple(found.notes),
    )


def _batches(found: _Findings) -> tuple[SubmitBatch, ...]:
    """Requests in order: doubtful batches as they were, then all else by attempt in ascending order of digest, then what a
    cancellation sets free, then what is left of refused batches; each at most the cap.

    The pieces of a refused batch stay apart: the search for the ids that Mixpanel doesn't take goes on where it stopped. They come
    last, for it may take many calls, and nobody else of the request is kept back by it.
    """
    cap = found.situation.cap
    again = [SubmitBatch(part, batch.attempt, "in_doubt") for batch, ids in found.doubts for part in cut(ids, cap)]
    for attempt, sets in sorted(found.submit.items()):
        origin = "new" if attempt == 1 else "after_failure"
        again.extend(SubmitBatch(part, attempt, origin) for part in cut(_all_of(sets), cap))
    for step, _, kept, attempt in found.cancels:
        again.extend(SubmitBatch(part, attempt, "resubmitted", after=step.tracking_id) for part in cut(kept, cap))
    again.extend(SubmitBatch(part, batch.attempt, "new") for batch, ids in found.pieces for part in cut(ids, cap))
    if any(kept for _, _, kept, _ in found.cancels):
        found.because("resubmitted")
    return tuple(again)


def _submitted(found: _Findings) -> IdSet:
    """Every id of the address that goes out, whatever the reason."""
    again = [ids for sets in found.submit.values() for ids in sets]
    return _all_of([*again, *(ids for _, ids in (*found.doubts, *found.pieces)), *(kept for _, _, kept, _ in found.cancels)])


def _all_of(sets: Sequence[IdSet]) -> IdSet:
    """The union of *sets*, without a copy where only one holds anything."""
    filled = [ids for ids in sets if ids]
    if not filled:
        return EMPTY_IDS
    return filled[0] if len(filled) == 1 else from_unsorted(b"".join(ids.digests for ids in filled))


def _withdrawn_unsent(situation: Situation, record: RequestRecord | None, split: Split) -> int:
    """Ids of a vanished request that wait for a task: never sent, refused, given back, or in a task that was revoked."""
    if situation.resource is not None or record is None or record.withdrawn_at is not None:
        return 0
    batches = {batch.number: batch for batch in record.batches}
    tasked = sum(
        count
        for number, count in split.gone.counts.items()
        if standing_of(situation.state, record, batches[number]) not in (Standing.RETURNED, Standing.REFUSED, Standing.REVOKED)
    )
    return max(0, record.declared.count - tasked)


def _is_to_be_closed(situation: Situation, record: RequestRecord | None, split: Split) -> bool:
    """Whether a vanished request still has something open, so that its withdrawal is to be remembered.

    A batch whose ids all went out again in a later one says nothing any more.
    """
    if situation.resource is not None or record is None or record.withdrawn_at is not None:
        return False
    latest = (standing_of(situation.state, record, batch) for batch in record.batches if batch.number in split.gone)
    return any(standing.is_open or standing is Standing.IN_DOUBT for standing in latest)


def _actions(submits: bool, updates: bool, submit_action: Action) -> tuple[Action, ...]:
    chosen = ([submit_action] if submits else []) + ([Action.UPDATE] if updates else [])
    return tuple(chosen) or (Action.NO_OP,)


def _record(situation: Situation, record: RequestRecord | None, kind: str) -> RequestRecord | None:
    """The record to remember before the work starts."""
    spec, project = (situation.resource.spec if situation.resource is not None else None), situation.project
    if not isinstance(spec, DeletionSpec) or project is None:
        return record
    declared = Declared(situation.ids.count, situation.ids.sha256)
    facts = {
        "compliance": spec.compliance,
        "declared": declared,
        "received": spec.received,
        "not_before": spec.not_before,
        "extension": spec.extension,
        "project": project.name,
        "withdrawn_at": None,
    }
    if record is not None:
        return dataclasses.replace(record, **facts)  # type: ignore[arg-type]
    return RequestRecord(kind=kind, project_id=project.project_id, region=project.region, **facts)  # type: ignore[arg-type]


def _before(situation: Situation, record: RequestRecord | None) -> Mapping[str, object] | None:
    if record is None:
        return None
    tasks: Iterable[TaskRecord | None] = {task_of(situation.state, record, batch) for batch in record.batches}
    known = sum(batch.count for batch in record.batches if batch.tracking_id is not None)
    known_tasks = sum(task is not None for task in tasks)
    return {"region": record.region.value, "declared": record.declared.count, "submitted": known, "tasks": known_tasks}


def _facts(situation: Situation) -> Mapping[str, object]:
    spec, project = (situation.resource.spec if situation.resource is not None else None), situation.project
    if not isinstance(spec, DeletionSpec) or project is None:
        return {}
    facts = {"compliance": spec.compliance, "region": project.region.value}
    if spec.not_before is not None and situation.today < spec.not_before:
        facts["not_before"] = spec.not_before.isoformat()
    return facts


def _deadline(spec: object) -> date | None:
    if isinstance(spec, DeletionSpec) and spec.received is not None:
        return due_date(spec.compliance, spec.received, spec.extension)
    return None


def _way_out(why: str) -> str:
    """How a batch in doubt is settled; one that a 409 left so may stay there until the tasks behind it have ended."""
    if why.startswith("HTTP 409"):
        return "it is settled once those tasks show their ids or have ended; to give up on it: `mixpriv explain MP0613`"
    return "where Mixpanel answers 409, apply adopts the task that holds these ids instead"


def _people(count: int) -> str:
    return f"{count:,} distinct id" + ("" if count == 1 else "s")
