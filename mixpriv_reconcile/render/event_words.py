"""An event in one sentence, for people and for the `@message` of the JSON lines. Distinct ids and task ids are never in it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import assert_never

from mixpriv_reconcile.model.events import (
    ApplyComplete,
    ApplyErrored,
    ApplyProgress,
    ApplyStart,
    BatchSent,
    ChangeSummary,
    DiagnosticRaised,
    Event,
    Finished,
    PlannedChange,
    RateLimitHit,
    Version,
)
from mixpriv_reconcile.model.wording import counted, people
from mixpriv_reconcile.render.look import inert, lasting, printable
from mixpriv_reconcile.render.plan_summary import plan_line

__all__ = ["BATCH_OUTCOMES", "LEFT_OUTCOMES", "WAITS", "batches_left", "sentence"]

BATCH_OUTCOMES = {
    "acknowledged": "Mixpanel acknowledged {ids}",
    "adopted": "a task that Mixpanel already had for {ids} is adopted",
    "in_doubt": "no usable answer for {ids}; they are in doubt and not repeated in this run",
    "refused": "Mixpanel refused {ids}",
    "returned": "{ids} were not accepted and stay unsent",
    "cancelled": "a task with {ids} is cancelled",
    "too_late": "a task with {ids} has started and can't be recalled",
    "downloaded": "the export of {ids} is downloaded",
}
"""Every outcome of `BatchSent`, and what it means."""

LEFT_OUTCOMES = {
    "in_doubt": "in doubt",
    "refused": "refused",
    "returned": "not accepted",
    "unsent": "not sent",
    "kept": "still in the task they were in",
    "not_cancelled": "not cancelled",
    "not_downloaded": "export not downloaded",
}
"""Every outcome of `BatchesLeft`, in the report at the end."""

WAITS = {
    "rate": "Mixpanel asks for a slower pace",
    "outstanding_scans": "Mixpanel has as many open requests of this project as it takes",
    "server_error": "Mixpanel has trouble of its own",
    "network": "Mixpanel can't be reached",
}
"""Every reason of `RateLimitHit`, and what it means."""

ACTIONS = {"delete": "erasing", "update": "updating", "create": "creating", "read": "reading", "no-op": "looking"}

SUBMITTING = {"create": "asking for the export of"}
"""Where ids are submitted, and the action alone would say something else of them."""


def sentence(event: Event) -> str:
    """What happened, without a full stop where it ends in a number or name."""
    return inert(_sentence(event))


def batches_left(event: ApplyErrored) -> Iterator[str]:
    """What became of each batch of an address that isn't finished, a line each, without the reason that `sentence` gives already."""
    for left in event.left:
        if left.outcome == "not_cancelled":
            which = counted(left.batches, "task")
        elif left.outcome == "not_downloaded":
            which = counted(left.batches, "export")
        elif left.first is None:
            which = counted(left.batches, "batch", "batches")
        else:
            which = f"batch {left.first:,}" if left.first == left.last else f"batches {left.first:,} to {left.last:,}"
        became = LEFT_OUTCOMES.get(left.outcome, left.outcome)
        yield printable(f"{which}, {people(left.subjects)}: {became}" + (f": {left.why}" if left.why != event.why else ""))
    if event.further_batches:
        yield f"and {event.further_batches:,} more, {people(event.further_subjects)}"


def _sentence(event: Event) -> str:
    match event:
        case Version(tool_version):
            return f"mixpriv {tool_version}"
        case PlannedChange(change):
            return f"{change.address}: plan to {change.action.value}"
        case ChangeSummary(operation, summary):
            if operation == "plan":
                return plan_line(summary)
            return f"Resources: {summary.add} added, {summary.change} changed, {summary.destroy} destroyed."
        case ApplyStart(address):
            return f"{address}: {_work(event)} …"
        case BatchSent(address, batch, subjects, outcome):
            which = f"batch {batch}: " if batch is not None else ""
            return f"{address}: {which}{BATCH_OUTCOMES.get(outcome, outcome).format(ids=people(subjects))}"
        case RateLimitHit(project, why, wait_seconds, attempt):
            return f"{project}: {WAITS.get(why, why)}; waiting {lasting(wait_seconds)} after attempt {attempt}"
        case ApplyProgress():
            return _progress(event)
        case ApplyComplete(address):
            return f"{address}: done{_settled(event)}"
        case ApplyErrored(address, why, remaining):
            return f"{address}: {why}" + (f"; {people(remaining)} not acknowledged" if remaining else "")
        case DiagnosticRaised(found):
            return found.message
        case Finished(_, why):
            return why
        case _:
            assert_never(event)


def _work(event: ApplyStart) -> str:
    """What begins at an address: whom it submits and whom it withdraws apart, in how many calls."""
    submitted = event.subjects - event.withdraws
    parts = [ACTIONS.get(event.action, event.action)] if submitted or not event.withdraws else []
    if submitted and event.requests:
        parts[0] = f"{SUBMITTING.get(event.action, parts[0])} {people(submitted)}"
    if event.withdraws:
        parts.append(f"withdrawing {people(event.withdraws)}")
    calls = f" in {counted(event.requests, 'request')}" if event.requests else ""
    return f"{' and '.join(parts)}{calls}"


def _settled(event: ApplyComplete) -> str:
    submitted = event.subjects - event.withdraws
    if not event.withdraws:
        return f", {people(submitted)}" if submitted else ""
    return f", {people(submitted)}, {event.withdraws:,} withdrawn" if submitted else f", {people(event.withdraws)} withdrawn"


def _progress(event: ApplyProgress) -> str:
    parts = [
        f"{event.subjects_done:,} of {people(event.subjects)}",
        f"{event.requests_done:,} of {counted(event.requests, 'request')}",
        f"about {lasting(event.eta_seconds)} left" if event.eta_seconds else "",
        f"{counted(event.open_tasks, 'open task')}" if event.open_tasks else "",
    ]
    return f"{event.phase}: " + ", ".join(part for part in parts if part)
