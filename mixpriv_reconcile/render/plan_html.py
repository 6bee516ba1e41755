"""The plan as a page, to be judged in half a minute: who is erased, where, until when it can be stopped, and what speaks against it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from mixpriv_reconcile.model.diagnostics import Diagnostic
from mixpriv_reconcile.model.heaviest import heaviest
from mixpriv_reconcile.model.plan import Action, Change, ManualStep, Plan
from mixpriv_reconcile.render.findings_html import finding_list
from mixpriv_reconcile.render.html import NL, Html, Piece, breakable, el, joined, prose
from mixpriv_reconcile.render.html_page import card, more, page, table, tiles
from mixpriv_reconcile.render.look import Look, as_typed, lasting
from mixpriv_reconcile.render.plan_change import VERBS, change_facts, place
from mixpriv_reconcile.render.plan_deeds import of_change
from mixpriv_reconcile.render.plan_lead import TO_STOP, lead
from mixpriv_reconcile.render.plan_rows import HEADINGS, PlanRow, plan_rows
from mixpriv_reconcile.render.plan_summary import summary_lines
from mixpriv_reconcile.render.plan_words import approving_command, scope_sentences, wait_words
from mixpriv_reconcile.render.reasons import reason_sentence

__all__ = ["MOST_SHOWN", "manual_step_html", "plan_html", "plan_table"]

MOST_SHOWN = 1000
"""Changes shown in full, and findings: a page beyond that is no reading; the JSON holds every one."""

COLUMNS = tuple(zip(HEADINGS, ("", "", "num", "num", "num", "num", "num", "day"), strict=True))

COLOURS = {Action.CREATE: "green", Action.UPDATE: "amber", Action.DELETE: "red", Action.READ: "blue", Action.NO_OP: ""}


def plan_html(
    plan: Plan, *, saved_to: str | None = None, chdir: str | None = None, besides: Sequence[Diagnostic] = ()
) -> str:
    """One self-contained page of *plan*; *saved_to* is the file that it lies in, *chdir* what `-C` was given, *besides* what was found
    that isn't the plan's own.

    The last card has the digest that approves it, and the command.
    """
    return page(
        "Plan for Mixpanel, in the sandbox" if plan.options.sandbox else "Plan for Mixpanel",
        lead=lead(plan),
        sub=(TO_STOP if plan.erases else "", *(prose(said) for said in scope_sentences(plan))),
        body=_sections(plan, approving_command(plan, saved_to, chdir), besides),
    )


def _sections(plan: Plan, command: str, besides: Sequence[Diagnostic]) -> Iterator[Piece]:
    against = (*plan.conflicts, *plan.refusals, *(found for found in besides if found.is_error))
    if against:
        yield card("Not to be applied as it stands", finding_list(against, is_sandbox=plan.options.sandbox), name="against")
    if plan.pending:
        yield tiles(_facts(plan))
        yield card("By project and kind", plan_table(plan), name="projects")
    mild = [found for found in (*plan.diagnostics, *besides) if not found.is_error]
    if mild:
        shown = finding_list(heaviest(mild, MOST_SHOWN, lambda found: found.weight), is_sandbox=plan.options.sandbox)
        yield card("Warnings and notes", shown, more(len(mild) - MOST_SHOWN, "finding"), name="findings")
    if plan.pending:
        yield card("Changes", *_changes(plan), name="changes")
    waiting = [change for change in plan.changes if change.waits or change.held]
    if waiting:
        items = [el("li", el("strong", breakable(str(change.address))), f": {wait_words(change)}") for change in waiting[:MOST_SHOWN]]
        rest = more(len(waiting) - MOST_SHOWN, "address", "addresses")
        yield card("Waiting, not part of this apply", el("ul", *items), rest, name="waiting")
    heading = "To carry out exactly this" if plan.pending and not against else "Summary and digest"
    yield card(heading, *_approval(plan, command, bool(against)), name="approval")


def _facts(plan: Plan) -> Iterator[tuple[str, str, str]]:
    yield f"{plan.erases:,}", f"distinct {'id' if plan.erases == 1 else 'ids'} erased", "red" if plan.erases else ""
    if plan.withdraws:
        yield f"{plan.withdraws:,}", f"distinct {'id' if plan.withdraws == 1 else 'ids'} withdrawn", ""
    calls = "call" if plan.cost.requests == 1 else "calls"
    yield f"{plan.cost.requests:,}", f"{calls} to Mixpanel, in about {lasting(plan.cost.seconds)}", ""
    summary = plan.summary
    yield f"{summary.add} + {summary.change} + {summary.destroy}", "addresses to add, change and destroy", ""
    if plan.next_deadline is not None:
        yield str(plan.next_deadline), "is the first deadline of what is sent", ""


def plan_table(plan: Plan) -> Html:
    """A row a project and kind."""
    return table("By project and kind", COLUMNS, map(_row, plan_rows(plan)))


def _row(row: PlanRow) -> tuple[Piece, ...]:
    region = f", region {row.region}" if row.region else ""
    project = joined(breakable(row.project), el("br"), el("span", f"{row.project_id}{region}", class_="soft"))
    return (project, row.kind, *row.numbers)


def _changes(plan: Plan) -> Iterator[Piece]:
    """Every change, folded to one line with what it does to how many."""
    for change in heaviest(plan.pending, MOST_SHOWN, lambda change: change.weight):
        yield _change(change, plan.options.sandbox)
        yield NL
    yield more(len(plan.pending) - MOST_SHOWN, "address", "addresses")


def _change(change: Change, is_sandbox: bool) -> Html:
    action = el("span", change.action.value, class_=f"chip {COLOURS[change.action]}".strip())
    head = el("summary", breakable(str(change.address)), " ", action, el("span", f" {of_change(change)}".rstrip(), class_="soft"))
    declared = f", as declared{place(change)}" if change.source is not None else ""
    facts = [el("div", el("dt", label or "and"), el("dd", value)) for label, value in change_facts(change)]
    steps = [manual_step_html(step, is_sandbox) for step in change.manual_steps]
    return el(
        "details",
        head,
        el("p", f"{VERBS[change.action]}{declared}", class_="soft"),
        el("ul", *(el("li", reason_sentence(reason, change)) for reason in change.reasons)) if change.reasons else None,
        el("dl", *facts) if facts else None,
        *steps,
    )


def manual_step_html(step: ManualStep, is_sandbox: bool) -> Html:
    """What a person does, with its details."""
    lines = [el("li", prose(as_typed(line, is_sandbox))) for line in step.lines]
    return el("div", el("p", "By hand: ", prose(as_typed(step.title, is_sandbox))), el("ul", *lines) if lines else None)


def _approval(plan: Plan, command: str, is_blocked: bool) -> Iterator[Piece]:
    yield el("pre", joined(*_lines(summary_lines(plan, Look(sandbox=plan.options.sandbox)))))
    if plan.digest:
        yield el("p", "Digest ", el("code", plan.digest), class_="sub")
    if is_blocked:
        yield el("p", "Settle the errors at the top first; then plan again.", class_="sub")
    elif plan.pending:
        said = "This carries out the plan shown here, or ends with code 4 where something moved:"
        yield el("p", said, class_="sub")
        yield el("pre", command)


def _lines(lines: Sequence[str]) -> Iterator[Piece]:
    for number, line in enumerate(lines):
        yield NL if number else None
        yield line
