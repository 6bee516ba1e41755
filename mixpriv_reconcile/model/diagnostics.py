"""Diagnostics: what is wrong, where, and what to write instead."""

from __future__ import annotations

import enum
from dataclasses import dataclass, field

from mixpriv_reconcile.model.secrets import Unmasked

__all__ = ["Diagnostic", "Severity", "SourceSpan"]


class Severity(enum.Enum):
    """How much a finding weighs: an error stops the program, a warning and a note don't."""

    ERROR = "error"
    WARNING = "warning"
    NOTE = "note"


WEIGHTS = tuple(Severity)
"""Heaviest first."""


@dataclass(frozen=True, slots=True, order=True)
class SourceSpan:
    """A place in a file the user wrote; line and column count from 1, in characters; *length* in characters."""

    file: str
    line: int
    column: int
    length: int = 1

    def __str__(self) -> str:
        return f"{self.file}:{self.line}:{self.column}"


@dataclass(frozen=True, slots=True)
class Diagnostic:
    """One finding. *excerpt* is the source line with ids and secrets already masked, or empty.

    *unmasked* is there with `--show-ids` alone, and nothing but a terminal shows it: the same line with its ids, or, of a finding
    without an excerpt, the id that it is about.
    """

    code: str
    severity: Severity
    message: str
    hint: str = ""
    span: SourceSpan | None = None
    address: str = ""
    excerpt: str = ""
    unmasked: Unmasked | None = field(default=None, compare=False)

    @property
    def weight(self) -> int:
        """A key that sorts errors first, notes last."""
        return WEIGHTS.index(self.severity)

    @property
    def is_error(self) -> bool:
        return self.severity is Severity.ERROR
