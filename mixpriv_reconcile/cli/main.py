"""The group `mixpriv`: finds a command's module when it is called, and turns every ending into an exit code."""

from __future__ import annotations

import contextlib
import importlib
import os
import select
import signal
import sys
from dataclasses import replace
from types import FrameType
from typing import TYPE_CHECKING, Any, NoReturn, TextIO

import click

from mixpriv_reconcile import __version__
from mixpriv_reconcile.cli.bugs import bug_text, mask_uncaught, traceback_text
from mixpriv_reconcile.cli.early import tell_beside, tell_error, tell_wrong_usage
from mixpriv_reconcile.cli.exit_codes import ALL_CODES, with_exit_codes
from mixpriv_reconcile.cli.options import Shared, shared_options
from mixpriv_reconcile.cli.reporting import Gathered
from mixpriv_reconcile.errors import Interrupted, MixprivError
from mixpriv_reconcile.model.exit_codes import strongest

if TYPE_CHECKING:
    from click.shell_completion import CompletionItem

__all__ = ["COMMANDS", "main", "mixpriv"]

COMMANDS = {
    "init": ("init", "Write a commented starter workspace."),
    "validate": ("validate", "Check manifests and sources, offline."),
    "plan": ("plan", "Show what apply would do; sends GETs at most."),
    "apply": ("apply", "Carry out a plan."),
    "show": ("show", "Show a saved plan, or the state."),
    "status": ("status", "Show every request: tasks, progress, deadlines."),
    "refresh": ("refresh", "Look at all open tasks."),
    "confirm": ("confirm", "Record that a manual step was done, or an export handed over."),
    "import": ("import_", "Adopt a task made elsewhere."),
    "state": ("state", "List, show, rename, forget, copy, replace and move what is remembered."),
    "unlock": ("unlock", "Take the state's lock from a holder that is gone."),
    "endpoints": ("endpoints", "Hosts of each API in each region."),
    "sdk": ("sdk", "How each SDK is set to the region, and people opted out."),
    "schema": ("schema", "Print a JSON Schema."),
    "explain": ("explain", "Explain a diagnostic, e.g. MP0353."),
    "sandbox": ("sandbox", "Serve a stand-in for Mixpanel on loopback."),
    "completion": ("completion", "Print a script that completes the command line in a shell."),
    "version": ("version", "Print the version."),
}
"""Command → its module in this package, and its line in `--help`; nothing is imported for the list."""

COMPLETE_VARIABLE = "_MIXPRIV_COMPLETE"
"""Set by the scripts of `mixpriv completion`, whose module isn't loaded for its name."""

NO_MEMORY = (
    "error[MP0449]: there is no memory left for this\n\n"
    "hint: give it more memory and run it again; what was acknowledged is saved\n\nError: 1 error (MP0449)."
)


class LazyGroup(click.Group):
    """A group whose commands are imported when they are needed: `--help` and `version` need click alone."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in COMMANDS:
            return None
        module = importlib.import_module(f"mixpriv_reconcile.cli.{COMMANDS[cmd_name][0]}")
        command: click.Command = module.command
        return with_exit_codes(command, cmd_name)

    def shell_complete(self, ctx: click.Context, incomplete: str) -> list[CompletionItem]:
        from click.shell_completion import CompletionItem

        names = [CompletionItem(name, help=text) for name, (_, text) in COMMANDS.items() if name.startswith(incomplete)]
        return [*names, *click.Command.shell_complete(self, ctx, incomplete)]

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        with formatter.section("Commands"):
            formatter.write_dl([(name, text) for name, (_, text) in COMMANDS.items()])


@click.group(cls=LazyGroup, context_settings={"help_option_names": ["-h", "--help"]}, epilog=ALL_CODES)
@click.version_option(__version__, message="mixpriv %(version)s")
@shared_options
@click.pass_context
def mixpriv(ctx: click.Context, /, **given: Any) -> None:
    """Privacy operations as code for Mixpanel: manifests → plan → apply → proof.

    \b
    Start:  mixpriv init my-workspace, then in it:  mixpriv plan --sandbox
    """
    started: Shared = ctx.obj if ctx.obj is not None else Shared()
    ctx.obj = replace(started, command=ctx.invoked_subcommand or "mixpriv").merged(given)


def main() -> None:
    """Run the command line and exit; no traceback ever reaches a user, unless MIXPRIV_DEBUG asks for one, and that quotes nothing."""
    mask_uncaught()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, _interrupted)
    gathered = Gathered()
    try:
        code = _reported(gathered, _ended(gathered))
        sys.stdout.flush()
        _deaf_to_signals()  # there is nothing more to save, and nobody above who would take an exception
    except Interrupted as signalled:  # while the end was told
        _deaf_to_signals()
        code = signalled.exit_code
        _let_go_of_full()
        gathered.end(code, signalled.message)
    except BrokenPipeError:
        code = 1
    except OSError as error:
        code = 1
        with contextlib.suppress(OSError):
            print(_output_trouble(error), file=sys.stderr)
    _mute_what_failed()
    sys.exit(code)


def _reported(gathered: Gathered, code: int) -> int:
    """The exit code after the reports that were asked for are written; 1 where one can't be, unless a signal ended the run."""
    try:
        gathered.write(code)
    except MixprivError as error:
        tell_beside(error)
        code = strongest((code, error.exit_code))
        gathered.end(code, error.message)
    gathered.end(code)
    return code


def _ended(gathered: Gathered) -> int:
    """The exit code, after whatever there was to say; raises `OSError` where the output can't be written."""
    if COMPLETE_VARIABLE in os.environ:
        from mixpriv_reconcile.cli.completing import answer

        answer(mixpriv)
        return 0
    try:
        return mixpriv.main(standalone_mode=False, obj=Shared(gathered=gathered)) or 0
    except click.exceptions.Exit as ended:
        return ended.exit_code
    except click.Abort:
        print("interrupted; nothing was sent", file=sys.stderr)
        return 130
    except click.ClickException as error:
        tell_wrong_usage(error, COMMANDS)
        return 1
    except MixprivError as error:
        if isinstance(error, Interrupted):
            _let_go_of_full()
        gathered.failed(error)
        tell_error(error, COMMANDS, has_begun=gathered.has_events)
        _show_report(gathered, error.exit_code)
        return error.exit_code
    except MemoryError:
        print(NO_MEMORY, file=sys.stderr)
        return 1
    except Exception as error:
        if isinstance(error, OSError) and _output_fails():
            raise
        if os.environ.get("MIXPRIV_DEBUG"):
            print(traceback_text(error), file=sys.stderr)
        print(bug_text(error), file=sys.stderr)
        return 1


def _output_fails() -> bool:
    """Whether what was printed can't be written: what a stream couldn't take is still in its buffer."""
    try:
        sys.stdout.flush()
        sys.stderr.flush()
    except OSError:
        return True
    return False


def _output_trouble(error: OSError) -> str:
    return (
        f"error[MP0533]: can't write the output: {os.strerror(error.errno or 0)}\n"
        "hint: what was done is saved; make room where the output goes, then run `mixpriv status`\n\n"
        "Error: 1 error (MP0533)."
    )


def _mute_what_failed() -> None:
    """Let nothing more be written to streams that failed: at exit the interpreter would try once more, and end with 120."""
    for stream in (sys.stdout, sys.stderr):
        try:
            stream.flush()
        except OSError:
            _mute(stream)


def _let_go_of_full() -> None:
    """Mute what takes no more at this moment: who interrupts a program that waits for its reader doesn't wait for him, too."""
    for stream in (sys.stdout, sys.stderr):
        with contextlib.suppress(OSError, ValueError):
            if not select.select([], [stream.fileno()], [], 0)[1]:
                _mute(stream)


def _mute(stream: TextIO) -> None:
    os.dup2(os.open(os.devnull, os.O_WRONLY), stream.fileno())


def _deaf_to_signals() -> None:
    """From here on a signal ends the program at once, as it does any other."""
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, signal.SIG_DFL)


def _interrupted(number: int, frame: FrameType | None) -> NoReturn:
    """End as for any other trouble, cleaning up on the way; a run that talks to Mixpanel has its own way to stop."""
    raise Interrupted(number)


def _show_report(gathered: Gathered, code: int) -> None:
    """The page or the comment that was asked for on standard output, of a command that failed."""
    if gathered.shown_as is not None:
        from mixpriv_reconcile.cli.output import print_report

        print_report(gathered, code)
