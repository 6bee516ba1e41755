"""From one project's block to its resources: each kind reads its part, and says what a schema can't."""

from __future__ import annotations

import dataclasses
import re
from collections.abc import Iterator, Sequence
from datetime import date
from typing import Any

from mixpriv_reconcile.kinds import KINDS, Kind
from mixpriv_reconcile.manifest.checked import Checked
from mixpriv_reconcile.manifest.document import Path
from mixpriv_reconcile.manifest.report import Report
from mixpriv_reconcile.manifest.shapes import is_name
from mixpriv_reconcile.manifest.sources import sources_of
from mixpriv_reconcile.manifest.understood import NAMELESS
from mixpriv_reconcile.model.address import NAME, Address
from mixpriv_reconcile.model.diagnostics import Diagnostic, Severity, SourceSpan
from mixpriv_reconcile.model.ids import IdSources
from mixpriv_reconcile.model.regions import Region
from mixpriv_reconcile.model.resource import Block, Resource
from mixpriv_reconcile.model.workspace import Project, Workspace

__all__ = ["resources_of"]


def resources_of(
    name: str, project: Project, source: Checked, workspace: Workspace, today: date, report: Report
) -> Iterator[tuple[Resource, bool]]:
    """The resources of the project that stands under *name*, each with whether all that it depends on is known; findings go to *report*.

    Where the region isn't known only what is wrong in every region is said.
    """
    is_region_known = "residency" in source.block("projects", name) and not source.is_unsure("projects", name, "residency")
    for kind, address, path, value in _blocks(name, project.name, source):
        sources = sources_of(value, source, path, report) if isinstance(value, dict) else IdSources()
        unsure = frozenset(key for key in kind.schema.get("properties", ()) if source.is_unsure(*path, key))
        block = _block(address, path, value, project, source, workspace, today, sources, unsure)
        regions = (project.region,) if is_region_known and "region" not in unsure else tuple(Region)
        readings = [kind.read(dataclasses.replace(block, project=dataclasses.replace(project, region=region))) for region in regions]
        findings = [tuple(found) for _, found in readings]
        for finding in _common(findings):
            report.finding(finding, source.document)
        spec = readings[0][0]
        if spec is not None:
            is_sure = is_region_known and "allow_hosts" not in unsure and not any(finding.is_error for finding in findings[0])
            yield Resource(address, spec, source.document.span(path, key=True)), is_sure


def _common(findings: Sequence[Sequence[Diagnostic]]) -> Iterator[Diagnostic]:
    """What is said in every region, where it is not known in which the project lies."""
    for first in findings[0]:
        alike = [[found for found in others if (found.code, found.span) == (first.code, first.span)] for others in findings]
        if all(first in found for found in alike):
            yield first
        elif all(alike):
            yield dataclasses.replace(first, hint="correct `residency` first: what belongs here depends on it")


def _blocks(name: str, shown: str, source: Checked) -> Iterator[tuple[Kind, Address, Path, Any]]:
    """The blocks of the project under *name*, which is *shown* in addresses."""
    block = source.block("projects", name)
    for kind in KINDS:
        path: Path = ("projects", name, kind.name)
        if kind.per_name:
            for own, value in source.block("projects", name, kind.name).items():
                is_shown = _is_shown(own, value, kind, has_problem=source.has_problem(*path, own))
                yield kind, Address(shown, kind.name, own if is_shown else NAMELESS), (*path, own), value
        elif kind.name in block:
            yield kind, Address(shown, kind.name), path, block[kind.name]


def _is_shown(name: str, value: Any, kind: Kind, *, has_problem: bool) -> bool:
    """Whether *name* can stand in an address. Over something odd it may be an id or a token, and isn't shown in the source line, either."""
    if not has_problem:
        return re.fullmatch(NAME, name) is not None
    return is_name(name) and isinstance(value, dict) and not value.keys().isdisjoint(kind.schema["properties"])


def _block(
    address: Address,
    path: Path,
    value: Any,
    project: Project,
    source: Checked,
    workspace: Workspace,
    today: date,
    sources: IdSources,
    unsure: frozenset[str],
) -> Block:
    document = source.document

    def span_of(below: Path, *, key: bool = False) -> SourceSpan:
        return document.span((*path, *below), key=key)

    def diagnostic(code: str, severity: Severity, message: str, hint: str, below: Path, *, key: bool = False) -> Diagnostic:
        return Diagnostic(code, severity, message, hint, span_of(below, key=key), str(address))

    return Block(address, value, project, workspace, today, span_of, diagnostic, sources, unsure)
