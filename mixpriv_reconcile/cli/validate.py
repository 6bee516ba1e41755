"""`mixpriv validate`."""

from __future__ import annotations

import sys
from typing import Any

import click

from mixpriv_reconcile.cli.ids_asked_for import show_ids_option
from mixpriv_reconcile.cli.options import Shared, shared_options

__all__ = ["command"]


@click.command("validate")
@click.option("--no-sources", is_flag=True, help="Do without the files under `from:`, which a later pipeline step brings.")
@show_ids_option("the distinct ids that findings are about")
@shared_options
@click.pass_obj
def command(parent: Shared, /, no_sources: bool, show_ids: bool, **given: Any) -> None:
    """Check all manifests and the sources they name, offline. Needs no key and no credential.

    Everything that is wrong is reported in one run, by file, line and column.
    """
    from mixpriv_reconcile.cli.output import print_diagnostics, print_report
    from mixpriv_reconcile.cli.running import setting_of
    from mixpriv_reconcile.pipeline.validate import validate

    shared = parent.merged(given)
    found = validate(setting_of(shared, ids_to=(sys.stderr,) if show_ids else ()), with_sources=not no_sources)
    shared.gathered.found(found)
    print_diagnostics(shared.gathered, found)
    said = "The manifests are valid." if not no_sources else "The manifests are valid; their sources were not read."
    shared.gathered.why = said
    if shared.is_text:
        click.echo(said)
    else:
        print_report(shared.gathered, 0)
