"""Reading a workspace's manifests, and nothing that needs a state or a key."""

from __future__ import annotations

from mixpriv_reconcile.errors import ManifestInvalid
from mixpriv_reconcile.manifest import Reading, read_workspace
from mixpriv_reconcile.model.diagnostics import Diagnostic
from mixpriv_reconcile.model.resource import DesiredState
from mixpriv_reconcile.pipeline.setting import Setting

__all__ = ["desired_of", "merged", "read"]


def read(setting: Setting, remembered: frozenset[str] = frozenset()) -> Reading:
    """The workspace's manifests, read and checked; id sources are not looked at."""
    return read_workspace(setting.root, today=setting.today, bounds=setting.bounds, remembered_files=remembered)


def desired_of(reading: Reading) -> DesiredState:
    """What the manifests ask for; raises `ManifestInvalid` with every diagnostic where they have errors."""
    if reading.desired is None:
        raise ManifestInvalid(reading.diagnostics)
    return reading.desired


def merged(*groups: tuple[Diagnostic, ...]) -> tuple[Diagnostic, ...]:
    """Findings of several stages, each once, in the order they were made."""
    return tuple(dict.fromkeys(found for group in groups for found in group))
