"""What a later step of a pipeline asks of a run: names with values, all of them text."""

from __future__ import annotations

from collections.abc import Iterator

from mixpriv_reconcile.model.diagnostics import Severity
from mixpriv_reconcile.model.plan import Plan
from mixpriv_reconcile.model.report import Report
from mixpriv_reconcile.model.status import StatusReport
from mixpriv_reconcile.model.tasks import is_open
from mixpriv_reconcile.model.urgency import presses
from mixpriv_reconcile.render.apply_done import account
from mixpriv_reconcile.render.look import inert_lines

__all__ = ["named_values"]

MOST_CHARACTERS = 2000
"""Of one value: outputs are conditions and sentences. All of a job may have 1 MB; source: docs.github.com, `jobs.<job_id>.outputs`."""


def named_values(run: Report) -> Iterator[tuple[str, str]]:
    """The outputs in a fixed order: those of every run, then what the command is about, as far as it got.

    Values are plain text: numbers in digits, `true` or `false`, days as `2026-12-03`, and empty where there is none.
    """
    values: dict[str, object] = {"command": run.command, "exit_code": run.exit_code, "outcome": run.why}
    values |= {f"{severity.value}s": sum(found.severity is severity for found in run.findings) for severity in Severity}
    if run.plan is not None:
        values |= _of_plan(run.plan) | {"plan_file": run.saved_to or ""}
    if run.status is not None:
        values |= _of_status(run.status, run.due_within_days)
    if run.command == "apply":
        values |= _of_apply(run)
    if run.command == "refresh":
        values |= {"tasks_looked_at": len(run.polled), "tasks_open": sum(is_open(seen.status) for seen in run.polled)}
    for name, value in values.items():
        yield name, _text(value)


def _of_plan(plan: Plan) -> dict[str, object]:
    return {
        "has_changes": bool(plan.pending),
        "digest": plan.digest,
        "add": plan.summary.add,
        "change": plan.summary.change,
        "destroy": plan.summary.destroy,
        "erases": plan.erases,
        "withdraws": plan.withdraws,
        "requests": plan.cost.requests,
        "next_deadline": plan.next_deadline or "",
    }


def _of_status(status: StatusReport, within_days: int | None) -> dict[str, object]:
    unfinished = [request for request in status.requests if not request.is_over]
    days = status.due_soon_days if within_days is None else within_days
    return {
        "requests_unfinished": len(unfinished),
        "requests_pressing": sum(presses(request, status.today, days) for request in unfinished),
        "requests_overdue": sum(request.overdue for request in unfinished),
        "next_deadline": min((request.due for request in unfinished if request.due is not None), default=""),
    }


def _of_apply(run: Report) -> dict[str, object]:
    """What was done, all 0 where it came to nothing; *unfinished* are addresses."""
    told = account(run)
    return {
        "added": told.summary.add,
        "changed": told.summary.change,
        "destroyed": told.summary.destroy,
        "unfinished": len(told.left),
    }


def _text(value: object) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    text = inert_lines(str(value))
    return text if len(text) <= MOST_CHARACTERS else f"{text[:MOST_CHARACTERS]}…"
