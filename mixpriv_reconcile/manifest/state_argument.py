"""The place of a state as it is typed on the command line: what stands in a manifest after `state:`, and checked as there."""

from __future__ import annotations

import dataclasses
from datetime import date

from mixpriv_reconcile.errors import ManifestInvalid
from mixpriv_reconcile.manifest.checked import checked
from mixpriv_reconcile.manifest.events import read_events
from mixpriv_reconcile.manifest.report import Report
from mixpriv_reconcile.manifest.settings import workspace_of
from mixpriv_reconcile.model.bounds import Bounds
from mixpriv_reconcile.model.diagnostics import Diagnostic, SourceSpan
from mixpriv_reconcile.model.workspace import StateLocation

__all__ = ["location_of"]

EXAMPLE = "{backend: s3, bucket: acme-privacy, prefix: mixpriv}"

BEFORE = ("version: 1", "workspace:", "  state: ")
"""What makes a manifest of the argument, so that the very same code reads it; positions are told without it."""


def location_of(text: str, name: str, bounds: Bounds) -> StateLocation:
    """The location that *text* describes. Raises `ManifestInvalid` with everything that is wrong; *name* stands there for the file."""
    line = " ".join(text.splitlines())
    document = read_events(name, "\n".join(BEFORE) + line, bounds)
    report = Report()
    for flaw in document.flaws:
        report.flaw(flaw, document, flaw.severity)
    if document.is_broken or document.others:
        report.error("MP0203", "this must be a mapping (key: value)", f"e.g. {EXAMPLE}", document, ())
        raise ManifestInvalid(tuple(_placed(found, name) for found in report.diagnostics(bounds.depth)[:1]))
    source = checked(document)
    for found in source.problems:
        report.error(found.code, found.message, found.hint, document, found.path, key=found.is_key)
    location = workspace_of(source, lambda timezone: date.min, report).state
    if not source.block("workspace").get("state") and not report.has_errors:
        report.error("MP0203", "a value is missing here; it must be a mapping (key: value)", f"e.g. {EXAMPLE}", document, ())
    if report.has_errors:
        raise ManifestInvalid(tuple(_placed(found, name) for found in report.diagnostics(bounds.depth)))
    return dataclasses.replace(location, span=None)


def _placed(found: Diagnostic, name: str) -> Diagnostic:
    """*found* at its place in the argument alone; a hint to indent something is none there."""
    indent = len(BEFORE[-1])
    is_inside = found.span is not None and found.span.line == len(BEFORE)
    span = SourceSpan(name, 1, max(1, found.span.column - indent)) if is_inside and found.span is not None else SourceSpan(name, 1, 1)
    excerpt = found.excerpt[indent:] if is_inside else ""
    hint = f"e.g. {EXAMPLE}" if "indented" in found.hint else found.hint
    return dataclasses.replace(found, span=span, excerpt=excerpt, hint=hint)
