"""What a stream can show: whether a person looks at it, in how many columns, and whether in colour; and whose words a plan uses."""

from __future__ import annotations

import os
import sys
from typing import TextIO

from mixpriv_reconcile.errors import WrongUsage

__all__ = ["COMPAT", "can_move_cursor", "check_compat", "has_color", "open_closed", "width"]

COMPAT = "MIXPRIV_COMPAT"

WITHOUT_TERMINAL = 100
"""Columns where nobody says how many there are: in logs, which are wide."""

NARROWEST = 40


def open_closed() -> None:
    """Lead the standard streams that were closed (`>&-`), for which Python has None, to nowhere; and their numbers, which the next file
    that is opened would have, and with it what others print there."""
    while (descriptor := os.open(os.devnull, os.O_RDWR)) <= 2:
        pass
    os.close(descriptor)
    for name, mode in (("stdin", "r"), ("stdout", "w"), ("stderr", "w")):
        if getattr(sys, name) is None:
            setattr(sys, name, open(os.devnull, mode, encoding="utf-8"))  # noqa: SIM115 - for as long as the program runs


def has_color(stream: TextIO, *, no_color: bool) -> bool:
    """Colour only for people, who don't say no (`--no-color`, https://no-color.org) and whose terminal knows colours."""
    return not no_color and not os.environ.get("NO_COLOR") and can_move_cursor(stream)


def can_move_cursor(stream: TextIO) -> bool:
    """Whether *stream* is a terminal that escape sequences steer; a dumb one, as in an editor, shows them instead."""
    return stream.isatty() and os.environ.get("TERM") != "dumb"


def width(stream: TextIO) -> int:
    """The columns of *stream*: `COLUMNS` where that is set, the terminal's own, else those of a log."""
    if not stream.isatty():
        return WITHOUT_TERMINAL
    told = os.environ.get("COLUMNS", "")
    if told.isascii() and told.isdigit() and int(told):
        return max(NARROWEST, int(told))
    try:
        return max(NARROWEST, os.get_terminal_size(stream.fileno()).columns or WITHOUT_TERMINAL)
    except OSError:
        return WITHOUT_TERMINAL


def check_compat() -> None:
    """Raise `WrongUsage` where `MIXPRIV_COMPAT` asks for words that nobody here knows. `terraform` gives a plan's text the heading, the
    legend and the rules of Terraform's, for tools that look for them."""
    if os.environ.get(COMPAT, "") not in ("", "terraform"):
        message = f"{COMPAT} has a value that nothing is known for"
        raise WrongUsage("MP0671", message, f"set it to `terraform`, or unset it: `unset {COMPAT}`")
