"""SDK drift: declared sources, held against their project's region. A warning in `validate` and the plan, never a change."""

from __future__ import annotations

import dataclasses
import os
from collections.abc import Collection, Iterator

from mixpriv_reconcile.ids.files import location, open_source
from mixpriv_reconcile.ids.flaws import Flaw
from mixpriv_reconcile.model.address import Address
from mixpriv_reconcile.model.diagnostics import Diagnostic, Severity, SourceSpan
from mixpriv_reconcile.model.regions import Region
from mixpriv_reconcile.model.resource import DesiredState, Resource, SdkSpec
from mixpriv_reconcile.pipeline.setting import Setting

__all__ = ["drift"]

REGULAR = "name a regular file inside the workspace, and no link that leaves it"


def drift(setting: Setting, desired: DesiredState, unsure: Collection[Address] = ()) -> tuple[Diagnostic, ...]:
    """What is to be said of every declared source; an error where one is missing or leaves the workspace.

    Of those at the addresses *unsure*, whose region or proxies aren't known, only that.
    """
    declared = [(resource, resource.spec) for resource in desired.resources if isinstance(resource.spec, SdkSpec) and resource.spec.source]
    regions = {name: project.region for name, project in desired.projects.items()}
    return tuple(
        found
        for resource, spec in declared
        for found in _drift_of(setting, resource, spec, None if resource.address in unsure else regions[resource.address.project])
    )


def _drift_of(setting: Setting, resource: Resource, spec: SdkSpec, region: Region | None) -> Iterator[Diagnostic]:
    # Only a workspace with sources of SDKs pays for what reads them.
    from mixpriv_reconcile.pipeline.source_files import MAX_BYTES
    from mixpriv_reconcile.sdks import leaks_in, profile_named
    from mixpriv_reconcile.sdks.scan import is_source, scan

    address, span = str(resource.address), spec.span or resource.span
    try:
        content = _content(setting, spec.source, MAX_BYTES + 1)
    except Flaw as flaw:
        code, hint = ("MP1020", "write the path of a file, relative to this manifest") if flaw.code == "MP0401" else ("MP1021", REGULAR)
        yield Diagnostic(code, Severity.ERROR, flaw.message, hint, span, address)
        return
    why = "" if is_source(spec.source) else "its name is of no language that is looked at"
    why = f"it is larger than {MAX_BYTES:,} bytes" if len(content) > MAX_BYTES else why
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError:
        text, why = "", why or "it isn't UTF-8"
    if why:
        message, hint = f"this source can't be checked: {why}", "name the file that sets the SDK up"
        yield Diagnostic("MP1023", Severity.WARNING, message, hint, span, address)
        return
    if region is None:
        return
    scanned = scan(spec.source, text, region, spec.allow_hosts, sdk=spec.name)
    leaks = tuple(leak.what for leak in leaks_in(profile_named(spec.name), region))
    for found in scanned.diagnostics:
        is_drift = found.severity is not Severity.NOTE
        hint = f"{found.hint}; also known of this SDK: {'; '.join(leaks)}" if is_drift and leaks else found.hint
        leaks = () if is_drift else leaks
        yield dataclasses.replace(found, severity=Severity.WARNING if is_drift else Severity.NOTE, hint=hint, address=address)
    if not scanned.diagnostics and spec.name not in scanned.sdks and spec.name != "http":
        yield _not_set_up(spec, span, address)


def _not_set_up(spec: SdkSpec, span: SourceSpan, address: str) -> Diagnostic:
    message = f"this source doesn't set up the SDK {spec.name}, so it says nothing of the region"
    return Diagnostic("MP1024", Severity.NOTE, message, "name the file that does, or leave `source` out", span, address)


def _content(setting: Setting, path: str, at_most: int) -> bytes:
    """The first bytes of a source; raises `Flaw`."""
    location(setting.root, path)
    with os.fdopen(open_source(setting.root, path), "rb") as file:
        return file.read(at_most)
