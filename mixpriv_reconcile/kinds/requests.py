"""The rule of every kind that is a request: which ids to submit, which tasks to cancel, which exports to fetch, and what can't be done.

One address at a time, pure: declared ids against the remembered ones, each by the standing of its latest batch.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable, Mapping
from datetime import date

from mixpriv_reconcile.ids.known import Split
from mixpriv_reconcile.ids.remembered import remembered
from mixpriv_reconcile.ids.sets import cut, difference, intersection
from mixpriv_reconcile.kinds.exports import is_delivered
from mixpriv_reconcile.kinds.gathered import Gathered, all_of
from mixpriv_reconcile.kinds.standing import Standing, standing_of, task_of
from mixpriv_reconcile.kinds.withdrawing import is_to_be_closed, withdraw, withdrawn_unsent
from mixpriv_reconcile.model.deadlines import due_date
from mixpriv_reconcile.model.diagnostics import Severity
from mixpriv_reconcile.model.ids import EMPTY_IDS, IdSet
from mixpriv_reconcile.model.plan import Action, Change, Download, PutRequest, Step, SubmitBatch
from mixpriv_reconcile.model.resource import DeletionSpec, RetrievalSpec
from mixpriv_reconcile.model.situation import Situation
from mixpriv_reconcile.model.state import BatchRecord, Declared, RequestRecord, TaskRecord
from mixpriv_reconcile.model.wording import people

__all__ = ["MAX_ATTEMPTS", "request_change"]

MAX_ATTEMPTS = 3
"""New tasks made for the same ids after FAILURE, the first one counted (contract §3)."""


REFUSALS = frozenset({"HTTP 400", "HTTP 413", "HTTP 422"})
"""Why a batch came back where it holds too many ids, or one that Mixpanel doesn't take (contract §3)."""


_NOTHING_TO_SEND = frozenset({Standing.CANCELLABLE, Standing.RUNNING, Standing.SUCCEEDED})
"""Where declared ids stand well: in a task that waits, runs or is done with them."""


def request_change(situation: Situation, *, kind: str, submit_action: Action, is_cancellable: bool) -> Change | None:
    """What to do for one request, or None where it is as it should be and nothing needs saying."""
    record = situation.record if isinstance(situation.record, RequestRecord) else None
    if situation.resource is None and record is None:
        return None
    found = Gathered(situation, is_cancellable, held=intersection(situation.ids, situation.held))
    split = remembered(situation.state, situation.moved_from or str(situation.address)).split(difference(situation.ids, found.held))
    _submissions(found, record, split)
    if record is not None:
        withdraw(found, record, split)
    return _change(found, record, split, kind, submit_action)


def _submissions(found: Gathered, record: RequestRecord | None, split: Split) -> None:
    """Ids that are declared and need a task: new ones, and those whose last attempt came to nothing."""
    if split.new:
        found.send("new_request" if record is None else "hold_released" if _is_released(found, record) else "new_ids", split.new, 1)
    if record is None:
        return
    batches = {batch.number: batch for batch in record.batches}
    for number in split.kept:
        batch = batches[number]
        standing = standing_of(found.situation.state, record, batch)
        if standing is Standing.SUCCEEDED and isinstance(_spec(found), RetrievalSpec):
            _export(found, record, batch, split.kept.counts[number], split)
        if standing in _NOTHING_TO_SEND:  # nearly always, and no set need be made to know
            continue
        _unwell(found, record, batch, standing, split.kept[number])
    for why, count in found.refused.items():
        found.note(
            "MP0617",
            Severity.WARNING,
            f"Mixpanel refused {people(count)} ({why}); they are not sent again by themselves",
            f"correct the ids in the sources, or `mixpriv apply --retry {found.situation.address}`",
        )


def _is_released(found: Gathered, record: RequestRecord) -> bool:
    """Whether fewer ids are held than at the last apply: the new ones were declared before, as far as can be told."""
    return record.held is not None and record.held.count > found.held.count and record.declared.sha256 == found.situation.ids.sha256


def _export(found: Gathered, record: RequestRecord, batch: BatchRecord, count: int, split: Split) -> None:
    """A finished retrieval whose export is yet to be downloaded, or asked for anew where the user says so."""
    spec, tracking_id = _spec(found), batch.tracking_id
    if not isinstance(spec, RetrievalSpec) or tracking_id is None or is_delivered(record, tracking_id, found.situation.files):
        return
    if found.situation.retry:
        found.send("retry", split.kept[batch.number], 1)
        return
    before = found.downloads.get(tracking_id)
    subjects = count + (before.subjects if before is not None else 0)
    found.downloads[tracking_id] = Download(record.project_id, tracking_id, spec.download_to, subjects)
    found.because("download")


def _unwell(found: Gathered, record: RequestRecord, batch: BatchRecord, standing: Standing, ids: IdSet) -> None:
    """What to do about declared *ids* whose batch isn't under way or done."""
    address, retry = found.situation.address, found.situation.retry
    work = "export" if isinstance(_spec(found), RetrievalSpec) else "erase"
    match standing:
        case Standing.RETURNED if batch.why in REFUSALS:
            if pieces := found.sendable(ids):
                found.pieces.append((batch, pieces))
                found.because("unsent")
        case Standing.RETURNED:
            found.send("unsent", ids, batch.attempt)
        case Standing.REVOKED:
            found.send("hold_released" if _is_released(found, record) else "revoked", ids, 1)
        case Standing.IN_DOUBT:
            again = found.sendable(ids)
            if again:
                found.doubts.append((batch, again))
                found.because("in_doubt")
            found.note(
                "MP0613",
                Severity.WARNING,
                f"batch {batch.number} with {people(ids.count)} is in doubt ({batch.why or 'no answer was recorded'}): "
                "it may have arrived, and the next apply sends it a second time",
                _way_out(batch.why),
            )
        case Standing.FAILED if batch.attempt < MAX_ATTEMPTS or retry:
            found.send("after_failure", ids, min(batch.attempt, MAX_ATTEMPTS - 1) + 1)
        case Standing.FAILED:
            found.failed += ids.count
            found.note(
                "MP0611",
                Severity.WARNING,
                f"Mixpanel failed to {work} {people(ids.count)} in {batch.attempt} attempts; no further one is made by itself",
                f"ask Mixpanel's support, then `mixpriv apply --retry {address}`",
            )
        case Standing.MISSING | Standing.REFUSED if retry:
            found.send("retry", ids, 1)
        case Standing.REFUSED if record.refused_under not in (None, found.situation.ids.sha256):
            found.send("request_changed", ids, 1)
        case Standing.MISSING:
            found.failed += ids.count
            found.note(
                "MP0612",
                Severity.WARNING,
                f"Mixpanel no longer knows task {batch.tracking_id} with {people(ids.count)}; "
                "suspects are the region and the project token",
                f"check both, then `mixpriv apply --retry {address}` for a new attempt",
            )
        case Standing.REFUSED:
            found.refused[batch.why] = found.refused.get(batch.why, 0) + ids.count
        case _:
            raise AssertionError(standing)


def _change(found: Gathered, record: RequestRecord | None, split: Split, kind: str, submit_action: Action) -> Change | None:
    situation = found.situation
    spec = _spec(found)
    unsent = withdrawn_unsent(situation, record, split)
    batches = _batches(found)
    if isinstance(spec, DeletionSpec) and spec.not_before is not None and situation.today < spec.not_before and batches:
        found.waits.append(found.submitted)
        batches = ()
        found.reasons = ["not_before"]
    waits = all_of(found.waits)
    if waits and "not_before" not in found.reasons:
        found.because("after_retrieval")
    cancels = tuple(step for step, _, _, _ in found.cancels)
    withdrawn = found.withdrawn
    closes = is_to_be_closed(situation, record, split)
    if withdrawn or unsent or closes:
        is_hold = bool(found.held and withdrawn) and not difference(withdrawn, found.held)
        found.because("withdrawn_request" if situation.resource is None else "held" if is_hold else "withdrawn_ids")
    if found.held:
        found.because("held")
    if situation.moved_from is not None:
        found.because("moved")
    reopens = situation.resource is not None and record is not None and record.withdrawn_at is not None
    if reopens:
        found.because("declared_again")
    updates = bool(withdrawn or unsent or situation.moved_from or closes or reopens or found.downloads)
    actions = _actions(bool(batches), updates, submit_action)
    if actions == (Action.NO_OP,) and not found.notes and not waits and not found.held:
        return None
    declared = _record(found, record, kind)
    steps: tuple[Step, ...] = ()
    if declared is not None:
        steps = (PutRequest(declared, situation.moved_from, withdrawn=situation.resource is None),)
    submitted = found.submitted if batches else EMPTY_IDS
    return Change(
        address=situation.address,
        kind=kind,
        project=situation.address.project,
        project_id=declared.project_id if declared is not None else 0,
        actions=actions,
        reasons=tuple(found.reasons),
        before=_before(situation, record),
        after=None if situation.resource is None else {"declared": situation.ids.count, **_facts(found)},
        steps=(*steps, *cancels, *found.downloads.values(), *batches),
        irreversible=bool(batches) and submit_action is Action.DELETE,
        submits=submitted,
        withdraws=withdrawn,
        waits=waits,
        held=found.held,
        held_started=found.held_started,
        beyond_recall=found.beyond_recall,
        refused=sum(found.refused.values()),
        failed=found.failed,
        withdrawn_unsent=unsent,
        deadline=_deadline(spec),
        source=situation.resource.span if situation.resource is not None else None,
        notes=tuple(found.notes),
    )


def _batches(found: Gathered) -> tuple[SubmitBatch, ...]:
    """Requests in order: doubtful batches as they were, then all else by attempt in ascending order of digest, then what a
    cancellation sets free, then what is left of refused batches; each at most the cap.

    The pieces of a refused batch stay apart: the search for the ids that Mixpanel doesn't take goes on where it stopped. They come
    last, for it may take many calls, and nobody else of the request is kept back by it.
    """
    cap = found.situation.cap
    again = [SubmitBatch(part, batch.attempt, "in_doubt") for batch, ids in found.doubts for part in cut(ids, cap)]
    for attempt, sets in sorted(found.submit.items()):
        origin = "new" if attempt == 1 else "after_failure"
        again.extend(SubmitBatch(part, attempt, origin) for part in cut(all_of(sets), cap))
    for step, _, kept, attempt in found.cancels:
        again.extend(SubmitBatch(part, attempt, "resubmitted", after=step.tracking_id) for part in cut(kept, cap))
    again.extend(SubmitBatch(part, batch.attempt, "new") for batch, ids in found.pieces for part in cut(ids, cap))
    if any(kept for _, _, kept, _ in found.cancels):
        found.because("resubmitted")
    return tuple(again)


def _actions(submits: bool, updates: bool, submit_action: Action) -> tuple[Action, ...]:
    chosen = ([submit_action] if submits else []) + ([Action.UPDATE] if updates else [])
    return tuple(chosen) or (Action.NO_OP,)


def _spec(found: Gathered) -> object:
    return found.situation.resource.spec if found.situation.resource is not None else None


def _record(found: Gathered, record: RequestRecord | None, kind: str) -> RequestRecord | None:
    """The record to remember before the work starts."""
    situation, spec, project = found.situation, _spec(found), found.situation.project
    if not isinstance(spec, DeletionSpec | RetrievalSpec) or project is None:
        return record
    facts = {
        "compliance": spec.compliance,
        "declared": Declared(situation.ids.count, situation.ids.sha256),
        "received": spec.received,
        "not_before": spec.not_before if isinstance(spec, DeletionSpec) else None,
        "extension": spec.extension,
        "disclosure": spec.disclosure if isinstance(spec, RetrievalSpec) else None,
        "held": Declared(found.held.count, found.held.sha256) if found.held else None,
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


def _facts(found: Gathered) -> Mapping[str, object]:
    situation, spec, project = found.situation, _spec(found), found.situation.project
    if project is None:
        return {}
    match spec:
        case DeletionSpec(compliance, not_before=not_before):
            facts = {"compliance": compliance, "region": project.region.value}
            if not_before is not None and situation.today < not_before:
                facts["not_before"] = not_before.isoformat()
            return facts
        case RetrievalSpec(compliance, download_to=folder, disclosure=disclosure):
            return {
                "compliance": compliance,
                "region": project.region.value,
                **({"disclosure": disclosure} if disclosure is not None else {}),
                "download_to": folder,
            }
        case _:
            return {}


def _deadline(spec: object) -> date | None:
    if isinstance(spec, DeletionSpec | RetrievalSpec) and spec.received is not None:
        return due_date(spec.compliance, spec.received, spec.extension)
    return None


def _way_out(why: str) -> str:
    """How a batch in doubt is settled; one that a 409 left so may stay there until the tasks behind it have ended."""
    if why.startswith("HTTP 409"):
        return "it is settled once those tasks show their ids or have ended; to give up on it: `mixpriv explain MP0613`"
    return "where Mixpanel answers 409, apply adopts the task that holds these ids instead"
