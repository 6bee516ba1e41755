"""From options to a `Setting`, for every command that needs a workspace."""

from __future__ import annotations

import os

from mixpriv_reconcile.cli.options import Shared
from mixpriv_reconcile.pipeline.setting import Setting
from mixpriv_reconcile.remote.clock import SystemClock

__all__ = ["setting_of"]


def setting_of(shared: Shared, command: str) -> Setting:
    """Where and how *command* runs; raises `NotBuilt` and `WrongUsage` for options that can't be."""
    shared.check()
    return Setting(
        root=shared.root,
        environment=dict(os.environ),
        clock=SystemClock(),
        command=command,
        sandbox=shared.sandbox,
        parallelism=shared.parallelism or 100,
        lock_timeout_seconds=shared.lock_timeout or 0.0,
    )
