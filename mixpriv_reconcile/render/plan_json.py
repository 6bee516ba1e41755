"""The plan as JSON: what `plan --format json` prints and what a saved plan is."""

from __future__ import annotations

import json

from mixpriv_reconcile.codec import plan_document
from mixpriv_reconcile.model.plan import Plan

__all__ = ["plan_json"]


def plan_json(plan: Plan) -> str:
    """One document, indented by two spaces, in ASCII (so that no stream's encoding matters), with a newline at its end."""
    return json.dumps(plan_document(plan), indent=2) + "\n"
