"""`mixpriv sdk [PROJECT]`, and below it what has a word of its own."""

from __future__ import annotations

import importlib
import sys
from collections.abc import Mapping
from typing import Any

import click

from mixpriv_reconcile.cli import offered
from mixpriv_reconcile.cli.choices import Choice
from mixpriv_reconcile.cli.exit_codes import with_exit_codes
from mixpriv_reconcile.cli.options import Shared, shared_options
from mixpriv_reconcile.errors import WrongUsage
from mixpriv_reconcile.model.regions import Region
from mixpriv_reconcile.sdks import PROFILES, SDK_NAMES, Sheets, profile_named, sheet

__all__ = ["SUBCOMMANDS", "command"]

SUBCOMMANDS: Mapping[str, str] = {"check": "sdk_check"}
"""Sub-command → its module in this package, loaded when it is called. Any other first word is a project."""


class SdkGroup(click.Group):
    """A command with an optional argument, unless that argument is the name of a sub-command.

    click's groups take an argument before the sub-command's name, never instead of it; here the word decides which of the two it is.
    """

    allow_interspersed_args = True
    allow_extra_args = False

    def make_context(self, info_name: str | None, args: list[str], parent: click.Context | None = None, **extra: Any) -> click.Context:
        place = self._first_word(args, parent)
        if place is None or args[place] not in SUBCOMMANDS:
            return super().make_context(info_name, args, parent, **extra)
        name = args[place]
        below = self.get_command(click.Context(self, parent, info_name), name)
        assert below is not None
        return below.make_context(f"{info_name} {name}", [*args[:place], *args[place + 1 :]], parent, **extra)

    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(SUBCOMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in SUBCOMMANDS:
            return None
        found: click.Command = importlib.import_module(f"mixpriv_reconcile.cli.{SUBCOMMANDS[cmd_name]}").command
        return with_exit_codes(found, f"sdk {cmd_name}")

    def collect_usage_pieces(self, ctx: click.Context) -> list[str]:
        return click.Command.collect_usage_pieces(self, ctx)

    def _first_word(self, args: list[str], parent: click.Context | None) -> int | None:
        """Where the first of *args* stands that is neither an option nor an option's value; None where there is none."""
        options: list[click.Parameter] = [parameter for parameter in self.params if isinstance(parameter, click.Option)]
        before = click.Command(self.name, {"allow_interspersed_args": False, "allow_extra_args": True}, params=options)
        try:
            rest = before.make_context(self.name, list(args), parent, resilient_parsing=True).args
        except click.UsageError:  # whoever reads the arguments next says what is wrong with them
            return None
        return len(args) - len(rest) if rest else None


@click.group("sdk", cls=SdkGroup, invoke_without_command=True)
@click.argument("project", required=False, shell_complete=offered.projects_and(*SUBCOMMANDS))
@click.option("--sdk", type=Choice(SDK_NAMES), metavar="NAME", help=f"Only this one: {', '.join(SDK_NAMES)}.")
@click.option("--residency", type=Choice([region.value for region in Region]), help="For this region; works outside a workspace.")
@shared_options
@click.pass_obj
def command(parent: Shared, /, project: str | None, sdk: str | None, residency: str | None, **given: Any) -> None:
    """Print how each of Mixpanel's SDKs is set to PROJECT's region, what leaks all the same, and how people are opted out.

    Snippets have a placeholder where the project token belongs. Without PROJECT the region is that of --residency, or the one that
    all projects of the workspace share. Also as --format json, markdown and html.
    """
    from mixpriv_reconcile.cli.output import data_look, print_page
    from mixpriv_reconcile.render.sdk_json import sdk_json
    from mixpriv_reconcile.render.sdk_page import sdk_page
    from mixpriv_reconcile.render.sdk_text import render_sdks

    shared = parent.merged(given)
    shared.check()
    region = _region(shared, project, residency)
    profiles = PROFILES if sdk is None else (profile_named(sdk),)
    sheets = Sheets(project, region, tuple(sheet(profile, region) for profile in profiles))
    shared.gathered.page, shared.gathered.why = sdk_page(sheets), "the SDKs are shown"
    if shared.is_json:
        sys.stdout.write(sdk_json(sheets))
    elif not shared.is_text:
        print_page(shared.gathered)
    else:
        render_sdks(sheets, sys.stdout, data_look(shared))


def _region(shared: Shared, project: str | None, residency: str | None) -> Region:
    """The region asked for; the workspace is read only where it has to tell."""
    if project is None and residency is not None:
        return Region(residency)
    from mixpriv_reconcile.cli.residency import only_region, region_of

    if project is None:
        return only_region(shared)
    region = region_of(shared, project)
    if residency is not None and Region(residency) is not region:
        raise WrongUsage("MP0006", f"{project} lies in {region.value}, not in {residency}", "leave out the project, or --residency")
    return region
