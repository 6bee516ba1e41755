"""What is installed with an extra, and named with its command where it isn't there."""

from __future__ import annotations

import importlib.util

from mixpriv_reconcile.errors import MissingExtra

__all__ = ["check_extra"]


def check_extra(module: str, extra: str) -> None:
    """Return if *module* can be imported; raises `MissingExtra` with the command that installs *extra*."""
    if importlib.util.find_spec(module) is None:
        raise MissingExtra(
            "MP0570",
            f"`backend: {extra}` needs the package {module}, which isn't installed",
            f"pip install 'mixpriv-reconcile[{extra}]'",
        )
