"""A run as Markdown: the plan, the requests, or the findings."""

from __future__ import annotations

import io

from mixpriv_reconcile.model.report import Report
from mixpriv_reconcile.render.plan_markdown import findings_markdown, render_plan_markdown
from mixpriv_reconcile.render.status_markdown import status_markdown

__all__ = ["report"]


def report(run: Report) -> str:
    """What a comment on a change request holds."""
    if run.plan is not None:
        text = io.StringIO()
        render_plan_markdown(run.plan, text)
        return text.getvalue()
    if run.status is not None:
        return status_markdown(run.status)
    return findings_markdown(run.findings, run.why, sandbox=run.sandbox)
