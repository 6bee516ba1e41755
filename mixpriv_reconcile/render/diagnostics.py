"""Diagnostics: `FILE:LINE:COLUMN: error[MPnnnn]: what is wrong`, the line with carets, the hint; and their JSON document."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable
from typing import Any, TextIO

from mixpriv_reconcile.model.diagnostics import Diagnostic, Severity, SourceSpan
from mixpriv_reconcile.model.wording import counted
from mixpriv_reconcile.render.look import Look, as_typed, painted, printable

__all__ = ["diagnostics_document", "render_diagnostic", "render_diagnostics"]

COLORS = {Severity.ERROR: "red", Severity.WARNING: "yellow", Severity.NOTE: "blue"}
CUT = "…"


def render_diagnostics(diagnostics: Iterable[Diagnostic], stream: TextIO, look: Look) -> None:
    """Every finding, a blank line between two, and a last line that counts them; nothing at all where there is none."""
    findings = tuple(diagnostics)
    for found in findings:
        render_diagnostic(found, stream, look)
        stream.write("\n")
    if findings:
        stream.write(f"{_count(findings)}\n")


def render_diagnostic(found: Diagnostic, stream: TextIO, look: Look) -> None:
    """One finding: place and message, the excerpt, then the hint after a blank line."""
    word = painted(f"{found.severity.value}[{printable(found.code)}]", look, "bold", COLORS[found.severity])
    place = "" if found.span is None else f"{printable(str(found.span))}: "
    stream.write(f"{place}{word}: {_lines(found.message, '  ')}\n")
    if found.span is None and found.address and found.address not in found.message:
        stream.write(f"  address: {printable(found.address)}\n")
    if found.span is not None and found.excerpt:
        stream.write(_excerpt(found.excerpt, found.span, look, COLORS[found.severity]))
    if found.hint:
        stream.write(f"\n{painted('hint', look, 'bold')}: {_lines(as_typed(found.hint, look.sandbox), '      ')}\n")


def diagnostics_document(diagnostics: Iterable[Diagnostic], *, is_sandbox: bool = False) -> dict[str, Any]:
    """The same findings as contract §1 spells them in JSON."""
    # The codec knows every type there is and takes long to load; text, which is what people see, does without.
    from mixpriv_reconcile.codec import diagnostic_document

    typed = (dataclasses.replace(found, hint=as_typed(found.hint, is_sandbox)) for found in diagnostics)
    return {"diagnostics": [diagnostic_document(found) for found in typed]}


def _lines(text: str, indent: str) -> str:
    return f"\n{indent}".join(printable(line) for line in text.splitlines())


def _excerpt(excerpt: str, span: SourceSpan, look: Look, color: str) -> str:
    """The source line behind a gutter, and carets below: one for each character, wide ones included."""
    number = str(span.line)
    line = printable(excerpt.rstrip("\r\n"))
    start = min(max(span.column - 1, 0), len(line))
    end = min(max(start + span.length, start + 1), max(len(line), start + 1))
    line, start, end = _window(line, start, end, look.columns - len(number) - len(" | "))
    blank = " " * len(number)
    bar = painted("|", look, "dim")
    carets = painted("^" * (end - start), look, "bold", color)
    return f"{blank} {bar}\n{painted(number, look, 'dim')} {bar} {line}\n{blank} {bar} {' ' * start}{carets}\n"


def _window(line: str, start: int, end: int, room: int) -> tuple[str, int, int]:
    """The part of *line* that fits into *room* columns with the carets in sight, and where the carets are in it."""
    if max(len(line), end) <= room:
        return line, start, end
    marked = min(end - start, room // 2)
    left = max(0, min(start - (room - marked) // 2, max(len(line), end) - room))
    right = left + room
    shown = line[left:right]
    if left > 0:
        shown = CUT + shown[1:]
    if right < len(line):
        shown = shown[:-1] + CUT
    return shown, start - left, min(end, right) - left


def _count(findings: tuple[Diagnostic, ...]) -> str:
    counts = {severity: sum(found.severity is severity for found in findings) for severity in Severity}
    return ", ".join(counted(count, severity.value) for severity, count in counts.items() if count)
