"""Stage 4. ACT: Plan → Receipts in the journal. Projects side by side, calls of one project one after another, in pace."""

from __future__ import annotations

from mixpriv_reconcile.apply.context import Context, Tally
from mixpriv_reconcile.apply.journaling import LOOK_SECONDS, Journaling
from mixpriv_reconcile.apply.run import ApplyResult, carry_out
from mixpriv_reconcile.apply.waiting import wait_for_tasks

__all__ = ["LOOK_SECONDS", "ApplyResult", "Context", "Journaling", "Tally", "carry_out", "wait_for_tasks"]
