"""`status`, `show` and `state list`: what is remembered, as it is; nothing is sent or written."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from mixpriv_reconcile.ids.keys import DigestKey, random_key
from mixpriv_reconcile.model.diagnostics import Diagnostic
from mixpriv_reconcile.model.resource import DesiredState
from mixpriv_reconcile.model.status import StatusReport
from mixpriv_reconcile.pipeline.catalogue import Catalogue
from mixpriv_reconcile.pipeline.exports import exports_seen
from mixpriv_reconcile.pipeline.guarding import guarded
from mixpriv_reconcile.pipeline.opening import key_at_hand, open_workspace
from mixpriv_reconcile.pipeline.plan import recovery_note, running_note
from mixpriv_reconcile.pipeline.reading import merged
from mixpriv_reconcile.pipeline.setting import Setting
from mixpriv_reconcile.plan import status_report
from mixpriv_reconcile.ports import Holder, StateBackend
from mixpriv_reconcile.state import Loaded

__all__ = ["Remembered", "remembered", "status"]


@dataclass(frozen=True, slots=True)
class Remembered:
    """The wishes and the memory. *holder* had the lock when the memory was read; *backend* is where it was read from."""

    desired: DesiredState
    loaded: Loaded
    backend: StateBackend
    holder: Holder | None
    findings: tuple[Diagnostic, ...]

    @property
    def notes(self) -> tuple[Diagnostic, ...]:
        """Why the memory may be another in a moment: somebody is at work, or died at it."""
        if self.holder is not None:
            return (running_note(self.holder),)
        return (recovery_note(self.loaded),) if self.loaded.recovered else ()

    @property
    def apply_running(self) -> Mapping[str, str] | None:
        """The holder's facts for documents, None where nobody held the lock."""
        holder = self.holder
        return None if holder is None else {"who": holder.who, "host": holder.host, "pid": str(holder.pid), "since": holder.since}


def remembered(setting: Setting, *, with_ids: bool) -> Remembered:
    """The wishes and the memory, as they are; nothing is scanned, sent or written. *with_ids* needs undamaged segments."""
    desired, findings, backend, store = open_workspace(setting)
    holder = backend.holder()
    return Remembered(desired, store.load(with_ids=with_ids), backend, holder, findings)


def status(setting: Setting) -> tuple[StatusReport, tuple[Diagnostic, ...]]:
    """How every declared or remembered request stands; offline. Works without the digest key, from counts alone."""
    memory = remembered(setting, with_ids=True)
    desired, loaded = memory.desired, memory.loaded
    key, is_the_key = _key(setting, loaded)
    guards = guarded(setting, desired, loaded.state.projects)
    with Catalogue(setting.root, key, setting.bounds, guards, loaded.state if is_the_key else None, progress=setting.reading) as catalogue:
        ids = catalogue.scan(desired)
        notes = memory.notes if memory.holder is None else ()  # of a holder the report tells
        findings = merged(memory.findings, notes, catalogue.diagnostics)
    report = status_report(
        desired.with_ids(ids) if is_the_key else desired,
        loaded.state,
        setting.today(desired.workspace.timezone),
        counts={address: found.count for address, found in ids.items()},
        files=exports_seen(setting.root, desired, loaded.state),
        apply_running=memory.apply_running,
    )
    return report, findings


def _key(setting: Setting, loaded: Loaded) -> tuple[DigestKey, bool]:
    """The digest key and whether it is the state's; where it isn't at hand, one for counting alone."""
    key, known = key_at_hand(setting), loaded.state.digest_key
    if key is None or (known is not None and known.check != key.check):
        return random_key(), False
    return key, True
