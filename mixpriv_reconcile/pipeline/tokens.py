"""What an expired GDPR token means to the command at hand: the reader of manifests only warns of it."""

from __future__ import annotations

import dataclasses

from mixpriv_reconcile.model.diagnostics import Diagnostic, Severity

__all__ = ["EXPIRED", "needing_a_token", "without_tokens"]

EXPIRED = "MP0315"
LIFE = frozenset({EXPIRED, "MP0390"})


def needing_a_token(findings: tuple[Diagnostic, ...]) -> tuple[Diagnostic, ...]:
    """*findings* for a command that can't do its work with an expired token: there it is an error."""
    return tuple(dataclasses.replace(found, severity=Severity.ERROR) if found.code == EXPIRED else found for found in findings)


def without_tokens(findings: tuple[Diagnostic, ...]) -> tuple[Diagnostic, ...]:
    """*findings* for a run against the sandbox, which takes made-up tokens: the life of the real one doesn't matter."""
    return tuple(found for found in findings if found.code not in LIFE)
