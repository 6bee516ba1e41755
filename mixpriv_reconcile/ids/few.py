"""A few inline ids, checked one by one: the findings of `scan`, and no library is loaded for them."""

from __future__ import annotations

from collections.abc import Iterable

from mixpriv_reconcile.ids.findings import Findings, characters, doubles_note
from mixpriv_reconcile.ids.rules import rules_of
from mixpriv_reconcile.model.bounds import Bounds
from mixpriv_reconcile.model.diagnostics import Diagnostic, SourceSpan
from mixpriv_reconcile.model.ids import IdSources

__all__ = ["FEW", "are_few", "findings_of_few"]

FEW = 2_000
"""Ids of a run that are checked in less time than numpy takes to load."""


def are_few(every: Iterable[IdSources], bounds: Bounds) -> bool:
    """Whether all of *every* together are nothing but short inline lists."""
    left = FEW
    for sources in every:
        count = len(sources.inline) if sources.inline is not None else 0
        left -= count
        if sources.entries or count > bounds.ids_per_request or left < 0:
            return False
    return True


def findings_of_few(
    sources: IdSources, *, bounds: Bounds, allowed_placeholders: frozenset[str], address: str, show_ids: bool = False
) -> tuple[Diagnostic, ...]:
    """The findings that `scan` would have for the same list."""
    inline, findings, rules = sources.inline, Findings(address, show_ids=show_ids), rules_of(bounds.id_bytes, allowed_placeholders)
    values = [inline[index] for index in range(len(inline))] if inline is not None else []
    for index, value in enumerate(values):
        if inline is None or not rules.refuse(value):
            continue
        if findings.room:
            span = SourceSpan(inline.file, inline.lines[index], inline.columns[index], characters(value))
            findings.offender(span, *rules.wording(value), value)
        else:
            findings.more(1)
    kept = [value for value in values if len(value) <= bounds.id_bytes]
    if len(kept) > len(set(kept)):
        findings.extend((doubles_note(len(kept) - len(set(kept))),))
    return findings.all()
