"""`--show-ids`: distinct ids are shown to a person at a terminal, and go nowhere else."""

from __future__ import annotations

import sys
from collections.abc import Callable
from typing import Any, TextIO, TypeVar

import click

from mixpriv_reconcile.cli.options import Shared
from mixpriv_reconcile.errors import WrongUsage

__all__ = ["check_private", "show_ids_option"]

F = TypeVar("F", bound=Callable[..., Any])

HINT = "run it without --show-ids, or at a terminal: on a screen ids are seen, in a file or a log they stay"


def show_ids_option(what: str) -> Callable[[F], F]:
    """The option `--show-ids` for a command that has *what* to show."""
    return click.option("--show-ids", is_flag=True, help=f"Show {what}; on a terminal only, never in CI.")


def check_private(shared: Shared, streams: tuple[TextIO, ...], *, in_ci: bool) -> None:
    """Raise `WrongUsage` where ids on *streams* would be kept by somebody: in a file, by the next program, in a job's log."""
    if in_ci:
        raise WrongUsage("MP0012", "--show-ids is for a terminal, and CI is set: a job's log is kept, and others read it", HINT)
    if not shared.is_text:
        message = f"--show-ids is for a terminal, and --format {shared.format} is for programs and pages"
        raise WrongUsage("MP0012", message, "run it without --format")
    for stream in streams:
        if not stream.isatty():
            name = "standard output" if stream is sys.stdout else "standard error"
            raise WrongUsage("MP0012", f"--show-ids works on a terminal only, and {name} is none", HINT)
