"""What of a plan's findings an apply has settled, so that no report of it asks for what it has just done."""

from __future__ import annotations

import dataclasses
from collections.abc import Collection, Iterable

from mixpriv_reconcile.model.diagnostics import Diagnostic
from mixpriv_reconcile.model.plan import Change, Plan
from mixpriv_reconcile.plan.guards import THEY_WAIT

__all__ = ["still_open"]


def still_open(findings: Iterable[Diagnostic], made: Plan, complete: Collection[str]) -> tuple[Diagnostic, ...]:
    """*findings* without those that ask to submit (MP0626, MP0641) what an apply of *made* did submit: at the addresses in *complete*.

    Of a request of which ids still wait the warning stays, and says so.
    """
    due = {str(change.address): change for change in made.changes if change.deadline is not None and change.submits}
    is_all_done = due.keys() <= set(complete)
    done = {address: change for address, change in due.items() if address in complete}
    told = (None if found.code == "MP0641" and is_all_done else _left(found, done) for found in findings)
    return tuple(found for found in told if found is not None)


def _left(found: Diagnostic, done: dict[str, Change]) -> Diagnostic | None:
    change = done.get(found.address) if found.code == "MP0626" else None
    if change is None:
        return found
    return dataclasses.replace(found, hint=THEY_WAIT) if change.waits else None
