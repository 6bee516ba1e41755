"""Diagnostics: `FILE:LINE:COLUMN: error[MPnnnn]: what is wrong`, the line with carets, the hint; and their JSON document."""

from __future__ import annotations

import dataclasses
from collections.abc import Collection, Iterable
from typing import Any, TextIO

from mixpriv_reconcile.model.diagnostics import Diagnostic, Severity, SourceSpan
from mixpriv_reconcile.model.wording import counted
from mixpriv_reconcile.render.id_text import id_text
from mixpriv_reconcile.render.look import Look, as_typed, flowing, painted, printable

__all__ = ["count_line", "diagnostics_document", "render_diagnostic", "render_diagnostics"]

COLORS = {Severity.ERROR: "red", Severity.WARNING: "yellow", Severity.NOTE: "blue"}
CUT = "…"

MOST_CODES = 3
"""Codes of errors that the last line names; of more, the lines above have to be read anyway."""


def render_diagnostics(diagnostics: Iterable[Diagnostic], stream: TextIO, look: Look) -> None:
    """Every finding, a blank line between two, and a last line that counts them; nothing at all where there is none."""
    findings = tuple(diagnostics)
    for found in findings:
        render_diagnostic(found, stream, look)
        stream.write("\n")
    if findings:
        stream.write(f"{count_line(findings)}\n")


def render_diagnostic(found: Diagnostic, stream: TextIO, look: Look) -> None:
    """One finding: place and message, the excerpt, then the hint after a blank line."""
    word = painted(f"{found.severity.value}[{printable(found.code)}]", look, "bold", COLORS[found.severity])
    place = "" if found.span is None else f"{printable(str(found.span))}: "
    taken = len(f"{place}{found.severity.value}[{printable(found.code)}]: ")
    stream.write(f"{place}{word}: {_lines(found.message, look, taken, '  ')}\n")
    if found.span is None and found.address and found.address not in found.message:
        stream.write(f"  address: {printable(found.address)}\n")
    unmasked = found.unmasked.reveal() if found.unmasked is not None and look.is_terminal else None
    if found.span is not None and found.excerpt:
        stream.write(_excerpt(found.excerpt if unmasked is None else unmasked, found.span, look, COLORS[found.severity]))
    elif unmasked is not None:
        stream.write(f"  distinct id: {id_text(unmasked)}\n")
    if found.hint:
        stream.write(f"\n{painted('hint', look, 'bold')}: {_lines(as_typed(found.hint, look.sandbox), look, 6, '      ')}\n")


def diagnostics_document(diagnostics: Iterable[Diagnostic], *, is_sandbox: bool = False) -> dict[str, Any]:
    """The same findings as contract §1 spells them in JSON."""
    # The codec knows every type there is and takes long to load; text, which is what people see, does without.
    from mixpriv_reconcile.codec import diagnostic_document

    typed = (dataclasses.replace(found, hint=as_typed(found.hint, is_sandbox)) for found in diagnostics)
    return {"diagnostics": [diagnostic_document(found) for found in typed]}


def _lines(text: str, look: Look, taken: int, indent: str) -> str:
    """*text* line by line, the first behind *taken* columns, the others after *indent*."""
    first, *others = text.splitlines() or [""]
    lines = [flowing(printable(first), look, taken, indent), *(flowing(printable(line), look, len(indent), indent) for line in others)]
    return f"\n{indent}".join(lines)


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


def count_line(findings: Collection[Diagnostic]) -> str:
    """How many of each severity. Where there are errors it is the line that tfcmt takes for failure (`Error: ` at its start), and names
    the codes of a few; without any it is no such line, whatever else there is."""
    counts = {severity: sum(found.severity is severity for found in findings) for severity in Severity}
    codes = tuple(dict.fromkeys(printable(found.code) for found in findings if found.is_error))
    named = f" ({', '.join(codes)})" if len(codes) <= MOST_CODES else ""
    words = [
        counted(count, severity.value) + (named if severity is Severity.ERROR else "") for severity, count in counts.items() if count
    ]
    return f"Error: {', '.join(words)}." if codes else ", ".join(words)
