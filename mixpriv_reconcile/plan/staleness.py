"""Whether what would be done now is still within what was approved."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from types import MappingProxyType

from mixpriv_reconcile.model.journal import Polled
from mixpriv_reconcile.model.plan import Change, Plan
from mixpriv_reconcile.model.state import RequestRecord, State, TaskKey
from mixpriv_reconcile.model.tasks import is_live
from mixpriv_reconcile.model.wording import counted, people

__all__ = ["changes_gone", "changes_moved", "ended_badly", "inputs_moved"]

NO_TASKS: Mapping[str, str] = MappingProxyType({})
"""Where nothing is known of statuses."""

MOST_TASKS = 3
"""Tasks of an address that are named; the plan shows all."""


def inputs_moved(saved: Plan, fresh: Plan, *, created_by_plan: str | None) -> tuple[str, ...]:
    """What the plan was made from and is no longer so, one sentence each: tool, state, manifests, ids.

    *created_by_plan* is the digest of the plan that made the state, so that a first plan may be carried on after a crash.
    """
    return tuple(_inputs(saved, fresh, created_by_plan))


def _inputs(saved: Plan, fresh: Plan, created_by_plan: str | None) -> Iterable[str]:
    if saved.tool_version != fresh.tool_version:
        yield f"the tool's version: planned with {saved.tool_version}, now {fresh.tool_version}"
    if saved.lineage != fresh.lineage and not (saved.lineage is None and created_by_plan == saved.sha256):
        yield f"the state: planned against {_state(saved)}, now {_state(fresh)}"
    if saved.manifests != fresh.manifests:
        yield "a manifest"
    for address in sorted(saved.declared.keys() | fresh.declared.keys()):
        if saved.declared.get(address) != fresh.declared.get(address):
            yield f"the distinct ids of {address}"


def _state(plan: Plan) -> str:
    return f"{plan.lineage} at serial {plan.serial}" if plan.lineage else "no state"


def changes_moved(saved: Plan, fresh: Plan, tasks: Mapping[str, str] = NO_TASKS) -> tuple[str, ...]:
    """What *fresh* would do and *saved* doesn't show, one sentence each, then what is another since; empty where it does the same or
    less. *tasks* are the last seen statuses, in words, by address.

    Doing less is fine: a batch was sent meanwhile, a task finished.
    """
    moved = tuple(_changes(saved, fresh, tasks))
    return (*moved, *_since(saved, fresh)) if moved else ()


def ended_badly(state: State, polled: Iterable[Polled]) -> Mapping[str, str]:
    """By address, which of its tasks need another submission, and why: `task-1 is FAILURE`; those *polled* are as seen just now."""
    seen: dict[TaskKey, str] = {key: task.status for key, task in state.tasks.items()}
    seen |= {(look.project_id, look.tracking_id): look.status for look in polled}
    told = {}
    for address, record in state.records.items():
        if isinstance(record, RequestRecord):
            named = dict.fromkeys(batch.tracking_id for batch in record.batches if batch.tracking_id is not None)
            bad = [f"{name} is {status}" for name in named if (status := seen.get((record.project_id, name))) and not is_live(status)]
            if bad:
                told[address] = ", ".join(bad[:MOST_TASKS]) + (f" and {len(bad) - MOST_TASKS} more" if len(bad) > MOST_TASKS else "")
    return told


def _since(saved: Plan, fresh: Plan) -> Iterable[str]:
    """What may be why: the day and the state's serial, where they are others than when *saved* was made."""
    if saved.today is not None and saved.today != fresh.today:
        yield f"the day: planned on {saved.today}, now {fresh.today}"
    if saved.serial != fresh.serial:
        yield f"the state: planned at serial {saved.serial}, now {fresh.serial}"


def _changes(saved: Plan, fresh: Plan, tasks: Mapping[str, str]) -> Iterable[str]:
    before = {str(change.address): change for change in saved.changes}
    for change in fresh.pending:
        approved = before.get(str(change.address))
        if approved is None:
            yield f"{change.address}: not in the plan, now {_words(change)}{_task(change, tasks)}"
        elif not _is_within(change, approved):
            yield f"{change.address}: planned {_words(approved)}, now {_words(change)}{_task(change, tasks)}"


def changes_gone(saved: Plan, fresh: Plan) -> tuple[str, ...]:
    """What *saved* shows and *fresh* no longer does, one sentence each."""
    now = {str(change.address): change for change in fresh.pending}
    gone = []
    for change in saved.pending:
        left = now.get(str(change.address))
        if left is None:
            gone.append(f"{change.address}: nothing left to do")
        elif (left.requests, left.subjects) != (change.requests, change.subjects):
            gone.append(f"{change.address}: planned {_words(change)}, now {_words(left)}")
    return tuple(gone)


def _is_within(change: Change, approved: Change) -> bool:
    return (
        set(change.actions) <= set(approved.actions)
        and _batches(change) <= _batches(approved)
        and set(change.cancels) <= set(approved.cancels)
        and set(change.downloads) <= set(approved.downloads)
        and _lists(change) <= _lists(approved)
        and change.withdrawn_unsent <= approved.withdrawn_unsent
        and change.withdrawn_in_doubt <= approved.withdrawn_in_doubt
    )


def _batches(change: Change) -> frozenset[tuple[str, int, bool]]:
    """What tells one batch from another; why it is sent doesn't, but for one in doubt, which may be adopted."""
    return frozenset((batch.ids.sha256, batch.attempt, batch.origin == "in_doubt") for batch in change.batches)


def _lists(change: Change) -> frozenset[tuple[str, str, str]]:
    return frozenset((step.ids.sha256, step.write_to, step.digest) for step in change.lists)


def _task(change: Change, tasks: Mapping[str, str]) -> str:
    told = tasks.get(str(change.address))
    return f" (at Mixpanel {told})" if told else ""


def _words(change: Change) -> str:
    return f"{', '.join(change.reasons) or change.action.value} ({people(change.subjects)} in {counted(change.requests, 'request')})"
