"""Where findings are gathered, and shown with their masked source line."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping

from mixpriv_reconcile.manifest.document import Document, Path
from mixpriv_reconcile.manifest.excerpt import excerpts
from mixpriv_reconcile.model.diagnostics import Diagnostic, Severity, SourceSpan

__all__ = ["Report"]


class Report:
    """Collects findings; calling it adds one at a place of a document (with *key*, at the key instead of the value)."""

    def __init__(self) -> None:
        self._found: list[Diagnostic] = []

    def __call__(
        self, code: str, severity: Severity, message: str, hint: str, document: Document, path: Path, *, key: bool = False, address: str = ""
    ) -> None:
        self.finding(Diagnostic(code, severity, message, hint, document.span(path, key=key), address))

    def at(self, code: str, severity: Severity, message: str, hint: str, span: SourceSpan) -> None:
        """Add a finding at *span*."""
        self.finding(Diagnostic(code, severity, message, hint, span))

    def finding(self, found: Diagnostic) -> None:
        self._found.append(found)

    @property
    def has_errors(self) -> bool:
        return any(found.is_error for found in self._found)

    def diagnostics(self, texts: Mapping[str, str]) -> tuple[Diagnostic, ...]:
        """The findings by file, line and column, each once; *texts* holds the content of the files, for the excerpts."""
        lines: dict[str, set[int]] = {}
        for found in self._found:
            if found.span is not None and found.span.file in texts:
                lines.setdefault(found.span.file, set()).add(found.span.line)
        masked = {file: excerpts(texts[file], numbers) for file, numbers in lines.items()}
        shown = (
            dataclasses.replace(found, excerpt=masked.get(found.span.file, {}).get(found.span.line, "")) if found.span is not None else found
            for found in self._found
        )
        return tuple(sorted(dict.fromkeys(shown), key=_place))


def _place(found: Diagnostic) -> tuple[str, int, int, str]:
    if found.span is None:
        return ("", 0, 0, found.code)
    return (found.span.file, found.span.line, found.span.column, found.code)
