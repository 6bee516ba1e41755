"""The group `mixpriv`: finds a command's module when it is called, and turns every ending into an exit code."""

from __future__ import annotations

import contextlib
import errno
import importlib
import os
import select
import signal
import sys
from types import FrameType
from typing import TYPE_CHECKING, Any, NoReturn, TextIO

import click

from mixpriv_reconcile import __version__
from mixpriv_reconcile.cli.bugs import BUG, error_text, mask_uncaught, output_trouble, traceback_text, trouble_of
from mixpriv_reconcile.cli.choices import did_you_mean
from mixpriv_reconcile.cli.early import finding_of, gathered_for, tell_beside, tell_error, tell_wrong_usage
from mixpriv_reconcile.cli.exit_codes import ALL_CODES, with_exit_codes
from mixpriv_reconcile.cli.offered import COMPLETE_VARIABLE
from mixpriv_reconcile.cli.options import Shared, shared_options
from mixpriv_reconcile.cli.outputs import is_of_output, remember_trouble
from mixpriv_reconcile.cli.reporting import Gathered
from mixpriv_reconcile.cli.terminal import open_closed
from mixpriv_reconcile.errors import Interrupted, MixprivError

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

    def resolve_command(self, ctx: click.Context, args: list[str]) -> tuple[str | None, click.Command | None, list[str]]:
        try:
            return super().resolve_command(ctx, args)
        except click.NoSuchCommand as error:  # which knows of no name that is near, for none is loaded here
            said = error.message + did_you_mean(error.command_name, COMMANDS)
            raise click.NoSuchCommand(error.command_name, said, ctx=ctx) from None

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
    ctx.obj = started.merged(given)


def main() -> None:
    """Run the command line and exit; no traceback ever reaches a user, unless MIXPRIV_DEBUG asks for one, and that quotes nothing."""
    mask_uncaught()
    open_closed()
    remember_trouble()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, _interrupted)
    gathered = gathered_for(sys.argv[1:])
    try:
        code = _reported(gathered, _ended(gathered))
        sys.stdout.flush()
        _deaf_to_signals()  # there is nothing more to save, and nobody above who would take an exception
    except Interrupted as signalled:  # while the end was told
        _deaf_to_signals()
        code = signalled.exit_code
        _let_go_of_full()
        gathered.end(code, signalled.message)
        gathered.failed(signalled)
        with contextlib.suppress(OSError):
            code = _reported(gathered, code)
    except OSError as error:  # of the last that there was to say
        code = _unheard(gathered, error)
    _mute_what_failed()
    sys.exit(code)


def _reported(gathered: Gathered, code: int) -> int:
    """The exit code after the reports that were asked for are written; 1 where one can't be, unless a signal ended the run."""
    why = ""
    try:
        code, troubles = gathered.write(code)
        why = troubles[0].message if troubles else ""
        for error in troubles:
            if os.environ.get("MIXPRIV_DEBUG") and error.code == BUG and error.__cause__ is not None:
                print(traceback_text(error.__cause__), file=sys.stderr)
            tell_beside(error, gathered)
    finally:
        gathered.end(code, why)
    return code


def _ended(gathered: Gathered) -> int:
    """The exit code, after whatever there was to say: also where the output can't be written, which the reports then tell."""
    try:
        code = _run(gathered)
        sys.stdout.flush()
    except OSError as error:
        return _unheard(gathered, error)
    return code


def _unheard(gathered: Gathered, error: OSError) -> int:
    """The exit code of a run whose output can't be written; of a reader that went away nobody is told, but the reports."""
    trouble = output_trouble(error)
    gathered.failed(trouble)
    if not isinstance(error, BrokenPipeError):
        with contextlib.suppress(OSError):
            print(error_text(trouble), file=sys.stderr)
    return trouble.exit_code


def _run(gathered: Gathered) -> int:
    """What the command ends with; raises `OSError` where the output can't be written."""
    try:
        return _called(gathered)
    except SystemExit:  # click's own ending where the reader of the output went away
        raise BrokenPipeError(errno.EPIPE, os.strerror(errno.EPIPE)) from None
    except Exception as error:
        if isinstance(error, Interrupted) or (isinstance(error, OSError) and (is_of_output(error) or _output_fails())):
            raise
        trouble = trouble_of(error)
        with contextlib.suppress(MemoryError):
            gathered.failed(trouble)
        if os.environ.get("MIXPRIV_DEBUG") and trouble.code == BUG:
            print(traceback_text(error), file=sys.stderr)
        print(error_text(trouble), file=sys.stderr)
        return 1


def _called(gathered: Gathered) -> int:
    """What the command ends with, and after an error that a person can act on, what there was to say of it."""
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
        tell_wrong_usage(error, gathered, COMMANDS)
        if any(argument.startswith("--report") for argument in sys.argv):
            from mixpriv_reconcile.cli.misused import take_wrong_usage

            take_wrong_usage(error, finding_of(error), gathered, mixpriv, sys.argv[1:])
        return 1
    except MixprivError as error:
        # Not above: a run that ends well may have no need of it.
        from mixpriv_reconcile.cli.output import print_report

        if isinstance(error, Interrupted):
            _let_go_of_full()
        gathered.failed(error)
        tell_error(error, gathered, COMMANDS)
        print_report(gathered, error.exit_code)
        return error.exit_code


def _output_fails() -> bool:
    """Whether what was printed can't be written: what a buffered stream couldn't take is still in its buffer."""
    try:
        sys.stdout.flush()
        sys.stderr.flush()
    except OSError:
        return True
    return False


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
