"""The plan as a comment on a change request, to be judged in half a minute.

Who is erased, where and until when it can be stopped is one sentence; what speaks against the plan stands below it, then a row a
project and kind. All else is folded. Where there is too much for a comment, what can't be undone is left out last.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable, Iterator
from itertools import islice

from mixpriv_reconcile.model.diagnostics import Diagnostic
from mixpriv_reconcile.model.plan import Change, Plan
from mixpriv_reconcile.model.report import Report
from mixpriv_reconcile.model.wording import counted, people
from mixpriv_reconcile.render.comment import Part, comment, folded, marker
from mixpriv_reconcile.render.findings_markdown import MOST_ERRORS, finding_item, finding_parts, first_errors
from mixpriv_reconcile.render.look import Look
from mixpriv_reconcile.render.manual_steps_markdown import manual_step_markdown
from mixpriv_reconcile.render.markdown import block, code, escaped, flat, ours, prose, table_head, table_line, within
from mixpriv_reconcile.render.plan_change import VERBS, change_facts
from mixpriv_reconcile.render.plan_lead import TO_STOP, lead
from mixpriv_reconcile.render.plan_rows import HEADINGS, PlanRow, plan_rows
from mixpriv_reconcile.render.plan_summary import summary_lines
from mixpriv_reconcile.render.plan_words import approving_command, scope_sentences, wait_words
from mixpriv_reconcile.render.reasons import reason_sentence

__all__ = ["plan_markdown", "table_of"]

ROWS, ERASING, OTHER_ROWS, ERRORS, WHY, OTHERS, BY_HAND, WAITING, WARNINGS, NOTES = range(10)
"""What is filled first, and left out last."""

LONGEST = {"name": 300, "scope": 1000, "fact": 300, "command": 2000}
"""Bytes of each piece."""

MOST_FACTS = 12
"""Of one change, and lines of one manual step."""


TOLD = frozenset({"ids to erase", "to stop it"})
"""Facts of an erasure that its line has, or the end of the comment."""


def plan_markdown(run: Report, plan: Plan) -> str:
    """The comment of *run*, which came to *plan*."""
    if not plan.pending and not _against(run, plan):
        return comment([_marker(run, plan), _in_bold(plan), *_scope(plan)], tuple(_parts(run, plan)))
    return comment(_top(run, plan), tuple(_parts(run, plan)), tuple(_bottom(run, plan)))


def _against(run: Report, plan: Plan) -> tuple[Diagnostic, ...]:
    """What speaks against the plan; and what went wrong with it afterwards, as where it could not be saved."""
    return (*plan.conflicts, *plan.refusals, *(found for found in run.besides if found.is_error))


def _marker(run: Report, plan: Plan) -> str:
    """By the folder a bot finds its earlier comment; a plan of a part, or of the sandbox, is told apart by what follows it."""
    return marker(
        "plan", run.folder, sandbox=plan.options.sandbox, partial=plan.options.is_partial, digest=plan.digest or None, exit=run.exit_code
    )


def _top(run: Report, plan: Plan) -> list[str]:
    """The marker, the sentence, how far the plan goes, and what speaks against it."""
    against = _against(run, plan)
    top = [_marker(run, plan), _in_bold(plan), *_scope(plan)]
    if against:
        top.append(f"**Not to be applied as it stands: {counted(len(against), 'error')}.**")
        top += first_errors(against, run.folder, is_sandbox=plan.options.sandbox)
    return top


def _parts(run: Report, plan: Plan) -> Iterator[Part]:
    """What may be cut, in the order in which it is read."""
    sandbox, folder = plan.options.sandbox, run.folder
    further = _against(run, plan)[MOST_ERRORS:]
    items = (finding_item(one, folder, is_sandbox=sandbox) for one in further)
    yield folded(f"Further errors ({len(further):,})", ERRORS, len(further), items, "error")
    if plan.pending:
        yield table_of(plan, (ROWS, OTHER_ROWS))
    erasing = [change for change in plan.pending if change.irreversible]
    why = Part(WHY, len(erasing), map(_details, erasing), "address's reasons", "addresses' reasons")
    items = (_erasure(change, folder) for change in erasing)
    said = f"Erasures, by address ({len(erasing):,})"
    yield folded(said, ERASING, len(erasing), items, "address that erases", "addresses that erase", below=why)
    others = [change for change in plan.pending if not change.irreversible]
    items = (_other(change, folder) for change in others)
    yield folded(f"Other changes, by address ({len(others):,})", OTHERS, len(others), items, "address", "addresses")
    steps = [(change, step) for change in plan.pending for step in change.manual_steps]
    items = (
        "\n".join(manual_step_markdown(step, str(change.address), sandbox=sandbox, is_blocked=plan.is_blocked)) for change, step in steps
    )
    yield folded(f"By hand ({len(steps):,})", BY_HAND, len(steps), items, "manual step")
    waiting = [change for change in plan.changes if change.waits or change.held]
    items = (f"- {_name(change)}: {within(wait_words(change), LONGEST['fact'], escaped)}" for change in waiting)
    yield folded(f"Waiting, not part of this apply ({len(waiting):,})", WAITING, len(waiting), items, "address", "addresses")
    mild = [found for found in (*plan.diagnostics, *run.besides) if not found.is_error]
    yield from finding_parts(mild, (-1, WARNINGS, NOTES), folder, is_sandbox=sandbox)


def table_of(plan: Plan, ranks: tuple[int, int], summary: str = "") -> Part:
    """The table by project and kind, open, or folded behind *summary*, which is Markdown already. *ranks* are those of rows that erase
    and of all others, which stand below them."""
    rows = plan_rows(plan)
    erasing, others = [row for row in rows if row.erased], [row for row in rows if not row.erased]
    nouns = ("row of the table", "rows of the table")
    shown = (len(erasing), map(_row, erasing), *nouns)
    part = folded(summary, ranks[0], *shown) if summary else Part(ranks[0], *shown)
    below = Part(ranks[1], len(others), map(_row, others), *nouns)
    return dataclasses.replace(part, before=part.before + table_head(HEADINGS, right=6), then=below)


def _in_bold(plan: Plan) -> str:
    said = lead(plan)
    return f"**{ours(f'In the sandbox: {said[:1].lower()}{said[1:]}' if plan.options.sandbox else said)}**"


def _scope(plan: Plan) -> Iterable[str]:
    return (within(said, LONGEST["scope"], prose) for said in scope_sentences(plan))


def _bottom(run: Report, plan: Plan) -> Iterator[str]:
    """The sentences that add up the whole, and the command that carries out exactly it."""
    yield "  \n".join(ours(line) for line in summary_lines(plan, Look()))
    if _against(run, plan):
        yield "Settle the errors first; then plan again."
        return
    command = approving_command(plan, run.saved_to, run.chdir)
    yield "This carries out exactly this plan, or ends with code 4 where something moved:"
    if len(command.encode()) > LONGEST["command"]:
        yield "`mixpriv apply` with `--expect` and the digest in this comment's marker, and every `--target` and `--retry` of the plan."
    else:
        yield block(command)
    if plan.erases:
        yield TO_STOP


def _row(row: PlanRow) -> str:
    region = f", region {escaped(row.region)}" if row.region else ""
    project = f"{within(row.project, LONGEST['name'], escaped)} ({row.project_id}{region})"
    return table_line((project, within(row.kind, LONGEST["name"], escaped), *row.numbers))


def _erasure(change: Change, folder: str) -> str:
    batches = counted(len(change.batches), "request")
    due = f", due {change.deadline}" if change.deadline is not None else ""
    withdraws = f", withdraws {people(change.withdrawn)}" if change.withdrawn else ""
    return f"- {_name(change)}: erases {people(change.erased)} in {batches}{withdraws}{due}{_place(change, folder)}"


def _other(change: Change, folder: str) -> str:
    details = _details(change)
    head = f"- {_name(change)} {VERBS[change.action]}{_place(change, folder)}"
    return f"{head}\n{details}" if details else head


def _details(change: Change) -> str:
    """Why, and what is known, as items below the change's own."""
    facts = (f"{label}: {value}" if label else value for label, value in change_facts(change) if label not in TOLD)
    lines = (*(reason_sentence(reason, change) for reason in change.reasons), *facts)
    return "\n".join(f"  - {within(flat(line), LONGEST['fact'], escaped)}" for line in islice(lines, MOST_FACTS))


def _name(change: Change) -> str:
    return within(str(change.address), LONGEST["name"], code)


def _place(change: Change, folder: str) -> str:
    if change.source is None:
        return ""
    return f" ({within(f'{folder}{change.source.file}:{change.source.line}', LONGEST['name'], code)})"
