"""The door to Mixpanel: Request → Response, one client a project lane, paced and patient, inside the project's region only."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from mixpriv_reconcile.lazily import loader

if TYPE_CHECKING:
    from mixpriv_reconcile.remote.account import asked
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
    "asked",
    "open_lane",
    "resolve",
    "runtime_folder",
    "shared_tls",
]

_HOMES: Final = {
    "SPACING_SECONDS": "pace",
    "Origins": "origins",
    "Paces": "pace",
    "Retrying": "retrying",
    "SystemPatience": "patience",
    "asked": "account",
    "open_lane": "client",
    "resolve": "credentials",
    "runtime_folder": "pace",
    "shared_tls": "client",
}

__getattr__ = loader(__name__, _HOMES)  # for most plans have nothing to send and need neither client nor event loop
