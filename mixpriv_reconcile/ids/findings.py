"""The diagnostics of one request: every source that fails, the first offending ids, and how many more there are."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from mixpriv_reconcile.ids.flaws import Flaw
from mixpriv_reconcile.model.diagnostics import Diagnostic, Severity, SourceSpan
from mixpriv_reconcile.model.secrets import Unmasked

__all__ = ["SHOWN", "Findings", "characters", "doubles_note"]

SHOWN = 20
"""Offending ids of one request that are shown one by one: enough to see the pattern, few enough to read."""

LONGEST_SHOWN = 4096
"""Bytes of an offending id that are kept to be shown: more than fits a line."""


class Findings:
    """Collects; `all()` gives them in the order they came. With *show_ids* they have the offending ids, hidden from all but a terminal."""

    __slots__ = ("_address", "_diagnostics", "_more", "_show_ids", "_shown")

    def __init__(self, address: str, *, show_ids: bool = False) -> None:
        self._address = address
        self._show_ids = show_ids
        self._diagnostics: list[Diagnostic] = []
        self._shown = self._more = 0

    @property
    def room(self) -> int:
        """How many offenders are still shown."""
        return SHOWN - self._shown

    def offender(self, span: SourceSpan, code: str, message: str, hint: str, distinct_id: bytes = b"") -> None:
        """One offending id, or a record in which there is none, that is shown."""
        self._shown += 1
        unmasked = None
        if self._show_ids and distinct_id:  # one beyond its bound may be as long as a record
            unmasked = Unmasked(distinct_id[:LONGEST_SHOWN].decode("utf-8", "replace"))
        self._diagnostics.append(Diagnostic(code, Severity.ERROR, message, hint, span, self._address, unmasked=unmasked))

    def more(self, count: int) -> None:
        """Offenders that are only counted."""
        self._more += count

    def flaw(self, path: str, flaw: Flaw) -> None:
        """Why a source could not be read on."""
        span = SourceSpan(path, flaw.line, flaw.column, flaw.length)
        self._diagnostics.append(Diagnostic(flaw.code, Severity.ERROR, flaw.message, flaw.hint, span, self._address))

    def request(self, severity: Severity, code: str, message: str, hint: str = "", span: SourceSpan | None = None) -> None:
        """Something about the request as a whole."""
        self._diagnostics.append(Diagnostic(code, severity, message, hint, span, self._address))

    def extend(self, diagnostics: Iterable[Diagnostic]) -> None:
        """What was found elsewhere, with this request's address."""
        self._diagnostics += [replace(diagnostic, address=self._address) for diagnostic in diagnostics]

    def all(self) -> tuple[Diagnostic, ...]:
        """Everything, with a note of what was only counted behind it."""
        if not self._more:
            return tuple(self._diagnostics)
        message = f"{self._more:,} more like these are not shown" if self._more > 1 else "1 more like these is not shown"
        return (
            *self._diagnostics,
            Diagnostic("MP0416", Severity.NOTE, message, "mend what is shown and run it again", None, self._address),
        )


def doubles_note(doubles: int) -> Diagnostic:
    """What is said of repetitions that were merged."""
    return Diagnostic("MP0415", Severity.NOTE, f"{doubles:,} doubles were merged" if doubles > 1 else "1 double was merged")


def characters(value: bytes) -> int:
    """How many characters of *value* stand in its first line; at least 1."""
    return max(1, len(value.split(b"\n", 1)[0].decode("utf-8", "replace")))
