"""`mixpriv apply`."""

from __future__ import annotations

import shlex
import sys
import time
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import click

from mixpriv_reconcile import __version__
from mixpriv_reconcile.cli import offered
from mixpriv_reconcile.cli.ids_asked_for import show_ids_option
from mixpriv_reconcile.cli.options import DURATION, Shared, shared_options
from mixpriv_reconcile.errors import MixprivError, PlanStale, WrongUsage

if TYPE_CHECKING:
    from mixpriv_reconcile.model.diagnostics import Diagnostic
    from mixpriv_reconcile.model.ids_shown import IdsShown
    from mixpriv_reconcile.model.plan import Plan
    from mixpriv_reconcile.pipeline.outcome import Outcome
    from mixpriv_reconcile.render.events_json import JsonEvents
    from mixpriv_reconcile.render.events_text import TextEvents

__all__ = ["command"]


@click.command("apply")
@click.argument("file", required=False, shell_complete=offered.files)
@click.option("--auto-approve", is_flag=True, help="Don't ask.")
@click.option("--expect", metavar="DIGEST", help="Apply only if the plan of this moment has this digest.")
@click.option(
    "--retry",
    metavar="ADDRESS",
    multiple=True,
    shell_complete=offered.addresses("deletions", "retrievals"),
    help="Make a new attempt where none is made by itself (repeatable).",
)
@click.option("--wait", type=DURATION, metavar="DURATION", help="Afterwards look at open tasks, at growing gaps, until all have ended.")
@click.option("--max-duration", type=DURATION, metavar="DURATION", help="Stop in good order after this long; exit 3 if work is left.")
@click.option("--new-state", is_flag=True, help="In CI: allow a first state (and key) to be made.")
@show_ids_option("the distinct ids of each change, 20 at most, before it asks")
@shared_options
@click.pass_obj
def command(
    parent: Shared,
    /,
    file: str | None,
    auto_approve: bool,
    expect: str | None,
    retry: tuple[str, ...],
    wait: float | None,
    max_duration: float | None,
    new_state: bool,
    show_ids: bool,
    **given: Any,
) -> None:
    """Carry out the plan of this moment, or exactly the one saved in FILE.

    Ctrl-C lets the call in flight finish, saves, and exits 130; a second one ends at once and loses nothing either.
    """
    from mixpriv_reconcile.cli.output import findings_of, print_diagnostics, print_report
    from mixpriv_reconcile.model.events import Version
    from mixpriv_reconcile.render.events_json import JsonEvents
    from mixpriv_reconcile.render.events_text import TextEvents

    shared = parent.merged(given)
    sink = _sink(shared)
    shared.gathered.has_events = isinstance(sink, JsonEvents)
    try:
        sink.emit(Version(__version__))
        outcome = _applied(shared, sink, file, auto_approve, expect, retry, wait, max_duration, new_state, show_ids)
    except MixprivError as error:
        shared.gathered.failed(error)
        if isinstance(sink, JsonEvents):
            _raise_findings(sink, findings_of(error))
            _end(shared, sink, error.exit_code, error.summary)
        else:
            sink.close()
            print_diagnostics(shared.gathered, findings_of(error))
            print_report(shared.gathered, error.exit_code)
        click.get_current_context().exit(error.exit_code)
    except click.Abort:
        _end(shared, sink, 130, "interrupted; nothing was sent")
        raise
    except MemoryError:
        _end(shared, sink, 1, "there is no memory left; what was acknowledged is saved")
        raise
    except OSError:
        raise  # the output can't be written, so nobody can be told here, but the reports
    except Exception:
        _end(shared, sink, 1, "a bug in mixpriv; what was acknowledged is saved")
        raise
    finally:
        if isinstance(sink, TextEvents):
            sink.close()
    _end(shared, sink, outcome.exit_code, outcome.why)
    _conclude(shared, outcome)
    click.get_current_context().exit(outcome.exit_code)


def _applied(
    shared: Shared,
    sink: JsonEvents | TextEvents,
    file: str | None,
    auto_approve: bool,
    expect: str | None,
    retry: tuple[str, ...],
    wait: float | None,
    max_duration: float | None,
    new_state: bool,
    show_ids: bool,
) -> Outcome:
    from mixpriv_reconcile.cli.output import data_look
    from mixpriv_reconcile.cli.reporting import Recorded
    from mixpriv_reconcile.cli.running import setting_of
    from mixpriv_reconcile.cli.steady import Steady
    from mixpriv_reconcile.model.plan import PlanOptions
    from mixpriv_reconcile.pipeline.apply import apply
    from mixpriv_reconcile.pipeline.approval import Approval, digest_given
    from mixpriv_reconcile.pipeline.saved import load_plan
    from mixpriv_reconcile.render.events_json import JsonEvents
    from mixpriv_reconcile.render.plan_text import render_plan

    setting = setting_of(shared, ids_to=(sys.stdout, sys.stderr) if show_ids else ())
    options = PlanOptions(targets=shared.target, retry=retry, sandbox=shared.sandbox)
    saved = None
    if file is not None:
        if expect is not None or shared.target or retry:
            raise WrongUsage(
                "MP0006", "a saved plan stands for itself: --expect, --target and --retry don't go with FILE", "give them to `mixpriv plan`"
            )
        saved = load_plan(shared.path(file))
        options = saved.plan.options
        if options.sandbox is not shared.sandbox:
            made_for, asked_for = ("the sandbox", "Mixpanel") if options.sandbox else ("Mixpanel", "the sandbox")
            raise PlanStale(
                "MP0625",
                f"{file} was planned for {made_for}, and this apply is for {asked_for}",
                "plan again for where it is to be applied",
            )
    digest = digest_given(expect) if expect is not None else None
    may_ask = not setting.in_ci and sys.stdin.isatty() and not shared.is_json
    chosen = ["-C", shared.chdir] if shared.chdir is not None else []
    words = shlex.join([*chosen, file]) if file is not None else ""
    approval = Approval(saved=saved, digest=digest, is_automatic=auto_approve, ask=_ask if may_ask else None, words=words)

    def show(made: Plan, ids: Mapping[str, IdsShown]) -> None:
        shared.gathered.plan = made
        if isinstance(sink, JsonEvents):
            _raise_findings(sink, [found for found in made.diagnostics if not found.is_error])
        else:
            # Standard output is for the one document at the end where one was asked for; who is to approve sees the plan all the same.
            stream = sys.stdout if shared.is_text else sys.stderr
            if shared.is_text or may_ask:
                render_plan(made, stream, data_look(shared), ids=ids)
                stream.flush()

    steady = Steady(sink)
    recorded = Recorded(steady, shared.gathered)  # around it: what is done is reported, whoever still listens
    outcome = apply(setting, options, approval, recorded, show=show, wait_seconds=wait, max_seconds=max_duration, new_state=new_state)
    shared.gathered.found(outcome.diagnostics)
    if steady.trouble is not None:
        raise steady.trouble
    return outcome


def _end(shared: Shared, sink: JsonEvents | TextEvents, exit_code: int, why: str) -> None:
    """Say how it ended: the last event, which waits for the reports, for one that can't be written changes the exit code."""
    from mixpriv_reconcile.model.events import Finished
    from mixpriv_reconcile.render.events_json import JsonEvents

    shared.gathered.why = why
    if isinstance(sink, JsonEvents):
        shared.gathered.ends(sink, Finished(exit_code, why))
    else:
        sink.emit(Finished(exit_code, why))


def _raise_findings(sink: JsonEvents, findings: Iterable[Diagnostic]) -> None:
    from mixpriv_reconcile.model.events import DiagnosticRaised

    for finding in findings:
        sink.emit(DiagnosticRaised(finding))


def _sink(shared: Shared) -> JsonEvents | TextEvents:
    from mixpriv_reconcile.cli.terminal import can_move_cursor, width
    from mixpriv_reconcile.render.events_json import JsonEvents
    from mixpriv_reconcile.render.events_text import TextEvents
    from mixpriv_reconcile.render.look import Look

    if shared.is_json:
        return JsonEvents(sys.stdout, lambda: datetime.now(UTC))
    is_terminal = can_move_cursor(sys.stderr)
    look = Look(color=shared.has_color and is_terminal, width=width(sys.stderr), sandbox=shared.sandbox)
    return TextEvents(sys.stderr, look, is_terminal, monotonic=time.monotonic)


def _ask(made: Plan) -> bool:
    """Have the number of ids typed: a plain yes is typed too easily for what can't be undone."""
    if made.erases:
        expected, what = str(made.erases), f"the number of distinct ids to erase, over all requests ({made.erases})"
    else:
        expected, what = "yes", "yes"
    answer: str = click.prompt(f"To apply this plan, type {what}", err=True, default="", show_default=False)
    return answer.strip().replace(",", "") == expected


def _conclude(shared: Shared, outcome: Outcome) -> None:
    from mixpriv_reconcile.cli.output import print_report
    from mixpriv_reconcile.render.plan_summary import apply_summary_text

    if not shared.is_text:
        print_report(shared.gathered, outcome.exit_code)
        return
    if outcome.done is not None:
        click.echo(apply_summary_text(outcome.done, complete=outcome.exit_code == 0), nl=False)
