"""From one project's block to its resources: each kind reads its part, and says what a schema can't."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator, Sequence
from datetime import date
from typing import Any

from mixpriv_reconcile.kinds import KINDS, Kind
from mixpriv_reconcile.manifest.checked import Checked
from mixpriv_reconcile.manifest.document import Path
from mixpriv_reconcile.manifest.report import Report
from mixpriv_reconcile.manifest.sources import sources_of
from mixpriv_reconcile.model.address import Address
from mixpriv_reconcile.model.diagnostics import Diagnostic, Severity, SourceSpan
from mixpriv_reconcile.model.ids import IdSources
from mixpriv_reconcile.model.regions import Region
from mixpriv_reconcile.model.resource import Block, Resource
from mixpriv_reconcile.model.workspace import Project, Workspace

__all__ = ["resources_of"]


def resources_of(
    project: Project, source: Checked, workspace: Workspace, today: date, report: Report, *, region_is_known: bool
) -> Iterator[Resource]:
    """The project's resources; findings go to *report*. Without *region_is_known* only what is wrong in every region is said."""
    regions = (project.region,) if region_is_known else tuple(Region)
    for kind, address, path, value in _blocks(project.name, source):
        sources = sources_of(value, source.document, path, report) if isinstance(value, dict) else IdSources()
        block = _block(address, path, value, project, source, workspace, today, sources)
        readings = [kind.read(dataclasses.replace(block, project=dataclasses.replace(project, region=region))) for region in regions]
        findings = [tuple(found) for _, found in readings]
        has_problem = source.has_problem(*path)
        for finding in _common(findings):
            if finding.is_error or not has_problem:  # a warning might come of what was set aside, such as a misspelt key
                report.finding(finding, source.document)
        spec = readings[0][0]
        if spec is not None:
            yield Resource(address, spec, source.document.span(path, key=True))


def _common(findings: Sequence[Sequence[Diagnostic]]) -> Iterator[Diagnostic]:
    """What is said in every region, where it is not known in which the project lies."""
    for first in findings[0]:
        alike = [[found for found in others if (found.code, found.span) == (first.code, first.span)] for others in findings]
        if all(first in found for found in alike):
            yield first
        elif all(alike):
            yield dataclasses.replace(first, hint="correct `residency` first: what belongs here depends on it")


def _blocks(project: str, source: Checked) -> Iterator[tuple[Kind, Address, Path, Any]]:
    block = source.block("projects", project)
    for kind in KINDS:
        path: Path = ("projects", project, kind.name)
        if kind.per_name:
            for name, value in source.block("projects", project, kind.name).items():
                yield kind, Address(project, kind.name, name), (*path, name), value
        elif kind.name in block:
            yield kind, Address(project, kind.name), path, block[kind.name]


def _block(
    address: Address, path: Path, value: Any, project: Project, source: Checked, workspace: Workspace, today: date, sources: IdSources
) -> Block:
    document = source.document

    def span_of(below: Path, *, key: bool = False) -> SourceSpan:
        return document.span((*path, *below), key=key)

    def diagnostic(code: str, severity: Severity, message: str, hint: str, below: Path, *, key: bool = False) -> Diagnostic:
        return Diagnostic(code, severity, message, hint, span_of(below, key=key), str(address))

    return Block(address, value, project, workspace, today, span_of, diagnostic, sources)
