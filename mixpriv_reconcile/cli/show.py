"""`mixpriv show`."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import click

from mixpriv_reconcile.cli.options import Shared, shared_options

__all__ = ["command"]


@click.command("show")
@click.argument("file", required=False)
@shared_options
@click.pass_obj
def command(parent: Shared, /, file: str | None, **given: Any) -> None:
    """Show the plan saved in FILE (also with --format markdown), or the state. Neither holds a distinct id."""
    from mixpriv_reconcile.cli.output import data_look, print_notes
    from mixpriv_reconcile.cli.running import setting_of
    from mixpriv_reconcile.pipeline.saved import load_plan
    from mixpriv_reconcile.pipeline.status import remembered
    from mixpriv_reconcile.render.plan_json import plan_json
    from mixpriv_reconcile.render.plan_markdown import render_plan_markdown
    from mixpriv_reconcile.render.plan_text import render_plan
    from mixpriv_reconcile.render.state_json import state_json
    from mixpriv_reconcile.render.state_text import render_state

    shared = parent.merged(given)
    setting = setting_of(shared, "show", formats=("text", "json", "markdown") if file is not None else ("text", "json"))
    if file is not None:
        made = load_plan(Path(file) if shared.chdir is None else shared.root / file).plan
        if shared.is_json:
            sys.stdout.write(plan_json(made))
        elif shared.format == "markdown":
            render_plan_markdown(made, sys.stdout)
        else:
            render_plan(made, sys.stdout, data_look(shared), saved_to=file)
        return
    memory = remembered(setting, with_ids=False)
    if shared.is_json:
        sys.stdout.write(state_json(memory.loaded.state, memory.apply_running))
    else:
        print_notes(memory.notes)
        render_state(memory.loaded.state, sys.stdout, data_look(shared))
