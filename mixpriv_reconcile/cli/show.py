"""`mixpriv show`."""

from __future__ import annotations

import sys
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import click

from mixpriv_reconcile.cli import offered
from mixpriv_reconcile.cli.options import Shared, shared_options

if TYPE_CHECKING:
    from mixpriv_reconcile.model.state import State

__all__ = ["command"]


@click.command("show")
@click.argument("file", required=False, shell_complete=offered.files)
@shared_options
@click.pass_obj
def command(parent: Shared, /, file: str | None, **given: Any) -> None:
    """Show the plan saved in FILE, or the state. Neither holds a distinct id.

    Where the digest key is at hand, a plan is verified as `apply FILE` does it; elsewhere a warning says that it isn't.
    `--format` takes text, json, markdown and html (one self-contained page, without scripts).
    """
    from mixpriv_reconcile.cli.output import print_notes
    from mixpriv_reconcile.cli.plan_shown import show_plan
    from mixpriv_reconcile.cli.running import setting_of
    from mixpriv_reconcile.pipeline.opening import key_at_hand
    from mixpriv_reconcile.pipeline.saved import load_plan
    from mixpriv_reconcile.pipeline.status import remembered
    from mixpriv_reconcile.render.plan_lead import outcome_of

    shared = parent.merged(given)
    setting = setting_of(shared)
    if file is not None:
        saved = load_plan(shared.path(file)).shown(key_at_hand(setting))
        shared.gathered.plan, shared.gathered.why, shared.gathered.saved_to = saved, outcome_of(saved), file
        show_plan(saved, shared, 0, saved_to=file)
        return
    memory = remembered(setting, with_ids=False)
    shared.gathered.found(memory.notes)
    if not shared.is_json:
        print_notes(shared.gathered, memory.notes)
    shared.gathered.state, shared.gathered.apply_running = memory.loaded.state, memory.apply_running
    shared.gathered.why = "the state is shown"
    _show_state(memory.loaded.state, memory.apply_running, shared)


def _show_state(state: State, apply_running: Mapping[str, str] | None, shared: Shared) -> None:
    """Print the state in the format asked for; each is loaded only then."""
    from mixpriv_reconcile.cli.output import data_look, print_report

    match shared.format:
        case "json":
            from mixpriv_reconcile.render.state_json import state_json

            sys.stdout.write(state_json(state, apply_running))
        case "html" | "markdown":
            print_report(shared.gathered, 0)
        case _:
            from mixpriv_reconcile.render.state_text import render_state

            render_state(state, sys.stdout, data_look(shared))
