"""`mixpriv status`."""

from __future__ import annotations

import sys
from datetime import datetime
from typing import TYPE_CHECKING, Any

import click

from mixpriv_reconcile.cli.options import DAYS, FORMATS_OF_STATUS, Shared, shared_options_of
from mixpriv_reconcile.model.exit_codes import strongest

if TYPE_CHECKING:
    from mixpriv_reconcile.model.diagnostics import Diagnostic
    from mixpriv_reconcile.model.status import StatusReport

__all__ = ["command"]

MOST_NAMED = 10
"""Requests that the finding behind exit code 7 names; the report shows all."""


@click.command("status")
@click.option("--refresh", "with_refresh", is_flag=True, help="Look at open tasks first (saves what was seen).")
@click.option(
    "--fail-due-within",
    type=DAYS,
    metavar="DAYS",
    help="Exit 7 where an unfinished request is due within so many days (7d) of today or overdue, or has ids to send and its "
    "submit-by lies as near or has passed. Finished and withdrawn requests never count.",
)
@shared_options_of(FORMATS_OF_STATUS)
@click.pass_obj
def command(parent: Shared, /, with_refresh: bool, fail_due_within: int | None, **given: Any) -> None:
    """Show every declared or remembered request: tasks, progress, deadline, submit-by. Offline unless --refresh.

    `--format` takes text, json, markdown (a table for issues and comments), html (one self-contained page with a time line) and
    ics (a calendar of deadlines).
    """
    from mixpriv_reconcile.cli.output import print_diagnostics, print_notes
    from mixpriv_reconcile.cli.running import setting_of
    from mixpriv_reconcile.cli.waits import waits_told
    from mixpriv_reconcile.pipeline.status import status
    from mixpriv_reconcile.pipeline.upkeep import refresh

    shared = parent.merged(given)
    setting = setting_of(shared, formats=FORMATS_OF_STATUS)
    codes = [0]
    if with_refresh:
        outcome = refresh(setting, waits_told(shared), max_seconds=None, on_polled=lambda seen: None)
        shared.gathered.found(outcome.diagnostics)
        codes.append(outcome.exit_code)
        if outcome.exit_code:
            shared.gathered.why = outcome.why
            print_notes(shared.gathered, outcome.diagnostics)
    report, found = status(setting)
    shared.gathered.status, shared.gathered.due_within_days = report, fail_due_within
    shared.gathered.found(found)
    if not shared.is_json:
        print_diagnostics(shared.gathered, found)
    pressing = _pressing(report, fail_due_within) if fail_due_within is not None else ()
    if pressing:
        codes.append(7)
        shared.gathered.found(pressing)
        shared.gathered.why = shared.gathered.why or pressing[0].message
    code = strongest(codes)
    _show(report, shared, code, setting.clock.now())
    print_notes(shared.gathered, pressing)
    click.get_current_context().exit(code)


def _show(report: StatusReport, shared: Shared, exit_code: int, now: datetime) -> None:
    """Print *report* in the format asked for; each is loaded only then."""
    from mixpriv_reconcile.cli.output import data_look, print_document, print_report

    match shared.format:
        case "json":
            from mixpriv_reconcile.render.status_json import status_json

            sys.stdout.write(status_json(report))
        case "markdown" | "html":
            print_report(shared.gathered, exit_code)
        case "ics":
            from mixpriv_reconcile.render.status_ics import status_ics

            print_document(status_ics(report, now))
        case _:
            from mixpriv_reconcile.render.status_text import render_status

            render_status(report, sys.stdout, data_look(shared), is_terminal=sys.stdout.isatty())


def _pressing(report: StatusReport, within_days: int) -> tuple[Diagnostic, ...]:
    """Why the check fails, as one finding; nothing where it doesn't."""
    from mixpriv_reconcile.model.diagnostics import Diagnostic, Severity
    from mixpriv_reconcile.model.urgency import presses
    from mixpriv_reconcile.model.wording import counted
    from mixpriv_reconcile.render.request_words import by_urgency, time_left

    pressing = [request for request in by_urgency(report.requests) if presses(request, report.today, within_days)]
    if not pressing:
        return ()
    named = [f"{request.address} ({time_left(request, report.today)})" for request in pressing[:MOST_NAMED]]
    more = f" and {len(pressing) - MOST_NAMED:,} more" if len(pressing) > MOST_NAMED else ""
    return (
        Diagnostic(
            "MP0640",
            Severity.ERROR,
            f"{counted(len(pressing), 'unfinished request')} within {counted(within_days, 'day')} of a deadline, or past one: "
            f"{', '.join(named)}{more}",
            "`mixpriv plan` shows what is still to be sent; `mixpriv refresh` asks Mixpanel about the rest",
        ),
    )
