"""The plan as JSON: what `plan --format json` prints and what a saved plan is."""

from __future__ import annotations

from mixpriv_reconcile.codec import plan_document
from mixpriv_reconcile.model.plan import Plan
from mixpriv_reconcile.render.json_text import json_text

__all__ = ["plan_json"]


def plan_json(plan: Plan) -> str:
    """One document, indented by two spaces, in ASCII (so that no stream's encoding matters), with a newline at its end."""
    return json_text(plan_document(plan))
