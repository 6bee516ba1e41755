"""`mixpriv endpoints`."""

from __future__ import annotations

import sys
from typing import Any

import click

from mixpriv_reconcile.cli import offered
from mixpriv_reconcile.cli.choices import Choice
from mixpriv_reconcile.cli.options import Shared, shared_options
from mixpriv_reconcile.model.regions import Region

__all__ = ["command"]


@click.command("endpoints")
@click.argument("project", required=False, shell_complete=offered.projects)
@click.option("--residency", type=Choice([region.value for region in Region]), help="Only this region; works outside a workspace.")
@shared_options
@click.pass_obj
def command(parent: Shared, /, project: str | None, residency: str | None, **given: Any) -> None:
    """Print the hosts of each API by region, or those of PROJECT's region."""
    from mixpriv_reconcile.cli.output import data_look, print_page
    from mixpriv_reconcile.cli.residency import region_of
    from mixpriv_reconcile.render.endpoints import endpoints_json, endpoints_page, render_endpoints

    shared = parent.merged(given)
    shared.check()
    region = Region(residency) if residency is not None else None
    if project is not None:
        region = region_of(shared, project)
    shared.gathered.page, shared.gathered.why = endpoints_page(region), "the hosts are shown"
    if shared.is_json:
        sys.stdout.write(endpoints_json(region))
    elif not shared.is_text:
        print_page(shared.gathered)
    else:
        render_endpoints(sys.stdout, data_look(shared), region)
