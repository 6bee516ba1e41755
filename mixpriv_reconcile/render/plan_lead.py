"""The sentence about a plan that a reviewer must not miss: how many people are erased, where, and until when it can be stopped."""

from __future__ import annotations

from collections.abc import Sequence

from mixpriv_reconcile.model.plan import Change, Plan
from mixpriv_reconcile.model.wording import counted, people
from mixpriv_reconcile.render.look import printable
from mixpriv_reconcile.render.plan_change import regions_of
from mixpriv_reconcile.render.plan_summary import NO_CHANGES

__all__ = ["TO_STOP", "lead"]

MOST_NAMED = 3
"""Projects that the sentence names."""

MOST_CHARACTERS = 100
"""Of a project's name, so that the sentence stays one."""

TO_STOP = (
    "To stop a task, withdraw its ids and apply: it is cancelled while it is PENDING or STAGING. What has started can't be undone."
)


def lead(plan: Plan) -> str:
    """One sentence; of a plan that erases nobody, what it does instead; of one that can't be applied, that before all."""
    erases = f"{people(plan.erases)} in {_places([change for change in plan.pending if change.irreversible], plan)}" if plan.erases else ""
    if plan.conflicts or plan.refusals:
        return f"Can't be applied as it stands; it {f'would erase {erases}' if erases else 'erases nobody'}."
    if erases:
        return f"Erases {erases}; each task can be stopped until Mixpanel starts it."
    if not plan.pending:
        return NO_CHANGES
    withdrawn = f" Withdraws {people(plan.withdraws)}." if plan.withdraws else ""
    return f"Erases nobody.{withdrawn} {counted(len(plan.pending), 'change')} to make."


def _places(changes: Sequence[Change], plan: Plan) -> str:
    """`web-eu (region eu) and web-us (region us)`; of many projects their number."""
    regions = regions_of(plan)
    projects = dict.fromkeys((change.project, change.project_id) for change in changes)
    if not 0 < len(projects) <= MOST_NAMED:
        return counted(len(projects), "project")
    named = [printable(_short(name)) + (f" (region {regions[number]})" if number in regions else "") for name, number in projects]
    return named[0] if len(named) == 1 else f"{', '.join(named[:-1])} and {named[-1]}"


def _short(name: str) -> str:
    return name if len(name) <= MOST_CHARACTERS else f"{name[: MOST_CHARACTERS - 1]}…"
