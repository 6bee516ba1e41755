"""What is said of a request wherever it is shown: its phase and progress, days counted and lateness in words, its flags."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import date

from mixpriv_reconcile.model.status import RequestStatus, StatusReport
from mixpriv_reconcile.model.tasks import is_open
from mixpriv_reconcile.model.urgency import days_until
from mixpriv_reconcile.model.wording import capitalised, counted
from mixpriv_reconcile.render.look import instant, printable

__all__ = [
    "by_urgency",
    "flags_of",
    "holder_words",
    "in_days",
    "phase_words",
    "progress_words",
    "running_sentence",
    "standing_words",
    "time_left",
    "total_sentence",
]

NOTEWORTHY = ("unsent", "submitted", "failed", "refused", "in_doubt", "held", "waiting")
WITHDRAWN_IN_DOUBT = ": if they arrived they are erased, see `mixpriv explain MP0614`"
"""Said of a withdrawn request: no look at Mixpanel settles it any more."""

PLAIN = frozenset({"unsent", "submitted"})
"""Told by the row itself, unless there is more to tell."""


def by_urgency(requests: Sequence[RequestStatus]) -> list[RequestStatus]:
    """*requests*, what is due first first; those without a deadline after them, finished ones last."""
    return sorted(requests, key=lambda request: (request.is_over, request.due or date.max, request.address))


def flags_of(request: RequestStatus) -> tuple[str, ...]:
    """`overdue` or `due soon`, then `submit overdue` or `submit soon`: the words for the flags that are set."""
    names = ("overdue", "due_soon", "submit_overdue", "submit_soon")
    return tuple(name.replace("_", " ") for name in names if getattr(request, name))


def phase_words(request: RequestStatus) -> str:
    """The phase; `partly unsent` where a task has some of the ids already."""
    is_partly = request.phase == "unsent" and request.subjects.sent
    return "partly unsent" if is_partly else request.phase.replace("_", " ")


def time_left(request: RequestStatus, today: date) -> str:
    """Days to submit while ids are yet to be sent, else days to the answer; both where the answer is near; lateness in words.

    A request whose last day to submit lies before its receipt was never in time: of it nobody is told to have been late.
    """
    if request.is_over:
        return ""
    if request.due is None:
        return "no deadline"
    left = days_until(request.due, today)
    if left < 0:
        return f"overdue by {counted(-left, 'day')}"
    due = f"due {in_days(left)}"
    if not request.subjects.to_send or request.submit_by is None:
        return due
    to_submit = days_until(request.submit_by, today)
    if to_submit < 0:
        if request.received is not None and request.submit_by < request.received:
            return f"submit now, {due}"
        late = f"should have been submitted {counted(-to_submit, 'day')} ago"
        return f"{late}, {due}" if request.due_soon else late
    return f"submit {in_days(to_submit)}"


def in_days(days: int) -> str:
    """`today`, `in 1 day`, `in 5 days`."""
    return "today" if days == 0 else f"in {counted(days, 'day')}"


def running_sentence(report: StatusReport) -> str:
    """Who is at work while the report is made; empty where nobody is."""
    if report.apply_running is None:
        return ""
    return f"An apply is running: {holder_words(report.apply_running)}; what follows is what it has written down so far."


def holder_words(facts: Mapping[str, str]) -> str:
    """`ops on ci-7 since 2026-11-08T09:00:00Z`: who holds a state's lock, as far as its *facts* say."""
    host = f" on {facts['host']}" if facts.get("host") else ""
    since = f" since {facts['since']}" if facts.get("since") else ""
    return f"{facts.get('who', 'somebody')}{host}{since}"


def progress_words(request: RequestStatus) -> str:
    """`3,998 of 4,321 sent, 2,000 done`: how far the ids are."""
    subjects = request.subjects
    return f"{subjects.sent:,} of {subjects.declared:,} sent, {subjects.succeeded:,} done"


def standing_words(request: RequestStatus) -> str:
    """Where the ids of *request* are, and its tasks by their status; empty where its row tells all."""
    counts = {name: getattr(request.subjects, name) for name in NOTEWORTHY}
    listed = ", ".join(f"{count:,} {name.replace('_', ' ')}" for name, count in counts.items() if count)
    if request.phase == "withdrawn" and request.subjects.in_doubt:
        listed += WITHDRAWN_IN_DOUBT
    if not request.tasks:
        return listed if any(count for name, count in counts.items() if name not in PLAIN) else ""
    statuses = Counter(printable(task.status) for task in request.tasks)
    tasks = ", ".join(f"{count:,} {status}" for status, count in statuses.items())
    looked_at = [task.checked_at for task in request.tasks if is_open(task.status)]  # one that has ended stays as it is
    known = f"{counted(len(request.tasks), 'task')} ({tasks})" + (f", known since {instant(min(looked_at))}" if looked_at else "")
    return f"{listed}; {known}" if listed else known


def total_sentence(requests: Sequence[RequestStatus], today: date) -> str:
    """How many requests stand how, how many are late, and the next deadline."""
    phases = Counter(request.phase for request in requests)
    listed = ", ".join(f"{count:,} {phase.replace('_', ' ')}" for phase, count in phases.items())
    unfinished = [request for request in requests if not request.is_over]
    coming = min((request.due for request in unfinished if request.due is not None and request.due >= today), default=None)
    late = sum(request.overdue for request in unfinished)
    soon = sum(request.due_soon for request in unfinished)
    to_send = sum(request.submit_overdue for request in unfinished)
    counts = [f"{late:,} overdue" if late else "", f"{soon:,} due soon" if soon else ""]
    counts.append(f"{to_send:,} with ids past the last day to submit" if to_send else "")
    told = ", ".join(count for count in counts if count)
    text = f"{counted(len(requests), 'request')}: {listed}." + (f" {capitalised(told)}." if told else "")
    return text + (f" Next deadline {coming}." if coming else "")
