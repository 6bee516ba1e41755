"""From a reference in a manifest to the secret behind it."""

from __future__ import annotations

import os
from pathlib import Path

from mixpriv_reconcile.errors import CredentialMissing
from mixpriv_reconcile.model.paths import KEY_FILE
from mixpriv_reconcile.model.secrets import Secret, SecretRef
from mixpriv_reconcile.pipeline.setting import Setting
from mixpriv_reconcile.remote import resolve

__all__ = ["resolved"]


def resolved(ref: SecretRef, what: str, setting: Setting) -> Secret:
    """The secret behind *ref*, which is for *what*; raises `CredentialMissing`."""
    if ref.file is not None:
        ref = SecretRef(file=str(setting.root / ref.file))
        if _is_key(setting.root, ref):
            hint = "point it to the file that holds the token"
            raise CredentialMissing("MP0371", f"{what}: the file it points to is the digest key", hint)
    return resolve(ref, what, setting.environment, setting.bounds)


def _is_key(root: Path, ref: SecretRef) -> bool:
    """Whether *ref* leads to the workspace's digest key, by whatever link."""
    try:
        return os.path.samefile(root / KEY_FILE, ref.file or "")
    except (OSError, ValueError):
        return False
