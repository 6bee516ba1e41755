"""What an apply came to, as a page: how it ended, what was done at each address, what is left, what stands to be done."""

from __future__ import annotations

from collections.abc import Iterator

from mixpriv_reconcile.model.events import ApplyErrored
from mixpriv_reconcile.model.report import Report
from mixpriv_reconcile.model.wording import capitalised, people
from mixpriv_reconcile.render.apply_done import Account, Done, account, by_hand, has_sent_nothing, outcome_words, to_do
from mixpriv_reconcile.render.event_words import batches_left
from mixpriv_reconcile.render.findings_html import finding_cards
from mixpriv_reconcile.render.html import Html, Piece, breakable, el, joined, prose
from mixpriv_reconcile.render.html_page import card, more, page, table, tiles
from mixpriv_reconcile.render.look import instant
from mixpriv_reconcile.render.plan_html import MOST_SHOWN, manual_step_html, plan_table
from mixpriv_reconcile.render.plan_lead import lead

__all__ = ["apply_html"]

COLUMNS = (("Address", ""), ("What was done", ""), ("Calls", "num"), ("Last at", ""))

TOLD = {"acknowledged": "acknowledged", "adopted": "found in a task that was there", "in_doubt": "in doubt", "refused": "refused"}
COLOURS = {"in_doubt": "amber", "refused": "red"}


def apply_html(run: Report) -> str:
    """One self-contained page of an apply, however it ended."""
    told = account(run)
    title = "Apply, in the sandbox" if run.sandbox else "Apply"
    ended = f"Exit code {run.exit_code}, {instant(run.at)}.{' Nothing was sent.' if has_sent_nothing(run) else ''}"
    return page(title, lead=_sentence(run.why), sub=(ended, *(prose(said) for said in to_do(run, told.done))), body=_sections(run, told))


def _sentence(text: str) -> str:
    said = capitalised(text)
    return said if said.endswith(".") else f"{said}."


def _sections(run: Report, told: Account) -> Iterator[Piece]:
    sent, undone, steps = told.done, told.left, tuple(by_hand(run))
    yield tiles(_facts(told))
    if undone:
        items = [_undone(event) for event in undone[:MOST_SHOWN]]
        yield card("What is left", el("ul", *items), more(len(undone) - MOST_SHOWN, "address", "addresses"), name="left")
    yield from finding_cards(run.findings, MOST_SHOWN, is_sandbox=run.sandbox)
    if sent:
        shown = table("What was done", COLUMNS, map(_row, sent[:MOST_SHOWN]))
        yield card("What was done", shown, more(len(sent) - MOST_SHOWN, "address", "addresses"), name="done")
    if steps:
        named = [(el("strong", breakable(str(change.address))), manual_step_html(step, run.sandbox)) for change, step in steps[:MOST_SHOWN]]
        items = [joined(el("p", name), step) for name, step in named]
        yield card("By hand", *items, more(len(steps) - MOST_SHOWN, "manual step"), name="hand")
    if run.plan is not None:
        yield card("The plan", el("p", lead(run.plan)), plan_table(run.plan), el("p", "Digest ", el("code", run.plan.digest)), name="plan")


def _facts(told: Account) -> Iterator[tuple[str, str, str]]:
    summary, subjects = told.summary, told.subjects
    yield f"{summary.add} + {summary.change} + {summary.destroy}", "addresses added, changed and destroyed", ""
    for outcome, words in TOLD.items():
        if subjects[outcome]:
            noun = "distinct id" if subjects[outcome] == 1 else "distinct ids"
            yield f"{subjects[outcome]:,}", f"{noun} {words}", COLOURS.get(outcome, "")


def _row(one: Done) -> tuple[Piece, ...]:
    last = instant(max(call.at for call in one.calls)) if one.calls else ""
    return (breakable(one.address), outcome_words(one), f"{len(one.calls):,}" if one.calls else "", last)


def _undone(event: ApplyErrored) -> Html:
    remaining = f"; {people(event.remaining)} not acknowledged" if event.remaining else ""
    lines = [el("li", line) for line in batches_left(event)]
    return el("li", el("strong", breakable(event.address)), ": ", prose(event.why), remaining, el("ul", *lines) if lines else None)
