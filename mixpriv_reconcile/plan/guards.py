"""What a plan may not do by itself: thresholds and rules, each a refusal with the exact way past it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date, timedelta

from mixpriv_reconcile.model.address import Address
from mixpriv_reconcile.model.deadlines import PROCESSING_DAYS, submit_by
from mixpriv_reconcile.model.diagnostics import Diagnostic, Severity
from mixpriv_reconcile.model.plan import Change, PlanOptions
from mixpriv_reconcile.model.resource import DesiredState
from mixpriv_reconcile.model.state import State
from mixpriv_reconcile.model.tasks import is_open
from mixpriv_reconcile.model.token_life import LONGEST_TASK_DAYS, outlives
from mixpriv_reconcile.model.urgency import days_until
from mixpriv_reconcile.model.wording import people, verb
from mixpriv_reconcile.model.workspace import ids_per_deletion
from mixpriv_reconcile.plan.opting import left_lists, not_opted_out

__all__ = ["THEY_WAIT", "findings", "refusals", "unmatched"]

PROCESSING = timedelta(days=PROCESSING_DAYS)

THEY_WAIT = "they wait (not_before, after_retrieval): see whether that can end sooner; an extension must be notified in time"
"""What to do about a request that is due and of which no id can be submitted yet."""


def refusals(desired: DesiredState, state: State, changes: Sequence[Change]) -> tuple[Diagnostic, ...]:
    """Why the plan must not be applied, or nothing. Counts are distinct ids of all targeted projects together."""
    return tuple(_refusals(desired, state, changes))


def _refusals(desired: DesiredState, state: State, changes: Sequence[Change]) -> Iterable[Diagnostic]:
    policy = desired.workspace.policy
    erases = sum(change.erased for change in changes)
    if erases > policy.max_deletions:
        yield _refusal(
            "MP0602",
            f"this plan erases {people(erases)}; policy.max_deletions allows {policy.max_deletions:,}",
            f"check the number; if it is right, set `max_deletions: {erases}` under workspace.policy "
            "(and raise MIXPRIV_MAX_DELETIONS where it is set), or narrow the plan with --target",
        )
    withdraws = sum(change.withdrawn for change in changes)
    if withdraws > policy.max_withdrawals:
        yield _refusal(
            "MP0603",
            f"this plan withdraws {people(withdraws)}; policy.max_withdrawals allows {policy.max_withdrawals:,}",
            f"check the number; if it is right, set `max_withdrawals: {withdraws}` under workspace.policy "
            "(and raise MIXPRIV_MAX_WITHDRAWALS where it is set), or narrow the plan with --target",
        )
    if policy.opt_out == "require":
        yield from not_opted_out(desired, changes, Severity.ERROR)
    started = sum(change.held_started for change in changes)
    if started:
        yield _refusal(
            "MP0630",
            f"{people(started)} under a legal hold {verb(started, 'is', 'are')} in tasks that this program can't cancel "
            f"and that erase {verb(started, 'it', 'them')}",
            "ask Mixpanel's support at once; then take these ids from `legal_holds`, or leave the request aside with --target",
        )
    if not desired.projects and any(is_open(task.status) for task in state.tasks.values()):
        yield _refusal(
            "MP0604",
            "the manifests name no project at all, and the state has open tasks",
            "look whether the right folder was given (-C); to withdraw everything on purpose, remove the projects one by one",
        )


def findings(
    desired: DesiredState, state: State, changes: Sequence[Change], today: date, *, sandbox: bool = False
) -> tuple[Diagnostic, ...]:
    """What is to be said of the plan as a whole: a loosened policy, ids to erase that nothing keeps out, deadlines, learned caps,
    and a token that ends before the tasks do; the *sandbox* takes made-up tokens."""
    return (
        *_loosened(desired, state),
        *(not_opted_out(desired, changes, Severity.WARNING) if desired.workspace.policy.opt_out == "warn" else ()),
        *left_lists(desired, state),
        *_due_soon(desired, changes, today),
        *_submitted_late(desired, changes, today),
        *_cut_small(desired, state, changes),
        *(() if sandbox else _outliving(desired, changes, today)),
    )


def _outliving(desired: DesiredState, changes: Sequence[Change], today: date) -> Iterable[Diagnostic]:
    """A warning where tasks submitted today may still run when the token that looks at them and cancels them has ended."""
    token = desired.workspace.gdpr_token
    if token is None or token.issued is None or not any(change.batches for change in changes):
        return
    day = outlives(token.issued, today)
    if day is not None:
        yield Diagnostic(
            "MP0660",
            Severity.WARNING,
            f"the GDPR token expires on {day}, and Mixpanel may take {LONGEST_TASK_DAYS} days for what this plan submits: "
            "from that day on these tasks can't be looked at or cancelled with it",
            "make a new token first (Profile & Preferences › Data & Privacy) and write the day it was made as `issued`",
            desired.workspace.span,
        )


def _cut_small(desired: DesiredState, state: State, changes: Sequence[Change]) -> Iterable[Diagnostic]:
    """A note for each project whose batches are cut to what Mixpanel was seen to accept, and not to what the manifest says."""
    made: dict[str, list[int]] = {}  # by project, the largest batch of each change that has several
    for change in changes:
        batches = change.batches
        if len(batches) > 1:
            made.setdefault(change.project, []).append(max(batch.ids.count for batch in batches))
    for name, project in sorted(desired.projects.items()):
        known = state.projects.get(name)
        learned = known.learned_cap if known is not None else None
        if learned is None or learned >= ids_per_deletion(project.data_groups, desired.workspace.limits):
            continue
        if min(made.get(name, ()), default=learned + 1) <= learned:
            yield Diagnostic(
                "MP0809",
                Severity.NOTE,
                f"batches of {name} hold at most {people(learned)}: Mixpanel refused larger ones before",
                f"write `limits: {{distinct_ids_per_request: {learned}}}` or the project's `data_groups`, so that a new state knows it too",
                project.span,
                name,
            )


def _due_soon(desired: DesiredState, changes: Sequence[Change], today: date) -> Iterable[Diagnostic]:
    """A warning for each request whose answer is near or overdue while ids are still to be sent."""
    within = desired.workspace.policy.due_soon_days
    for change in changes:
        if change.deadline is None or not (change.submits or change.waits):
            continue
        days = days_until(change.deadline, today)
        if days <= within:
            when = f"is overdue since {change.deadline}" if days < 0 else f"is due on {change.deadline}, {_in_days(days)}"
            yield Diagnostic(
                "MP0626",
                Severity.WARNING,
                f"this request {when}, and ids of it are not submitted yet; Mixpanel may take {PROCESSING_DAYS} days",
                "apply it now; an extension must be notified before the first deadline"
                if change.submits
                else THEY_WAIT,
                change.source,
                str(change.address),
            )


def _submitted_late(desired: DesiredState, changes: Sequence[Change], today: date) -> Iterable[Diagnostic]:
    """One note on all requests with ids to send whose last day for that has passed, as long as their answers aren't near (MP0626).

    One, because under the GDPR it is true of nearly every request from the day after its receipt on.
    """
    nearest = today + timedelta(days=desired.workspace.policy.due_soon_days)
    late = sorted(
        (change.deadline, str(change.address))
        for change in changes
        if change.deadline is not None and change.submits and nearest < change.deadline < today + PROCESSING
    )
    if late:
        due, address = late[0]
        by = submit_by(due)
        days = f"fewer than the {PROCESSING_DAYS} days that Mixpanel may take"
        first = f"{address}, due on {due}, {_in_days(days_until(due, today))}"
        many = f"{len(late):,} requests with ids to send are due in {days}; the first is {first}"
        said = many if len(late) > 1 else f"{first}, has {days}"
        yield Diagnostic(
            "MP0641",
            Severity.NOTE,
            f"{said}: its last day to submit was {by}, {_ago(-days_until(by, today))}",
            "apply now, and look at `mixpriv status` as the deadline comes near",
        )


def _in_days(days: int) -> str:
    return "today" if days == 0 else "in 1 day" if days == 1 else f"in {days} days"


def _ago(days: int) -> str:
    return "1 day ago" if days == 1 else f"{days} days ago"


def _loosened(desired: DesiredState, state: State) -> Iterable[Diagnostic]:
    before, now = state.policy, desired.workspace.policy
    if before is None:
        return
    looser = []
    if now.max_deletions > before.max_deletions:
        looser.append(f"max_deletions from {before.max_deletions:,} to {now.max_deletions:,}")
    if now.max_withdrawals > before.max_withdrawals:
        looser.append(f"max_withdrawals from {before.max_withdrawals:,} to {now.max_withdrawals:,}")
    strictness = ("off", "warn", "require")
    if strictness.index(now.opt_out) < strictness.index(before.opt_out):
        looser.append(f"opt_out from {before.opt_out} to {now.opt_out}")
    added = set(now.allow_placeholder_ids) - set(before.allow_placeholder_ids)
    if added:
        looser.append(f"allow_placeholder_ids by {len(added)}")
    if looser:
        yield Diagnostic(
            "MP0605",
            Severity.WARNING,
            f"the policy was loosened since the last apply: {', '.join(looser)}",
            "let somebody who answers for erasures look at this change",
            desired.workspace.span,
        )


def unmatched(desired: DesiredState, state: State, options: PlanOptions) -> tuple[Diagnostic, ...]:
    """An error for each `--target` and `--retry` that names nothing: a typing mistake must not pass for "no changes"."""
    known = {resource.address for resource in desired.resources} | {Address.parse(text) for text in state.records}
    return tuple(
        Diagnostic(
            "MP0623",
            Severity.ERROR,
            f"{option} names nothing in the manifests or the state",
            "`mixpriv plan` and `mixpriv state list` show the addresses, e.g. web-eu.deletions.2026-11",
        )
        for option, patterns in (("--target", options.targets), ("--retry", options.retry))
        for pattern in patterns
        if not any(address.matches(pattern) for address in known)
    )


def _refusal(code: str, message: str, hint: str) -> Diagnostic:
    return Diagnostic(code, Severity.ERROR, message, hint)
