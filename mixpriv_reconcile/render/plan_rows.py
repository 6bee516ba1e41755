"""What a plan comes to by project and kind: the rows of the table that every page and comment shows."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from mixpriv_reconcile.model.plan import Change, Plan
from mixpriv_reconcile.render.plan_change import regions_of

__all__ = ["HEADINGS", "PlanRow", "number", "plan_rows"]

HEADINGS = ("Project", "Kind", "Changes", "Erased", "Withdrawn", "Waiting", "Requests", "First deadline")


@dataclass(frozen=True, slots=True)
class PlanRow:
    """One kind of one project. *changes* are addresses with something to do; *erased*, *withdrawn* and *waiting* (held ones included)
    are distinct ids; *region* is empty where the plan doesn't tell it.
    """

    project: str
    project_id: int
    region: str
    kind: str
    changes: int
    erased: int
    withdrawn: int
    waiting: int
    requests: int
    deadline: date | None

    @property
    def numbers(self) -> tuple[str, ...]:
        """What stands in the columns after project and kind."""
        counts = (self.changes, self.erased, self.withdrawn, self.waiting, self.requests)
        return (*map(number, counts), str(self.deadline or ""))


def plan_rows(plan: Plan) -> tuple[PlanRow, ...]:
    """A row a project and kind, those that erase most first, those that Mixpanel isn't asked for last."""
    grouped: dict[tuple[str, int, str], list[Change]] = {}
    for change in plan.changes:
        if change.is_pending or change.waits or change.held:
            grouped.setdefault((change.project, change.project_id, change.kind), []).append(change)
    regions = regions_of(plan)
    rows = (_row(*key, regions.get(key[1], ""), changes) for key, changes in grouped.items())
    return tuple(sorted(rows, key=lambda row: (-row.erased, not row.requests, row.project, row.project_id, row.kind)))


def number(count: int) -> str:
    """`1,234`, or nothing for 0: a table reads better without."""
    return f"{count:,}" if count else ""


def _row(project: str, project_id: int, kind: str, region: str, changes: Sequence[Change]) -> PlanRow:
    pending = [change for change in changes if change.is_pending]
    deadlines = [change.deadline for change in changes if change.deadline is not None and (change.submits or change.waits)]
    return PlanRow(
        project=project,
        project_id=project_id,
        region=region,
        kind=kind,
        changes=len(pending),
        erased=sum(change.erased for change in changes),
        withdrawn=sum(change.withdrawn for change in changes),
        waiting=sum(change.waits.count + change.held.count for change in changes),
        requests=sum(change.requests for change in pending),
        deadline=min(deadlines, default=None),
    )
