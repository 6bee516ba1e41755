"""`mixpriv state list|show|mv|rm|pull|push`, and the group that `migrate` and `rekey` belong to."""

from __future__ import annotations

import sys
from typing import Any

import click

from mixpriv_reconcile.cli import offered, state_migrate
from mixpriv_reconcile.cli.options import Shared, shared_options
from mixpriv_reconcile.cli.state_rekey import command as rekey_command
from mixpriv_reconcile.errors import WrongUsage

__all__ = ["command"]


@click.group("state")
@shared_options
@click.pass_context
def command(ctx: click.Context, /, **given: Any) -> None:
    """List, show, rename, forget, copy, replace and move what is remembered. Needs no digest key, but for `rekey`."""
    ctx.obj = ctx.obj.merged(given)


command.add_command(state_migrate.command)


@command.command("list")
@shared_options
@click.pass_obj
def list_(parent: Shared, /, **given: Any) -> None:
    """Print the remembered addresses, one a line."""
    from mixpriv_reconcile.cli.output import print_notes
    from mixpriv_reconcile.cli.running import setting_of
    from mixpriv_reconcile.pipeline.status import remembered
    from mixpriv_reconcile.render.state_json import state_list_json
    from mixpriv_reconcile.render.state_text import render_state_list

    shared = parent.merged(given)
    memory = remembered(setting_of(shared), with_ids=False)
    if shared.is_json:
        sys.stdout.write(state_list_json(memory.loaded.state, memory.apply_running))
    else:
        print_notes(memory.notes)
        render_state_list(memory.loaded.state, sys.stdout)


@command.command("show")
@click.argument("address", shell_complete=offered.remembered)
@shared_options
@click.pass_obj
def show(parent: Shared, /, address: str, **given: Any) -> None:
    """Print what is remembered of ADDRESS: counts, batches, tasks."""
    from mixpriv_reconcile.cli.output import data_look, print_notes
    from mixpriv_reconcile.cli.running import setting_of
    from mixpriv_reconcile.pipeline.status import remembered
    from mixpriv_reconcile.render.state_json import record_json
    from mixpriv_reconcile.render.state_text import render_record

    shared = parent.merged(given)
    memory = remembered(setting_of(shared), with_ids=False)
    state = memory.loaded.state
    if address not in state.records:
        raise WrongUsage("MP0532", "the state has no such address", "`mixpriv state list` shows them")
    if shared.is_json:
        sys.stdout.write(record_json(state, address, memory.apply_running))
    else:
        print_notes(memory.notes)
        render_record(state, address, sys.stdout, data_look(shared))


@command.command("mv")
@click.argument("source", shell_complete=offered.remembered)
@click.argument("destination", shell_complete=offered.addresses())
@shared_options
@click.pass_obj
def mv(parent: Shared, /, source: str, destination: str, **given: Any) -> None:
    """Remember SOURCE as DESTINATION, before or after the manifest is changed alike. Nothing happens at Mixpanel.

    Both are addresses of one kind, e.g. `web.deletions.spring` and `web.deletions.2026-spring`; or names of a project, which
    moves with all of its addresses. The project's id at Mixpanel stays the same.
    """
    from mixpriv_reconcile.cli.output import print_diagnostics, print_json
    from mixpriv_reconcile.cli.running import setting_of
    from mixpriv_reconcile.pipeline.moving import move

    shared = parent.merged(given)
    moved = move(setting_of(shared), source, destination)
    if shared.is_json:
        print_json({"moved": [{"from": old, "to": new} for old, new in moved.addresses]})
    else:
        print_diagnostics(moved.diagnostics)
        for old, new in moved.addresses:
            click.echo(f"Moved {old} to {new}.")


@command.command("rm")
@click.argument("addresses", nargs=-1, required=True, shell_complete=offered.remembered)
@shared_options
@click.pass_obj
def rm(parent: Shared, /, addresses: tuple[str, ...], **given: Any) -> None:
    """Forget ADDRESSES (globs). Nothing happens at Mixpanel; if a manifest still declares them they are submitted again."""
    from mixpriv_reconcile.cli.output import print_json
    from mixpriv_reconcile.cli.running import setting_of
    from mixpriv_reconcile.pipeline.upkeep import forget

    shared = parent.merged(given)
    forgotten = forget(setting_of(shared), addresses)
    if shared.is_json:
        print_json({"forgotten": list(forgotten)})
    else:
        for address in forgotten:
            click.echo(f"Forgot {address}.")


@command.command("pull")
@shared_options
@click.pass_obj
def pull_(parent: Shared, /, **given: Any) -> None:
    """Print the whole memory as one JSON document, for `mixpriv state push` or a backup. Holds no distinct id and no token.

    What a run left behind is counted in; while an apply is running, the document says how things stand at this moment.
    """
    from mixpriv_reconcile.cli.output import print_notes
    from mixpriv_reconcile.cli.running import setting_of
    from mixpriv_reconcile.pipeline.portable import pull

    shared = parent.merged(given)
    pieces, notes = pull(setting_of(shared))
    print_notes(notes)
    sys.stdout.writelines(pieces)


@command.command("push")
@click.argument("file", shell_complete=offered.files)
@click.option("--force", is_flag=True, help="Also with another lineage, a lower serial, or another digest key than the one at hand.")
@shared_options
@click.pass_obj
def push_(parent: Shared, /, file: str, force: bool, **given: Any) -> None:
    """Remember what `mixpriv state pull` printed to FILE (- reads standard input) in place of what is remembered now.

    All of it is verified before anything is written. Refused where the state here is of another lineage or newer, unless
    --force is given. The state before is kept as .backup. Nothing happens at Mixpanel.
    """
    from mixpriv_reconcile.cli.output import print_diagnostics, print_json
    from mixpriv_reconcile.cli.running import setting_of
    from mixpriv_reconcile.codec import diagnostic_document
    from mixpriv_reconcile.pipeline.portable import pulled_file, pulled_input, push
    from mixpriv_reconcile.render.look import printable

    shared = parent.merged(given)
    setting = setting_of(shared)
    if file == "-":
        name, content = "standard input", pulled_input(setting)
    else:
        path = shared.path(file)
        name, content = path.name, pulled_file(path, setting)
    pushed = push(setting, content, name, force=force)
    if shared.is_json:
        facts = {"lineage": pushed.lineage, "serial": pushed.serial, "addresses": pushed.addresses, "changed": pushed.has_changed}
        print_json({**facts, "diagnostics": [diagnostic_document(found) for found in pushed.diagnostics]})
        return
    print_diagnostics(pushed.diagnostics)
    said = "Pushed" if pushed.has_changed else "Nothing to push: the state is already at"
    click.echo(f"{said} serial {pushed.serial} of lineage {printable(pushed.lineage)}, {pushed.addresses:,} addresses.")


command.add_command(rekey_command)
