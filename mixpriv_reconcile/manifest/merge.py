"""All manifests of a workspace as one desired state, with the checks that need more than one value."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from mixpriv_reconcile.kinds import KINDS, NOT_BUILT_KINDS, Kind
from mixpriv_reconcile.manifest.document import Document, IdList, Path
from mixpriv_reconcile.manifest.report import Report
from mixpriv_reconcile.manifest.settings import project_of, workspace_of
from mixpriv_reconcile.manifest.sources import sources_of
from mixpriv_reconcile.model.address import Address
from mixpriv_reconcile.model.diagnostics import Diagnostic, Severity, SourceSpan
from mixpriv_reconcile.model.ids import IdSources
from mixpriv_reconcile.model.resource import Block, DesiredState, Resource
from mixpriv_reconcile.model.workspace import Project, Workspace

__all__ = ["Checked", "merged"]


@dataclass(frozen=True, slots=True)
class Checked:
    """A document, and the places in it that the schema doesn't allow."""

    document: Document
    bad: frozenset[Path]

    def is_sound(self, *path: str | int) -> bool:
        """Whether the values at and below *path* may be taken at their word."""
        return not any(bad[: len(path)] == path for bad in self.bad)

    def block(self, *path: str) -> Mapping[str, Any]:
        """The mapping at *path*, empty where there is none."""
        value: Any = self.document.values
        for key in path:
            value = value.get(key) if isinstance(value, dict) else None
        return value if isinstance(value, dict) else {}


def merged(checked: Sequence[Checked], today: Callable[[str], date], report: Report) -> DesiredState:
    """What the manifests ask for together; only of use where nothing was reported as an error."""
    workspace, settings = _workspace(checked, today, report)
    places = _places(checked, report)
    projects: dict[str, Project] = {}
    resources: list[Resource] = []
    for name, source in sorted(places.items()):
        block = source.block("projects", name)
        for key in NOT_BUILT_KINDS:
            if key in block:
                report(
                    "MP0003",
                    Severity.ERROR,
                    f"{key} is not built in this version",
                    "leave it out; it is never ignored",
                    source.document,
                    ("projects", name, key),
                    key=True,
                    address=f"{name}.{key}",
                )
        project = _project(name, block, source)
        if project is None:
            continue
        projects[name] = project
        resources.extend(_resources(project, block, source, workspace, today(workspace.timezone), report))
    _check_together(projects, resources, workspace, places, report)
    values = {name: source.block("projects", name) for name, source in places.items()}
    fingerprint = hashlib.sha256(_canonical({"workspace": settings, "projects": values})).hexdigest()
    ordered = tuple(sorted(resources, key=lambda resource: resource.address))
    return DesiredState(workspace, projects, ordered, fingerprint, tuple(source.document.file for source in checked))


def _workspace(checked: Sequence[Checked], today: Callable[[str], date], report: Report) -> tuple[Workspace, Mapping[str, Any]]:
    having = [source for source in checked if "workspace" in source.document.values]
    for source in having[1:]:
        first = having[0].document.span(("workspace",), key=True)
        message = f"a second `workspace:` block; the first is at {first}"
        report("MP0301", Severity.ERROR, message, "keep one of the two", source.document, ("workspace",), key=True)
    if not having or not having[0].is_sound("workspace"):
        return Workspace(), {}
    block = having[0].block("workspace")
    return workspace_of(block, having[0].document, today, report), block


def _places(checked: Sequence[Checked], report: Report) -> Mapping[str, Checked]:
    """Where each project stands; the second one of a name is reported."""
    places: dict[str, Checked] = {}
    for source in checked:
        for name in source.block("projects"):
            if name in places:
                first = places[name].document.span(("projects", name), key=True)
                message = f"this project's name is used a second time; the first is at {first}"
                report("MP0302", Severity.ERROR, message, "give it a name of its own", source.document, ("projects", name), key=True)
            else:
                places[name] = source
    return places


def _project(name: str, block: Mapping[str, Any], source: Checked) -> Project | None:
    """The project, None where what it needs is missing or wrong (which was reported)."""
    for key in ("id", "token", "residency", "data_groups"):
        if not source.is_sound("projects", name, key) or (key != "data_groups" and key not in block):
            return None
    return project_of(name, block, source.document)


def _resources(
    project: Project, block: Mapping[str, Any], source: Checked, workspace: Workspace, today: date, report: Report
) -> Iterator[Resource]:
    for kind in KINDS:
        if kind.name not in block:
            continue
        here: Path = ("projects", project.name, kind.name)
        if not kind.per_name:
            yield from _resource(kind, Address(project.name, kind.name), here, block[kind.name], project, source, workspace, today, report)
            continue
        for name, value in source.block("projects", project.name, kind.name).items():
            address = Address(project.name, kind.name, name)
            yield from _resource(kind, address, (*here, name), value, project, source, workspace, today, report)


def _resource(
    kind: Kind,
    address: Address,
    path: Path,
    value: Any,
    project: Project,
    source: Checked,
    workspace: Workspace,
    today: date,
    report: Report,
) -> Iterator[Resource]:
    if not source.is_sound(*path):
        return
    document = source.document

    def span_of(below: Path, *, key: bool = False) -> SourceSpan:
        return document.span((*path, *below), key=key)

    def diagnostic(code: str, severity: Severity, message: str, hint: str, below: Path, *, key: bool = False) -> Diagnostic:
        return Diagnostic(code, severity, message, hint, span_of(below, key=key), str(address))

    sources = sources_of(value, document, path, report) if isinstance(value, dict) else IdSources()
    block = Block(address, value, project, workspace, today, span_of, diagnostic, sources)
    spec, findings = kind.read(block)
    for found in findings:
        report.finding(found)
    if spec is not None:
        yield Resource(address, spec, document.span(path, key=True))


def _check_together(
    projects: Mapping[str, Project], resources: Sequence[Resource], workspace: Workspace, places: Mapping[str, Checked], report: Report
) -> None:
    """What only shows when all projects are seen together."""
    by_id: dict[int, str] = {}
    by_token: dict[object, str] = {}
    for name, project in sorted(projects.items()):
        document = places[name].document
        if project.project_id in by_id:
            message = f"project id {project.project_id} is that of {by_id[project.project_id]} too; they would share ids and pace"
            report("MP0303", Severity.ERROR, message, "declare each project of Mixpanel once", document, ("projects", name, "id"))
        by_id.setdefault(project.project_id, name)
        if project.token in by_token:
            message = f"the project token is looked up at the same place as that of {by_token[project.token]}"
            report("MP0304", Severity.WARNING, message, "each project of Mixpanel has a token of its own", document, ("projects", name, "token"))
        by_token.setdefault(project.token, name)
    if workspace.gdpr_token is None:
        for resource in resources:
            if resource.address.kind == "deletions":
                name = resource.address.project
                hint = "add `credentials: {gdpr_token: {env: MIXPANEL_GDPR_TOKEN}}` under `workspace:`"
                report(
                    "MP0305",
                    Severity.ERROR,
                    "there are deletions, and no GDPR token to ask for them with",
                    hint,
                    places[name].document,
                    ("projects", name, "deletions"),
                    key=True,
                )
                break


def _canonical(values: Any) -> bytes:
    """One spelling of the manifests' values: no positions, no order of keys or of `from` entries, no ids."""
    return json.dumps(_ordered(values), sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode("utf-8", "surrogatepass")


def _ordered(value: Any) -> Any:
    if isinstance(value, IdList):
        return None
    if isinstance(value, dict):
        ordered = {key: _ordered(item) for key, item in value.items()}
        if isinstance(ordered.get("from"), list):
            ordered["from"] = sorted(ordered["from"], key=lambda entry: json.dumps(entry, sort_keys=True))
        return ordered
    if isinstance(value, list):
        return [_ordered(item) for item in value]
    return value
