"""A few inline ids, checked one by one: the findings of `scan`, and no library is loaded for them."""

from __future__ import annotations

from mixpriv_reconcile.ids.findings import Findings, characters, doubles_note
from mixpriv_reconcile.ids.rules import rules_of
from mixpriv_reconcile.model.bounds import Bounds
from mixpriv_reconcile.model.diagnostics import Diagnostic, SourceSpan
from mixpriv_reconcile.model.ids import IdSources

__all__ = ["FEW", "are_few", "findings_of_few"]

FEW = 2_000
"""Ids that are checked in about the time that numpy takes to load."""


def are_few(sources: IdSources, bounds: Bounds) -> bool:
    """Whether *sources* are nothing but a short inline list."""
    count = len(sources.inline) if sources.inline is not None else 0
    return not sources.entries and count <= min(FEW, bounds.ids_per_request)


def findings_of_few(sources: IdSources, *, bounds: Bounds, allowed_placeholders: frozenset[str], address: str) -> tuple[Diagnostic, ...]:
    """What is to be said of a short inline list."""
    inline, findings, rules = sources.inline, Findings(address), rules_of(bounds.id_bytes, allowed_placeholders)
    values = [inline[index] for index in range(len(inline))] if inline is not None else []
    for index, value in enumerate(values):
        if inline is None or not rules.refuse(value):
            continue
        if findings.room:
            span = SourceSpan(inline.file, inline.lines[index], inline.columns[index], characters(value))
            findings.offender(span, *rules.wording(value))
        else:
            findings.more(1)
    kept = [value for value in values if len(value) <= bounds.id_bytes]
    if len(kept) > len(set(kept)):
        findings.extend((doubles_note(len(kept) - len(set(kept))),))
    return findings.all()
