"""`mixpriv status`."""

from __future__ import annotations

import sys
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import click

from mixpriv_reconcile.cli.options import DURATION, Shared, shared_options

if TYPE_CHECKING:
    from mixpriv_reconcile.model.status import StatusReport

__all__ = ["command"]

ENDED = frozenset({"succeeded", "withdrawn"})


@click.command("status")
@click.option("--refresh", "with_refresh", is_flag=True, help="Look at open tasks first (saves what was seen).")
@click.option(
    "--fail-due-within", type=DURATION, metavar="DURATION", help="Exit 7 where an unfinished request is due this soon, or overdue."
)
@shared_options
@click.pass_obj
def command(parent: Shared, /, with_refresh: bool, fail_due_within: float | None, **given: Any) -> None:
    """Show every declared or remembered request: tasks, progress, deadline, submit-by. Offline unless --refresh."""
    from mixpriv_reconcile.cli.output import data_look, print_diagnostics
    from mixpriv_reconcile.cli.running import setting_of
    from mixpriv_reconcile.cli.waits import waits_told
    from mixpriv_reconcile.pipeline.status import status
    from mixpriv_reconcile.pipeline.upkeep import refresh
    from mixpriv_reconcile.render.status_json import status_json
    from mixpriv_reconcile.render.status_text import render_status

    shared = parent.merged(given)
    setting = setting_of(shared, "status")
    if with_refresh:
        outcome = refresh(setting, waits_told(shared), max_seconds=None, on_polled=lambda seen: None)
        if outcome.exit_code and not shared.is_json:
            print_diagnostics(outcome.diagnostics)
    report, found = status(setting)
    if shared.is_json:
        sys.stdout.write(status_json(report))
    else:
        print_diagnostics(found)
        render_status(report, sys.stdout, data_look(shared), is_terminal=sys.stdout.isatty())
    if fail_due_within is not None and _due_within(report, timedelta(seconds=fail_due_within)):
        click.get_current_context().exit(7)


def _due_within(report: StatusReport, within: timedelta) -> bool:
    """Whether a request that isn't over is due within *within* of today, or was due before."""
    limit = report.today + within
    return any(request.due is not None and request.due <= limit and request.phase not in ENDED for request in report.requests)
