"""The plan as Markdown: its summary sentences, a table of changes by address, what a person does as a task list, and the findings."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TextIO

from mixpriv_reconcile.model.diagnostics import Diagnostic
from mixpriv_reconcile.model.plan import Change, Plan
from mixpriv_reconcile.model.wording import counted
from mixpriv_reconcile.render.look import Look, as_typed
from mixpriv_reconcile.render.manual_steps_markdown import manual_step_markdown, manual_steps_of
from mixpriv_reconcile.render.markdown import code, marked, table_lines
from mixpriv_reconcile.render.plan_summary import summary_lines

__all__ = ["MAX_ROWS", "findings_markdown", "render_plan_markdown"]

MAX_ROWS = 200
"""Addresses and findings shown: what a comment on a change request holds; the JSON has every one."""

HEAD = ("address", "actions", "reasons", "distinct ids", "requests", "deadline")


def render_plan_markdown(plan: Plan, stream: TextIO) -> None:
    """Write *plan*. Conflicts and refusals come first, for with one of them nothing of the rest is carried out."""
    blocks = [["# Plan"], list(_summary(plan)), *_findings("Errors", (*plan.conflicts, *plan.refusals), plan.options.sandbox)]
    if plan.pending:
        blocks += [["## Changes"], table_lines(HEAD, map(_row, plan.pending[:MAX_ROWS])), _more(len(plan.pending), "address", "addresses")]
    by_hand = [(change, step) for change in plan.pending for step in manual_steps_of(change)]
    if by_hand:
        sandbox = plan.options.sandbox
        steps = [line for change, step in by_hand for line in manual_step_markdown(step, str(change.address), sandbox=sandbox)]
        blocks += [["## By hand"], steps]
    blocks += _findings("Warnings and notes", [found for found in plan.diagnostics if not found.is_error], plan.options.sandbox)
    stream.write("\n\n".join("\n".join(block) for block in blocks if block) + "\n")


def findings_markdown(found: Iterable[Diagnostic], why: str, *, sandbox: bool) -> str:
    """A run that came to no plan: why in one sentence, then what was found."""
    blocks = [[f"**{marked(why[:1].upper() + why[1:])}**"], *_findings("Findings", found, sandbox)]
    return "\n\n".join("\n".join(block) for block in blocks if block) + "\n"


def _summary(plan: Plan) -> Iterable[str]:
    yield from (f"**{marked(line)}**  " for line in summary_lines(plan, Look()))
    if plan.options.is_partial:
        yield f"It is partial, and holds only what {', '.join(map(code, plan.options.targets))} names.  "
    yield f"Digest: {code(plan.digest)}"


def _row(change: Change) -> tuple[str, ...]:
    return (
        code(str(change.address)),
        marked(", ".join(action.value for action in change.actions)) + (" (irreversible once started)" if change.irreversible else ""),
        marked(", ".join(change.reasons)),
        f"{change.subjects:,}" if change.subjects else "",
        f"{change.requests:,}" if change.requests else "",
        str(change.deadline or ""),
    )


def _findings(title: str, found: Iterable[Diagnostic], sandbox: bool) -> list[list[str]]:
    listed = list(found)
    if not listed:
        return []
    lines = [line for one in listed[:MAX_ROWS] for line in _finding(one, sandbox)]
    return [[f"## {title}"], lines, _more(len(listed), "finding", "findings")]


def _finding(found: Diagnostic, sandbox: bool) -> Iterable[str]:
    place = f" at {code(str(found.span))}" if found.span is not None else f" of {code(found.address)}" if found.address else ""
    yield f"- **{found.severity.value} {marked(found.code)}**{place}: {marked(_flat(found.message))}"
    if found.hint:
        yield f"  - {marked(_flat(as_typed(found.hint, sandbox)))}"


def _flat(text: str) -> str:
    return " ".join(text.split())


def _more(count: int, one: str, many: str) -> list[str]:
    return [f"… and {counted(count - MAX_ROWS, one, many)} more (see the JSON)"] if count > MAX_ROWS else []
