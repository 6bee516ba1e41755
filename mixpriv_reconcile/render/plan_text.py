"""The plan for people: who is erased, where, until when it can be stopped; the last lines are the ones that tools look for."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping, Sequence
from typing import TextIO

from mixpriv_reconcile.model.diagnostics import Severity
from mixpriv_reconcile.model.heaviest import heaviest
from mixpriv_reconcile.model.ids_shown import IdsShown
from mixpriv_reconcile.model.plan import MOST_SHOWN, Action, Plan
from mixpriv_reconcile.model.wording import counted
from mixpriv_reconcile.render.diagnostics import count_line, render_diagnostic
from mixpriv_reconcile.render.look import Look, painted, printable, wrapped
from mixpriv_reconcile.render.plan_change import COLORS, SYMBOLS, change_lines, place, regions_of
from mixpriv_reconcile.render.plan_ids import id_lines
from mixpriv_reconcile.render.plan_projects import project_lines
from mixpriv_reconcile.render.plan_summary import summary_lines
from mixpriv_reconcile.render.plan_words import approving_command, scope_sentences, wait_words

__all__ = ["MAX_DETAILS", "render_plan"]

MAX_DETAILS = MOST_SHOWN
"""Addresses shown in full, and warnings shown at all; the JSON holds every one."""

TO_APPROVE = "To carry out exactly this and nothing more:"

TERRAFORM_LEGEND = (
    "Terraform used the selected providers to generate the following execution plan. "
    "Resource actions are indicated with the following symbols:"
)
RULE = "-" * 72
"""Where tfcmt ends what it folds: the changes, then the warnings. Of the two rules it knows, the one that every encoding has."""

LEGEND = {Action.CREATE: "create", Action.UPDATE: "update in-place", Action.DELETE: "destroy", Action.READ: "read"}


def render_plan(
    plan: Plan, stream: TextIO, look: Look, *, saved_to: str | None = None, ids: Mapping[str, IdsShown] | None = None
) -> None:
    """Write *plan* as text: a summary by project, the changes, what waits, the findings, the digest, the summary lines.

    *saved_to* is the file the plan was saved to, for the command that applies it. A plan read back from such a file gives
    the same text: excerpts of source lines, which a file doesn't hold, are never part of it. *ids* are shown, by address, to a person
    who asked for them; only a terminal may be the *stream* then.
    """
    blocks: list[Sequence[str]] = [[wrapped(sentence, look, "", "") for sentence in scope_sentences(plan)]]
    if plan.pending:
        blocks += [project_lines(plan, look, MAX_DETAILS), _legend(plan, look), *_details(plan, look, ids or {})]
    blocks.append(_waiting(plan, look))
    if look.is_terraform and plan.pending:
        blocks.append([RULE])
    for block in blocks:
        if block:
            stream.write("\n".join(block) + "\n\n")
    _write_findings(plan, stream, look)
    approval = _approval(plan, look, saved_to)
    if approval:
        stream.write("\n".join(approval) + "\n\n")
    stream.write("\n".join(summary_lines(plan, look)) + "\n")


def _legend(plan: Plan, look: Look) -> list[str]:
    present = {action for change in plan.pending for action in change.actions}
    symbols = [f"{painted(SYMBOLS[action], look, COLORS[action])} {word}" for action, word in LEGEND.items() if action in present]
    heading = wrapped(TERRAFORM_LEGEND, look, "", "") if look.is_terraform else "mixpriv used the following symbols:"
    return [heading, *(f"  {symbol}" for symbol in symbols)]


def _details(plan: Plan, look: Look, ids: Mapping[str, IdsShown]) -> list[list[str]]:
    """The changes in the order of work; of very many, those that weigh most."""
    pending = plan.pending
    blocks = [[f"{'Terraform' if look.is_terraform else 'mixpriv'} will perform the following actions:"]]
    regions = regions_of(plan)
    for change in plan.weightiest:
        block = change_lines(change, look, regions.get(change.project_id))
        blocks.append(block + id_lines(ids.get(str(change.address)), look))
    if len(pending) > MAX_DETAILS:
        blocks.append([f"  … and {counted(len(pending) - MAX_DETAILS, 'address', 'addresses')} more (see --format json)"])
    return blocks


def _waiting(plan: Plan, look: Look) -> list[str]:
    """What is held back, by address; that of pending changes too, for it isn't part of this apply."""
    held = [change for change in plan.changes if change.waits or change.held]
    lines = ["Waiting, not part of this apply:"] if held else []
    for change in held[:MAX_DETAILS]:
        lines += [f"  {printable(str(change.address))}{place(change)}", wrapped(wait_words(change), look, "      ", "      ")]
    if len(held) > MAX_DETAILS:
        lines.append(f"  … and {counted(len(held) - MAX_DETAILS, 'address', 'addresses')} more (see --format json)")
    return lines


def _write_findings(plan: Plan, stream: TextIO, look: Look) -> None:
    """Warnings and notes first, of very many the warnings; then conflicts and refusals, all of them, nearest to the end. All are counted.
    """
    mild = [found for found in plan.diagnostics if not found.is_error]
    errors = (*plan.conflicts, *plan.refusals)
    if not mild and not errors:
        return
    count = count_line([*mild, *errors])
    is_warning = look.is_terraform and not errors and any(found.severity is Severity.WARNING for found in mild)
    if is_warning:
        stream.write(f"Warning: {count}\n\n")
    for found in (*heaviest(mild, MAX_DETAILS, lambda found: found.weight), *errors):
        render_diagnostic(dataclasses.replace(found, excerpt="", unmasked=None), stream, look)
        stream.write("\n")
    left_out = f", of which {len(mild) - MAX_DETAILS:,} are not shown (see --format json)" if len(mild) > MAX_DETAILS else ""
    stream.write(f"{count}{left_out}\n" + (f"\n{RULE}\n\n" if is_warning else "\n"))


def _approval(plan: Plan, look: Look, saved_to: str | None) -> list[str]:
    """The digest and the commands that carry out exactly this plan, or why none will."""
    settle = len(plan.conflicts) + len(plan.refusals)
    if not plan.pending and saved_to is None:
        return []
    digest = printable(plan.digest)
    lines = [f"Digest: {digest}"] if digest else []
    if settle:
        return [*lines, f"Not to be applied as it stands: settle the {'error' if settle == 1 else f'{settle} errors'} above first."]
    said = f"Saved to {printable(saved_to)}. To carry out exactly this:" if saved_to is not None else TO_APPROVE
    return [*lines, said, f"  {approving_command(plan, saved_to, look.chdir)}"]
