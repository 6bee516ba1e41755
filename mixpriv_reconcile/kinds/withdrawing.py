"""Ids that are remembered and no longer wanted, withdrawn or under a legal hold: cancel their tasks while that is possible, else say so."""

from __future__ import annotations

from mixpriv_reconcile.ids.known import Split
from mixpriv_reconcile.ids.sets import difference, intersection
from mixpriv_reconcile.kinds.gathered import Gathered, all_of
from mixpriv_reconcile.kinds.standing import Standing, standing_of
from mixpriv_reconcile.model.diagnostics import Severity
from mixpriv_reconcile.model.ids import IdSet
from mixpriv_reconcile.model.plan import CancelTask
from mixpriv_reconcile.model.situation import Situation
from mixpriv_reconcile.model.state import BatchPhase, BatchRecord, RequestRecord, TaskRecord
from mixpriv_reconcile.model.wording import people

__all__ = ["is_to_be_closed", "withdraw", "withdrawn_unsent"]


def withdraw(found: Gathered, record: RequestRecord, split: Split) -> None:
    """Gather the tasks to cancel for what of *split* is gone, and what can't be called back."""
    situation = found.situation
    batches = {batch.number: batch for batch in record.batches}
    by_task: dict[str, list[int]] = {}
    for number, count in split.gone.counts.items():
        batch = batches[number]
        standing = standing_of(situation.state, record, batch)
        if standing is Standing.CANCELLABLE and found.is_cancellable and batch.tracking_id is not None:
            by_task.setdefault(batch.tracking_id, []).append(number)
        else:
            held = _held(found, split, number)
            _say_of_held(found, batch, standing, held)
            if count > held:
                if standing is Standing.IN_DOUBT and _is_new(situation, record):
                    found.doubtful.append(difference(split.gone[number], situation.held) if held else split.gone[number])
                _say_of_withdrawn(found, record, batch, standing, count - held)
    in_task: dict[str | None, list[int]] = {}
    for batch in record.batches:
        in_task.setdefault(batch.tracking_id, []).append(batch.number)
    for tracking_id, numbers in by_task.items():
        task = situation.state.tasks[(record.project_id, tracking_id)]
        gone = all_of([split.gone[number] for number in numbers])
        if _stays(found, task, gone):
            continue
        same_task = in_task[tracking_id]
        kept = found.sendable(all_of([split.kept[number] for number in same_task if number in split.kept]))
        attempt = max(batches[number].attempt for number in same_task)
        step = CancelTask(record.project_id, tracking_id, gone.count, kept.count)
        found.cancels.append((step, gone, kept, attempt))
    if found.cancels:
        _note_superseded_doubts(found, record, split)


def _held(found: Gathered, split: Split, number: int) -> int:
    """How many of the ids that are gone from batch *number* are so because of a hold."""
    return intersection(split.gone[number], found.situation.held).count if found.situation.held else 0


def _say_of_held(found: Gathered, batch: BatchRecord, standing: Standing, held: int) -> None:
    if not held:
        return
    if standing is Standing.RUNNING:
        found.held_started += held
        found.note(
            "MP0630",
            Severity.WARNING,
            f"{people(held)} under a legal hold can't be called back: task {batch.tracking_id} has started and erases them",
            "ask Mixpanel's support at once; see `mixpriv explain MP0630`",
        )
    elif standing is Standing.IN_DOUBT:
        found.note(
            "MP0630",
            Severity.WARNING,
            f"{people(held)} under a legal hold are in batch {batch.number}, which is in doubt: if it arrived, they will be erased",
            "ask Mixpanel's support for the project's open deletions",
        )
    elif standing is Standing.SUCCEEDED:
        found.note("MP0631", Severity.NOTE, f"{people(held)} under a legal hold were erased before, in task {batch.tracking_id}")


def _is_new(situation: Situation, record: RequestRecord) -> bool:
    """Whether what is gone may be so only now. A batch in doubt keeps its ids for good; what the last apply remembers as declared tells
    that they left before, as long as nothing else of the request changed: else they count once more, which a guard may do.
    """
    return record.withdrawn_at is None and (situation.resource is None or record.declared.sha256 != situation.ids.sha256)


def _say_of_withdrawn(found: Gathered, record: RequestRecord, batch: BatchRecord, standing: Standing, count: int) -> None:
    if standing is Standing.IN_DOUBT and record.withdrawn_at is None and found.is_cancellable:
        if not _is_new(found.situation, record):
            found.beyond_recall += count
        found.note(
            "MP0614",
            Severity.WARNING,
            f"{people(count)} withdrawn from batch {batch.number}, which is in doubt: if it arrived, they will be erased",
            "ask Mixpanel's support for the project's open deletions",
        )
    elif standing.is_open and not found.is_cancellable:
        found.beyond_recall += count
        found.note(
            "MP0633",
            Severity.WARNING,
            f"{people(count)} withdrawn can't be recalled: Mixpanel has no way to cancel a retrieval, and task {batch.tracking_id} goes on",
            "its export is not downloaded; nobody gets it but who asks Mixpanel for it",
        )
    elif standing is Standing.RUNNING:
        found.beyond_recall += count
        found.note("MP0610", Severity.WARNING, f"{people(count)} can't be recalled: task {batch.tracking_id} has started")


def _note_superseded_doubts(found: Gathered, record: RequestRecord, split: Split) -> None:
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


def _stays(found: Gathered, task: TaskRecord, gone: IdSet) -> bool:
    """Whether a task must not be cancelled although ids of it are no longer wanted, with the reason noted."""
    others = [address for address in found.situation.elsewhere.get(task.key, ()) if address != str(found.situation.address)]
    if task.foreign:
        found.note(
            "MP0615",
            Severity.WARNING,
            f"task {task.tracking_id} holds ids this workspace doesn't declare and is never cancelled by itself; "
            f"{people(gone.count)} stay in it",
        )
    elif others:
        found.note(
            "MP0616",
            Severity.WARNING,
            f"task {task.tracking_id} also serves {', '.join(sorted(others))} and goes on; {people(gone.count)} stay in it",
        )
    else:
        return False
    held = intersection(gone, found.situation.held).count if found.situation.held else 0
    found.beyond_recall += gone.count - held
    if held:
        found.held_started += held
        found.note(
            "MP0630",
            Severity.WARNING,
            f"{people(held)} under a legal hold stay in task {task.tracking_id}, which is not cancelled by itself, and will be erased",
            "withdraw the task's other ids too, or cancel it in Mixpanel; see `mixpriv explain MP0630`",
        )
    return True


def withdrawn_unsent(situation: Situation, record: RequestRecord | None, split: Split) -> int:
    """Ids of a vanished request that wait for a task: never sent, refused, given back, or in a task that was revoked."""
    if situation.resource is not None or record is None or record.withdrawn_at is not None:
        return 0
    batches = {batch.number: batch for batch in record.batches}
    tasked = sum(
        count
        for number, count in split.gone.counts.items()
        if standing_of(situation.state, record, batches[number]) not in (Standing.RETURNED, Standing.REFUSED, Standing.REVOKED)
    )
    held = record.held.count if record.held is not None else 0
    # Ids that left the request before are among those with a task, so that the difference alone may be too small.
    return max(0, record.declared.count - tasked, held)


def is_to_be_closed(situation: Situation, record: RequestRecord | None, split: Split) -> bool:
    """Whether a vanished request still has something open, so that its withdrawal is to be remembered.

    A batch whose ids all went out again in a later one says nothing any more.
    """
    if situation.resource is not None or record is None or record.withdrawn_at is not None:
        return False
    latest = (standing_of(situation.state, record, batch) for batch in record.batches if batch.number in split.gone)
    return any(standing.is_open or standing is Standing.IN_DOUBT for standing in latest)
