"""How far the reading of many distinct ids is, on a terminal: one line that takes itself away."""

from __future__ import annotations

import contextlib
from collections.abc import Callable
from typing import TextIO

__all__ = ["ReadingShown"]

QUIET_SECONDS = 1.0
"""What is read within this time is not worth a line."""

FRAME_SECONDS = 0.2
ERASE = "\r\x1b[K"  # carriage return, and erase to the end of the line: ECMA-48 §8.3.41


class ReadingShown:
    """Counts ids and tells their number while more come. A stream that can't be written to is not worth an error."""

    def __init__(self, stream: TextIO, monotonic: Callable[[], float]) -> None:
        self._stream, self._monotonic = stream, monotonic
        self._count = 0
        self._next_at: float | None = None
        self._is_shown = False

    def advance(self, count: int) -> None:
        """So many more were read."""
        self._count += count
        now = self._monotonic()
        if self._next_at is None:
            self._next_at = now + QUIET_SECONDS
        elif now >= self._next_at:
            self._next_at = now + FRAME_SECONDS
            self._is_shown = True
            self._write(f"{ERASE}Reading distinct ids: {self._count:,} …")

    def end(self) -> None:
        """Take the line away; the next reading starts from nothing."""
        self._count, self._next_at = 0, None
        if self._is_shown:
            self._is_shown = False
            self._write(ERASE)

    def _write(self, text: str) -> None:
        with contextlib.suppress(OSError):
            self._stream.write(text)
            self._stream.flush()
