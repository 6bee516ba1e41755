"""The counts that GitLab shows on a merge request: `artifacts: reports: terraform`."""

from __future__ import annotations

from typing import Any

from mixpriv_reconcile.model.report import Report
from mixpriv_reconcile.render.json_text import json_text

__all__ = ["report"]


def report(run: Report) -> str:
    """`{"create", "update", "delete"}`: addresses by their strongest action; of an apply what was planned.

    Without a plan, or with one that has conflicts and so can't be applied, it is `{}`: GitLab shows a report in which a count is missing
    as one that "failed to generate", and one of zeros as a plan without changes. Of a file that isn't there it shows nothing at all.
    Source: `Gitlab::Ci::Parsers::Terraform::Tfplan`, which takes numbers up to 999,999 and caps those above.
    """
    counts: dict[str, Any] = {}
    if run.plan is not None and not run.plan.conflicts:
        summary = run.plan.summary
        counts = {"create": summary.add, "update": summary.change, "delete": summary.destroy}
    return json_text(counts, indent=None)
