"""The events of an apply for people, on stderr: a progress bar on a terminal, else now and then a line."""

from __future__ import annotations

from collections.abc import Callable
from types import TracebackType
from typing import TYPE_CHECKING, Self, TextIO

from mixpriv_reconcile.model.events import (
    ApplyComplete,
    ApplyErrored,
    ApplyProgress,
    ApplyStart,
    BatchSent,
    DiagnosticRaised,
    Event,
    Finished,
    RateLimitHit,
)
from mixpriv_reconcile.render.diagnostics import render_diagnostic
from mixpriv_reconcile.render.event_words import batches_left, sentence
from mixpriv_reconcile.render.events_json import WORRYING
from mixpriv_reconcile.render.look import Look, painted, printable

if TYPE_CHECKING:
    from mixpriv_reconcile.render.progress import ProgressBar

__all__ = ["LINE_GAP_SECONDS", "TextEvents"]

LINE_GAP_SECONDS = 5.0
"""Least time between two lines of the same matter where there is no bar: a log stays readable over hours."""


class TextEvents:
    """An event sink for people. *monotonic* tells seconds; nothing else is asked what time it is.

    What the plan showed already isn't told again. `close()` gives the terminal back, may be called twice, and must be called:
    use it as a context manager.
    """

    def __init__(self, stream: TextIO, look: Look, is_terminal: bool, monotonic: Callable[[], float]) -> None:
        self._stream = stream
        self._look = look
        self._is_terminal = is_terminal
        self._monotonic = monotonic
        self._bar: ProgressBar | None = None
        self._told_at: dict[str, float] = {}

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self.close()

    def emit(self, event: Event) -> None:
        match event:
            case ApplyProgress():
                self._progress(event)
            case ApplyStart() | ApplyComplete():
                self._line(_said(event))
            case BatchSent(outcome=outcome) if outcome in WORRYING:
                self._line(painted("Warning:", self._look, "bold", "yellow") + f" {_said(event)}")
            case RateLimitHit(project):
                if self._is_due(f"wait {project}"):
                    self._line(_said(event))
            case ApplyErrored():
                head = painted("Error:", self._look, "bold", "red") + f" {_said(event)}"
                self._line("\n  ".join([head, *batches_left(event)]))
            case DiagnosticRaised(found):
                self._above_bar(lambda: render_diagnostic(found, self._stream, self._look))
            case Finished(exit_code):
                self.close()
                if exit_code:
                    self._line(_said(event))
            case _:
                pass

    def close(self) -> None:
        bar, self._bar = self._bar, None
        if bar is not None:
            bar.close()

    def _progress(self, event: ApplyProgress) -> None:
        if not self._is_terminal:
            if self._is_due("progress"):
                self._line(_said(event))
            return
        if self._bar is None:
            # Here, not above: most runs never draw, and the library costs a tenth of a second to load.
            from mixpriv_reconcile.render.progress import ProgressBar

            self._bar = ProgressBar(self._stream, self._look, self._monotonic)
        self._bar.show(event)

    def _is_due(self, matter: str) -> bool:
        now, told_at = self._monotonic(), self._told_at.get(matter)
        if told_at is not None and now - told_at < LINE_GAP_SECONDS:
            return False
        self._told_at[matter] = now
        return True

    def _line(self, text: str) -> None:
        self._above_bar(lambda: self._stream.write(text + "\n"))

    def _above_bar(self, write: Callable[[], object]) -> None:
        if self._bar is not None:
            self._bar.clear()
        write()
        self._stream.flush()


def _said(event: Event) -> str:
    """The sentence of *event* for a log that the tools around Terraform read: only its last lines may be taken for an outcome."""
    return printable(sentence(event))
