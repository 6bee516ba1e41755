"""`mixpriv schema`."""

from __future__ import annotations

import sys
from typing import Any

import click

from mixpriv_reconcile.cli.choices import Choice
from mixpriv_reconcile.cli.options import Shared, shared_options
from mixpriv_reconcile.model.page import Code, Page, Section
from mixpriv_reconcile.schema_files import SCHEMAS

__all__ = ["command"]


@click.command("schema")
@click.argument("name", type=Choice(SCHEMAS), default="manifest")
@shared_options
@click.pass_obj
def command(parent: Shared, /, name: str, **given: Any) -> None:
    """Print a JSON Schema (2020-12): the manifest's, or that of a document mixpriv writes."""
    from mixpriv_reconcile.schema_files import schema_text

    shared = parent.merged(given)
    shared.check()
    text = schema_text(name)
    shared.gathered.page, shared.gathered.why = _page(name, text), "the schema is shown"
    if shared.is_text or shared.is_json:
        sys.stdout.write(text)
        return
    from mixpriv_reconcile.cli.output import print_page

    print_page(shared.gathered)


def _page(name: str, text: str) -> Page:
    return Page(f"JSON Schema `{name}`", (Section("", (Code(text, "json"),)),))
