"""A state in memory: what a store reads and publishes with where nothing may be written to disk."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence

from mixpriv_reconcile.errors import StateDamaged, StateError
from mixpriv_reconcile.ports import Holder, Stored

__all__ = ["MemoryBackend"]


class UnrivalledLock:
    """The lock on what nobody else can see."""

    taken_over_from: Holder | None = None

    def verify(self) -> None:
        """It is ours."""

    def release(self) -> None:
        """Nobody waits for it."""


class MemoryBackend:
    """A state backend that ends with its process. Nobody else writes to it, so that what it replaces is always what was read."""

    def __init__(self, content: bytes | None = None, segments: Mapping[str, bytes] | None = None) -> None:
        self._content = content
        self._backup: bytes | None = None
        self._segments = dict(segments or {})
        self._journal: bytes | None = None

    @property
    def segments(self) -> Mapping[str, bytes]:
        """The content of each segment by its name."""
        return self._segments

    place, is_shared, tightened = "memory", False, ()
    most_ids: int | None = None

    def check_not_lost(self) -> None:
        """There is nothing but what this process put here."""

    def recovery(self) -> str:
        return "restore it from your backup"

    def check_journal(self) -> None:
        """Nobody else can take it away."""

    def read(self) -> Stored | None:
        return None if self._content is None else Stored(self._content, hashlib.sha256(self._content).hexdigest())

    def replace(self, content: bytes, *, expected: str | None) -> str:
        self._backup, self._content = self._content, content
        return hashlib.sha256(content).hexdigest()

    def fetch_segments(self, named: frozenset[str]) -> None:
        """They are here."""

    def read_segment(self, sha256: str) -> memoryview:
        if sha256 not in self._segments:
            raise StateDamaged("MP0511", f"the segment {sha256[:12]} is missing", "restore it from your backup")
        return memoryview(self._segments[sha256])

    def write_segment(self, sha256: str, parts: Sequence[bytes | memoryview]) -> None:
        self._segments[sha256] = b"".join(parts)

    def keep_segments(self, named: frozenset[str]) -> None:
        self._segments = {sha256: content for sha256, content in self._segments.items() if sha256 in named}

    def backup_content(self) -> bytes | None:
        return self._backup

    def read_journal(self) -> memoryview | None:
        return None if self._journal is None else memoryview(self._journal)

    def append_journal(self, record: bytes) -> None:
        self._journal = (self._journal or b"") + record

    def remove_journal(self) -> None:
        self._journal = None

    def lock(self, who: Mapping[str, str], *, timeout_seconds: float) -> UnrivalledLock:
        return UnrivalledLock()

    def holder(self) -> Holder | None:
        return None

    def unlock(self, lock_id: str) -> Holder:
        raise StateError("MP0523", "the state isn't locked", "")
