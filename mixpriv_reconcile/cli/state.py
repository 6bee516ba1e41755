"""`mixpriv state list|show|mv|rm|pull|push`, and the group that `migrate` and `rekey` belong to."""

from __future__ import annotations

import sys
from typing import Any

import click

from mixpriv_reconcile.cli import offered, state_migrate
from mixpriv_reconcile.cli.options import BARE_FORMATS, Shared, shared_options
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
    from mixpriv_reconcile.cli.output import print_notes, print_report
    from mixpriv_reconcile.cli.running import setting_of
    from mixpriv_reconcile.pipeline.status import remembered
    from mixpriv_reconcile.render.state_json import state_list_json
    from mixpriv_reconcile.render.state_page import state_list_page
    from mixpriv_reconcile.render.state_text import render_state_list

    shared = parent.merged(given)
    memory = remembered(setting_of(shared), with_ids=False)
    state = memory.loaded.state
    shared.gathered.found(memory.notes)
    shared.gathered.page, shared.gathered.why = state_list_page(state, memory.apply_running), "the addresses are shown"
    if shared.is_json:
        sys.stdout.write(state_list_json(state, memory.apply_running))
        return
    print_notes(shared.gathered, memory.notes)
    if shared.is_text:
        render_state_list(state, sys.stdout)
    print_report(shared.gathered, 0)


@command.command("show")
@click.argument("address", shell_complete=offered.remembered)
@shared_options
@click.pass_obj
def show(parent: Shared, /, address: str, **given: Any) -> None:
    """Print what is remembered of ADDRESS: counts, batches, tasks."""
    from mixpriv_reconcile.cli.output import data_look, print_notes, print_report
    from mixpriv_reconcile.cli.running import setting_of
    from mixpriv_reconcile.pipeline.status import remembered
    from mixpriv_reconcile.render.state_json import record_json
    from mixpriv_reconcile.render.state_page import record_page
    from mixpriv_reconcile.render.state_text import render_record

    shared = parent.merged(given)
    memory = remembered(setting_of(shared), with_ids=False)
    state = memory.loaded.state
    if address not in state.records:
        raise WrongUsage("MP0532", "the state has no such address", "`mixpriv state list` shows them")
    shared.gathered.found(memory.notes)
    shared.gathered.page, shared.gathered.why = record_page(state, address, memory.apply_running), "the address is shown"
    if shared.is_json:
        sys.stdout.write(record_json(state, address, memory.apply_running))
        return
    print_notes(shared.gathered, memory.notes)
    if shared.is_text:
        render_record(state, address, sys.stdout, data_look(shared))
    print_report(shared.gathered, 0)


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
    from mixpriv_reconcile.cli.output import print_diagnostics, print_json, print_report
    from mixpriv_reconcile.cli.running import setting_of
    from mixpriv_reconcile.model.wording import counted
    from mixpriv_reconcile.pipeline.moving import move
    from mixpriv_reconcile.render.state_page import moved_page

    shared = parent.merged(given)
    moved = move(setting_of(shared), source, destination)
    shared.gathered.found(moved.diagnostics)
    shared.gathered.page = moved_page(moved.addresses)
    shared.gathered.why = f"renamed {counted(len(moved.addresses), 'address', 'addresses')}"
    if shared.is_json:
        print_json({"moved": [{"from": old, "to": new} for old, new in moved.addresses]})
        return
    print_diagnostics(shared.gathered, moved.diagnostics)
    for old, new in moved.addresses if shared.is_text else ():
        click.echo(f"Moved {old} to {new}.")
    print_report(shared.gathered, 0)


@command.command("rm")
@click.argument("addresses", nargs=-1, required=True, shell_complete=offered.remembered)
@shared_options
@click.pass_obj
def rm(parent: Shared, /, addresses: tuple[str, ...], **given: Any) -> None:
    """Forget ADDRESSES (globs). Nothing happens at Mixpanel; if a manifest still declares them they are submitted again."""
    from mixpriv_reconcile.cli.output import print_json, print_report
    from mixpriv_reconcile.cli.running import setting_of
    from mixpriv_reconcile.model.wording import counted
    from mixpriv_reconcile.pipeline.upkeep import forget
    from mixpriv_reconcile.render.state_page import addresses_page

    shared = parent.merged(given)
    forgotten = forget(setting_of(shared), addresses)
    shared.gathered.page = addresses_page(forgotten)
    shared.gathered.why = f"forgot {counted(len(forgotten), 'address', 'addresses')}"
    if shared.is_json:
        print_json({"forgotten": list(forgotten)})
        return
    for address in forgotten if shared.is_text else ():
        click.echo(f"Forgot {address}.")
    print_report(shared.gathered, 0)


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
    pieces, notes = pull(setting_of(shared, formats=BARE_FORMATS))
    shared.gathered.found(notes)
    shared.gathered.why = "the state is printed"
    print_notes(shared.gathered, notes)
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
    from mixpriv_reconcile.cli.output import print_diagnostics, print_json, print_report
    from mixpriv_reconcile.cli.running import setting_of
    from mixpriv_reconcile.codec import diagnostic_document
    from mixpriv_reconcile.model.wording import counted
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
    which = f"serial {pushed.serial} of lineage {printable(pushed.lineage)}, {counted(pushed.addresses, 'address', 'addresses')}."
    said = f"Pushed {which}" if pushed.has_changed else f"Nothing to push: the state is already at {which}"
    shared.gathered.found(pushed.diagnostics)
    shared.gathered.why = said
    if shared.is_json:
        facts = {"lineage": pushed.lineage, "serial": pushed.serial, "addresses": pushed.addresses, "changed": pushed.has_changed}
        print_json({**facts, "diagnostics": [diagnostic_document(found) for found in pushed.diagnostics]})
        return
    print_diagnostics(shared.gathered, pushed.diagnostics)
    if shared.is_text:
        click.echo(said)
    print_report(shared.gathered, 0)


command.add_command(rekey_command)
