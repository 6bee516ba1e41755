"""`mixpriv sandbox`."""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import click

from mixpriv_reconcile.cli.choices import Choice
from mixpriv_reconcile.cli.options import BARE_FORMATS, Shared, shared_options
from mixpriv_reconcile.errors import WrongUsage

__all__ = ["command"]


@click.command("sandbox")
@click.option("--port", type=click.IntRange(0, 65533), default=0, help="Port of the US region; EU and IN take the next two (0: any free).")
@click.option("--speed", type=float, default=1.0, help="Days pass this many times faster.")
@click.option("--fault", "faults", multiple=True, metavar="SPEC", help="Answer some calls wrongly, e.g. POST@2=503 (repeatable).")
@click.option("--reset", is_flag=True, help="Forget everything first.")
@click.option(
    "--store", metavar="DIR", default=".mixpriv/sandbox", show_default=True, help="Where it keeps what it was sent, ids included."
)
@click.option("--interval", type=float, default=1.0, help="Seconds between two calls of a project, below which it answers 429.")
@click.option(
    "--pace-by", type=Choice(["project", "token"]), default="project", help="Whose calls it counts: a project's, or a GDPR token's."
)
@click.option("--dialect", type=Choice(["live", "oas", "prose"]), default="live", help="Shape of its answers.")
@click.option("--no-echo", is_flag=True, help="Don't echo distinct ids in answers.")
@click.option("--project", "projects", multiple=True, metavar="ID:TOKEN:REGION[:GROUPS]", help="A project it knows (none: any token).")
@click.option("--bearer", "bearers", multiple=True, metavar="TOKEN", help="A GDPR token it accepts (none: any).")
@click.option("--ineligible", multiple=True, metavar="TOKEN", help="A GDPR token it answers with 403.")
@shared_options
@click.pass_obj
def command(parent: Shared, /, port: int, store: str, projects: tuple[str, ...], no_echo: bool, interval: float, **given: Any) -> None:
    """Serve a stand-in for Mixpanel's GDPR API on loopback, all three regions, until Ctrl-C.

    It prints the variables that make mixpriv use it. It is a pretended server: nothing is erased anywhere.
    """
    from mixpriv_reconcile.sandbox import Project, SandboxError, SandboxOptions, serve

    facts = {name: given.pop(name) for name in ("speed", "faults", "reset", "pace_by", "dialect", "bearers", "ineligible")}
    shared = parent.merged(given)
    shared.check(formats=BARE_FORMATS)
    folder = shared.path(store)
    try:
        options = SandboxOptions(
            store=folder,
            port=port,
            interval_seconds=interval,
            echoes_ids=not no_echo,
            projects=tuple(Project.parsed(text) for text in projects),
            **facts,
        )
        serve(options, ready=lambda origins: _tell(origins, folder, is_json=shared.is_json))
    except ValueError as error:
        raise WrongUsage("MP0901", str(error), "see `mixpriv explain MP0901`") from None
    except (SandboxError, OSError) as error:
        raise WrongUsage("MP0902", str(error), "see `mixpriv explain MP0902`") from None


def _tell(origins: Mapping[str, str], folder: Path, *, is_json: bool) -> None:
    variables = {f"MIXPRIV_URL_{region.upper()}": origin for region, origin in origins.items()}
    if is_json:
        click.echo(json.dumps({"variables": variables}))
    else:
        for variable, origin in variables.items():
            click.echo(f"export {variable}={origin}")
    click.echo(f"a pretended Mixpanel; it keeps what it is sent, distinct ids included, in {os.path.relpath(folder)}", err=True)
