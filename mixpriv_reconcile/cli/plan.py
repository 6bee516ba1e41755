"""`mixpriv plan`."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from mixpriv_reconcile.cli.options import DURATION, FORMATS, Shared, shared_options

__all__ = ["command"]


@click.command("plan")
@click.option("--out", metavar="FILE", help="Save the plan to FILE, for `mixpriv apply FILE`.")
@click.option("--detailed-exitcode", is_flag=True, help="Exit 2 where there are changes.")
@click.option("--no-refresh", is_flag=True, help="Don't look at tasks; take them from the state.")
@click.option("--refresh-budget", type=DURATION, metavar="DURATION", help="Time for looking at tasks (default 30s).")
@shared_options
@click.pass_obj
def command(
    parent: Shared, /, out: str | None, detailed_exitcode: bool, no_refresh: bool, refresh_budget: float | None, **given: Any
) -> None:
    """Show what apply would do. Sends GETs at most; writes no state."""
    from mixpriv_reconcile.cli.plan_shown import show_plan
    from mixpriv_reconcile.cli.running import setting_of
    from mixpriv_reconcile.model.plan import PlanOptions
    from mixpriv_reconcile.pipeline.plan import REFRESH_SECONDS, plan
    from mixpriv_reconcile.pipeline.saved import save_plan
    from mixpriv_reconcile.render.plan_summary import outcome_of

    shared = parent.merged(given)
    made = plan(
        setting_of(shared, "plan", formats=FORMATS),
        PlanOptions(targets=shared.target, sandbox=shared.sandbox),
        with_refresh=not no_refresh,
        refresh_seconds=REFRESH_SECONDS if refresh_budget is None else refresh_budget,
    )
    shared.gathered.plan, shared.gathered.why = made.plan, outcome_of(made.plan)
    if out is not None:
        save_plan(made.plan, Path(out) if shared.chdir is None else shared.root / out, made.key)
        shared.gathered.saved_to = out
    show_plan(made.plan, shared, saved_to=out)
    code = exit_code(bool(made.plan.conflicts), bool(made.plan.refusals), bool(made.plan.pending) and detailed_exitcode)
    click.get_current_context().exit(code)


def exit_code(has_conflicts: bool, is_refused: bool, has_changes: bool) -> int:
    """The first that fits, in the contract's order: 1, 6, 2, 0."""
    return 1 if has_conflicts else 6 if is_refused else 2 if has_changes else 0
