"""The last lines of a plan and of an apply, in the words that the tools around Terraform look for."""

from __future__ import annotations

from mixpriv_reconcile.model.plan import Plan, Summary
from mixpriv_reconcile.model.wording import counted
from mixpriv_reconcile.render.look import Look, lasting, painted

__all__ = ["NO_CHANGES", "apply_summary_text", "plan_line", "summary_lines"]

NO_CHANGES = "No changes. Your infrastructure matches the configuration."


def summary_lines(plan: Plan, look: Look) -> list[str]:
    """`Plan: …` and our own counters, or that there is nothing to do, and who is left where they are. A conflict is no change, and no
    match either.
    """
    alone = (keeps_line(plan), withdraws_line(plan), stuck_line(plan))
    if not plan.pending and not plan.conflicts:
        return [painted(NO_CHANGES, look, "bold", "green"), *(painted(line, look, "bold") for line in alone if line)]
    lines = (plan_line(plan.summary), erases_line(plan), retrieves_line(plan), *alone)
    return [painted(line, look, "bold") for line in lines if line]


def plan_line(summary: Summary) -> str:
    """Addresses by their strongest action; tfcmt and Atlantis parse this line, so nothing is ever added to it."""
    return f"Plan: {summary.add} to add, {summary.change} to change, {summary.destroy} to destroy."


def erases_line(plan: Plan) -> str:
    """How many people are erased, in how many POSTs, how long that takes and the next deadline; empty where nobody is."""
    if not plan.erases:
        return ""
    requests = sum(len(change.batches) for change in plan.changes if change.irreversible)
    pace = f"{plan.cost.requests_per_second:g}"
    duration = f"about {lasting(plan.cost.seconds)} at {pace} request{'' if pace == '1' else 's'}/s"
    deadline = f"; next deadline {plan.next_deadline}" if plan.next_deadline else ""
    subjects = f"{plan.erases} distinct {_ids(plan.erases)} in {requests} request{'' if requests == 1 else 's'}"
    return f"Erases {subjects} (irreversible once started); {duration}{deadline}."


def retrieves_line(plan: Plan) -> str:
    """Whose export is asked for, and which finished ones are fetched; empty where there is neither."""
    requests = sum(len(change.batches) for change in plan.changes if change.kind == "retrievals")
    exports = sum(len(change.downloads) for change in plan.changes)
    parts = []
    if plan.retrieves:
        subjects = f"{plan.retrieves} distinct {_ids(plan.retrieves)} in {requests} request{'' if requests == 1 else 's'}"
        parts.append(f"Retrieves {subjects} (no retrieval can be cancelled).")
    if exports:
        parts.append(f"Downloads {counted(exports, 'finished export')}.")
    return " ".join(parts)


def keeps_line(plan: Plan) -> str:
    """Who is left out for now; empty where nobody is."""
    parts = []
    if plan.held:
        parts.append(f"Holds back {plan.held} distinct {_ids(plan.held)} (legal hold).")
    if plan.waits:
        given = {reason for change in plan.changes if change.waits for reason in change.reasons}
        why = ", ".join(reason for reason in ("not_before", "after_retrieval") if reason in given)
        parts.append(f"{plan.waits} distinct {_ids(plan.waits)} wait{'s' if plan.waits == 1 else ''} ({why}).")
    return " ".join(parts)


def withdraws_line(plan: Plan) -> str:
    """How many ids are withdrawn, and what that costs; empty where none is."""
    if not plan.withdraws:
        return ""
    unsent = sum(change.withdrawn_unsent for change in plan.changes)
    parts = [
        f"{counted(plan.cancels, 'task')} cancelled" if plan.cancels else "",
        f"{plan.resubmits:,} {_ids(plan.resubmits)} resubmitted" if plan.resubmits else "",
        f"{unsent:,} {_ids(unsent)} never sent" if unsent else "",
        f"{plan.withdrawn_in_doubt:,} {_ids(plan.withdrawn_in_doubt)} in doubt" if plan.withdrawn_in_doubt else "",
    ]
    told = ", ".join(part for part in parts if part)
    return f"Withdraws {plan.withdraws} distinct {_ids(plan.withdraws)}" + (f" ({told})." if told else ".")


def stuck_line(plan: Plan) -> str:
    """Who can't be called back, and whom no apply sends again by itself; empty where nobody is."""
    parts = []
    if plan.beyond_recall:
        parts.append(f"{plan.beyond_recall} distinct {_ids(plan.beyond_recall)} can't be recalled.")
    stuck = [f"{count} {what}" for count, what in ((plan.refused, "refused"), (plan.failed, "failed")) if count]
    if stuck:
        parts.append(f"Not sent again without --retry: {', '.join(stuck)}.")
    return " ".join(parts)


def apply_summary_text(summary: Summary, *, complete: bool = True) -> str:
    """The end of an apply for stdout, a whole line: addresses done by their strongest action.

    An apply that is not *complete* says so instead of the words that tools take for success.
    """
    counts = f"{summary.add} added, {summary.change} changed, {summary.destroy} destroyed."
    return f"Apply complete! Resources: {counts}\n" if complete else f"Apply stopped early. Resources so far: {counts}\n"


def _ids(count: int) -> str:
    return "id" if count == 1 else "ids"
