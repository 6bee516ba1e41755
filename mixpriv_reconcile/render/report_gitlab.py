"""The counts that GitLab shows on a merge request: `artifacts: reports: terraform`."""

from __future__ import annotations

from typing import Any

from mixpriv_reconcile.model.report import Report
from mixpriv_reconcile.render.json_text import json_text

__all__ = ["report"]


def report(run: Report) -> str:
    """`{"create", "update", "delete"}`: addresses by their strongest action.

    Without a plan it is `{}`, which GitLab shows as a report that could not be made, instead of as one without changes.
    """
    counts: dict[str, Any] = {}
    if run.plan is not None:
        summary = run.plan.summary
        counts = {"create": summary.add, "update": summary.change, "delete": summary.destroy}
    return json_text(counts, indent=None)
