"""`mixpriv completion`."""

from __future__ import annotations

from typing import Any

import click

from mixpriv_reconcile.cli.choices import Choice
from mixpriv_reconcile.cli.completing import SHELLS, script
from mixpriv_reconcile.cli.options import BARE_FORMATS, Shared, shared_options

__all__ = ["command"]


@click.command("completion")
@click.argument("shell", type=Choice(tuple(SHELLS)))
@shared_options
@click.pass_obj
def command(parent: Shared, /, shell: str, **given: Any) -> None:
    """Print a script for SHELL that completes commands, options, addresses, projects and files when Tab is pressed.

    \b
    bash, in ~/.bashrc:   source <(mixpriv completion bash)
    zsh, in ~/.zshrc:     source <(mixpriv completion zsh)
    fish, once:           mixpriv completion fish > ~/.config/fish/completions/mixpriv.fish

    In zsh the line stands after `autoload -U compinit; compinit`. Addresses and projects come from the manifests, and from a state in
    files: nothing is sent, and no file of ids is read.
    """
    shared = parent.merged(given)
    shared.check(formats=BARE_FORMATS)
    if shared.is_json:
        from mixpriv_reconcile.cli.output import print_json

        print_json({"shell": shell, "script": script(shell)})
    else:
        click.echo(script(shell), nl=False)
