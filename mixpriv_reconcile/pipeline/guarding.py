"""The files of a workspace that must never be taken for id sources, nor be written over."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping

from mixpriv_reconcile.ids.guarded import Guarded, guarding
from mixpriv_reconcile.manifest.discovery import IGNORE_FILE
from mixpriv_reconcile.model.paths import KEY_FILE, SANDBOX_STATE
from mixpriv_reconcile.model.resource import DesiredState
from mixpriv_reconcile.model.state import ProjectRecord
from mixpriv_reconcile.pipeline.opening import project_records
from mixpriv_reconcile.pipeline.setting import Setting
from mixpriv_reconcile.state import LocalBackend

__all__ = ["guarded", "guarded_paths"]


def guarded(setting: Setting, desired: DesiredState, remembered: Mapping[str, ProjectRecord] | None = None) -> Guarded:
    """Digest key, state, manifests, and the files that credentials point to, those of *remembered* projects included."""
    records = [*project_records(desired).values(), *(remembered or {}).values()]
    backends = _backends(setting, desired)
    return guarding(setting.root, _files(desired, records, backends), [str(backend.folder) for backend in backends])


def guarded_paths(setting: Setting, desired: DesiredState) -> Mapping[str, str]:
    """The same as real, absolute paths, whether or not something is there yet; and what each is. The state's folders are among them."""
    backends = _backends(setting, desired)
    files = _files(desired, list(project_records(desired).values()), backends)
    files += [(str(backend.folder), "the state") for backend in backends]
    return {os.path.realpath(setting.root / path): what for path, what in files}


def _backends(setting: Setting, desired: DesiredState) -> list[LocalBackend]:
    return [LocalBackend(setting.root / path) for path in (desired.workspace.state.path, SANDBOX_STATE)]


def _files(desired: DesiredState, records: list[ProjectRecord], backends: list[LocalBackend]) -> list[tuple[str, str]]:
    return [
        (KEY_FILE, "the workspace's digest key"),
        *((path, "a file that a credential points to") for path in _credentials(records, desired)),
        *((str(path), "part of the state") for backend in backends for path in backend.files),
        *((path, "a manifest") for path in desired.manifests),
        (IGNORE_FILE, "the ignore file"),
    ]


def _credentials(records: list[ProjectRecord], desired: DesiredState) -> Iterator[str]:
    token, account = desired.workspace.gdpr_token, desired.workspace.service_account
    references = [token.ref if token is not None else None, desired.workspace.state.username, desired.workspace.state.password]
    references += [account.username, account.secret] if account is not None else []
    references += [reference for record in records for reference in (record.token, record.gdpr_token)]
    return (reference.file for reference in references if reference is not None and reference.file is not None)
