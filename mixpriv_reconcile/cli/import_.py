"""`mixpriv import`."""

from __future__ import annotations

from typing import Any

import click

from mixpriv_reconcile.cli import offered
from mixpriv_reconcile.cli.options import DURATION, Shared, shared_options
from mixpriv_reconcile.errors import WrongUsage

__all__ = ["command"]

LOOK_SECONDS = 60.0
"""How long the task is tried to be looked at, unless `--max-duration` says otherwise: somebody sits there and waits."""


@click.command("import")
@click.argument("address", shell_complete=offered.addresses("deletions", "retrievals"))
@click.argument("tracking_id")
@click.option(
    "--ids-from",
    metavar="FILE",
    shell_complete=offered.files,
    help="The list the task was made from (.txt, .csv, .ndjson), if it doesn't show its ids.",
)
@click.option("--column", metavar="NAME", help="The column of a .csv FILE that holds the ids.")
@click.option("--field", metavar="NAME", help="The field of a .ndjson FILE that holds the ids.")
@click.option("--max-duration", type=DURATION, metavar="DURATION", help="Stop after this long (default 60s); exit 3.")
@shared_options
@click.pass_obj
def command(
    parent: Shared,
    /,
    address: str,
    tracking_id: str,
    ids_from: str | None,
    column: str | None,
    field: str | None,
    max_duration: float | None,
    **given: Any,
) -> None:
    """Adopt the task TRACKING_ID, made elsewhere, for the declared request at ADDRESS, e.g. `web-eu.deletions.2026-11`.

    Its ids, as Mixpanel shows them, are then not sent again. Sends one GET, and repeats it where that helps.
    """
    from mixpriv_reconcile.cli.output import print_diagnostics, print_json, print_report
    from mixpriv_reconcile.cli.running import setting_of
    from mixpriv_reconcile.cli.waits import waits_told
    from mixpriv_reconcile.codec import diagnostic_document
    from mixpriv_reconcile.model.address import Address
    from mixpriv_reconcile.pipeline.importing import IdsFrom, import_task

    shared = parent.merged(given)
    shared.check()
    try:
        parsed = Address.parse(address)
    except ValueError:
        raise WrongUsage("MP0006", f"{address} is no address", "write it as in the plan, e.g. web-eu.deletions.2026-11") from None
    if ids_from is None and (column is not None or field is not None):
        raise WrongUsage("MP0006", "--column and --field are of a file", "give the file with --ids-from FILE")
    source = None
    if ids_from is not None:
        source = IdsFrom(shared.path(ids_from), column, field)
    ended = import_task(
        setting_of(shared),
        parsed,
        tracking_id,
        waits_told(shared),
        ids_from=source,
        max_seconds=LOOK_SECONDS if max_duration is None else max_duration,
    )
    shared.gathered.found(ended.diagnostics)
    shared.gathered.why = ended.why
    if shared.is_json:
        found = [diagnostic_document(finding) for finding in ended.diagnostics]
        print_json({"address": address, "status": ended.status, "adopted": ended.adopted, "diagnostics": found})
    else:
        print_diagnostics(shared.gathered, ended.diagnostics)
        if shared.is_text:
            click.echo(ended.why[0].upper() + ended.why[1:] + ".")
        print_report(shared.gathered, ended.exit_code)
    click.get_current_context().exit(ended.exit_code)
