"""Where findings are gathered, and shown with their masked source line."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping, Sequence

from mixpriv_reconcile.manifest.document import Document, Flaw, Path
from mixpriv_reconcile.manifest.excerpt import excerpts
from mixpriv_reconcile.model.diagnostics import Diagnostic, Severity, SourceSpan
from mixpriv_reconcile.model.secrets import Unmasked

__all__ = ["Report"]

MOST_OF_A_FILE = 1000
"""Findings of one file that are shown. A megabyte of one mistake gives some hundred thousand, which nobody reads and whose lines would fill
a disk of logs; the rest is reported all the same, as one finding that counts them."""


class Report:
    """Collects findings, and counts *errors*; those at a place of a document stand, with *key*, at the key there instead of the value.

    With *show_ids* they have, beside their masked lines, those with the ids in them.
    """

    def __init__(self, *, show_ids: bool = False) -> None:
        self._show_ids = show_ids
        self._found: list[Diagnostic] = []
        self.errors = 0
        self._documents: dict[str, Document] = {}

    def error(self, code: str, message: str, hint: str, document: Document, path: Path, *, key: bool = False, address: str = "") -> None:
        """Add an error at a place of *document*."""
        self.finding(Diagnostic(code, Severity.ERROR, message, hint, document.span(path, key=key), address), document)

    def warning(self, code: str, message: str, hint: str, document: Document, path: Path, *, key: bool = False, address: str = "") -> None:
        """Add a warning at a place of *document*."""
        self.finding(Diagnostic(code, Severity.WARNING, message, hint, document.span(path, key=key), address), document)

    def flaw(self, flaw: Flaw, document: Document, severity: Severity) -> None:
        """Add what is wrong with *document* as YAML."""
        self.finding(Diagnostic(flaw.code, severity, flaw.message, flaw.hint, SourceSpan(document.file, *flaw.place)), document)

    def at(self, code: str, severity: Severity, message: str, hint: str, span: SourceSpan) -> None:
        """Add a finding at *span*."""
        self.finding(Diagnostic(code, severity, message, hint, span))

    def finding(self, found: Diagnostic, document: Document | None = None) -> None:
        """Add *found*, which is about *document* if one is given."""
        self._found.append(found)
        self.errors += found.is_error
        if document is not None:
            self._documents[document.file] = document

    @property
    def has_errors(self) -> bool:
        return self.errors > 0

    def diagnostics(self, depth: int) -> tuple[Diagnostic, ...]:
        """The findings by file, line and column, each once, with their source lines; *depth* bounds the nesting that is followed.

        Of a file with very many the first are there, errors before warnings, and one that counts the others.
        """
        kept = _kept(sorted(dict.fromkeys(self._found), key=_place))
        lines: dict[str, set[int]] = {}
        for found in kept:
            if found.span is not None and found.span.file in self._documents:
                lines.setdefault(found.span.file, set()).add(found.span.line)
        masked = {file: excerpts(self._documents[file], numbers, depth) for file, numbers in lines.items()}
        shown = tuple(dataclasses.replace(found, excerpt=_excerpt(found, masked)) for found in kept)
        if not self._show_ids:
            return shown
        bare = {file: excerpts(self._documents[file], numbers, depth, with_ids=True) for file, numbers in lines.items()}
        return tuple(_unmasked(found, _excerpt(found, bare)) for found in shown)


def _kept(findings: Sequence[Diagnostic]) -> list[Diagnostic]:
    """*findings*, which are in order, without those of a file beyond the bound; in their place one that counts them."""
    files: dict[str, list[Diagnostic]] = {}
    for found in findings:
        files.setdefault(_place(found)[0], []).append(found)
    kept: list[Diagnostic] = []
    for of_file in files.values():
        if len(of_file) > MOST_OF_A_FILE:
            # An error must not be among the rest because warnings stand before it.
            first = sorted(of_file, key=lambda found: not found.is_error)
            of_file = sorted(first[:MOST_OF_A_FILE], key=_place)
            of_file.append(_count_of(first[MOST_OF_A_FILE:]))
        kept.extend(of_file)
    return sorted(kept, key=_place)


def _count_of(rest: Sequence[Diagnostic]) -> Diagnostic:
    """One finding for *rest*, at the first of them, as grave as the gravest."""
    errors = sum(found.is_error for found in rest)
    message = f"this file has {len(rest):,} more findings from here on, {errors:,} of them errors"
    severity = Severity.ERROR if errors else Severity.WARNING
    return Diagnostic("MP0121", severity, message, "correct those that are shown, and run it again", rest[0].span)


def _excerpt(found: Diagnostic, masked: Mapping[str, Mapping[int, str]]) -> str:
    return masked.get(found.span.file, {}).get(found.span.line, "") if found.span is not None else ""


def _unmasked(found: Diagnostic, line: str) -> Diagnostic:
    return found if line == found.excerpt else dataclasses.replace(found, unmasked=Unmasked(line))


def _place(found: Diagnostic) -> tuple[str, int, int, str]:
    if found.span is None:
        return ("", 0, 0, found.code)
    return (found.span.file, found.span.line, found.span.column, found.code)
