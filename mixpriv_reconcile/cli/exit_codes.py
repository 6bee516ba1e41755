"""The exit codes at the end of each `--help`, from the table in `model.exit_codes`."""

from __future__ import annotations

import click

from mixpriv_reconcile.model.exit_codes import EXIT_CODES, endings_of

__all__ = ["ALL_CODES", "with_exit_codes"]

WIDTH = 7
"""Columns of the codes: as many as `130/143` takes."""


def _block(title: str, rows: list[tuple[str, str]]) -> str:
    """Lines that click leaves as they are."""
    return "\n".join(["\b", title, *(f"  {codes:<{WIDTH}}  {text}" for codes, text in rows)])


ALL_CODES = _block(
    "Exit codes, the same for every command:", [("/".join(map(str, each.codes)), each.short) for each in EXIT_CODES]
)
"""For `mixpriv --help`."""


def with_exit_codes(command: click.Command, name: str) -> click.Command:
    """*command*, called *name*, e.g. `state mv`, with its own exit codes below its help; so, too, the commands below it that are loaded."""
    by_text: dict[str, list[str]] = {}
    for code, text in endings_of(name).items():
        by_text.setdefault(text, []).append(str(code))
    command.epilog = _block("Exit codes:", [("/".join(codes), text) for text, codes in by_text.items()])
    if isinstance(command, click.Group):
        for below, each in command.commands.items():
            with_exit_codes(each, f"{name} {below}")
    return command
