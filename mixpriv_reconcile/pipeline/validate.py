"""`validate`: everything that can be known offline."""

from __future__ import annotations

from mixpriv_reconcile.errors import ManifestInvalid
from mixpriv_reconcile.model.diagnostics import Diagnostic
from mixpriv_reconcile.model.resource import DesiredState
from mixpriv_reconcile.pipeline.reading import check_state_folder, desired_of, merged, read
from mixpriv_reconcile.pipeline.setting import Setting

__all__ = ["validate"]


def validate(setting: Setting, *, with_sources: bool = True) -> tuple[Diagnostic, ...]:
    """Everything that can be known offline; needs no key and no credential. Raises `ManifestInvalid` where there are errors."""
    reading = read(setting)
    if not with_sources or (reading.desired is not None and not _has_ids(reading.desired)):
        check_state_folder(setting, desired_of(reading))
        return reading.diagnostics
    # Only a workspace with ids pays for numpy and the cipher.
    from mixpriv_reconcile.ids.keys import random_key
    from mixpriv_reconcile.pipeline.catalogue import Catalogue
    from mixpriv_reconcile.pipeline.guarding import guarded

    desired = desired_of(reading)
    check_state_folder(setting, desired)
    with Catalogue(setting.root, random_key(), setting.bounds, guarded(setting, desired)) as catalogue:
        catalogue.scan(desired)
        found = merged(reading.diagnostics, catalogue.diagnostics)
    if any(finding.is_error for finding in found):
        raise ManifestInvalid(found)
    return found


def _has_ids(desired: DesiredState) -> bool:
    return any(resource.address.kind == "deletions" for resource in desired.resources)
