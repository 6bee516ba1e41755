"""`mixpriv version`."""

from __future__ import annotations

from typing import Any

import click

from mixpriv_reconcile import __version__
from mixpriv_reconcile.cli.options import Shared, shared_options
from mixpriv_reconcile.model.page import Page

__all__ = ["command"]


@click.command("version")
@shared_options
@click.pass_obj
def command(parent: Shared, /, **given: Any) -> None:
    """Print the version."""
    shared = parent.merged(given)
    shared.check()
    shared.gathered.page = Page(f"mixpriv {__version__}", ())
    if shared.is_json:
        click.echo(f'{{"version": "{__version__}"}}')
    elif not shared.is_text:
        from mixpriv_reconcile.cli.output import print_page

        print_page(shared.gathered)
    else:
        click.echo(f"mixpriv {__version__}")
