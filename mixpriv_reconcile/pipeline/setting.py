"""Where and how a command runs."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import NoReturn
from zoneinfo import ZoneInfo

from mixpriv_reconcile.model.bounds import Bounds
from mixpriv_reconcile.ports import Clock, ReadingProgress

__all__ = ["Setting"]


def _end(number: int) -> NoReturn:
    os._exit(128 + number)


@dataclass(frozen=True, slots=True)
class Setting:
    """Where and how a command runs. *environment* is the only environment the program looks at; *tell* says to a person what takes long.

    *end_now* ends the program for a second signal, whose number it is given: it waits for no call.
    *show_ids* says that all that is shown goes to a person at a terminal who asked for the ids, too.
    """

    root: Path
    environment: Mapping[str, str] = field(repr=False)
    clock: Clock
    command: str = "plan"
    sandbox: bool = False
    parallelism: int = 100
    lock_timeout_seconds: float = 0.0
    show_ids: bool = False
    reading: ReadingProgress | None = field(default=None, repr=False)
    end_now: Callable[[int], object] = field(default=_end, repr=False)
    tell: Callable[[str], None] = field(default=lambda text: None, repr=False)

    @property
    def bounds(self) -> Bounds:
        return Bounds.from_environment(self.environment)

    @property
    def in_ci(self) -> bool:
        """Whether `CI` is set: then nothing asks, and neither a key nor a new state is made by itself."""
        return self.environment.get("CI", "") not in ("", "0", "false")

    def today(self, timezone: str) -> date:
        return self.clock.now().astimezone(ZoneInfo(timezone)).date()
