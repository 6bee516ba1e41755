"""A run as Markdown, for a comment on a change request or a job's summary: the plan, the requests, or the findings."""

from __future__ import annotations

from mixpriv_reconcile.model.report import Report
from mixpriv_reconcile.render.apply_markdown import apply_markdown
from mixpriv_reconcile.render.findings_markdown import findings_markdown
from mixpriv_reconcile.render.page_markdown import page_comment
from mixpriv_reconcile.render.plan_markdown import plan_markdown
from mixpriv_reconcile.render.refresh_markdown import refresh_markdown
from mixpriv_reconcile.render.state_markdown import state_markdown
from mixpriv_reconcile.render.status_markdown import status_markdown

__all__ = ["report"]


def report(run: Report) -> str:
    """At most `comment.MOST_BYTES`, whatever there is to say; it begins with a marker by which a bot finds it again."""
    if run.command == "apply":
        return apply_markdown(run)
    if run.command == "refresh":
        return refresh_markdown(run)
    if run.plan is not None:
        return plan_markdown(run, run.plan)
    if run.status is not None:
        return status_markdown(run, run.status)
    if run.state is not None:
        return state_markdown(run, run.state)
    if run.page is not None:
        return page_comment(run, run.page)
    return findings_markdown(run)
