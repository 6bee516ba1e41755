"""Files that the program writes for others, held against everything else that has a place in the workspace. By their letters alone."""

from __future__ import annotations

import fnmatch
import posixpath
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from mixpriv_reconcile.manifest.document import Document
from mixpriv_reconcile.manifest.report import Report
from mixpriv_reconcile.model.address import Address
from mixpriv_reconcile.model.paths import SANDBOX_STATE
from mixpriv_reconcile.model.resource import OptOutSpec, Resource, RetrievalSpec, sources_of
from mixpriv_reconcile.model.workspace import Project, Workspace

__all__ = ["check_lists"]

WILD = frozenset("*?[")


@dataclass(slots=True)
class _Places:
    """What has a place in the workspace: files, folders with all below them, and patterns of files; and what each is."""

    files: dict[str, str] = field(default_factory=dict)
    folders: dict[str, str] = field(default_factory=dict)
    patterns: list[tuple[list[str], str]] = field(default_factory=list)

    def taker(self, path: str) -> str | None:
        """What lies at *path*, None where nothing does."""
        names = path.split("/")
        above = ("/".join(names[:length]) for length in range(1, len(names)))
        found = [self.files[path]] if path in self.files else [self.folders[folder] for folder in above if folder in self.folders]
        found = found or [what for pattern, what in self.patterns if _names(pattern, names)]
        return found[0] if found else None


def check_lists(
    resources: Sequence[Resource], workspace: Workspace, projects: Mapping[str, Project], documents: Mapping[str, Document], report: Report
) -> None:
    """Report each opt-out list whose path is taken; *documents* are by project."""
    specs = ((resource.address, resource.spec) for resource in resources)
    lists = [(address, spec.write_to) for address, spec in specs if isinstance(spec, OptOutSpec) and spec.write_to]
    if not lists:
        return
    places = _places(resources, workspace, projects)
    first: dict[str, Address] = {}
    for address, path in lists:
        document, place = documents[address.project], ("projects", address.project, "opt_outs", "write_to")
        other = first.setdefault(path, address)
        if other is not address:
            message = f"{other} is written to the same file; one list would overwrite the other"
            report.error("MP0384", message, "give each project a list of its own", document, place, address=str(address))
        what = places.taker(path)
        if what is not None:
            message, hint = f"this is the place of {what}", "give the list a file of its own"
            report.error("MP0385", message, hint, document, place, address=str(address))


def _places(resources: Iterable[Resource], workspace: Workspace, projects: Mapping[str, Project]) -> _Places:
    places = _Places()
    for state in (workspace.state.path, SANDBOX_STATE):
        places.files[state] = "the state"
        places.folders[f"{state.removesuffix('.json')}.d"] = "the state"
    token, location = workspace.gdpr_token, workspace.state
    shared = (token.ref if token is not None else None, location.username, location.password)
    for reference in (*shared, *(project.token for project in projects.values())):
        if reference is not None and reference.file is not None:
            places.files[posixpath.normpath(reference.file)] = "a credential"
    for resource in resources:
        if isinstance(resource.spec, RetrievalSpec) and resource.spec.download_to:
            places.folders[resource.spec.download_to] = f"the exports of {resource.address}"
        sources = sources_of(resource.spec)
        for entry in sources.entries if sources is not None else ():
            what = f"a source of {resource.address}"
            if WILD.isdisjoint(entry.pattern):
                places.files.setdefault(entry.pattern, what)
            else:
                places.patterns.append((entry.pattern.split("/"), what))
    return places


def _names(pattern: list[str], path: list[str]) -> bool:
    """Whether *pattern*, name by name, names *path*; `**` is any number of folders, as where sources are looked for."""
    if not pattern or not path:
        return not pattern and not path
    if pattern[0] == "**":
        rest = pattern[1:] or ["*"]
        return any(_names(rest, path[skipped:]) for skipped in range(len(path)))
    return fnmatch.fnmatchcase(path[0], pattern[0]) and _names(pattern[1:], path[1:])
