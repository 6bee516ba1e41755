"""From options to a `Setting`, for every command that needs a workspace."""

from __future__ import annotations

import os
import sys
import time
from functools import partial
from typing import TextIO

import click

from mixpriv_reconcile.cli.ids_asked_for import check_private
from mixpriv_reconcile.cli.options import FORMATS, Shared
from mixpriv_reconcile.cli.terminal import can_move_cursor, check_compat
from mixpriv_reconcile.cli.twice_told import end_now
from mixpriv_reconcile.pipeline.clock import SystemClock
from mixpriv_reconcile.pipeline.setting import Setting
from mixpriv_reconcile.render.reading import ReadingShown

__all__ = ["setting_of"]


def setting_of(shared: Shared, *, formats: tuple[str, ...] = FORMATS, ids_to: tuple[TextIO, ...] = ()) -> Setting:
    """Where and how the command at hand, which has these *formats*, runs; raises `WrongUsage` for options that can't be.

    *ids_to* are the streams on which `--show-ids` shows ids, where that was given.
    """
    shared.check(formats=formats)
    check_compat()
    setting = Setting(
        root=shared.root,
        environment=dict(os.environ),
        clock=SystemClock(),
        command=shared.command,
        sandbox=shared.sandbox,
        parallelism=shared.parallelism or 100,
        lock_timeout_seconds=shared.lock_timeout or 0.0,
        show_ids=bool(ids_to),
        reading=ReadingShown(sys.stderr, time.monotonic) if can_move_cursor(sys.stderr) else None,
        end_now=partial(end_now, shared.gathered),
        tell=lambda text: click.echo(text, err=True),
    )
    if ids_to:
        check_private(shared, ids_to, in_ci=setting.in_ci)
    if shared.sandbox and not shared.is_json:
        click.echo(
            "sandbox: a pretended Mixpanel on loopback, which keeps what it is sent, distinct ids included, in .mixpriv/sandbox/", err=True
        )
    return setting
