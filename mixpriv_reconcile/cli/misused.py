"""The reports of a run whose command line click refuses: which were asked for, of which command, into which folder."""

from __future__ import annotations

import contextlib
from collections.abc import Sequence
from typing import Any

import click

from mixpriv_reconcile.cli.options import Shared, words_of
from mixpriv_reconcile.cli.reporting import REPORT, Gathered, ReportTo
from mixpriv_reconcile.errors import WrongUsage
from mixpriv_reconcile.model.diagnostics import Diagnostic

__all__ = ["take_wrong_usage"]


def take_wrong_usage(
    error: click.ClickException, found: Diagnostic, gathered: Gathered, group: click.Group, arguments: Sequence[str]
) -> None:
    """Let *gathered* have *found*, which is what *error* says of the program's *arguments*, and every report that they ask for and that can
    be written. Of another one nothing is said: what is wrong with the line is told already, and the next run tells the rest."""
    command, name = _command(error, group, arguments)
    given, _ = _understood(command, arguments)
    shared = Shared(chdir=given["chdir"])
    gathered.found((found,))
    gathered.why = found.message
    gathered.command, gathered.chdir = name, shared.chdir
    with contextlib.suppress(WrongUsage):
        gathered.want(tuple(_reports(given["report"])), shared.root)


def _command(error: click.ClickException, group: click.Group, arguments: Sequence[str]) -> tuple[click.Command, str]:
    """The command that was typed, with its words; *group* and no word where none was found yet."""
    context = error.ctx if isinstance(error, click.UsageError) else None
    if context is not None and context.parent is not None:
        return context.command, words_of(context)
    if context is None or not isinstance(error, click.NoSuchCommand):  # an option before the command's name: that may stand behind
        _, words = _understood(group, arguments)
        names = click.Context(group)
        for word in words:
            command = group.get_command(names, word)
            if command is not None:
                return command, word
    return group, ""


def _understood(command: click.Command, arguments: Sequence[str]) -> tuple[dict[str, Any], list[str]]:
    """What *arguments* give, as it was typed, to the options of *command*; and the other words.

    click itself parses them, without those whose name it can't place. Options without a value are left out, because they have nothing
    to say, and one that has a value all the same would end the parsing.
    """
    options = [
        click.Option([one.name, *one.opts], nargs=one.nargs, multiple=one.multiple)
        for one in command.params
        if isinstance(one, click.Option) and one.name is not None and not one.is_flag
    ]
    settings = {"ignore_unknown_options": True, "allow_extra_args": True}
    lenient = click.Command(None, settings, params=[*options], add_help_option=False)
    context = lenient.make_context("mixpriv", list(arguments), resilient_parsing=True)
    return context.params, context.args


def _reports(typed: Sequence[str]) -> list[ReportTo]:
    """Those of the *typed* reports that have a format and a file."""
    made = []
    for one in typed:
        with contextlib.suppress(click.BadParameter):
            made.append(REPORT.convert(one, None, None))
    return made
