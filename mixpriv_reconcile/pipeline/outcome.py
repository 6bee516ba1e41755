"""How a command ended."""

from __future__ import annotations

from dataclasses import dataclass

from mixpriv_reconcile.model.diagnostics import Diagnostic
from mixpriv_reconcile.model.plan import Summary

__all__ = ["Outcome"]


@dataclass(frozen=True, slots=True)
class Outcome:
    """The exit code of contract §4, and why in one sentence; *done* counts the addresses that an apply finished."""

    exit_code: int
    why: str
    diagnostics: tuple[Diagnostic, ...] = ()
    done: Summary | None = None
