"""How every declared or remembered request stands today: pure, from wishes and memory."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date

from mixpriv_reconcile.ids.remembered import remembered
from mixpriv_reconcile.kinds.standing import Standing, standing_of
from mixpriv_reconcile.model.address import Address
from mixpriv_reconcile.model.deadlines import due_date, submit_by
from mixpriv_reconcile.model.ids import IdSet
from mixpriv_reconcile.model.resource import DeletionSpec, DesiredState, Extension
from mixpriv_reconcile.model.state import BatchPhase, RequestRecord, State
from mixpriv_reconcile.model.status import RequestStatus, StatusReport, Subjects, TaskStatus
from mixpriv_reconcile.model.tasks import MISSING

__all__ = ["status_report"]


def status_report(
    desired: DesiredState | None,
    state: State,
    today: date,
    *,
    counts: Mapping[Address, int],
    apply_running: Mapping[str, str] | None = None,
) -> StatusReport:
    """Every declared or remembered request, by address. *desired* is None where only the memory can be told.

    *counts* has the number of declared ids of each request where the digest key isn't at hand; `desired.ids` is used where it is.
    """
    specs: dict[str, DeletionSpec] = {}
    if desired is not None:
        specs = {str(item.address): item.spec for item in desired.resources if isinstance(item.spec, DeletionSpec)}
    requests, remembered_requests = [], state.requests
    for address in sorted(specs.keys() | remembered_requests.keys()):
        parsed = Address.parse(address)
        ids = desired.ids.get(parsed) if desired is not None else None
        record = remembered_requests.get(address)
        left = address not in specs and (desired is not None or (record is not None and record.withdrawn_at is not None))
        requests.append(_request(address, specs.get(address), record, state, today, ids, counts.get(parsed), withdrawn=left))
    return StatusReport(today, tuple(requests), state.serial, apply_running)


def _request(
    address: str,
    spec: DeletionSpec | None,
    record: RequestRecord | None,
    state: State,
    today: date,
    ids: IdSet | None,
    declared: int | None,
    *,
    withdrawn: bool,
) -> RequestStatus:
    compliance, received, extension = _law(spec, record)
    due = due_date(compliance, received, extension) if received is not None else None
    is_waiting = spec is not None and spec.not_before is not None and today < spec.not_before
    standings = _standings(address, record, state, None if withdrawn else ids)
    subjects = _subjects(standings, record, ids, declared, is_waiting=is_waiting, withdrawn=withdrawn)
    return RequestStatus(
        address=address,
        kind=Address.parse(address).kind,
        compliance=compliance,
        received=received,
        due=due,
        submit_by=submit_by(due) if due is not None else None,
        phase=_phase(standings, subjects, withdrawn=withdrawn),
        subjects=subjects,
        tasks=_tasks(record, state),
    )


def _law(spec: DeletionSpec | None, record: RequestRecord | None) -> tuple[str, date | None, Extension | None]:
    if spec is not None:
        return spec.compliance, spec.received, spec.extension
    assert record is not None
    return record.compliance, record.received, record.extension


def _standings(address: str, record: RequestRecord | None, state: State, ids: IdSet | None) -> Mapping[Standing, int]:
    """How many of *ids* stand where; all that is remembered where they aren't known."""
    found: dict[Standing, int] = {}
    if record is not None:
        batches = {batch.number: batch for batch in record.batches}
        known = remembered(state, address)
        for number, count in (known.split(ids).kept if ids is not None else known.batches()).counts.items():
            standing = standing_of(state, record, batches[number])
            found[standing] = found.get(standing, 0) + count
    return found


def _subjects(
    by_standing: Mapping[Standing, int],
    record: RequestRecord | None,
    ids: IdSet | None,
    declared: int | None,
    *,
    is_waiting: bool,
    withdrawn: bool,
) -> Subjects:
    total = ids.count if ids is not None else declared if declared is not None else record.declared.count if record is not None else 0
    tasked = sum(count for standing, count in by_standing.items() if standing not in (Standing.RETURNED, Standing.REVOKED))
    unsent = 0 if withdrawn else max(0, total - tasked)
    return Subjects(
        declared=total,
        unsent=0 if is_waiting else unsent,
        submitted=by_standing.get(Standing.CANCELLABLE, 0) + by_standing.get(Standing.RUNNING, 0),
        succeeded=by_standing.get(Standing.SUCCEEDED, 0),
        failed=by_standing.get(Standing.FAILED, 0) + by_standing.get(Standing.MISSING, 0),
        refused=by_standing.get(Standing.REFUSED, 0),
        in_doubt=by_standing.get(Standing.IN_DOUBT, 0),
        waiting=unsent if is_waiting else 0,
    )


def _phase(standings: Mapping[Standing, int], subjects: Subjects, *, withdrawn: bool) -> str:
    """The first that fits, in the contract's order."""
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
        ("running", subjects.submitted),
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
