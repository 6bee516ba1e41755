"""`mixpriv state migrate`."""

from __future__ import annotations

from typing import Any

import click

from mixpriv_reconcile.cli.options import Shared, shared_options

__all__ = ["command"]


@click.command("migrate")
@click.option("--to", required=True, metavar="LOCATION", help="Where to: what a manifest has after `state:`, as {backend: …}.")
@click.option("--from", "source", metavar="LOCATION", help="Where from, if not where this machine used it last.")
@shared_options
@click.pass_obj
def command(parent: Shared, /, to: str, source: str | None, **given: Any) -> None:
    """Copy the state to another place, with its segments and an unfinished run's journal, and verify all of it there.

    LOCATION is what stands in a manifest after `state:`, e.g. '{backend: local, path: memory/prod.json}'. The manifest may be changed
    before or after. Where the state was it is left as it is, and must not be used any more. Whatever else is at the destination is
    never written over; what an interrupted copy left there is completed. Nothing happens at Mixpanel.
    """
    from mixpriv_reconcile.cli.output import print_json, print_notes, print_report
    from mixpriv_reconcile.cli.running import setting_of
    from mixpriv_reconcile.pipeline.migrating import migrate
    from mixpriv_reconcile.render.migrated import migrated_document, migrated_page, migrated_text, outcome

    shared = parent.merged(given)
    moved = migrate(setting_of(shared), to, source)
    shared.gathered.found(moved.diagnostics)
    shared.gathered.page, shared.gathered.why = migrated_page(moved), outcome(moved)
    if shared.is_json:
        print_json(migrated_document(moved))
    else:
        print_notes(shared.gathered, moved.diagnostics)
        if shared.is_text:
            click.echo(migrated_text(moved), nl=False)
        print_report(shared.gathered, 0)
