"""Runs that are over, as values: what the reports of the goldens tell."""

from __future__ import annotations

import dataclasses

from mixpriv_reconcile.model.diagnostics import Diagnostic, Severity, SourceSpan
from mixpriv_reconcile.model.events import ApplyComplete, ApplyErrored, BatchesLeft
from mixpriv_reconcile.model.journal import Polled
from mixpriv_reconcile.model.plan import Plan
from mixpriv_reconcile.model.report import Happened, Report
from mixpriv_reconcile.render.plan_lead import outcome_of

from .samples import CONFLICTING, MORNING, REFUSED, RICH, SMALL, STATUS

WRONG = Diagnostic(
    "MP0301",
    Severity.ERROR,
    "projects.web-eu.residency: mars is no region",
    "write us, eu or in",
    SourceSpan("manifests/eu.yaml", 8, 16, 4),
    "web-eu.residency",
    "    residency: mars",
)
LEAK = Diagnostic("MP1001", Severity.WARNING, "this sends to the US", "set the API host", SourceSpan("web/src/a b,c.ts", 3, 5, 9))
PRESSING = Diagnostic("MP0640", Severity.ERROR, "1 unfinished request within 7 days of a deadline, or past one: web-eu.deletions.2026-10-late")


def run(command: str, exit_code: int = 0, why: str = "done", **more: object) -> Report:
    """A run of *command*, of version 1.2.3, on the story's morning."""
    return Report(command, "1.2.3", MORNING, exit_code, why, **more)  # type: ignore[arg-type]


def planned(plan: Plan, exit_code: int = 0, **more: object) -> Report:
    """A run that came to *plan*, with the findings it has."""
    return run("plan", exit_code, outcome_of(plan), plan=plan, findings=(*plan.diagnostics, *plan.refusals), **more)


PLAN = planned(RICH)
SMALL_PLAN = planned(SMALL)
REFUSED_PLAN = planned(REFUSED, 6)
CONFLICTING_PLAN = planned(CONFLICTING, 1)
INVALID = run("validate", 1, "the workspace has errors", findings=(LEAK, WRONG), folder="privacy/")
STATUS_RUN = run("status", 7, PRESSING.message, status=STATUS, findings=(PRESSING,), due_within_days=7)
STOPPED = dataclasses.replace(
    planned(RICH, 3),
    command="apply",
    why="stopped early with work left",
    happened=(
        Happened(MORNING, ApplyComplete("web-eu.residency", "create", 0)),
        Happened(
            MORNING,
            ApplyErrored(
                "web-eu.deletions.2026-11-forgotten",
                "the time is over",
                2321,
                (BatchesLeft(2, 3, 2, 2321, "unsent", "the time is over"),),
            ),
        ),
    ),
)
REFRESHED = run(
    "refresh",
    0,
    "looked at 2 tasks",
    polled=(Polled(1978118, "1234567890", "SUCCESS", MORNING), Polled(2195193, "1234567891", "FAILURE", MORNING)),
)
EVERY = {
    "plan": PLAN,
    "small": SMALL_PLAN,
    "refused": REFUSED_PLAN,
    "conflict": CONFLICTING_PLAN,
    "invalid": INVALID,
    "status": STATUS_RUN,
    "stopped": STOPPED,
    "refresh": REFRESHED,
}
