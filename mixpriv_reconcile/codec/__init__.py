"""Our types ↔ JSON, the only place. Reading is strict: a wrong type raises `ValueError`, which the caller names as damage."""

from __future__ import annotations

from mixpriv_reconcile.codec.documents import FORMAT_VERSION, PORTABLE_VERSION, as_filed, canonical
from mixpriv_reconcile.codec.journals import ENTRIES, entry_document, entry_of, is_readable
from mixpriv_reconcile.codec.plans import change_document, diagnostic_document, plan_document, plan_of
from mixpriv_reconcile.codec.states import state_document, state_of
from mixpriv_reconcile.model.plain import plain

__all__ = [
    "ENTRIES",
    "FORMAT_VERSION",
    "PORTABLE_VERSION",
    "as_filed",
    "canonical",
    "change_document",
    "diagnostic_document",
    "entry_document",
    "entry_of",
    "is_readable",
    "plain",
    "plan_document",
    "plan_of",
    "state_document",
    "state_of",
]
