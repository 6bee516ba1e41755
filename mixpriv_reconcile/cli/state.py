"""`mixpriv state list|show|mv|rm`."""

from __future__ import annotations

import sys
from typing import Any

import click

from mixpriv_reconcile.cli.options import Shared, shared_options
from mixpriv_reconcile.cli.output import data_look, print_diagnostics, print_json
from mixpriv_reconcile.cli.running import setting_of
from mixpriv_reconcile.errors import NotBuilt, WrongUsage
from mixpriv_reconcile.pipeline.moving import move
from mixpriv_reconcile.pipeline.status import remembered
from mixpriv_reconcile.pipeline.upkeep import forget
from mixpriv_reconcile.render.state_json import record_json, state_list_json
from mixpriv_reconcile.render.state_text import render_record, render_state_list

__all__ = ["command"]

NOT_BUILT = ("pull", "push", "migrate", "rekey")


class StateGroup(click.Group):
    """Names the sub-commands that the contract has and this version doesn't."""

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name in NOT_BUILT:
            raise NotBuilt("MP0005", f"`mixpriv state {cmd_name}` is not built in this version", "see `mixpriv state --help` for what is")
        return super().get_command(ctx, cmd_name)


@click.group("state", cls=StateGroup)
@shared_options
@click.pass_context
def command(ctx: click.Context, /, **given: Any) -> None:
    """List, show, rename and forget what is remembered. Needs no digest key."""
    ctx.obj = ctx.obj.merged(given)


@command.command("list")
@shared_options
@click.pass_obj
def list_(parent: Shared, /, **given: Any) -> None:
    """Print the remembered addresses, one a line."""
    shared = parent.merged(given)
    _, loaded, _, _ = remembered(setting_of(shared, "state list"))
    if shared.is_json:
        sys.stdout.write(state_list_json(loaded.state))
    else:
        render_state_list(loaded.state, sys.stdout)


@command.command("show")
@click.argument("address")
@shared_options
@click.pass_obj
def show(parent: Shared, /, address: str, **given: Any) -> None:
    """Print what is remembered of ADDRESS: counts, batches, tasks."""
    shared = parent.merged(given)
    _, loaded, _, _ = remembered(setting_of(shared, "state show"))
    if address not in loaded.state.records:
        raise WrongUsage("MP0532", "the state has no such address", "`mixpriv state list` shows them")
    if shared.is_json:
        sys.stdout.write(record_json(loaded.state, address))
    else:
        render_record(loaded.state, address, sys.stdout, data_look(shared))


@command.command("mv")
@click.argument("source")
@click.argument("destination")
@shared_options
@click.pass_obj
def mv(parent: Shared, /, source: str, destination: str, **given: Any) -> None:
    """Remember SOURCE as DESTINATION, before or after the manifest is changed alike. Nothing happens at Mixpanel.

    Both are addresses of one kind, e.g. `web.deletions.spring` and `web.deletions.2026-spring`; or names of a project, which
    moves with all of its addresses. The project's id at Mixpanel stays the same.
    """
    shared = parent.merged(given)
    moved = move(setting_of(shared, "state mv"), source, destination)
    if shared.is_json:
        print_json({"moved": [{"from": old, "to": new} for old, new in moved.addresses]})
    else:
        print_diagnostics(moved.diagnostics)
        for old, new in moved.addresses:
            click.echo(f"Moved {old} to {new}.")


@command.command("rm")
@click.argument("addresses", nargs=-1, required=True)
@shared_options
@click.pass_obj
def rm(parent: Shared, /, addresses: tuple[str, ...], **given: Any) -> None:
    """Forget ADDRESSES (globs). Nothing happens at Mixpanel; if a manifest still declares them they are submitted again."""
    shared = parent.merged(given)
    forgotten = forget(setting_of(shared, "state rm"), addresses)
    if shared.is_json:
        print_json({"forgotten": list(forgotten)})
    else:
        for address in forgotten:
            click.echo(f"Forgot {address}.")
