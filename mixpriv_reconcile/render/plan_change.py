"""One change of a plan as lines: the sentence that Terraform's companions read, the reasons, then the facts."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from mixpriv_reconcile.codec import plain
from mixpriv_reconcile.model.plan import Action, Change, Plan
from mixpriv_reconcile.model.wording import counted, people
from mixpriv_reconcile.render.look import Look, as_typed, painted, printable, wrapped
from mixpriv_reconcile.render.reasons import reason_sentence

__all__ = ["COLORS", "SYMBOLS", "change_facts", "change_lines", "place", "regions_of"]

SYMBOLS: Mapping[Action, str] = {Action.CREATE: "+", Action.UPDATE: "~", Action.DELETE: "-", Action.READ: "<=", Action.NO_OP: " "}
COLORS: Mapping[Action, str] = {
    Action.CREATE: "green",
    Action.UPDATE: "yellow",
    Action.DELETE: "red",
    Action.READ: "blue",
    Action.NO_OP: "dim",
}
VERBS: Mapping[Action, str] = {
    Action.CREATE: "will be created",
    Action.UPDATE: "will be updated in-place",
    Action.DELETE: "will be destroyed",
    Action.READ: "will be read during apply",
    Action.NO_OP: "stays as it is",
}
"""Terraform's own words: tfcmt finds addresses by them, at the end of a line that starts with `# `."""

REQUESTS = frozenset({"deletions", "retrievals"})
LABEL_WIDTH = 19
MAX_TASKS = 5
"""Tasks to cancel that are listed one by one; a withdrawn request may have thousands."""


def change_lines(change: Change, look: Look, region: str | None = None) -> list[str]:
    """The change in full, with its project's *region* where that is known. Comment lines and the header, which programs
    read, are never wrapped."""
    symbol = painted(SYMBOLS[change.action], look, "bold", COLORS[change.action])
    name = f' "{change.address.name}"' if change.address.name else ""
    known = f"{change.project_id}, region {region}" if region else str(change.project_id)
    lines = [painted(f"  # {printable(str(change.address))} {VERBS[change.action]}", look, "bold")]
    lines += [f"  # ({printable(reason_sentence(reason, change))})" for reason in change.reasons]
    lines.append(f"  {symbol} {printable(f'{change.kind}{name} of project {change.project}')} ({known}){place(change)}")
    indent = " " * 6
    for label, value in change_facts(change):
        lines.append(wrapped(value, look, f"{indent}{label:<{LABEL_WIDTH}}", indent + " " * LABEL_WIDTH))
    for step in change.manual_steps:
        lines.append(wrapped(f"by hand: {step.title}", look, indent, indent + "  "))
        lines += [wrapped(as_typed(line, look.sandbox), look, indent + "- ", indent + "  ") for line in step.lines]
    return lines


def place(change: Change) -> str:
    """` at FILE:LINE:COLUMN` of the change's key, or nothing where it left the manifests."""
    return f" at {printable(str(change.source))}" if change.source is not None else ""


def regions_of(plan: Plan) -> Mapping[int, str]:
    """By project id, the region, printable, where any change tells it; an SSO change tells only where a login lands."""
    told = ((change, plain((change.after or change.before or {}).get("region"))) for change in plan.changes if change.kind != "sso")
    return {change.project_id: printable(str(region)) for change, region in told if region}


def change_facts(change: Change) -> Iterable[tuple[str, str]]:
    """Labels and values; what counts most for somebody who approves comes first."""
    if change.submits:
        verb = "ids to erase" if change.irreversible else "ids to export"
        irreversible = ", irreversible once started" if change.irreversible else ", can't be cancelled"
        yield verb, f"{change.submits.count:,} in {counted(len(change.batches), 'request')}{irreversible}"
    yield from _withdrawals(change)
    if change.downloads:
        yield "exports to fetch", f"{len(change.downloads):,} of {people(sum(step.subjects for step in change.downloads))}"
    if change.held:
        yield "ids on legal hold", f"{change.held.count:,}, left out"
    if change.waits:
        yield "ids waiting", f"{change.waits.count:,}, not part of this apply"
    if change.kind in REQUESTS:
        yield from _law(change)
    else:
        yield from _attributes(change)
    if change.submits and change.irreversible:
        yield "to stop it", "can be stopped until Mixpanel starts it: withdraw the ids and apply"


def _withdrawals(change: Change) -> Iterable[tuple[str, str]]:
    if change.withdrawn:
        parts = ((change.withdrawn_unsent, "never sent"), (change.withdrawn_in_doubt, "in doubt"))
        yield "ids withdrawn", ", ".join([f"{change.withdrawn:,}", *(f"{count:,} of them {what}" for count, what in parts if count)])
    for step in change.cancels[:MAX_TASKS]:
        kept = f", {people(step.kept)} submitted again" if step.kept else ""
        yield "task to cancel", f"{step.tracking_id}: {people(step.withdrawn)} withdrawn{kept}"
    if len(change.cancels) > MAX_TASKS:
        yield "", f"… and {counted(len(change.cancels) - MAX_TASKS, 'task')} more"


def _law(change: Change) -> Iterable[tuple[str, str]]:
    before, after = plain(change.before) or {}, plain(change.after) or {}
    compliance = after.get("compliance") or before.get("compliance")
    due = f"due {change.deadline}" if change.deadline else "no deadline known" if change.after is not None else None
    known = [str(fact) for fact in (compliance, due) if fact]
    if known:
        yield "compliance", ", ".join(known)
    declared, was = after.get("declared"), before.get("declared")
    if isinstance(declared, int):
        yield "declared", people(declared) + (f", {was:,} before" if isinstance(was, int) and was != declared else "")
    submitted, tasks = before.get("submitted"), before.get("tasks")
    if after.get("disclosure"):
        yield "disclosure", str(after["disclosure"])
    if after.get("download_to"):
        yield "download to", str(after["download_to"])
    if isinstance(submitted, int) and submitted:
        yield "so far", f"{people(submitted)} submitted" + (f" in {counted(tasks, 'task')}" if isinstance(tasks, int) else "")


def _attributes(change: Change) -> Iterable[tuple[str, str]]:
    """What is before and after, key by key; a manual step tells it in its own words."""
    if change.manual_steps:
        return
    before: Mapping[str, Any] = plain(change.before) or {}
    after: Mapping[str, Any] = plain(change.after) or {}
    for key in dict.fromkeys((*before, *after)):
        was, now = before.get(key), after.get(key)
        if was != now and was is not None:
            yield key, f"{was} -> {now}"
        elif now is not None:
            yield key, str(now)
