"""The door to Mixpanel: Request → Response, one client a project lane, paced and patient, inside the project's region only."""

from __future__ import annotations

from mixpriv_reconcile.remote.client import open_lane, shared_tls
from mixpriv_reconcile.remote.credentials import resolve
from mixpriv_reconcile.remote.origins import Origins
from mixpriv_reconcile.remote.pace import SPACING_SECONDS, Paces, runtime_folder
from mixpriv_reconcile.remote.patience import SystemPatience
from mixpriv_reconcile.remote.retrying import Retrying

__all__ = [
    "SPACING_SECONDS",
    "Origins",
    "Paces",
    "Retrying",
    "SystemPatience",
    "open_lane",
    "resolve",
    "runtime_folder",
    "shared_tls",
]
