"""What an apply came to, as a comment: how it ended, what was sent, what is left, what stands to be done; the plan is folded."""

from __future__ import annotations

from collections.abc import Iterator

from mixpriv_reconcile.model.events import ApplyErrored
from mixpriv_reconcile.model.report import Report
from mixpriv_reconcile.model.wording import people
from mixpriv_reconcile.render.apply_done import Account, Done, account, by_hand, erased, has_sent_nothing, outcome_words, to_do
from mixpriv_reconcile.render.comment import Part, comment, folded, marker
from mixpriv_reconcile.render.event_words import batches_left
from mixpriv_reconcile.render.findings_markdown import finding_parts, first_errors, outcome_sentence
from mixpriv_reconcile.render.manual_steps_markdown import manual_step_markdown
from mixpriv_reconcile.render.markdown import code, escaped, flat, ours, prose, within
from mixpriv_reconcile.render.plan_lead import lead
from mixpriv_reconcile.render.plan_markdown import table_of

__all__ = ["apply_markdown"]

SENT, LEFT, ERRORS, BY_HAND, PLANNED, PLANNED_BESIDES, WARNINGS, NOTES = range(8)
"""What is filled first, and left out last: what was sent can't be called back by whoever reads of it."""

LONGEST_NAME, LONGEST_WORDS = 300, 600
"""Bytes of an address, and of a line on it."""


def apply_markdown(run: Report) -> str:
    """The comment of an apply, however it ended."""
    told = account(run)
    top = [_marker(run), f"{outcome_sentence(run)} {_totals(run, told)}"]
    top += first_errors(run.findings, run.folder, is_sandbox=run.sandbox)
    stands = [f"- {prose(said)}" for said in to_do(run, told.done)]
    return comment(top, tuple(_parts(run, told)), ["\n".join(["What stands to be done:", "", *stands])] if stands else [])


def _marker(run: Report) -> str:
    plan = run.plan
    is_partial = plan.options.is_partial if plan is not None else None
    digest = plan.digest if plan is not None else None
    return marker("apply", run.folder, sandbox=run.sandbox, partial=is_partial, digest=digest, exit=run.exit_code)


def _totals(run: Report, told: Account) -> str:
    summary = told.summary
    said = f"{summary.add:,} added, {summary.change:,} changed, {summary.destroy:,} destroyed"
    if has_sent_nothing(run):
        return "Nothing was sent."
    count = erased(run, told.done)
    return f"Resources: {said}." + (f" Mixpanel took {people(count)} for erasure." if count else "")


def _parts(run: Report, told: Account) -> Iterator[Part]:
    sent, undone, steps = told.done, told.left, tuple(by_hand(run))
    yield Part(LEFT, len(undone), map(_undone, undone), "address", "addresses", before="What is left, by address:\n\n")
    yield folded(f"What was done, by address ({len(sent):,})", SENT, len(sent), map(_sent, sent), "address", "addresses")
    blocked = run.plan is not None and run.plan.is_blocked
    items = ("\n".join(manual_step_markdown(step, str(change.address), sandbox=run.sandbox, is_blocked=blocked)) for change, step in steps)
    yield folded(f"By hand ({len(steps):,})", BY_HAND, len(steps), items, "manual step")
    yield from finding_parts(run.findings, (ERRORS, WARNINGS, NOTES), run.folder, is_sandbox=run.sandbox)
    if run.plan is not None:
        yield table_of(run.plan, (PLANNED, PLANNED_BESIDES), f"The plan: {within(lead(run.plan), LONGEST_WORDS, ours)}")


def _sent(one: Done) -> str:
    return f"- {_name(one.address)}: {within(outcome_words(one), LONGEST_WORDS, escaped)}"


def _undone(event: ApplyErrored) -> str:
    remaining = f"; {people(event.remaining)} not acknowledged" if event.remaining else ""
    head = f"- {_name(event.address)}: {within(flat(event.why), LONGEST_WORDS, prose)}{remaining}"
    return "\n".join([head, *(f"  - {within(flat(line), LONGEST_WORDS, escaped)}" for line in batches_left(event))])


def _name(address: str) -> str:
    return within(address, LONGEST_NAME, code)
