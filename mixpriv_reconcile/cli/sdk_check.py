"""`mixpriv sdk check`."""

from __future__ import annotations

from typing import Any

import click

from mixpriv_reconcile.cli import offered
from mixpriv_reconcile.cli.choices import Choice
from mixpriv_reconcile.cli.options import Shared, shared_options
from mixpriv_reconcile.model.regions import Region

__all__ = ["command"]


@click.command("check")
@click.argument("paths", metavar="PATH...", nargs=-1, required=True, shell_complete=offered.files)
@click.option("--residency", type=Choice([region.value for region in Region]), help="The sources' region; default: the workspace's.")
@click.option("--allow-host", metavar="HOST", multiple=True, help="A proxy of yours, which needs no note (repeatable).")
@shared_options
@click.pass_obj
def command(parent: Shared, /, paths: tuple[str, ...], residency: str | None, allow_host: tuple[str, ...], **given: Any) -> None:
    """Look through sources for SDKs that send to another region. PATH is a file or a folder; what git ignores is passed over.

    Ends 7 where it finds an error or a warning. Works outside a workspace with --residency.
    """
    from mixpriv_reconcile.cli.output import print_diagnostics, print_report
    from mixpriv_reconcile.cli.running import setting_of
    from mixpriv_reconcile.pipeline.sdk_check import sdk_check
    from mixpriv_reconcile.render.sdk_check import summary

    shared = parent.merged(given)
    region = Region(residency) if residency is not None else None
    checked = sdk_check(setting_of(shared), paths, region, allow_host)
    said = summary(checked.files, checked.diagnostics)
    shared.gathered.found(checked.diagnostics)
    shared.gathered.why = said
    print_diagnostics(shared.gathered, checked.diagnostics)
    code = 7 if checked.has_drift else 0
    if shared.is_text:
        click.echo(said)
    else:
        print_report(shared.gathered, code)
    click.get_current_context().exit(code)
