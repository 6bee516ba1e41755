"""A run as one self-contained page: the apply, the refresh, the plan, the requests, the memory, or the findings."""

from __future__ import annotations

from mixpriv_reconcile.model.report import Report
from mixpriv_reconcile.model.wording import capitalised, full_stopped
from mixpriv_reconcile.render.apply_html import apply_html
from mixpriv_reconcile.render.findings_html import finding_cards
from mixpriv_reconcile.render.html_page import page
from mixpriv_reconcile.render.look import instant
from mixpriv_reconcile.render.page_html import page_html
from mixpriv_reconcile.render.plan_html import MOST_SHOWN, plan_html
from mixpriv_reconcile.render.refresh_html import refresh_html
from mixpriv_reconcile.render.state_html import state_html
from mixpriv_reconcile.render.status_html import status_html

__all__ = ["report"]


def report(run: Report) -> str:
    """The page of what the command is about; where it got to nothing, that of why."""
    if run.command == "apply":
        return apply_html(run)
    if run.command == "refresh":
        return refresh_html(run)
    if run.plan is not None:
        return plan_html(run.plan, saved_to=run.saved_to, chdir=run.chdir, besides=run.besides)
    if run.status is not None:
        return status_html(run.status, run.findings, is_sandbox=run.sandbox)
    if run.state is not None:
        return state_html(run.state, run.apply_running)
    if run.page is not None:
        return page_html(run, run.page)
    cards = finding_cards(run.findings, MOST_SHOWN, is_sandbox=run.sandbox)
    lead = full_stopped(capitalised(run.why))
    return page(run.called, lead=lead, sub=(f"Exit code {run.exit_code}, {instant(run.at)}.",), body=cards)
