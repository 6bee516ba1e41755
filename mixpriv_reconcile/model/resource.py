"""What the manifests ask for: resources, and the desired state they add up to."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any, TypeAlias

from mixpriv_reconcile.model.address import Address
from mixpriv_reconcile.model.diagnostics import Diagnostic, SourceSpan
from mixpriv_reconcile.model.ids import IdSet, IdSources
from mixpriv_reconcile.model.regions import Region
from mixpriv_reconcile.model.workspace import Project, Workspace

__all__ = [
    "Block",
    "Confirmation",
    "DeletionSpec",
    "DesiredState",
    "Extension",
    "HoldSpec",
    "OptOutSpec",
    "RequestSpec",
    "ResidencySpec",
    "Resource",
    "RetrievalSpec",
    "SdkSpec",
    "Spec",
    "SsoSpec",
    "sources_of",
]


@dataclass(frozen=True, slots=True)
class Confirmation:
    """A person says that a manual step was done."""

    by: str
    on: date


@dataclass(frozen=True, slots=True)
class Extension:
    """The person was told, on *notified*, that the answer takes longer, and why."""

    notified: date
    reason: str


@dataclass(frozen=True, slots=True)
class ResidencySpec:
    """The region in which the project was created."""

    region: Region


@dataclass(frozen=True, slots=True)
class SsoSpec:
    """The postback URL as written, and the region an IdP-initiated login lands in."""

    postback_url: str
    region: Region
    identity_provider: str | None = None
    confirmed: Confirmation | None = None


@dataclass(frozen=True, slots=True)
class DeletionSpec:
    """One erasure request: under which law, since when, whom."""

    compliance: str
    sources: IdSources
    received: date | None = None
    not_before: date | None = None
    extension: Extension | None = None


@dataclass(frozen=True, slots=True)
class RetrievalSpec:
    """One access request: under which law, since when, whom, what is disclosed, and the folder that takes the finished export.

    *download_to* is relative to the workspace; *place* is where the manifest says so.
    """

    compliance: str
    sources: IdSources
    download_to: str
    received: date | None = None
    disclosure: str | None = None
    extension: Extension | None = None
    place: SourceSpan | None = None


@dataclass(frozen=True, slots=True)
class OptOutSpec:
    """Who is not to be tracked any more, and the suppression list that says so: its path relative to the workspace, its form of ids."""

    sources: IdSources
    write_to: str
    digest: str


@dataclass(frozen=True, slots=True)
class HoldSpec:
    """Who must not be erased, whatever a request says."""

    sources: IdSources


@dataclass(frozen=True, slots=True)
class SdkSpec:
    """An SDK in use, and hosts of own proxies. *source* is relative to the workspace, empty where none is checked; *span* is its place."""

    name: str
    source: str = ""
    allow_hosts: tuple[str, ...] = ()
    span: SourceSpan | None = None


RequestSpec: TypeAlias = DeletionSpec | RetrievalSpec
"""What is submitted to Mixpanel in batches of ids."""

Spec: TypeAlias = ResidencySpec | SsoSpec | DeletionSpec | RetrievalSpec | OptOutSpec | HoldSpec | SdkSpec


def sources_of(spec: Spec) -> IdSources | None:
    """Where the ids of *spec* stand, or None for a kind that has none."""
    return spec.sources if isinstance(spec, DeletionSpec | RetrievalSpec | OptOutSpec | HoldSpec) else None


@dataclass(frozen=True, slots=True)
class Resource:
    """One thing under management; *span* is the place of its key in the manifest."""

    address: Address
    spec: Spec
    span: SourceSpan


@dataclass(frozen=True, slots=True)
class Block:
    """The plain, schema-valid values of one resource's block, on their way to becoming a `Spec`.

    `span_of(path)` is the place of the value at *path*, a tuple of keys below the block, `()` being the block itself;
    `span_of(path, key=True)` that of its key. `diagnostic(code, severity, message, hint, path, key=False)` makes a finding
    there, with its masked excerpt. `sources` are the ids the block names, already taken out of the values. `unsure` are the keys
    whose value may not be what was meant, be it there or not: it was refused, given twice, or is there misspelt.
    """

    address: Address
    value: Any
    project: Project
    workspace: Workspace
    today: date
    span_of: Callable[..., SourceSpan]
    diagnostic: Callable[..., Diagnostic]
    sources: IdSources = field(default_factory=IdSources)
    unsure: frozenset[str] = field(default_factory=frozenset)


@dataclass(frozen=True, slots=True)
class DesiredState:
    """Everything the manifests ask for.

    *fingerprint* is a SHA-256 (hex) of what the manifests say, id lists aside, the same for any order of files, keys and
    comments. *ids* holds the scanned ids of each request, and is empty until the sources were read.
    """

    workspace: Workspace
    projects: Mapping[str, Project]
    resources: tuple[Resource, ...]
    fingerprint: str
    manifests: tuple[str, ...] = ()
    ids: Mapping[Address, IdSet] = field(default_factory=dict)

    def with_ids(self, ids: Mapping[Address, IdSet]) -> DesiredState:
        """The same wishes, with the ids of each request known."""
        return dataclasses.replace(self, ids=ids)
