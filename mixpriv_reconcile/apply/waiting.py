"""`--wait`: look at each open task at growing gaps until all have ended or the time is over."""

from __future__ import annotations

import asyncio
import heapq
from collections.abc import Awaitable, Callable, Mapping, Sequence

from mixpriv_reconcile.apply.cancel import look
from mixpriv_reconcile.apply.context import Context, LaneStopped, OutOfTime
from mixpriv_reconcile.apply.download import download
from mixpriv_reconcile.apply.journaling import LOOK_SECONDS
from mixpriv_reconcile.apply.leftover import errored
from mixpriv_reconcile.errors import MixprivError
from mixpriv_reconcile.model.diagnostics import Severity
from mixpriv_reconcile.model.events import ApplyProgress, BatchesLeft
from mixpriv_reconcile.model.grouping import by_project
from mixpriv_reconcile.model.plan import Download
from mixpriv_reconcile.model.state import TaskRecord
from mixpriv_reconcile.model.tasks import SUCCEEDED, is_open
from mixpriv_reconcile.ports import Lane

__all__ = ["wait_for_tasks"]

FIRST_GAP_SECONDS = 2.0
LONGEST_GAP_SECONDS = 6 * 3600.0


async def wait_for_tasks(
    tasks: Sequence[TaskRecord],
    context: Context,
    lanes: Callable[[str], Awaitable[Lane]],
    *,
    exports: Mapping[str, Sequence[tuple[str, Download]]],
    parallelism: int,
    stop: asyncio.Event,
) -> int:
    """How many of *tasks* are still open when all have ended or the run is over. Each is looked at after 2 s, then at doubled gaps.

    *exports* holds, by retrieval task, the addresses that want its export, which is fetched as soon as the task succeeds.
    """
    open_tasks = {task.key for task in tasks if is_open(task.status)}
    places = asyncio.Semaphore(parallelism)

    def tell() -> None:
        tally = context.tally
        context.events.emit(
            ApplyProgress(tally.requests_done, tally.requests, tally.subjects_done, tally.subjects, 0, len(open_tasks), phase="waiting")
        )

    async def fetch(tracking_id: str, lane: Lane) -> None:
        for address, step in exports.get(tracking_id, ()):
            why = "the run ended first"
            try:
                why = await download(step, address, lane, context)
            finally:  # also where there was no time for it, or Mixpanel refused: an export is due all the same
                if why:
                    context.tally.remaining += step.subjects
                    left = BatchesLeft(None, None, 1, step.subjects, "not_downloaded", why)
                    context.tally.errored.append(errored(address, why, (left,)))

    async def one(project: str, mine: Sequence[TaskRecord]) -> None:
        try:
            lane = await lanes(project)
        except MixprivError as error:
            message = f"{len(mine)} open tasks of {project} are not waited for: {error.message}"
            context.report(error.code, Severity.WARNING, message, error.hint, project)
            return
        now = context.clock.monotonic()
        queue = [(now + FIRST_GAP_SECONDS, FIRST_GAP_SECONDS, task.tracking_id, task) for task in mine]
        heapq.heapify(queue)
        try:
            while queue:
                due, gap, _, task = heapq.heappop(queue)
                if not await context.patience.pause(max(0.0, due - context.clock.monotonic())):
                    return
                async with places:
                    status = await look(task.kind, task.tracking_id, lane, context)
                    if status == SUCCEEDED:
                        await fetch(task.tracking_id, lane)
                await context.journal.flush(after_seconds=LOOK_SECONDS)
                if is_open(status):
                    gap = min(gap * 2, LONGEST_GAP_SECONDS)
                    heapq.heappush(queue, (context.clock.monotonic() + gap, gap, task.tracking_id, task))
                else:
                    open_tasks.discard(task.key)
                tell()
        except LaneStopped as stopped:
            context.report_finding(stopped.finding)
        except OutOfTime:
            return
        except MixprivError as error:
            context.tally.fatal = context.tally.fatal or error
            stop.set()
        finally:
            await lane.aclose()

    tell()
    async with asyncio.TaskGroup() as group:
        for project, mine in by_project([task for task in tasks if is_open(task.status)]).items():
            group.create_task(one(project, mine))
    await context.saved()
    return len(open_tasks)
