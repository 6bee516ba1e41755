"""What came of moving a state to another place."""

from __future__ import annotations

from dataclasses import dataclass

from mixpriv_reconcile.model.diagnostics import Diagnostic
from mixpriv_reconcile.model.workspace import StateLocation

__all__ = ["Migrated"]


@dataclass(frozen=True, slots=True)
class Migrated:
    """What is at *destination* now, verified. *size* counts bytes: document, segments and journal.

    *has_copied* is False where all of it was there before. *is_declared*: the manifests name the destination already.
    """

    source: StateLocation
    destination: StateLocation
    lineage: str
    serial: int
    addresses: int
    segments: int
    ids: int
    size: int
    has_journal: bool
    has_copied: bool
    is_declared: bool
    diagnostics: tuple[Diagnostic, ...]
