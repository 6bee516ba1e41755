"""What is told of a run that its command couldn't tell: findings as text, as a document, or as the events of an apply."""

from __future__ import annotations

import sys
from collections.abc import Collection, Sequence
from datetime import UTC, datetime
from itertools import pairwise
from typing import TYPE_CHECKING

import click

from mixpriv_reconcile import __version__
from mixpriv_reconcile.cli.reporting import Gathered

if TYPE_CHECKING:
    from mixpriv_reconcile.errors import MixprivError
    from mixpriv_reconcile.model.diagnostics import Diagnostic

__all__ = ["finding_of", "gathered_for", "tell_beside", "tell_error", "tell_wrong_usage"]


def gathered_for(arguments: Sequence[str]) -> Gathered:
    """What there is to report of a run of these *arguments* before click has understood them.

    How an error is to be told until then, only the words can say: a program that reads one document gets it for a mistyped line, too.
    The last format counts, as it would have.
    """
    asked = ""
    for before, word in pairwise(("", *arguments)):
        if before == "--format":
            asked = word
        elif word.startswith("--format="):
            asked = word.removeprefix("--format=")
    return Gathered(format="json" if asked == "json" else None, no_color="--no-color" in arguments, sandbox="--sandbox" in arguments)


def tell_error(error: MixprivError, gathered: Gathered, commands: Collection[str]) -> None:
    """Print what *error* says; with `apply --format json` as events, unless the apply has begun to tell its own."""
    from mixpriv_reconcile.cli.output import findings_of, print_diagnostics

    found = findings_of(error)
    if gathered.format != "json" or not _is_apply(gathered, None, commands):
        print_diagnostics(gathered, found)
    elif gathered.has_events:
        tell_beside(error, gathered)
    else:
        _tell_events(error.exit_code, error.message, found)


def tell_beside(error: MixprivError, gathered: Gathered) -> None:
    """Print what *error* says on stderr, whatever the format: stdout has its document already."""
    from mixpriv_reconcile.cli.output import findings_of, print_notes

    print_notes(gathered, findings_of(error))


def tell_wrong_usage(error: click.ClickException, gathered: Gathered, commands: Collection[str]) -> None:
    """Print what click finds wrong with the command line; with `--format json` as a finding on stdout."""
    if gathered.format != "json":  # a typing mistake is answered at once, without loading what prints JSON
        error.show()
        return
    from mixpriv_reconcile.cli.output import print_diagnostics

    found = finding_of(error)
    if _is_apply(gathered, error.ctx if isinstance(error, click.UsageError) else None, commands):
        _tell_events(1, found.message, (found,))
    else:
        print_diagnostics(gathered, (found,))


def finding_of(error: click.ClickException) -> Diagnostic:
    """What click finds wrong with the command line, as a finding: for documents, which go further than what the person who typed it sees.

    Arguments that nobody expected aren't in it. Among them could be a distinct id.
    """
    from mixpriv_reconcile.model.diagnostics import Diagnostic, Severity

    context = error.ctx if isinstance(error, click.UsageError) else None
    hint = f"see `{context.command_path} --help`" if context is not None else "see `mixpriv --help`"
    said = error.format_message()
    listed = said[said.find(" (") :] if said.endswith(")") else ""
    if type(error) is click.UsageError and listed[2:-1] in " ".join(sys.argv[1:]):  # `Got unexpected extra arguments (x y)`
        said = said.removesuffix(listed)
    return Diagnostic("MP0006", Severity.ERROR, said, hint)


def _is_apply(gathered: Gathered, context: click.Context | None, commands: Collection[str]) -> bool:
    """Whether the run is an apply: the command that began tells it, else the one that click was at, else the first name among the words."""
    if gathered.command:
        return gathered.command == "apply"
    if context is not None and context.parent is not None:
        return context.info_name == "apply"
    return next((word for word in sys.argv[1:] if word in commands), "") == "apply"


def _tell_events(exit_code: int, why: str, found: tuple[Diagnostic, ...]) -> None:
    """The whole of an apply that never began: `version`, the findings, `outcome`."""
    from mixpriv_reconcile.model.events import DiagnosticRaised, Finished, Version
    from mixpriv_reconcile.render.events_json import JsonEvents

    sink = JsonEvents(sys.stdout, lambda: datetime.now(UTC))
    sink.emit(Version(__version__))
    for finding in found:
        sink.emit(DiagnosticRaised(finding))
    sink.emit(Finished(exit_code, why))
