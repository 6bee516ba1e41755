"""All projects of a plan, side by side."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass

from mixpriv_reconcile.apply.context import Context
from mixpriv_reconcile.apply.lane import leave_undone, work_through
from mixpriv_reconcile.errors import MixprivError
from mixpriv_reconcile.model.diagnostics import Diagnostic
from mixpriv_reconcile.model.events import ApplyErrored
from mixpriv_reconcile.model.grouping import by_project
from mixpriv_reconcile.model.plan import Change, Plan, Summary
from mixpriv_reconcile.ports import Lane

__all__ = ["ApplyResult", "carry_out"]


@dataclass(frozen=True, slots=True)
class ApplyResult:
    """What came of a run. *remaining* counts distinct ids planned and neither acknowledged nor settled otherwise.

    *errored* is the report at the end: every address that isn't finished, in the plan's order.
    """

    done: Summary
    acknowledged: int
    in_doubt: int
    refused: int
    remaining: int
    diagnostics: tuple[Diagnostic, ...]
    errored: tuple[ApplyErrored, ...]
    fatal: MixprivError | None

    @property
    def has_errors(self) -> bool:
        return any(found.is_error for found in self.diagnostics)


async def carry_out(
    plan: Plan, context: Context, lanes: Callable[[str], Awaitable[Lane]], *, parallelism: int, stop: asyncio.Event
) -> ApplyResult:
    """Do what *plan* says, at most *parallelism* projects at a time; *lanes* opens the way to a project.

    One project's trouble doesn't stop the others. What concerns the whole run does: it is in `fatal`, after calls in flight
    have been drained.
    """
    context.tally.requests = sum(change.requests for change in plan.pending)
    context.tally.subjects = sum(change.submits.count + change.withdraws.count - change.withdrawn_in_doubt for change in plan.pending)
    places = asyncio.Semaphore(parallelism)

    async def opened(project: str, changes: Sequence[Change]) -> Lane | None:
        if not any(change.requests or change.downloads for change in changes):
            return None
        try:
            return await lanes(project)
        except MixprivError as error:
            leave_undone(changes, context, error.message)
            raise

    async def one(project: str, changes: Sequence[Change]) -> None:
        async with places:
            lane: Lane | None = None
            try:
                lane = await opened(project, changes)
                await work_through(changes, lane, context)
            except MixprivError as error:
                context.tally.fatal = context.tally.fatal or error
                stop.set()
            finally:
                if lane is not None:
                    await lane.aclose()

    async with asyncio.TaskGroup() as group:
        # The one with the most calls takes longest, so that it mustn't wait for others to begin or for a place.
        for project, changes in sorted(by_project(plan.pending).items(), key=_requests, reverse=True):
            group.create_task(one(project, changes))
    await context.saved()
    tally = context.tally
    order = {str(change.address): place for place, change in enumerate(plan.pending)}
    return ApplyResult(
        done=Summary.of(tally.finished),
        acknowledged=tally.acknowledged,
        in_doubt=tally.in_doubt,
        refused=tally.refused,
        remaining=tally.remaining,
        diagnostics=tuple(tally.diagnostics),
        errored=tuple(sorted(tally.errored, key=lambda event: order[event.address])),
        fatal=tally.fatal,
    )


def _requests(project: tuple[str, Sequence[Change]]) -> int:
    """How many calls a project's changes take."""
    return sum(change.requests for change in project[1])
