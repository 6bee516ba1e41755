"""`status`, `show` and `state list`: what is remembered, as it is; nothing is sent or written."""

from __future__ import annotations

from mixpriv_reconcile.errors import StateError
from mixpriv_reconcile.ids.keys import DigestKey, derive, random_key
from mixpriv_reconcile.model.diagnostics import Diagnostic
from mixpriv_reconcile.model.resource import DesiredState
from mixpriv_reconcile.model.status import StatusReport
from mixpriv_reconcile.pipeline.catalogue import Catalogue
from mixpriv_reconcile.pipeline.opening import open_workspace
from mixpriv_reconcile.pipeline.plan import recovery_note
from mixpriv_reconcile.pipeline.reading import merged
from mixpriv_reconcile.pipeline.setting import Setting
from mixpriv_reconcile.plan import status_report
from mixpriv_reconcile.state import Loaded, LocalBackend, find_key

__all__ = ["remembered", "status"]


def remembered(setting: Setting, *, with_ids: bool = False) -> tuple[DesiredState, Loaded, LocalBackend, tuple[Diagnostic, ...]]:
    """The wishes and the memory, as they are; nothing is scanned, sent or written. *with_ids* needs undamaged segments."""
    desired, findings, backend, store = open_workspace(setting)
    is_held = backend.holder() is not None
    loaded = store.load(with_ids=with_ids)
    if loaded.recovered and not is_held:
        findings = (*findings, recovery_note(loaded))
    return desired, loaded, backend, findings


def status(setting: Setting) -> tuple[StatusReport, tuple[Diagnostic, ...]]:
    """How every declared or remembered request stands; offline. Works without the digest key, from counts alone."""
    desired, loaded, backend, findings = remembered(setting, with_ids=True)
    key, is_the_key = _key(setting, loaded)
    with Catalogue(setting.root, key, setting.bounds) as catalogue:
        ids = catalogue.scan(desired)
        findings = merged(findings, catalogue.diagnostics)
    counts = {address: found.count for address, found in ids.items()}
    holder = backend.holder()
    report = status_report(
        desired.with_ids(ids) if is_the_key else desired,
        loaded.state,
        setting.today(desired.workspace.timezone),
        counts=counts,
        apply_running=None if holder is None else {"who": holder.who, "host": holder.host, "pid": str(holder.pid), "since": holder.since},
    )
    return report, findings


def _key(setting: Setting, loaded: Loaded) -> tuple[DigestKey, bool]:
    """The digest key and whether it is the state's; where it isn't at hand, one for counting alone."""
    try:
        text = find_key(setting.root, setting.environment)
        key = derive(text) if text is not None else None
    except StateError:  # one that can't be read either
        key = None
    known = loaded.state.digest_key
    if key is None or (known is not None and known.check != key.check):
        return random_key(), False
    return key, True
