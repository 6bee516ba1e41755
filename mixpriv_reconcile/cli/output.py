"""Where things are printed: data on stdout, everything else on stderr."""

from __future__ import annotations

import dataclasses
import os
import sys
from collections.abc import Iterable, Sequence
from typing import Any, TextIO

from mixpriv_reconcile.cli.options import Shared
from mixpriv_reconcile.cli.reporting import Gathered
from mixpriv_reconcile.cli.terminal import COMPAT, has_color, width
from mixpriv_reconcile.errors import ManifestInvalid, MixprivError, PolicyRefused
from mixpriv_reconcile.model.diagnostics import Diagnostic, Severity
from mixpriv_reconcile.render.diagnostics import diagnostics_document, render_diagnostics
from mixpriv_reconcile.render.json_text import json_text
from mixpriv_reconcile.render.look import Look

__all__ = [
    "data_look",
    "findings_of",
    "print_diagnostics",
    "print_document",
    "print_json",
    "print_notes",
    "print_page",
    "print_report",
]


def data_look(shared: Shared) -> Look:
    """How stdout looks: colour and width."""
    return dataclasses.replace(_look(sys.stdout, shared.no_color, shared.sandbox), chdir=shared.chdir)


def print_diagnostics(gathered: Gathered, diagnostics: Iterable[Diagnostic]) -> None:
    """Print findings on stderr; with `--format json` as the one document on stdout."""
    found = tuple(diagnostics)
    if gathered.format == "json":
        print_json(diagnostics_document(found, is_sandbox=gathered.sandbox))
    else:
        print_notes(gathered, found)


def print_notes(gathered: Gathered, found: Sequence[Diagnostic]) -> None:
    """Print findings on stderr, whatever the format: beside data, which stdout is for."""
    if found:
        render_diagnostics(found, sys.stderr, _look(sys.stderr, gathered.no_color, gathered.sandbox))


def findings_of(error: MixprivError) -> tuple[Diagnostic, ...]:
    """What an error has to say: every finding of an invalid workspace, or the one it is."""
    if isinstance(error, ManifestInvalid | PolicyRefused):
        return tuple(found for found in error.diagnostics if isinstance(found, Diagnostic))
    return (Diagnostic(error.code, Severity.ERROR, error.message, error.hint),)


def print_json(document: Any) -> None:
    sys.stdout.write(json_text(document))


def print_document(text: str) -> None:
    """Print a document in UTF-8, as a page says of itself and a calendar has to be, whatever the terminal's encoding; line ends stay."""
    sys.stdout.flush()
    sys.stdout.buffer.write(text.encode())


def print_report(gathered: Gathered, exit_code: int) -> None:
    """Print the page or the comment that was asked for, the same as `--report` writes it; nothing where another format was."""
    if gathered.shown_as is not None:
        print_document(gathered.text(gathered.shown_as, exit_code))


def print_page(gathered: Gathered) -> None:
    """Print what the command shows as the page or the document that was asked for.

    As Markdown it stands alone, to be pasted anywhere; the report, which a bot finds again, has a mark of its own above it.
    """
    if gathered.shown_as == "markdown" and gathered.page is not None:
        from mixpriv_reconcile.render.page_markdown import page_markdown

        print_document(page_markdown(gathered.page))
    else:
        print_report(gathered, 0)


def _look(stream: TextIO, no_color: bool, is_sandbox: bool) -> Look:
    return Look(
        color=has_color(stream, no_color=no_color),
        width=width(stream),
        sandbox=is_sandbox,
        is_terminal=stream.isatty(),
        is_terraform=os.environ.get(COMPAT) == "terraform",
    )
