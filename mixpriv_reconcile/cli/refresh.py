"""`mixpriv refresh`."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Any

import click

from mixpriv_reconcile.cli.options import DURATION, Shared, shared_options

if TYPE_CHECKING:
    from mixpriv_reconcile.model.journal import Polled

__all__ = ["command"]


@click.command("refresh")
@click.option("--max-duration", type=DURATION, metavar="DURATION", help="Stop after this long; exit 3 if tasks were not looked at.")
@shared_options
@click.pass_obj
def command(parent: Shared, /, max_duration: float | None, **given: Any) -> None:
    """Look at all open tasks, oldest look first, saving as it goes. Says when exports are ready to be fetched. Changes nothing else."""
    from mixpriv_reconcile.cli.output import print_notes, print_report
    from mixpriv_reconcile.cli.running import setting_of
    from mixpriv_reconcile.cli.waits import waits_told
    from mixpriv_reconcile.pipeline.upkeep import refresh

    shared = parent.merged(given)

    def tell(polled: Polled) -> None:
        shared.gathered.polled.append(polled)
        if not shared.is_json:
            click.echo(f"task {polled.tracking_id}: {polled.status}", err=True)

    outcome = refresh(setting_of(shared), waits_told(shared), max_seconds=max_duration, on_polled=tell)
    shared.gathered.found(outcome.diagnostics)
    shared.gathered.why = outcome.why
    if shared.is_json:
        from mixpriv_reconcile.render.refresh_json import refresh_json

        sys.stdout.write(refresh_json(shared.gathered.report(outcome.exit_code)))
    else:
        print_notes(shared.gathered, outcome.diagnostics)
        if shared.is_text:
            click.echo(outcome.why[0].upper() + outcome.why[1:] + ".")
        print_report(shared.gathered, outcome.exit_code)
    click.get_current_context().exit(outcome.exit_code)
