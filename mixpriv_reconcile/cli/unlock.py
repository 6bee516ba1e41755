"""`mixpriv unlock`."""

from __future__ import annotations

import os
import socket
from typing import Any

import click

from mixpriv_reconcile.cli.options import Shared, shared_options

__all__ = ["command"]

ALIVE = "That process is still alive. It neither sends nor writes from now on; a batch it has sent may be in doubt."


@click.command("unlock")
@click.argument("lock_id")
@shared_options
@click.pass_obj
def command(parent: Shared, /, lock_id: str, **given: Any) -> None:
    """Take the state's lock LOCK_ID from a holder that can't let go. That process neither sends nor writes any more."""
    from mixpriv_reconcile.cli.output import print_json, print_report
    from mixpriv_reconcile.cli.running import setting_of
    from mixpriv_reconcile.pipeline.upkeep import unlock

    shared = parent.merged(given)
    holder = unlock(setting_of(shared), lock_id)
    shared.gathered.why = said = f"Unlocked; it was held by {holder.who} on {holder.host} (pid {holder.pid}) since {holder.since}."
    if shared.is_json:
        print_json({"unlocked": lock_id})
    else:
        if shared.is_text:
            click.echo(said)
        print_report(shared.gathered, 0)
        if holder.host == socket.gethostname() and _is_alive(holder.pid):
            click.echo(ALIVE, err=True)


def _is_alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except OSError:
        return True
    return True
