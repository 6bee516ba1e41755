"""`mixpriv plan`."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import click

from mixpriv_reconcile.cli import offered
from mixpriv_reconcile.cli.ids_asked_for import show_ids_option
from mixpriv_reconcile.cli.options import DURATION, Shared, shared_options
from mixpriv_reconcile.model.exit_codes import strongest

if TYPE_CHECKING:
    from mixpriv_reconcile.model.plan import Plan

__all__ = ["command"]


@click.command("plan")
@click.option("--out", metavar="FILE", help="Save the plan to FILE, for `mixpriv apply FILE`.", shell_complete=offered.files)
@click.option("--detailed-exitcode", is_flag=True, help="Exit 2 where there are changes.")
@click.option("--no-refresh", is_flag=True, help="Don't look at tasks; take them from the state.")
@click.option("--refresh-budget", type=DURATION, metavar="DURATION", help="Time for looking at tasks (default 30s).")
@show_ids_option("the distinct ids of each change, 20 at most")
@shared_options
@click.pass_obj
def command(
    parent: Shared,
    /,
    out: str | None,
    detailed_exitcode: bool,
    no_refresh: bool,
    refresh_budget: float | None,
    show_ids: bool,
    **given: Any,
) -> None:
    """Show what apply would do. Sends GETs at most; writes no state."""
    from mixpriv_reconcile.cli.plan_shown import show_plan
    from mixpriv_reconcile.cli.running import setting_of
    from mixpriv_reconcile.model.plan import PlanOptions
    from mixpriv_reconcile.pipeline.plan import REFRESH_SECONDS, plan
    from mixpriv_reconcile.pipeline.saved import save_plan
    from mixpriv_reconcile.render.plan_lead import outcome_of

    shared = parent.merged(given)
    if out is not None:
        shared.gathered.keep_from(shared.path(out), "--out")
    made = plan(
        setting_of(shared, ids_to=(sys.stdout, sys.stderr) if show_ids else ()),
        PlanOptions(targets=shared.target, sandbox=shared.sandbox),
        with_refresh=not no_refresh,
        refresh_seconds=REFRESH_SECONDS if refresh_budget is None else refresh_budget,
    )
    shared.gathered.plan = made.plan
    if out is not None:
        save_plan(made.plan, shared.path(out), made.key)
        shared.gathered.saved_to = out
    shared.gathered.why = outcome_of(made.plan)
    code = strongest(_codes(made.plan, detailed_exitcode=detailed_exitcode))
    show_plan(made.plan, shared, code, saved_to=out, ids=made.ids)
    if made.plan.is_blocked:  # on stderr too, where stdout goes to a file or is JSON
        click.echo(f"Error: {outcome_of(made.plan)}.", err=True)
    click.get_current_context().exit(code)


def _codes(made: Plan, *, detailed_exitcode: bool) -> Iterator[int]:
    """Every exit code that fits *made*."""
    if made.conflicts:
        yield 1
    if made.refusals:
        yield 6
    if made.pending and detailed_exitcode:
        yield 2
    yield 0
