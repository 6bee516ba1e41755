"""A run's findings where a code review looks for them: at lines of files named from the repository's root."""

from __future__ import annotations

import dataclasses
import posixpath

from mixpriv_reconcile.model.diagnostics import Diagnostic, Severity, SourceSpan
from mixpriv_reconcile.model.report import Report
from mixpriv_reconcile.render.look import as_typed

__all__ = ["in_repository", "placed"]

WEIGHTS = tuple(Severity)


def placed(run: Report) -> tuple[Diagnostic, ...]:
    """Every finding, heaviest first, its hint as it has to be typed and its span in the repository.

    One that names an address alone stands where the plan found that address; one about a file outside of the repository has no span.
    """
    sources = {str(change.address): change.source for change in run.plan.changes} if run.plan is not None else {}

    def moved(found: Diagnostic) -> Diagnostic:
        span = found.span or sources.get(found.address)
        return dataclasses.replace(found, span=in_repository(span, run.folder), hint=as_typed(found.hint, run.sandbox))

    return tuple(sorted(map(moved, run.findings), key=lambda found: WEIGHTS.index(found.severity)))


def in_repository(span: SourceSpan | None, folder: str) -> SourceSpan | None:
    """*span*, whose file is named from the workspace, with the file's name from the repository's root; None where it isn't in there."""
    if span is None:
        return None
    file = posixpath.normpath(folder + span.file)
    if file.startswith(("/", "../")) or file in ("..", ".") or span.file.startswith("/"):
        return None
    return dataclasses.replace(span, file=file)
