"""`validate`: everything that can be known offline."""

from __future__ import annotations

from collections.abc import Sequence

from mixpriv_reconcile.errors import ManifestInvalid
from mixpriv_reconcile.ids.few import are_few, findings_of_few
from mixpriv_reconcile.model.diagnostics import Diagnostic
from mixpriv_reconcile.model.ids import IdSources
from mixpriv_reconcile.model.resource import DesiredState, OptOutSpec, sources_of
from mixpriv_reconcile.pipeline.drift import drift
from mixpriv_reconcile.pipeline.export_folders import folders_checked
from mixpriv_reconcile.pipeline.private import opened_private_folder
from mixpriv_reconcile.pipeline.reading import check_state_folder, desired_of, merged, read
from mixpriv_reconcile.pipeline.setting import Setting
from mixpriv_reconcile.pipeline.tokens import needing_a_token, without_tokens

__all__ = ["validate"]


def validate(setting: Setting, *, with_sources: bool = True) -> tuple[Diagnostic, ...]:
    """Everything that can be known offline; needs no key and no credential. Raises `ManifestInvalid` where there are errors."""
    reading = read(setting)
    desired = desired_of(reading)
    check_state_folder(setting, desired.workspace.state)
    requests = [(str(item.address), sources) for item in desired.resources if (sources := sources_of(item.spec)) is not None]
    found = (without_tokens if setting.sandbox else needing_a_token)(reading.diagnostics)
    found = merged(found, _misplaced(setting, desired), folders_checked(setting.root, desired))
    if with_sources:
        found = merged(found, drift(setting, desired))
    if with_sources and requests:
        found = merged(found, _checked(setting, desired, requests))
    if any(finding.is_error for finding in found):
        raise ManifestInvalid(found)
    return found


def _misplaced(setting: Setting, desired: DesiredState) -> tuple[Diagnostic, ...]:
    """What is wrong with the places of opt-out lists."""
    if not any(isinstance(resource.spec, OptOutSpec) for resource in desired.resources):
        return ()
    # It knows the state's files, and takes long to load.
    from mixpriv_reconcile.pipeline.written import misplaced

    return misplaced(setting, desired)


def _checked(setting: Setting, desired: DesiredState, requests: Sequence[tuple[str, IdSources]]) -> tuple[Diagnostic, ...]:
    """What is to be said of the ids of *requests*, each an address and its sources."""
    bounds = setting.bounds
    is_long = any(
        item.sources.inline is not None and len(item.sources.inline) > bounds.opt_out_entries
        for item in (resource.spec for resource in desired.resources)
        if isinstance(item, OptOutSpec)
    )
    if not is_long and are_few((sources for _, sources in requests), bounds):
        found = [*opened_private_folder(setting.root)]
        allowed = frozenset(desired.workspace.policy.allow_placeholder_ids)
        for address, sources in requests:
            found += findings_of_few(sources, bounds=bounds, allowed_placeholders=allowed, address=address)
        return tuple(found)
    # Only a workspace with id files, or with many ids, pays for numpy and the cipher.
    from mixpriv_reconcile.ids.keys import random_key
    from mixpriv_reconcile.pipeline.catalogue import Catalogue
    from mixpriv_reconcile.pipeline.guarding import guarded

    with Catalogue(setting.root, random_key(), bounds, guarded(setting, desired), progress=setting.reading) as catalogue:
        catalogue.scan(desired)
        return catalogue.diagnostics
