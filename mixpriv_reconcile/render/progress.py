"""A progress bar that needs no thread: it draws when it is told something, and takes itself away at the end."""

from __future__ import annotations

from collections.abc import Callable
from typing import TextIO

from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn

from mixpriv_reconcile.model.events import ApplyProgress
from mixpriv_reconcile.model.wording import counted
from mixpriv_reconcile.render.look import Look, lasting, printable

__all__ = ["ProgressBar"]

FRAME_SECONDS = 0.1
"""Least time between two drawings; many projects side by side report often."""


class ProgressBar:
    """Distinct ids and requests done of all, the time left by the pace, and the phase. `close()` may be called twice."""

    def __init__(self, stream: TextIO, look: Look, monotonic: Callable[[], float]) -> None:
        self._monotonic = monotonic
        self._drawn_at: float | None = None
        # An empty environment and an explicit size: nothing is asked but what was passed in.
        console = Console(
            file=stream,
            force_terminal=True,
            color_system="standard" if look.color else None,
            no_color=not look.color,
            width=look.columns,
            height=25,
            legacy_windows=False,
            _environ={},
        )
        self._progress = Progress(
            TextColumn("{task.description}", markup=False),
            BarColumn(bar_width=20),
            TextColumn("{task.fields[told]}", markup=False),
            console=console,
            auto_refresh=False,
            transient=True,
            redirect_stdout=False,
            redirect_stderr=False,
            get_time=monotonic,
        )
        self._task = self._progress.add_task("", told="")

    def show(self, event: ApplyProgress) -> None:
        """Draw *event*, unless the last drawing is too fresh and there is more to come."""
        now = self._monotonic()
        is_last = event.requests_done >= event.requests
        if self._drawn_at is not None and now - self._drawn_at < FRAME_SECONDS and not is_last:
            return
        self._drawn_at = now
        told = f"{event.subjects_done:,}/{event.subjects:,} ids, {event.requests_done:,}/{counted(event.requests, 'request')}"
        if event.eta_seconds:
            told += f", {lasting(event.eta_seconds)}"
        done, total = (event.subjects_done, event.subjects) if event.subjects else (event.requests_done, event.requests)
        self._progress.update(self._task, description=printable(event.phase), completed=done, total=max(total, 1), told=told)
        self._progress.start()
        self._progress.refresh()

    def clear(self) -> None:
        """Take the bar away for a line of text; the next event draws it again."""
        self._progress.stop()
        self._drawn_at = None

    def close(self) -> None:
        self._progress.stop()
