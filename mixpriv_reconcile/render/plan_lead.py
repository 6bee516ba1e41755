"""The sentence about a plan that a reviewer must not miss: how many people are erased, where, and until when it can be stopped."""

from __future__ import annotations

from mixpriv_reconcile.model.plan import HAS_ERRORS, Plan
from mixpriv_reconcile.model.wording import capitalised, people
from mixpriv_reconcile.render.plan_deeds import deeds, left_alone, listed
from mixpriv_reconcile.render.plan_summary import NO_CHANGES, plan_line

__all__ = ["TO_STOP", "lead", "outcome_of"]

TO_STOP = (
    "To stop a task, withdraw its ids and apply: it is cancelled while it is PENDING or STAGING. What has started can't be undone."
)


def lead(plan: Plan) -> str:
    """One sentence; of a plan that erases nobody, what it does instead; of one that can't be applied, that before all."""
    if not plan.pending and not plan.conflicts and not plan.refusals:
        alone = listed(left_alone(plan))
        return f"Nothing to do, but {alone}." if alone else NO_CHANGES
    found = deeds(plan)
    erases = any(deed.do == "erase" for deed in found)
    nobody = "nobody new" if plan.erases or plan.beyond_recall or plan.withdrawn_in_doubt else "nobody"
    late = f"; {people(plan.beyond_recall)} can't be recalled any more" if plan.beyond_recall else ""
    if plan.is_blocked:
        would = [f"{deed.do} {deed.what}" for deed in found] + ([] if erases else [f"erase {nobody}"])
        said = f"would {listed(would)}" if found else f"erases {nobody}"
        return f"Can't be applied as it stands; it {said}{late}."
    told = capitalised(listed(f"{deed.does} {deed.what}" for deed in found))
    task = "erasure" if plan.retrieves else "task"
    end = f"each {task} can be stopped until Mixpanel starts it" if erases else f"erases {nobody}"
    return f"{told}; {end}{late}."


def outcome_of(plan: Plan) -> str:
    """How a plan ends, in one sentence."""
    if plan.conflicts:
        return HAS_ERRORS
    if plan.refusals:
        return "refused by policy"
    return plan_line(plan.summary) if plan.pending else lead(plan)
