"""Whether what would be done now is still within what was approved."""

from __future__ import annotations

from collections.abc import Iterable

from mixpriv_reconcile.model.plan import Change, Plan

__all__ = ["changes_gone", "changes_moved", "inputs_moved"]


def inputs_moved(saved: Plan, fresh: Plan, *, created_by_plan: str | None) -> tuple[str, ...]:
    """What the plan was made from and is no longer so, one sentence each: tool, state, manifests, ids.

    *created_by_plan* is the digest of the plan that made the state, so that a first plan may be carried on after a crash.
    """
    return tuple(_inputs(saved, fresh, created_by_plan))


def _inputs(saved: Plan, fresh: Plan, created_by_plan: str | None) -> Iterable[str]:
    if saved.tool_version != fresh.tool_version:
        yield f"the tool's version: planned with {saved.tool_version}, now {fresh.tool_version}"
    if saved.lineage != fresh.lineage and not (saved.lineage is None and created_by_plan == saved.digest):
        yield f"the state: planned against {saved.lineage or 'no state'}, now {fresh.lineage or 'no state'}"
    if saved.manifests != fresh.manifests:
        yield "a manifest"
    for address in sorted(saved.declared.keys() | fresh.declared.keys()):
        if saved.declared.get(address) != fresh.declared.get(address):
            yield f"the distinct ids of {address}"


def changes_moved(saved: Plan, fresh: Plan) -> tuple[str, ...]:
    """What *fresh* would do and *saved* doesn't show, one sentence each; empty where it does the same or less.

    Doing less is fine: a batch was sent meanwhile, a task finished.
    """
    return tuple(_changes(saved, fresh))


def _changes(saved: Plan, fresh: Plan) -> Iterable[str]:
    before = {str(change.address): change for change in saved.changes}
    for change in fresh.pending:
        approved = before.get(str(change.address))
        if approved is None:
            yield f"{change.address}: not in the plan, now {_words(change)}"
        elif not _is_within(change, approved):
            yield f"{change.address}: planned {_words(approved)}, now {_words(change)}"


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
    planned = {(batch.ids.sha256, batch.attempt, batch.origin == "in_doubt") for batch in approved.batches}
    return (
        set(change.actions) <= set(approved.actions)
        and all((batch.ids.sha256, batch.attempt, batch.origin == "in_doubt") in planned for batch in change.batches)
        and set(change.cancels) <= set(approved.cancels)
        and set(change.downloads) <= set(approved.downloads)
        and {(step.ids.sha256, step.write_to, step.digest) for step in change.lists}
        <= {(step.ids.sha256, step.write_to, step.digest) for step in approved.lists}
        and change.withdrawn_unsent <= approved.withdrawn_unsent
    )


def _words(change: Change) -> str:
    return f"{', '.join(change.reasons) or change.action.value} ({change.subjects:,} distinct ids in {change.requests} requests)"
