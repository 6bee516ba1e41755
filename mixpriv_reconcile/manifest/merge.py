"""All manifests of a workspace as one desired state, with the checks that need more than one value."""

from __future__ import annotations

import dataclasses
import difflib
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date

from mixpriv_reconcile.ids.placeholders import PLACEHOLDERS
from mixpriv_reconcile.manifest.checked import Checked
from mixpriv_reconcile.manifest.document import Path
from mixpriv_reconcile.manifest.fingerprint import fingerprint
from mixpriv_reconcile.manifest.references import check_reference, check_state_secrets
from mixpriv_reconcile.manifest.report import Report
from mixpriv_reconcile.manifest.resources import resources_of
from mixpriv_reconcile.manifest.settings import is_timezone, project_of, workspace_of
from mixpriv_reconcile.manifest.targets import check_lists
from mixpriv_reconcile.manifest.understood import NAMELESS, Part
from mixpriv_reconcile.model.address import NAME
from mixpriv_reconcile.model.resource import DesiredState, Resource
from mixpriv_reconcile.model.workspace import Project, Workspace

__all__ = ["merged"]

ALLOWED = ("policy", "allow_placeholder_ids")


LATEST = "Pacific/Kiritimati"
"""Where a day begins first: what lies in the future there does so everywhere."""


@dataclass(frozen=True, slots=True)
class _Declared:
    """A project, and where it stands; *name* is as written there."""

    name: str
    project: Project
    source: Checked


@dataclass(frozen=True, slots=True)
class _Shared:
    """What every project has in common. *blocks* are all that is said of it, each where it stands; there should be one.

    *day* is today, or the latest that it can be where the time zone isn't known. *is_known*: no block went unread.
    """

    workspace: Workspace
    day: date
    blocks: tuple[tuple[Checked, Workspace], ...]
    is_known: bool


def merged(sources: Sequence[Checked], today: Callable[[str], date], report: Report, *, is_whole: bool) -> tuple[Part, ...]:
    """What the manifests ask for together, then each project that couldn't be joined to it; more than the first only with errors.

    Not *is_whole*: a file that was meant to be a manifest couldn't be read.
    """
    for source in sources:
        for found in source.problems:
            report.error(found.code, found.message, found.hint, source.document, found.path, key=found.is_key)
    shared = _shared(sources, today, report, is_whole=is_whole)
    declared, others = _declared(sources, report)
    known = {one.name: _resources(one, shared, report) for one in declared}
    alone = [_resources(one, shared, report) for one in others]
    _check_ids(declared, report)
    resources = [resource for found in known.values() for resource, _ in found]
    projects = {one.name: one.project for one in declared}
    check_lists(resources, shared.workspace, projects, {one.name: one.source.document for one in declared}, report)
    for source, workspace in shared.blocks:
        check_state_secrets(workspace, projects.values(), source.document, report)
    _check_gdpr_token(shared, sources, (*declared, *others), report)
    workspace = _lenient(shared) if report.has_errors else shared.workspace
    settings = shared.blocks[0][0].block("workspace") if shared.blocks else {}
    blocks = {one.name: one.source.block("projects", one.name) for one in declared}
    mark = "" if report.has_errors else fingerprint(settings, blocks)
    files = tuple(dict.fromkeys(source.document.file for source in sources))
    return (
        _part([found for of_project in known.values() for found in of_project], DesiredState(workspace, projects, (), mark, files)),
        *(
            _part(found, DesiredState(workspace, {one.project.name: one.project}, (), mark, files))
            for one, found in zip(others, alone, strict=True)
        ),
    )


def _part(found: Sequence[tuple[Resource, bool]], desired: DesiredState) -> Part:
    """*desired* with the resources that were *found*, each with whether all that it depends on is known."""
    ordered = tuple(sorted((resource for resource, _ in found), key=lambda resource: resource.address))
    unsure = frozenset(resource.address for resource, is_sure in found if not is_sure)
    return Part(dataclasses.replace(desired, resources=ordered), unsure)


def _resources(one: _Declared, shared: _Shared, report: Report) -> list[tuple[Resource, bool]]:
    check_reference(one.project.token, one.source.document, ("projects", one.name, "token"), report)
    return list(resources_of(one.name, one.project, one.source, shared.workspace, shared.day, report))


# The workspace


def _shared(sources: Sequence[Checked], today: Callable[[str], date], report: Report, *, is_whole: bool) -> _Shared:
    having = [source for source in sources if "workspace" in source.document.values]
    for source in having[1:]:
        first = having[0].document.span(("workspace",), key=True)
        message = f"a second `workspace:` block; the first is at {first}"
        report.error("MP0301", message, "keep one of the two", source.document, ("workspace",), key=True)
    blocks = tuple((source, workspace_of(source, today, report)) for source in having)
    is_known = bool(blocks) or (is_whole and not any(source.is_unsure("workspace") for source in sources))
    workspace = blocks[0][1] if blocks else Workspace()
    organizations = {block.organization_id for _, block in blocks} - {None}
    if len(organizations) > 1:
        workspace = dataclasses.replace(workspace, organization_id=None)  # which one is meant can't be told
    zones = {source.block("workspace").get("timezone", workspace.timezone) for source, _ in blocks}
    is_day_known = is_known and zones <= {workspace.timezone} and not any(one.is_unsure("workspace", "timezone") for one in having)
    return _Shared(workspace, today(workspace.timezone if is_day_known or not is_timezone(LATEST) else LATEST), blocks, is_known)


def _lenient(shared: _Shared) -> Workspace:
    """The workspace with every placeholder id allowed that may be allowed in what isn't understood: misspelt, refused or unread."""
    allowed = {text for _, block in shared.blocks for text in block.policy.allow_placeholder_ids}
    if not shared.is_known or any(source.is_unsure("workspace", *ALLOWED) for source, _ in shared.blocks):
        allowed |= PLACEHOLDERS
    for text in tuple(allowed - PLACEHOLDERS):
        allowed |= set(difflib.get_close_matches(text[:40].lower(), sorted(PLACEHOLDERS), n=1))
    policy = dataclasses.replace(shared.workspace.policy, allow_placeholder_ids=tuple(sorted(allowed)))
    return dataclasses.replace(shared.workspace, policy=policy)


# The projects


def _declared(sources: Sequence[Checked], report: Report) -> tuple[tuple[_Declared, ...], tuple[_Declared, ...]]:
    """Projects by name, and those that have no name of their own; the second one of a name is reported."""
    first: dict[str, _Declared] = {}
    others: list[_Declared] = []
    for source in sources:
        for name, values in source.block("projects").items():
            has_name = re.fullmatch(NAME, name) is not None
            one = _Declared(name, project_of(name if has_name else NAMELESS, values, source.document, ("projects", name)), source)
            if has_name and first.setdefault(name, one) is one:
                continue
            others.append(one)
            if has_name:
                message = f"this project's name is used a second time; the first is at {first[name].project.span}"
                report.error("MP0302", message, "give it a name of its own", source.document, ("projects", name), key=True)
    return tuple(first[name] for name in sorted(first)), tuple(others)


def _check_ids(declared: Sequence[_Declared], report: Report) -> None:
    """One project of Mixpanel is declared once, and two of them share no token."""
    by_id: dict[int, Project] = {}
    by_token: dict[object, Project] = {}
    for one in sorted(declared, key=lambda one: one.source.document.span(("projects", one.name), key=True)):
        project, document = one.project, one.source.document
        path: Path = ("projects", one.name)
        if "id" in one.source.block("projects", one.name) and (first := by_id.setdefault(project.project_id, project)) is not project:
            message = f"this project id is that of {first.name} too, at {first.span}; they would share ids and pace"
            report.error("MP0303", message, "declare each project of Mixpanel once", document, (*path, "id"))
        if (project.token.env or project.token.file) and (first := by_token.setdefault(project.token, project)) is not project:
            message = f"this token is looked up at the same place as that of {first.name}, at {first.span}"
            report.warning("MP0304", message, "each project of Mixpanel has a token of its own", document, (*path, "token"))


def _check_gdpr_token(shared: _Shared, sources: Sequence[Checked], declared: Sequence[_Declared], report: Report) -> None:
    """Deletions need a GDPR token when they are sent (the sandbox takes none); where the credentials couldn't be read nothing is said."""
    if not shared.is_known or any(workspace.gdpr_token is not None for _, workspace in shared.blocks):
        return
    if any(source.is_unsure("workspace", "credentials", "gdpr_token") for source in sources):
        return
    for one in declared:
        if one.source.block("projects", one.name, "deletions"):
            message = "there are deletions, and no GDPR token to ask for them with"
            hint = "add `credentials: {gdpr_token: {env: MIXPANEL_GDPR_TOKEN}}` under `workspace:`"
            report.warning("MP0305", message, hint, one.source.document, ("projects", one.name, "deletions"), key=True)
            return
