"""`mixpriv explain`."""

from __future__ import annotations

from typing import Any

import click

from mixpriv_reconcile.cli import offered
from mixpriv_reconcile.cli.options import Shared, shared_options
from mixpriv_reconcile.errors import WrongUsage

__all__ = ["command"]


@click.command("explain")
@click.argument("code", required=False, shell_complete=offered.codes)
@shared_options
@click.pass_obj
def command(parent: Shared, /, code: str | None, **given: Any) -> None:
    """Explain a diagnostic: what it means, a bad example, a good one. Without CODE, list all codes."""
    from mixpriv_reconcile.cli.output import print_json, print_page
    from mixpriv_reconcile.explain import codes, page
    from mixpriv_reconcile.render.explain_page import codes_page, explain_page

    shared = parent.merged(given)
    shared.check()
    if code is None:
        titles = {known: _title(known) for known in codes()}
        shared.gathered.page, shared.gathered.why = codes_page(titles), "the codes are shown"
        if shared.is_json:
            print_json({"codes": titles})
        elif not shared.is_text:
            print_page(shared.gathered)
        else:
            for known, title in titles.items():
                click.echo(f"{known}  {title}")
        return
    text = page(code.upper())
    if text is None:
        raise WrongUsage("MP0006", f"there is no diagnostic {code}", "`mixpriv explain` lists all codes")
    shared.gathered.page, shared.gathered.why = explain_page(text), "the page is shown"
    if shared.is_json:
        print_json({"code": code.upper(), "title": _title(code.upper()), "page": text})
    elif shared.format == "html":
        print_page(shared.gathered)
    else:  # the page is Markdown itself
        click.echo(text.rstrip("\n"))


def _title(code: str) -> str:
    from mixpriv_reconcile.explain import page

    first = (page(code) or "").partition("\n")[0]
    return first.partition("·")[2].strip()
