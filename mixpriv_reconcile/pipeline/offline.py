"""Everything that can be known offline of the wishes, whether or not the manifests have errors: one run tells all of it.

Each look is made on what was understood. What ends one of them ends none of the others.
"""

from __future__ import annotations

import dataclasses
import enum
from collections.abc import Callable, Collection, Iterator, Sequence
from functools import partial

from mixpriv_reconcile.errors import Interrupted, ManifestInvalid, MixprivError
from mixpriv_reconcile.ids.few import are_few, findings_of_few
from mixpriv_reconcile.manifest import Reading
from mixpriv_reconcile.manifest.understood import Part
from mixpriv_reconcile.model.diagnostics import Diagnostic, Severity
from mixpriv_reconcile.model.exit_codes import strongest
from mixpriv_reconcile.model.ids import IdSources
from mixpriv_reconcile.model.resource import DeletionSpec, DesiredState, HoldSpec, OptOutSpec, Resource, RetrievalSpec, sources_of
from mixpriv_reconcile.pipeline.drift import drift
from mixpriv_reconcile.pipeline.export_folders import folders_checked
from mixpriv_reconcile.pipeline.private import opened_private_folder
from mixpriv_reconcile.pipeline.reading import by_place, check_state_folder, desired_of, merged
from mixpriv_reconcile.pipeline.setting import Setting

__all__ = ["Sources", "known_offline", "wished"]

TAKEN = frozenset({"MP0384", "MP0385"})
"""Findings that a list's path is another's by its letters; that it leads there, too, is no second one."""


class Sources(enum.Enum):
    """What becomes of files that manifests name under `from:` and `source:`."""

    READ = "read"
    FOUND = "found"  # looked for, so that a missing one is told; files of ids aren't opened, however many they hold
    LEFT = "left"  # not even looked for


def known_offline(setting: Setting, reading: Reading, sources: Sources) -> tuple[Diagnostic, ...]:
    """All findings by place, those of *reading* among them.

    Raises `ManifestInvalid` with all of them where there are errors; and what ended a look, where that is all there is.
    """
    found = reading.diagnostics
    ended: list[MixprivError] = []
    for look in _looks(setting, reading, sources):
        try:
            found = merged(found, look())
        except Interrupted:
            raise
        except MixprivError as error:
            ended.append(error)
    if not ended and not any(finding.is_error for finding in found):
        return by_place(found)
    if len(ended) == 1 and not any(finding.is_error for finding in found):
        raise ended[0]
    codes = {error.exit_code for error in ended} | {1 for finding in found if finding.is_error}
    told = tuple(Diagnostic(error.code, Severity.ERROR, error.message, error.hint) for error in ended)
    invalid = ManifestInvalid(by_place(merged(found, told)))
    invalid.exit_code = strongest(codes)
    raise invalid


def wished(setting: Setting, reading: Reading) -> DesiredState:
    """What the manifests ask for. Where they have errors, raises `ManifestInvalid` with all that is known without opening files of ids."""
    if reading.desired is None:
        known_offline(setting, reading, Sources.FOUND)
    return desired_of(reading)


def _looks(setting: Setting, reading: Reading, sources: Sources) -> Iterator[Callable[[], tuple[Diagnostic, ...]]]:
    """Each look that is made, in their order."""
    taken = frozenset(found.address for found in reading.diagnostics if found.code in TAKEN)
    yield partial(_state_folder, setting, reading.parts[0].desired)
    for part in reading.parts:
        yield partial(_misplaced, setting, part.desired, taken)
        yield partial(folders_checked, setting.root, part.desired)
        if sources is not Sources.LEFT:
            yield partial(drift, setting, part.desired, part.unsure)
    if sources is Sources.FOUND:
        yield partial(_found, setting, reading.parts)
    yield partial(_ids, setting, reading.parts if sources is Sources.READ else tuple(map(_inline_only, reading.parts)), sources)


def _state_folder(setting: Setting, desired: DesiredState) -> tuple[Diagnostic, ...]:
    check_state_folder(setting, desired.workspace.state)
    return ()


def _misplaced(setting: Setting, desired: DesiredState, taken: Collection[str]) -> tuple[Diagnostic, ...]:
    """What is wrong with the places of opt-out lists, but those at the addresses *taken*."""
    if not any(isinstance(resource.spec, OptOutSpec) for resource in desired.resources):
        return ()
    # It knows the state's files, and takes long to load.
    from mixpriv_reconcile.pipeline.written import misplaced

    return tuple(found for found in misplaced(setting, desired) if found.address not in taken)


# Ids


def _inline_only(part: Part) -> Part:
    """*part* without files of ids."""
    return Part(dataclasses.replace(part.desired, resources=tuple(map(_without_files, part.desired.resources))), part.unsure)


def _without_files(resource: Resource) -> Resource:
    spec = resource.spec
    if not isinstance(spec, DeletionSpec | RetrievalSpec | OptOutSpec | HoldSpec) or not spec.sources.entries:
        return resource
    return dataclasses.replace(resource, spec=dataclasses.replace(spec, sources=IdSources(spec.sources.inline)))


def _requests(parts: Sequence[Part]) -> list[tuple[Resource, IdSources]]:
    every = [resource for part in parts for resource in part.desired.resources]
    return [(resource, sources) for resource in every if (sources := sources_of(resource.spec)) is not None]


def _found(setting: Setting, parts: Sequence[Part]) -> tuple[Diagnostic, ...]:
    """What is wrong with files of ids before one is opened."""
    requests = [(str(resource.address), sources.entries) for resource, sources in _requests(parts) if sources.entries]
    if not requests:
        return ()
    from mixpriv_reconcile.ids.sources import expand
    from mixpriv_reconcile.pipeline.guarding import guarded

    guards = guarded(setting, parts[0].desired)
    return tuple(
        dataclasses.replace(found, address=address) for address, entries in requests for found in expand(setting.root, entries, guards)[1]
    )


def _ids(setting: Setting, parts: Sequence[Part], sources: Sources) -> tuple[Diagnostic, ...]:
    """What is to be said of the ids of every request."""
    bounds, requests = setting.bounds, _requests(parts)
    if not requests:
        return ()
    is_long = any(
        inline is not None and len(inline) > bounds.opt_out_entries
        for inline in (sources.inline for resource, sources in requests if isinstance(resource.spec, OptOutSpec))
    )
    if not is_long and are_few((sources for _, sources in requests), bounds):
        found = [*opened_private_folder(setting.root)] if sources is Sources.READ else []
        allowed = frozenset(parts[0].desired.workspace.policy.allow_placeholder_ids)
        for resource, own in requests:
            found += findings_of_few(
                own, bounds=bounds, allowed_placeholders=allowed, address=str(resource.address), show_ids=setting.show_ids
            )
        return tuple(found)
    # Only a workspace with id files, or with many ids, pays for numpy and the cipher.
    from mixpriv_reconcile.ids.keys import random_key
    from mixpriv_reconcile.pipeline.catalogue import Catalogue
    from mixpriv_reconcile.pipeline.guarding import guarded

    guards = guarded(setting, parts[0].desired)
    with Catalogue(setting.root, random_key(), bounds, guards, progress=setting.reading, show_ids=setting.show_ids) as catalogue:
        for part in parts:
            catalogue.scan(part.desired)
        return catalogue.diagnostics
