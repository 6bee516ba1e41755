"""All manifests of a workspace as one desired state, with the checks that need more than one value."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from mixpriv_reconcile.manifest.checked import Checked
from mixpriv_reconcile.manifest.document import Path
from mixpriv_reconcile.manifest.fingerprint import fingerprint
from mixpriv_reconcile.manifest.references import check_reference, check_state_secrets
from mixpriv_reconcile.manifest.report import Report
from mixpriv_reconcile.manifest.resources import resources_of
from mixpriv_reconcile.manifest.settings import project_of, workspace_of
from mixpriv_reconcile.manifest.targets import check_lists
from mixpriv_reconcile.model.resource import DesiredState, Resource
from mixpriv_reconcile.model.workspace import Project, Workspace

__all__ = ["merged"]


@dataclass(frozen=True, slots=True)
class _Declared:
    """A project, where it stands, and whether nothing that it needs is missing or wrong."""

    project: Project
    source: Checked
    is_whole: bool


def merged(sources: Sequence[Checked], today: Callable[[str], date], report: Report) -> DesiredState | None:
    """What the manifests ask for together; None where an error was reported, by others before included."""
    is_complete = not report.has_errors
    for source in sources:
        for found in source.problems:
            report.error(found.code, found.message, found.hint, source.document, found.path, key=found.is_key)
    workspace, settings = _workspace(sources, today, report)
    day = today(workspace.timezone)
    declared = {name: _declared(name, source) for name, source in sorted(_places(sources, report).items())}
    resources: list[Resource] = []
    for name, one in declared.items():
        check_reference(one.project.token, one.source.document, ("projects", name, "token"), report)
        resources.extend(resources_of(one.project, one.source, workspace, day, report, region_is_known=one.is_whole))
    _check_ids(declared, report)
    documents = {name: one.source.document for name, one in declared.items()}
    check_lists(resources, workspace, {name: one.project for name, one in declared.items()}, documents, report)
    for source in _having_workspace(sources)[:1]:
        check_state_secrets(workspace, [one.project for one in declared.values()], source.document, report)
    if is_complete:
        _check_gdpr_token(workspace, sources, declared, report)
    if report.has_errors:
        return None
    projects = {name: one.project for name, one in declared.items()}
    blocks = {name: one.source.block("projects", name) for name, one in declared.items()}
    ordered = tuple(sorted(resources, key=lambda resource: resource.address))
    files = tuple(source.document.file for source in sources)
    return DesiredState(workspace, projects, ordered, fingerprint(settings, blocks), files)


def _workspace(sources: Sequence[Checked], today: Callable[[str], date], report: Report) -> tuple[Workspace, Mapping[str, Any]]:
    having = _having_workspace(sources)
    for source in having[1:]:
        first = having[0].document.span(("workspace",), key=True)
        message = f"a second `workspace:` block; the first is at {first}"
        report.error("MP0301", message, "keep one of the two", source.document, ("workspace",), key=True)
    if not having:
        return Workspace(), {}
    return workspace_of(having[0], today, report), having[0].block("workspace")


def _having_workspace(sources: Sequence[Checked]) -> list[Checked]:
    return [source for source in sources if "workspace" in source.document.values]


def _places(sources: Sequence[Checked], report: Report) -> Mapping[str, Checked]:
    """Where each project stands; the second one of a name is reported."""
    places: dict[str, Checked] = {}
    for source in sources:
        for name in source.block("projects"):
            if name in places:
                first = places[name].document.span(("projects", name), key=True)
                message = f"this project's name is used a second time; the first is at {first}"
                report.error("MP0302", message, "give it a name of its own", source.document, ("projects", name), key=True)
            else:
                places[name] = source
    return places


def _declared(name: str, source: Checked) -> _Declared:
    block = source.block("projects", name)
    is_whole = all(key in block and not source.has_problem("projects", name, key) for key in ("id", "token", "residency"))
    return _Declared(project_of(name, block, source.document), source, is_whole)


def _check_ids(declared: Mapping[str, _Declared], report: Report) -> None:
    """One project of Mixpanel is declared once, and two of them share no token."""
    by_id: dict[int, _Declared] = {}
    by_token: dict[object, _Declared] = {}
    for name, one in sorted(declared.items(), key=lambda item: item[1].source.document.span(("projects", item[0]), key=True)):
        project, document = one.project, one.source.document
        path: Path = ("projects", name)
        if "id" in one.source.block("projects", name) and (first := by_id.setdefault(project.project_id, one)) is not one:
            message = f"this project id is that of {first.project.name} too, at {first.project.span}; they would share ids and pace"
            report.error("MP0303", message, "declare each project of Mixpanel once", document, (*path, "id"))
        if (project.token.env or project.token.file) and (first := by_token.setdefault(project.token, one)) is not one:
            message = f"this token is looked up at the same place as that of {first.project.name}, at {first.project.span}"
            report.warning("MP0304", message, "each project of Mixpanel has a token of its own", document, (*path, "token"))


def _check_gdpr_token(workspace: Workspace, sources: Sequence[Checked], declared: Mapping[str, _Declared], report: Report) -> None:
    """Deletions need a GDPR token when they are sent (the sandbox takes none); where the credentials couldn't be read nothing is said."""
    paths = (found.path for one in sources for found in one.problems if found.path[:1] == ("workspace",))
    if workspace.gdpr_token is not None or any(len(path) < 3 or "credentials" in path for path in paths):
        return
    for name, one in declared.items():
        if one.source.block("projects", name, "deletions"):
            message = "there are deletions, and no GDPR token to ask for them with"
            hint = "add `credentials: {gdpr_token: {env: MIXPANEL_GDPR_TOKEN}}` under `workspace:`"
            report.warning("MP0305", message, hint, one.source.document, ("projects", name, "deletions"), key=True)
            return
