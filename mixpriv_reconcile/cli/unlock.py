"""`mixpriv unlock`."""

from __future__ import annotations

from typing import Any

import click

from mixpriv_reconcile.cli.options import Shared, shared_options
from mixpriv_reconcile.cli.output import print_json
from mixpriv_reconcile.cli.running import setting_of
from mixpriv_reconcile.pipeline.upkeep import unlock

__all__ = ["command"]


@click.command("unlock")
@click.argument("lock_id")
@shared_options
@click.pass_obj
def command(parent: Shared, /, lock_id: str, **given: Any) -> None:
    """Take the state's lock LOCK_ID from a holder that can't let go. That process neither sends nor writes any more."""
    shared = parent.merged(given)
    holder = unlock(setting_of(shared, "unlock"), lock_id)
    if shared.is_json:
        print_json({"unlocked": lock_id})
    else:
        click.echo(f"Unlocked; it was held by {holder.who} on {holder.host} (pid {holder.pid}) since {holder.since}.")
