"""What a run is made of as test cases: an address, a request, a task or a file each, and whether it is as it should be."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from mixpriv_reconcile.model.diagnostics import Diagnostic, Severity
from mixpriv_reconcile.model.events import ApplyComplete, ApplyErrored
from mixpriv_reconcile.model.exit_codes import ending
from mixpriv_reconcile.model.plan import Change
from mixpriv_reconcile.model.report import Report
from mixpriv_reconcile.model.status import RequestStatus, StatusReport
from mixpriv_reconcile.model.tasks import FAILED, MISSING
from mixpriv_reconcile.model.urgency import presses
from mixpriv_reconcile.model.wording import counted
from mixpriv_reconcile.render.apply_done import account
from mixpriv_reconcile.render.event_words import batches_left, sentence
from mixpriv_reconcile.render.look import inert_line
from mixpriv_reconcile.render.placed import placed
from mixpriv_reconcile.render.plan_deeds import of_change
from mixpriv_reconcile.render.plan_lead import lead
from mixpriv_reconcile.render.plan_summary import NO_CHANGES
from mixpriv_reconcile.render.request_words import phase_words, progress_words, time_left

__all__ = ["Case", "cases_of"]

CHECKS = frozenset({"sdk check"})
"""Commands that a warning fails."""

BY_FILE = frozenset({"validate", "sdk check"})
"""Commands that are about files: their findings are told by file, whatever address they name."""


@dataclass(slots=True)
class Case:
    """One test case. *suite* and *name* are printable, and in one line; *failed* and *said* are sentences, each of which may have several
    lines; *skipped* is why it wasn't begun.
    """

    suite: str
    name: str
    failed: list[str] = field(default_factory=list)
    said: list[str] = field(default_factory=list)
    skipped: str = ""


def cases_of(run: Report) -> list[Case]:
    """The cases in a fixed order, none named like another; the last is the run itself, so that there always is one.

    A run that ended as it should not has a failure: in a case of its own, or that of the run.
    """
    found: dict[tuple[str, str], Case] = {}

    def case(suite: str, name: str) -> Case:
        shown = inert_line(suite), inert_line(name)
        return found.setdefault(shown, Case(*shown))

    if run.plan is not None:
        ends = _ends(run)
        told_by_hand = {one.address for one in run.findings if one.code == "MP0822"}
        for change in run.plan.pending:
            one = case(change.project, str(change.address))
            one.said.append(_planned(change))
            if run.command == "apply":
                by_hand = _by_hand(change) if str(change.address) in told_by_hand else ""
                _applied(one, ends.get(str(change.address)), by_hand or run.why)
    if run.status is not None:
        for request in run.status.requests:
            _stands(case(_project(request.address), request.address), request, run.status, run.due_within_days)
    for polled in run.polled:
        one = case(f"project {polled.project_id}", f"task {polled.tracking_id}")
        (one.failed if polled.status in (FAILED, MISSING) else one.said).append(f"the task is {polled.status}")
    for diagnostic in placed(run):
        _take(case(*_named(diagnostic, run)), diagnostic, run.command)
    last = case("mixpriv", run.called)
    if run.plan is not None and (planned := lead(run.plan)) not in (run.why, NO_CHANGES):
        last.said.append(f"the plan: {planned}")
    if ending(run.exit_code).is_fine:
        last.said.append(run.why)
    else:
        last.failed.append(f"{run.why} (exit code {run.exit_code})")
    return [one for one in found.values() if one is not last] + [last]


def _planned(change: Change) -> str:
    """What a plan has for an address, in one line."""
    actions = ", ".join(action.value for action in change.actions)
    parts = [of_change(change), counted(change.requests, "request") if change.requests else ""]
    parts.append("an erasure is irreversible once started" if change.irreversible else "")
    told = "; ".join(part for part in parts if part)
    why = f" ({', '.join(change.reasons)})" if change.reasons else ""
    return f"{actions}{why}" + (f": {told}" if told else "")


def _ends(run: Report) -> Mapping[str, ApplyComplete | ApplyErrored]:
    """How each address of an apply ended, as far as it said so."""
    told = account(run)
    complete = {one.address: one.completed for one in told.done if one.completed is not None}
    return complete | {event.address: event for event in told.errored}


def _by_hand(change: Change) -> str:
    """What a person is to do at an address; empty where there is no such step."""
    steps = [step.title for step in change.manual_steps]
    return f"waits for a person: {'; '.join(steps)}" if steps else ""


def _applied(case: Case, end: ApplyComplete | ApplyErrored | None, why: str) -> None:
    """What an apply came to at a case's address; where it didn't get to it, that it was skipped, and why."""
    match end:
        case ApplyErrored():
            case.failed.append("\n".join([sentence(end), *batches_left(end)]))
        case ApplyComplete():
            case.said.append(sentence(end))
        case None:
            case.skipped = why


def _stands(case: Case, request: RequestStatus, status: StatusReport, within_days: int | None) -> None:
    """How a request stands; it fails where it presses within the days that were asked for, or, without any, where it is late."""
    line = ", ".join(part for part in (phase_words(request), progress_words(request), time_left(request, status.today)) if part)
    is_late = request.overdue or request.submit_overdue
    (case.failed if (is_late if within_days is None else presses(request, status.today, within_days)) else case.said).append(line)


def _take(case: Case, found: Diagnostic, command: str) -> None:
    fails = found.is_error or (command in CHECKS and found.severity is Severity.WARNING)
    (case.failed if fails else case.said).append("\n".join(_lines(found)))


def _named(found: Diagnostic, run: Report) -> tuple[str, str]:
    """The case that a finding belongs to. It has no line in its name: a pipeline compares a run's cases with those of the run before."""
    if found.span is not None and (run.command in BY_FILE or not found.address):
        return found.span.file, found.code
    if found.address:
        return _project(found.address), found.address
    return "mixpriv", found.code


def _lines(found: Diagnostic) -> Iterator[str]:
    place = f"{found.span}: " if found.span is not None else ""
    yield f"{place}{found.severity.value}[{found.code}]: {found.message}"
    if found.hint:
        yield f"hint: {found.hint}"


def _project(address: str) -> str:
    return address.partition(".")[0]
