"""Files that the program writes for others, held against everything else that has a place in the workspace. By their letters alone."""

from __future__ import annotations

import fnmatch
import posixpath
from collections.abc import Iterable, Iterator, Mapping

from mixpriv_reconcile.manifest.document import Document
from mixpriv_reconcile.manifest.report import Report
from mixpriv_reconcile.model.resource import OptOutSpec, Resource, RetrievalSpec, sources_of
from mixpriv_reconcile.model.workspace import Project, Workspace

__all__ = ["check_lists"]

SANDBOX_STATE = "mixpriv.sandbox.state.json"


def check_lists(
    resources: Iterable[Resource], workspace: Workspace, projects: Mapping[str, Project], documents: Mapping[str, Document], report: Report
) -> None:
    """Report each opt-out list whose path is taken; *documents* are by project."""
    resources = tuple(resources)
    first: dict[str, Resource] = {}
    for resource in resources:
        if not isinstance(resource.spec, OptOutSpec):
            continue
        address, path = str(resource.address), resource.spec.write_to
        document = documents[resource.address.project]
        place = ("projects", resource.address.project, "opt_outs", "write_to")
        other = first.setdefault(path, resource)
        if other is not resource:
            message = f"{other.address} is written to the same file; one list would overwrite the other"
            report.error("MP0384", message, "give each project a list of its own", document, place, address=address)
        for what in _takers(path, resources, workspace, projects):
            report.error("MP0385", f"this is the place of {what}", "give the list a file of its own", document, place, address=address)
            break


def _takers(path: str, resources: Iterable[Resource], workspace: Workspace, projects: Mapping[str, Project]) -> Iterator[str]:
    """What else lies at *path*."""
    for state in (workspace.state.path, SANDBOX_STATE):
        if path == state or path.startswith(f"{state.removesuffix('.json')}.d/"):
            yield "the state"
    token = workspace.gdpr_token
    references = [*((token.ref,) if token is not None else ()), *(project.token for project in projects.values())]
    if any(reference.file is not None and posixpath.normpath(reference.file) == path for reference in references):
        yield "a credential"
    for resource in resources:
        if isinstance(resource.spec, RetrievalSpec) and path.startswith(f"{resource.spec.download_to}/"):
            yield f"the exports of {resource.address}"
        sources = sources_of(resource.spec)
        if sources is not None and any(_names(entry.pattern.split("/"), path.split("/")) for entry in sources.entries):
            yield f"a source of {resource.address}"


def _names(pattern: list[str], path: list[str]) -> bool:
    """Whether *pattern*, name by name, names *path*; `**` is any number of folders, as where sources are looked for."""
    if not pattern or not path:
        return not pattern and not path
    if pattern[0] == "**":
        rest = pattern[1:] or ["*"]
        return any(_names(rest, path[skipped:]) for skipped in range(len(path)))
    return fnmatch.fnmatchcase(path[0], pattern[0]) and _names(pattern[1:], path[1:])
