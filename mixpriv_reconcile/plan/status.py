"""How every declared or remembered request stands today: pure, from wishes and memory."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date

from mixpriv_reconcile.ids.remembered import remembered
from mixpriv_reconcile.ids.sets import difference, intersection
from mixpriv_reconcile.kinds.exports import is_delivered
from mixpriv_reconcile.kinds.standing import Standing, standing_of
from mixpriv_reconcile.model.address import Address
from mixpriv_reconcile.model.deadlines import due_date, submit_by
from mixpriv_reconcile.model.files import NO_FILES, FileSeen
from mixpriv_reconcile.model.ids import EMPTY_IDS, IdSet
from mixpriv_reconcile.model.resource import DeletionSpec, DesiredState, Extension, RequestSpec
from mixpriv_reconcile.model.state import BatchPhase, RequestRecord, State
from mixpriv_reconcile.model.status import RequestStatus, StatusReport, Subjects, TaskStatus
from mixpriv_reconcile.model.tasks import MISSING
from mixpriv_reconcile.model.urgency import flagged
from mixpriv_reconcile.model.workspace import Policy
from mixpriv_reconcile.plan.keeping import Kept, keeping
from mixpriv_reconcile.plan.moves import moves

__all__ = ["status_report"]

NOT_MOVED: Mapping[str, str] = {}

UNSENT = frozenset({Standing.RETURNED, Standing.REVOKED})
"""Where ids are in no task, and go out with the next apply."""


def status_report(
    desired: DesiredState | None,
    state: State,
    today: date,
    *,
    counts: Mapping[Address, int],
    files: Mapping[str, FileSeen] = NO_FILES,
    apply_running: Mapping[str, str] | None = None,
) -> StatusReport:
    """Every declared or remembered request, by address. *desired* is None where only the memory can be told.

    *counts* has the number of declared ids of each request where the digest key isn't at hand; `desired.ids` is used where it is.
    *files* are the exports that are where they were downloaded to.
    """
    specs: dict[str, RequestSpec] = {}
    kept, moved = Kept(), NOT_MOVED
    if desired is not None:
        specs = {str(item.address): item.spec for item in desired.resources if isinstance(item.spec, RequestSpec)}
        moved = moves(desired, state)
        kept = keeping(desired, state, moved, files)
    requests, remembered_requests = [], state.requests
    for address in sorted((specs.keys() | remembered_requests.keys()) - set(moved.values())):
        parsed = Address.parse(address)
        ids = desired.ids.get(parsed) if desired is not None else None
        known_as = moved.get(address, address)
        record = remembered_requests.get(known_as)
        left = address not in specs and (desired is not None or (record is not None and record.withdrawn_at is not None))
        spec, count = specs.get(address), counts.get(parsed)
        requests.append(_request(address, known_as, spec, record, state, today, ids, count, kept, files, withdrawn=left))
    soon = (desired.workspace.policy if desired is not None else Policy()).due_soon_days
    return StatusReport(today, tuple(flagged(request, today, soon) for request in requests), state.serial, apply_running, soon)


def _request(
    address: str,
    known_as: str,
    spec: RequestSpec | None,
    record: RequestRecord | None,
    state: State,
    today: date,
    ids: IdSet | None,
    declared: int | None,
    kept: Kept,
    files: Mapping[str, FileSeen],
    *,
    withdrawn: bool,
) -> RequestStatus:
    compliance, received, extension = _law(spec, record)
    due = due_date(compliance, received, extension) if received is not None else None
    is_early = isinstance(spec, DeletionSpec) and spec.not_before is not None and today < spec.not_before
    parsed = Address.parse(address)
    held = intersection(ids, kept.held_in(parsed)) if ids is not None else EMPTY_IDS
    wanted = difference(ids, held) if ids is not None else None
    standings, awaited, finished = _standings(known_as, record, state, None if withdrawn else wanted, kept.awaited_in(parsed))
    total = ids.count if ids is not None else declared if declared is not None else record.declared.count if record is not None else 0
    subjects = _subjects(standings, total, held.count, total if is_early else awaited, withdrawn=withdrawn)
    lacks_export = parsed.kind == "retrievals" and record is not None and not all(is_delivered(record, task, files) for task in finished)
    return RequestStatus(
        address=address,
        kind=parsed.kind,
        compliance=compliance,
        received=received,
        due=due,
        submit_by=submit_by(due) if due is not None else None,
        phase=_phase(standings, subjects, lacks_export, withdrawn=withdrawn),
        subjects=subjects,
        tasks=_tasks(record, state),
    )


def _law(spec: RequestSpec | None, record: RequestRecord | None) -> tuple[str, date | None, Extension | None]:
    if spec is not None:
        return spec.compliance, spec.received, spec.extension
    assert record is not None
    return record.compliance, record.received, record.extension


def _standings(
    address: str, record: RequestRecord | None, state: State, ids: IdSet | None, awaited: IdSet
) -> tuple[Mapping[Standing, int], int, frozenset[str | None]]:
    """How many of *ids* stand where (all that is remembered where they aren't known), how many of those that are to be sent
    are *awaited*, and which tasks have succeeded with some of them."""
    found: dict[Standing, int] = {}
    finished: set[str | None] = set()
    waiting = 0
    if record is None:
        return found, intersection(ids, awaited).count if ids is not None else 0, frozenset()
    batches = {batch.number: batch for batch in record.batches}
    known = remembered(state, address)
    split = known.split(ids) if ids is not None else None
    groups = split.kept if split is not None else known.batches()
    for number, count in groups.counts.items():
        standing = standing_of(state, record, batches[number])
        found[standing] = found.get(standing, 0) + count
        if standing is Standing.SUCCEEDED:
            finished.add(batches[number].tracking_id)
        if awaited and standing in UNSENT:
            waiting += intersection(groups[number], awaited).count
    return found, waiting + (intersection(split.new, awaited).count if split is not None else 0), frozenset(finished)


def _subjects(by_standing: Mapping[Standing, int], total: int, held: int, waiting: int, *, withdrawn: bool) -> Subjects:
    """*waiting* is the most that may wait: what isn't in a task."""
    tasked = sum(count for standing, count in by_standing.items() if standing not in UNSENT)
    unsent = 0 if withdrawn else max(0, total - held - tasked)
    waiting = min(unsent, waiting)
    return Subjects(
        declared=total,
        unsent=unsent - waiting,
        submitted=by_standing.get(Standing.CANCELLABLE, 0) + by_standing.get(Standing.RUNNING, 0),
        succeeded=by_standing.get(Standing.SUCCEEDED, 0),
        failed=by_standing.get(Standing.FAILED, 0) + by_standing.get(Standing.MISSING, 0),
        refused=by_standing.get(Standing.REFUSED, 0),
        in_doubt=by_standing.get(Standing.IN_DOUBT, 0),
        held=0 if withdrawn else held,
        waiting=waiting,
    )


def _phase(standings: Mapping[Standing, int], subjects: Subjects, lacks_export: bool, *, withdrawn: bool) -> str:
    """The first that fits, in the contract's order. A retrieval whose export isn't there yet goes on."""
    if withdrawn:
        return "withdrawn"
    for phase, fits in (
        ("in_doubt", subjects.in_doubt),
        ("failed", subjects.failed),
        ("refused", subjects.refused),
        ("waiting", subjects.waiting),
        ("held", subjects.held),
        ("unsent", subjects.unsent),
        ("pending", standings.get(Standing.CANCELLABLE)),
        ("running", subjects.submitted or lacks_export),
    ):
        if fits:
            return phase
    return "succeeded"


def _tasks(record: RequestRecord | None, state: State) -> tuple[TaskStatus, ...]:
    if record is None:
        return ()
    found: dict[str, TaskStatus] = {}
    for batch in record.batches:
        if batch.phase is not BatchPhase.SENT or batch.tracking_id is None:
            continue
        task = state.tasks.get((record.project_id, batch.tracking_id))
        status = task.status if task is not None else MISSING
        submitted_at = task.submitted_at if task is not None else batch.intent_at
        checked_at = task.checked_at if task is not None else batch.intent_at
        before = found.get(batch.tracking_id)
        count = batch.count + (before.subjects if before is not None else 0)
        found[batch.tracking_id] = TaskStatus(batch.tracking_id, status, count, submitted_at, checked_at)
    return tuple(found.values())
