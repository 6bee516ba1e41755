"""A long reading tells how far it is, to people only."""

from __future__ import annotations

import os
import pty
import subprocess
from collections.abc import Iterator

from mixpriv_reconcile.render.reading import ERASE, ReadingShown

from .workspace import Workspace, finished


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
    paper, clock = Paper(), ticking(0.0, 0.4, 0.9)
    shown = ReadingShown(paper, lambda: next(clock))  # type: ignore[arg-type]
    shown.advance(1000)
    shown.advance(1000)
    shown.end()
    assert "" == paper.text


def test_a_long_reading_counts_and_goes_away() -> None:
    """The number grows, five times a second at most, and the line is gone at the end."""
    paper, clock = Paper(), ticking(0.0, 1.5, 1.6, 1.8)
    shown = ReadingShown(paper, lambda: next(clock))  # type: ignore[arg-type]
    for _ in range(3):
        shown.advance(1_000_000)
    shown.end()
    shown.end()
    line = f"{ERASE}Reading distinct ids: "
    assert f"{line}1,000,000 …{line}3,000,000 …{ERASE}" == paper.text


def test_a_full_disk_behind_it_matters_not() -> None:
    """Progress that can't be shown stops nothing."""
    clock = ticking(0.0, 1.5)
    shown = ReadingShown(Paper(fails=True), lambda: next(clock))  # type: ignore[arg-type]
    shown.advance(1)
    shown.end()


def test_only_a_terminal_is_told(workspace: Workspace) -> None:
    """In a pipeline's log there is no such line; on a terminal there is, and it takes itself away."""
    (workspace.root / "ids.ndjson").write_text("".join(f'{{"id": "user\\u002d{number}"}}\n' for number in range(900_000)))
    source = {"file": "ids.ndjson", "field": "id"}
    workspace.project("web", r1={"compliance": "gdpr", "received": "2026-11-20", "from": [source]})
    assert "Reading" not in workspace.run("validate").both
    ours, theirs = pty.openpty()
    running = workspace.start("validate", stderr=theirs, stdout=subprocess.DEVNULL)
    os.close(theirs)
    told = b""
    while True:
        try:
            piece = os.read(ours, 4096)
        except OSError:  # the other end is closed
            break
        if not piece:
            break
        told += piece
    os.close(ours)
    assert 0 == finished(running).code
    assert "Reading distinct ids: " in told.decode()
    assert told.decode().endswith(ERASE)
