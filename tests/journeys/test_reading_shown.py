"""A long reading tells how far it is, to people only."""

from __future__ import annotations

import os
import pty
import subprocess
import sys
from collections.abc import Iterator

from mixpriv_reconcile.render.reading import ERASE, ReadingShown

ASKED = """
from mixpriv_reconcile.cli.options import Shared
from mixpriv_reconcile.cli.running import setting_of
print(type(setting_of(Shared(command="validate")).reading).__name__)
"""


class Paper:
    """A stream that keeps what is written, or fails."""

    def __init__(self, *, fails: bool = False) -> None:
        self.text, self._fails = "", fails

    def write(self, text: str) -> None:
        if self._fails:
            raise OSError(28, "no room")
        self.text += text

    def flush(self) -> None:
        """All is written."""


def ticking(*times: float) -> Iterator[float]:
    return iter(times)


def test_a_short_reading_is_silent() -> None:
    """What is read within a second leaves no trace."""
    paper, clock = Paper(), ticking(60.0, 60.9)
    shown = ReadingShown(paper, lambda: next(clock))  # type: ignore[arg-type]
    shown.advance(1000)
    shown.advance(1000)
    shown.end()
    assert "" == paper.text


def test_a_long_reading_counts_and_goes_away() -> None:
    """The number grows, five times a second at most, and the line is gone at the end."""
    paper, clock = Paper(), ticking(60.0, 61.5, 61.6, 61.8, 90.0)
    shown = ReadingShown(paper, lambda: next(clock))  # type: ignore[arg-type]
    for _ in range(4):
        shown.advance(1_000_000)
    shown.end()
    shown.end()
    shown.advance(2)  # another reading, and a short one
    shown.end()
    line = f"{ERASE}Reading distinct ids: "
    assert f"{line}2,000,000 …{line}4,000,000 …{ERASE}" == paper.text


def test_a_full_disk_behind_it_matters_not() -> None:
    """Progress that can't be shown stops nothing."""
    clock = ticking(0.0, 1.5)
    shown = ReadingShown(Paper(fails=True), lambda: next(clock))  # type: ignore[arg-type]
    shown.advance(1)
    shown.advance(1)
    shown.end()


def test_only_a_terminal_is_told() -> None:
    """Where standard error is a pipeline's log nothing is shown; on a terminal a long reading is."""
    ours, theirs = pty.openpty()
    told = []
    for errors in (theirs, subprocess.PIPE):
        ran = subprocess.run([sys.executable, "-c", ASKED], stdout=subprocess.PIPE, stderr=errors, text=True, check=True)
        told.append(ran.stdout.strip())
    os.close(theirs)
    os.close(ours)
    assert ["ReadingShown", "NoneType"] == told
