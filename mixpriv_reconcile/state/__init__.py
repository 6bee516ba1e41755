"""Stage 5. REMEMBER: State ↔ bytes in a backend; journal, lock and digest key beside it."""

from __future__ import annotations

from mixpriv_reconcile.state.digest_key import find_key, make_key
from mixpriv_reconcile.state.journal import JournalWriter, entries_of
from mixpriv_reconcile.state.local import LocalBackend
from mixpriv_reconcile.state.store import Loaded, Store

__all__ = ["JournalWriter", "Loaded", "LocalBackend", "Store", "entries_of", "find_key", "make_key"]
