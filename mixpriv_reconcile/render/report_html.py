"""A run as one self-contained page: the plan, the requests, or the findings."""

from __future__ import annotations

from mixpriv_reconcile.model.report import Report
from mixpriv_reconcile.render.findings_html import finding_list
from mixpriv_reconcile.render.html_page import card, page
from mixpriv_reconcile.render.plan_html import plan_html
from mixpriv_reconcile.render.status_html import status_html

__all__ = ["report"]


def report(run: Report) -> str:
    """The page of what the command is about; where it got to nothing, that of why."""
    if run.plan is not None:
        return plan_html(run.plan, saved_to=run.saved_to)
    if run.status is not None:
        return status_html(run.status)
    found = finding_list(run.findings, is_sandbox=run.sandbox)
    body = [card("Findings", found, name="findings")] if run.findings else []
    return page(f"mixpriv {run.command}", lead=run.why[:1].upper() + run.why[1:], sub=(), body=body)
