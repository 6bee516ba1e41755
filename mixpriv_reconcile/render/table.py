"""A table on a terminal."""

from __future__ import annotations

from collections.abc import Sequence
from io import StringIO
from typing import TextIO

from rich.box import SIMPLE_HEAD
from rich.console import Console
from rich.table import Table
from rich.text import Text

from mixpriv_reconcile.render.look import Look

__all__ = ["draw_table"]


def draw_table(headings: Sequence[str], rows: Sequence[Sequence[str]], stream: TextIO, look: Look) -> None:
    """*rows* under *headings*, no cell ever wrapped or cut: the caller has seen that they fit with gaps of two columns."""
    drawn = StringIO()
    console = Console(
        file=drawn,
        force_terminal=True,
        color_system="standard" if look.color else None,
        no_color=not look.color,
        width=look.columns,
        legacy_windows=False,
        _environ={},
    )
    table = Table(box=SIMPLE_HEAD, show_edge=False, pad_edge=False, padding=(0, 2, 0, 0), collapse_padding=True)
    for heading in headings:
        table.add_column(heading, no_wrap=True, overflow="ignore")
    for row in rows:
        table.add_row(*(Text(cell) for cell in row))
    console.print(table)
    stream.writelines(f"{line.rstrip()}\n" for line in drawn.getvalue().splitlines())
