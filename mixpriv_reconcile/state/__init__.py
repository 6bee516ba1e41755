"""Stage 5. REMEMBER: State ↔ bytes in a backend; journal, lock and digest key beside it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from mixpriv_reconcile.lazily import loader

if TYPE_CHECKING:
    from mixpriv_reconcile.state.backends import Surroundings, open_backend
    from mixpriv_reconcile.state.digest_key import find_key, make_key
    from mixpriv_reconcile.state.journal import JournalWriter, entries_of
    from mixpriv_reconcile.state.local import LocalBackend
    from mixpriv_reconcile.state.memory import MemoryBackend
    from mixpriv_reconcile.state.portable import Portable, portable_state, portable_text
    from mixpriv_reconcile.state.store import Loaded, Store

__all__ = [
    "JournalWriter",
    "Loaded",
    "LocalBackend",
    "MemoryBackend",
    "Portable",
    "Store",
    "Surroundings",
    "entries_of",
    "find_key",
    "make_key",
    "open_backend",
    "portable_state",
    "portable_text",
]

_HOMES: Final = {
    "JournalWriter": "journal",
    "Loaded": "store",
    "LocalBackend": "local",
    "MemoryBackend": "memory",
    "Portable": "portable",
    "Store": "store",
    "Surroundings": "backends",
    "entries_of": "journal",
    "find_key": "digest_key",
    "make_key": "digest_key",
    "open_backend": "backends",
    "portable_state": "portable",
    "portable_text": "portable",
}

__getattr__ = loader(__name__, _HOMES)  # for a check of manifests needs neither arrays nor the reading of states
