"""A plan on standard output, in the format asked for: for `plan`, and for `show` of a saved one."""

from __future__ import annotations

import io
import sys
from typing import TYPE_CHECKING

from mixpriv_reconcile.cli.options import Shared
from mixpriv_reconcile.cli.output import data_look, print_document

if TYPE_CHECKING:
    from mixpriv_reconcile.model.plan import Plan

__all__ = ["show_plan"]


def show_plan(made: Plan, shared: Shared, *, saved_to: str | None) -> None:
    """Print *made*, which lies in the file *saved_to*; each format is loaded only when it is asked for."""
    match shared.format:
        case "json":
            from mixpriv_reconcile.render.plan_json import plan_json

            sys.stdout.write(plan_json(made))
        case "html":
            from mixpriv_reconcile.render.plan_html import plan_html

            print_document(plan_html(made, saved_to=saved_to))
        case "markdown":
            from mixpriv_reconcile.render.plan_markdown import render_plan_markdown

            text = io.StringIO()
            render_plan_markdown(made, text)
            print_document(text.getvalue())
        case _:
            from mixpriv_reconcile.render.plan_text import render_plan

            render_plan(made, sys.stdout, data_look(shared), saved_to=saved_to)
