"""A shared storage whose writes take their time: a real state on disk, where each write to the journal is slow, counted, and may go wrong.

As a program, `python -m apply.slow_backend ROOT WRITE MOMENT`, it applies the workspace at ROOT and kills itself at the journal's n-th
WRITE, counted from 1, `before` it is made or `after` it is durable.
"""

from __future__ import annotations

import os
import signal
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from remote.simulated import HastyClock

import mixpriv_reconcile.state.local as local
from mixpriv_reconcile.model.events import Event
from mixpriv_reconcile.model.journal import Entry
from mixpriv_reconcile.model.plan import PlanOptions
from mixpriv_reconcile.model.workspace import StateLocation
from mixpriv_reconcile.pipeline.apply import Approval, apply
from mixpriv_reconcile.pipeline.setting import Setting
from mixpriv_reconcile.state import LocalBackend, Surroundings, entries_of

__all__ = ["Storage"]

Moment = Callable[[int], None]


@dataclass
class Storage:
    """Where a workspace's state lies; *before* and *after* are called with each write's number, from 1, and may raise.

    *seconds* is how long a write takes at least.
    """

    seconds: float = 0.0
    is_shared: bool = True
    before: Moment = lambda number: None
    after: Moment = lambda number: None
    records: list[bytes] = field(default_factory=list)

    def opened(self, location: StateLocation, surroundings: Surroundings) -> LocalBackend:
        return _SlowBackend(surroundings.root / location.path, self)

    @property
    def writes(self) -> list[tuple[Entry, ...]]:
        """The entries of each write of the last run that wrote, in order."""
        ends = [len(entries_of(memoryview(b"".join(self.records[: count + 1])))) for count in range(len(self.records))]
        entries = entries_of(memoryview(b"".join(self.records)))
        return [entries[start:end] for start, end in zip([0, *ends], ends, strict=False)]

    @property
    def names(self) -> list[list[str]]:
        """The same by the names of the entries' types."""
        return [[type(entry).__name__ for entry in entries] for entries in self.writes]


class _SlowBackend(LocalBackend):
    def __init__(self, path: Path, storage: Storage) -> None:
        super().__init__(path)
        self._storage = storage
        self._number = 0

    @property
    def is_shared(self) -> bool:
        return self._storage.is_shared

    def append_journal(self, record: bytes) -> None:
        self._number += 1
        if self._number == 1:
            self._storage.records.clear()
        time.sleep(self._storage.seconds)
        self._storage.before(self._number)
        super().append_journal(record)
        self._storage.records.append(record)
        self._storage.after(self._number)


class _Nobody:
    """An event sink."""

    def emit(self, event: Event) -> None:
        """Nobody listens."""


def main(root: str, write: str, moment: str) -> None:
    def die(number: int) -> None:
        if number == int(write):
            os.kill(os.getpid(), signal.SIGKILL)

    local.opened = Storage(**{moment: die}).opened
    setting = Setting(Path(root), os.environ, HastyClock(), "apply")
    apply(setting, PlanOptions(), Approval(is_automatic=True), _Nobody(), show=lambda made, ids: None, new_state=True)


if __name__ == "__main__":
    main(*sys.argv[1:])
