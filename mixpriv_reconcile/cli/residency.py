"""Which region a command is about, where the workspace has to tell."""

from __future__ import annotations

from collections.abc import Mapping

from mixpriv_reconcile.cli.options import Shared
from mixpriv_reconcile.cli.running import setting_of
from mixpriv_reconcile.errors import ManifestInvalid, WrongUsage
from mixpriv_reconcile.model.regions import Region
from mixpriv_reconcile.pipeline.reading import desired_of, read

__all__ = ["only_region", "region_of"]

NO_MANIFEST = "MP0101"


def region_of(shared: Shared, name: str) -> Region:
    """The region of the project *name*; raises `WrongUsage` where the workspace has no such project."""
    regions = _regions(shared)
    if name not in regions:
        raise WrongUsage("MP0006", f"there is no project {name} in this workspace", f"one of: {', '.join(sorted(regions))}")
    return regions[name]


def only_region(shared: Shared) -> Region:
    """The region that all projects share; raises `WrongUsage` where there is none, or more than one."""
    both = f"name a project of the workspace, or a region: `mixpriv {shared.command} PROJECT`, or `mixpriv {shared.command} --residency eu`"
    try:
        regions = _regions(shared)
    except ManifestInvalid as invalid:
        if any(getattr(found, "code", "") == NO_MANIFEST for found in invalid.diagnostics):
            raise WrongUsage("MP0010", "there is no workspace here to tell the region", both) from None
        raise
    if not regions:
        raise WrongUsage("MP0010", "the workspace has no project to tell the region", both)
    if len(set(regions.values())) > 1:
        raise WrongUsage("MP0010", "the workspace's projects lie in several regions", both)
    return next(iter(regions.values()))


def _regions(shared: Shared) -> Mapping[str, Region]:
    projects = desired_of(read(setting_of(shared))).projects
    return {name: project.region for name, project in projects.items()}
