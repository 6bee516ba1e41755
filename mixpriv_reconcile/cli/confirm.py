"""`mixpriv confirm`."""

from __future__ import annotations

from typing import Any

import click

from mixpriv_reconcile.cli import offered
from mixpriv_reconcile.cli.options import Shared, shared_options
from mixpriv_reconcile.errors import WrongUsage

__all__ = ["command"]


@click.command("confirm")
@click.argument("address", shell_complete=offered.addresses("sso", "retrievals"))
@click.option("--by", required=True, metavar="WHO", help="Who did it.")
@shared_options
@click.pass_obj
def command(parent: Shared, /, address: str, by: str, **given: Any) -> None:
    """Record that a person did the manual step at ADDRESS, e.g. `web-eu.sso`, or handed over the exports of a retrieval, e.g.
    `web-eu.retrievals.dsar-4711`. A step's confirmation lapses when its URL changes; an export that was handed over may be deleted."""
    from mixpriv_reconcile.cli.output import print_diagnostics, print_json, print_report
    from mixpriv_reconcile.cli.running import setting_of
    from mixpriv_reconcile.model.address import Address
    from mixpriv_reconcile.pipeline.upkeep import confirm

    shared = parent.merged(given)
    shared.check()
    try:
        parsed = Address.parse(address)
    except ValueError:
        raise WrongUsage("MP0006", f"{address} is no address", "write it as in the plan, e.g. web-eu.sso") from None
    outcome = confirm(setting_of(shared), parsed, by)
    shared.gathered.found(outcome.diagnostics)
    shared.gathered.why = said = f"Confirmed {address} by {by}."
    if shared.is_json:
        print_json({"confirmed": address, "by": by})
        return
    print_diagnostics(shared.gathered, outcome.diagnostics)
    if shared.is_text:
        click.echo(said)
    print_report(shared.gathered, 0)
