"""`sdk check`: sources of any tree, held against a region. Needs no workspace; inside one its region and its proxies count."""

from __future__ import annotations

import os
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from pathlib import Path

from mixpriv_reconcile.errors import ManifestInvalid, WrongUsage
from mixpriv_reconcile.ids.flaws import shown_path
from mixpriv_reconcile.model.diagnostics import Diagnostic, Severity, SourceSpan
from mixpriv_reconcile.model.regions import Region
from mixpriv_reconcile.model.resource import DesiredState, SdkSpec
from mixpriv_reconcile.pipeline.reading import read
from mixpriv_reconcile.pipeline.setting import Setting
from mixpriv_reconcile.pipeline.source_files import Unread, source_files, text_of
from mixpriv_reconcile.sdks.scan import Scanned, is_host, is_source, scan, sets_events

__all__ = ["Checked", "sdk_check"]

MANIFEST = "AndroidManifest.xml"


@dataclass(frozen=True, slots=True)
class Checked:
    """How many files were looked at, and what was found in them, by place."""

    files: int
    diagnostics: tuple[Diagnostic, ...]

    @property
    def has_drift(self) -> bool:
        """Whether anything weighs more than a note."""
        return any(found.severity is not Severity.NOTE for found in self.diagnostics)


def sdk_check(setting: Setting, paths: Sequence[str], region: Region | None, allow_hosts: Collection[str] = ()) -> Checked:
    """What is wrong in the sources at *paths*, relative to the setting's root.

    Without *region* it is the workspace's, where its projects lie in one. Raises `WrongUsage` for a path that isn't there, a host that is
    none, and where no region is known.
    """
    for host in allow_hosts:
        if not is_host(host.partition(":")[0]):
            hint = "give a host without scheme and path, e.g. --allow-host t.example.com"
            raise WrongUsage("MP1031", f"{shown_path(host)} is no host", hint)
    for path in paths:
        if not os.path.lexists(setting.root / path):
            raise WrongUsage("MP1030", f"{shown_path(path)} does not exist", "give files or folders of sources")
    desired = _wishes(setting, is_needed=region is None)
    region = region if region is not None else _region_of(desired)
    allowed = frozenset(allow_hosts).union(*(spec.allow_hosts for spec in _specs(desired)))
    return _checked(setting, paths, region, allowed)


def _checked(setting: Setting, paths: Sequence[str], region: Region, allow_hosts: Collection[str]) -> Checked:
    scans: list[Scanned] = []
    notes: list[Diagnostic] = []
    seen: set[str] = set()
    has_manifest = False
    for path in paths:
        is_folder = os.path.isdir(setting.root / path)
        for file in source_files(setting.root, path):
            real = os.path.realpath(setting.root / file)
            if real in seen:
                continue
            seen.add(real)
            text = text_of(setting.root / file) if is_source(file) else Unread("its name is of no language that is looked at")
            if isinstance(text, Unread):
                if not is_folder:  # below a folder there are files of every kind, and nobody named this one
                    notes.append(_skipped(file, text.why))
                continue
            has_manifest = has_manifest or (file.endswith(MANIFEST) and sets_events(text))
            scanned = scan(shown_path(file), text, region, allow_hosts)
            scans.append(scanned)
            # A hook is given the files of a commit, of which the manifest need not be one.
            has_manifest = has_manifest or bool(scanned.unless_manifest and _lies_below_manifest(setting.root, file))
    found = [one for scanned in scans for one in scanned.diagnostics if not (has_manifest and one in scanned.unless_manifest)]
    return Checked(len(scans), tuple(sorted([*notes, *found], key=_place)))


def _lies_below_manifest(root: Path, file: str) -> bool:
    """Whether a manifest beside *file*, or in a folder above it up to *root*, names the endpoints."""
    for folder in (root / file).parents:
        text = text_of(folder / MANIFEST) if (folder / MANIFEST).is_file() else None
        if isinstance(text, str) and sets_events(text):
            return True
        if folder == root:
            break
    return False


def _skipped(file: str, why: str) -> Diagnostic:
    return Diagnostic("MP1032", Severity.NOTE, f"this file isn't looked at: {why}", "leave it out", SourceSpan(shown_path(file), 1, 1))


def _place(found: Diagnostic) -> tuple[str, int, int, str]:
    return (found.span.file, found.span.line, found.span.column, found.code) if found.span is not None else ("", 0, 0, found.code)


def _wishes(setting: Setting, *, is_needed: bool) -> DesiredState | None:
    """What the workspace asks for; None outside of one. Raises `ManifestInvalid` where it has errors and *is_needed*."""
    reading = read(setting)
    if reading.desired is None and is_needed and [found.code for found in reading.diagnostics if found.is_error] != ["MP0101"]:
        raise ManifestInvalid(reading.diagnostics)
    return reading.desired


def _region_of(desired: DesiredState | None) -> Region:
    regions = {project.region for project in desired.projects.values()} if desired is not None else set()
    if len(regions) == 1:
        return regions.pop()
    if regions:
        named = ", ".join(sorted(region.value for region in regions))
        message = f"the projects of this workspace lie in several regions: {named}"
        raise WrongUsage("MP1033", message, f"give the one that the sources belong to, e.g. --residency {named[:2]}")
    message = "nothing says which region the sources belong to"
    raise WrongUsage("MP1033", message, "give it, e.g. --residency eu, or run this in a workspace")


def _specs(desired: DesiredState | None) -> list[SdkSpec]:
    return [resource.spec for resource in desired.resources if isinstance(resource.spec, SdkSpec)] if desired is not None else []
