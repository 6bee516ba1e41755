"""The figures to reach, as data: what is measured, in which unit, the limit, and the case that measures it."""

from __future__ import annotations

from dataclasses import dataclass

__all__ = ["FULL_BATCHES", "FULL_IDS", "FULL_PEER_IDS", "FULL_PROJECTS", "FULL_SIDE_BY_SIDE", "GOALS", "Figure", "Goal", "verdict"]

FULL_IDS = 10_000_000
FULL_PROJECTS = (2_000, 20_000)
FULL_BATCHES = 30
FULL_SIDE_BY_SIDE = 100
FULL_PEER_IDS = 1_000_000


@dataclass(frozen=True, slots=True)
class Goal:
    """A limit: what is measured may be at most that, with *is_least* at least that. N is the run's largest number of ids."""

    key: str
    work: str
    unit: str
    limit: float
    case: str
    is_least: bool = False


@dataclass(frozen=True, slots=True)
class Figure:
    """What was measured for the goal *key*; *note* says what else there is to know.

    *is_full* says that it was measured at the goal's own size; a figure of a smaller run is shown and not judged.
    """

    key: str
    value: float
    note: str = ""
    is_full: bool = True


HASH = "× sha256sum"

GOALS = (
    Goal("new-txt", "plan, N new ids from text, nothing known", HASH, 4.0, "first-plan"),
    Goal("new-txt-mb", "peak of that plan, from text", "MB", 500, "first-plan"),
    Goal("new-csv", "plan, N new ids from CSV, nothing known", HASH, 8.0, "first-plan"),
    Goal("new-csv-mb", "peak of that plan, from CSV", "MB", 1000, "first-plan"),
    Goal("changed-txt", "plan, N ids from text against N known, a tenth new", HASH, 5.0, "known-plan"),
    Goal("changed-txt-mb", "peak of that plan, from text, a tenth new", "MB", 600, "known-plan"),
    Goal("changed-csv", "plan, N ids from CSV against N known, a tenth new", HASH, 10.0, "known-plan"),
    Goal("changed-csv-mb", "peak of that plan, from CSV, a tenth new", "MB", 1200, "known-plan"),
    Goal("again-txt", "plan again, N ids from text known, nothing changed", HASH, 1.0, "known-plan"),
    Goal("again-csv", "plan again, N ids from CSV known, nothing changed", HASH, 2.0, "known-plan"),
    Goal("peer", "plan of 1,000,000 ids, against Terraform with for_each", "× faster", 100, "terraform", is_least=True),
    Goal("peer-mb", "peak of that plan, against Terraform's", "× its memory", 1 / 3, "terraform"),
    Goal("fleet-validate", "validate, 2,000 projects in 500 files", "s", 3.0, "projects"),
    Goal("fleet-plan", "plan, 2,000 projects in 500 files", "s", 4.0, "projects"),
    # Growth is judged by CPU seconds, which wander less; a tenth is left for what they do wander.
    Goal("fleet-validate-growth", "validate, CPU a project, of 20,000 against of 2,000", "×", 1.1, "projects"),
    Goal("fleet-plan-growth", "plan, CPU a project, of 20,000 against of 2,000", "×", 1.1, "projects"),
    Goal("apply-one", "apply, one project: whole process", "× bound", 1.05, "apply"),
    Goal("apply-many", "apply, 100 projects side by side: first to last request", "× bound", 1.05, "apply"),
    Goal("apply-cpu", "apply, 100 projects side by side: own CPU a batch of 2,000", "ms", 15, "apply"),
    Goal("apply-long-cpu", "apply, N ids of one project: own CPU a batch of 2,000", "ms", 15, "known-plan"),
    Goal("durable", "bytes written a batch, last tenth of N ids against the first", "×", 1.05, "known-plan"),
    Goal("version", "mixpriv version", "× bare interpreter", 5.0, "startup"),
    Goal("version-s", "mixpriv version, in seconds", "s", 0.10, "startup"),
    Goal("help", "mixpriv --help", "× bare interpreter", 5.0, "startup"),
    Goal("help-s", "mixpriv --help, in seconds", "s", 0.10, "startup"),
    Goal("small-validate", "validate, small workspace", "s", 0.30, "small"),
    Goal("state", "state on disk, N ids, its backup not counted", "bytes an id", 21, "known-plan"),
)

NEAR = 1.5
"""A figure within this much of its limit is open work, and no failure yet."""


def verdict(goal: Goal, figure: Figure) -> str:
    """`met`, `within 1.5×` or `missed`; `other size` where the run was smaller than the goal's."""
    if not figure.is_full:
        return "other size"
    excess = goal.limit / figure.value if goal.is_least else figure.value / goal.limit
    return "met" if excess <= 1 else f"within {NEAR}×" if excess <= NEAR else "missed"
