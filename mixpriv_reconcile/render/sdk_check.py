"""The last line of `sdk check`."""

from __future__ import annotations

from collections.abc import Sequence

from mixpriv_reconcile.model.diagnostics import Diagnostic, Severity
from mixpriv_reconcile.model.wording import counted

__all__ = ["summary"]


def summary(files: int, found: Sequence[Diagnostic]) -> str:
    """`Checked 12 files: 2 errors, 1 note.`"""
    counts = {severity: sum(one.severity is severity for one in found) for severity in Severity}
    what = ", ".join(counted(count, severity.value) for severity, count in counts.items() if count)
    return f"Checked {counted(files, 'file')}: {what or ('nothing wrong' if files else 'there was nothing to check')}."
