"""A plan on standard output, in the format asked for: for `plan`, and for `show` of a saved one."""

from __future__ import annotations

import sys
from collections.abc import Mapping
from typing import TYPE_CHECKING

from mixpriv_reconcile.cli.options import Shared
from mixpriv_reconcile.cli.output import data_look, print_report

if TYPE_CHECKING:
    from mixpriv_reconcile.model.ids_shown import IdsShown
    from mixpriv_reconcile.model.plan import Plan

__all__ = ["show_plan"]


def show_plan(
    made: Plan, shared: Shared, exit_code: int, *, saved_to: str | None, ids: Mapping[str, IdsShown] | None = None
) -> None:
    """Print *made*, which lies in the file *saved_to*; each format is loaded only when it is asked for.

    *ids* are for the text alone. A page and a comment are the report's, that of a run which ends with *exit_code*.
    """
    match shared.format:
        case "json":
            from mixpriv_reconcile.render.plan_json import plan_json

            sys.stdout.write(plan_json(made))
        case "html" | "markdown":
            print_report(shared.gathered, exit_code)
        case _:
            from mixpriv_reconcile.render.plan_text import render_plan

            render_plan(made, sys.stdout, data_look(shared), saved_to=saved_to, ids=ids)
