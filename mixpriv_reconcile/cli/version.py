"""`mixpriv version`."""

from __future__ import annotations

from typing import Any

import click

from mixpriv_reconcile import __version__
from mixpriv_reconcile.cli.options import Shared, shared_options

__all__ = ["command"]


@click.command("version")
@shared_options
@click.pass_obj
def command(parent: Shared, /, **given: Any) -> None:
    """Print the version."""
    shared = parent.merged(given)
    shared.check()
    if shared.is_json:
        click.echo(f'{{"version": "{__version__}"}}')
    else:
        click.echo(f"mixpriv {__version__}")
