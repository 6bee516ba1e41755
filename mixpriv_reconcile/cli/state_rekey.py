"""`mixpriv state rekey`."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Any

import click

from mixpriv_reconcile.cli.options import DURATION, Shared, shared_options

if TYPE_CHECKING:
    from mixpriv_reconcile.model.page import Page
    from mixpriv_reconcile.model.remote import TaskSeen
    from mixpriv_reconcile.model.state import TaskRecord
    from mixpriv_reconcile.pipeline.rekeying import NotRebuilt, Rebuilt

__all__ = ["command"]


@click.command("rekey")
@click.option("--auto-approve", is_flag=True, help="Don't ask, whatever would be lost.")
@click.option("--max-duration", type=DURATION, metavar="DURATION", help="Stop after this long; exit 3, with nothing changed.")
@shared_options
@click.pass_obj
def command(parent: Shared, /, auto_approve: bool, max_duration: float | None, **given: Any) -> None:
    """Make the state's digests anew under the digest key at hand, where the former one is lost, known to others, or has to change.

    What was submitted is found again from the distinct ids that Mixpanel shows of each task (one GET a task), and from the sources where
    MIXPRIV_OLD_DIGEST_KEY still has the former key. What can't be found again is named, and counts as unsent. Asks before it changes
    anything. The state before is kept as .backup.
    """
    from mixpriv_reconcile.cli.output import print_diagnostics, print_json, print_report
    from mixpriv_reconcile.cli.running import setting_of
    from mixpriv_reconcile.cli.waits import waits_told
    from mixpriv_reconcile.codec import diagnostic_document
    from mixpriv_reconcile.pipeline.rekeying import rekey

    shared = parent.merged(given)
    setting = setting_of(shared)
    may_ask = not setting.in_ci and sys.stdin.isatty() and shared.is_text

    def tell(task: TaskRecord, answer: TaskSeen | str) -> None:
        if not shared.is_json:
            click.echo(f"task {task.tracking_id}: {_told(answer)}", err=True)

    ended = rekey(
        setting,
        waits_told(shared),
        is_approved=auto_approve,
        approve=_ask if may_ask else None,
        show=_show if shared.is_text else (lambda rebuilt: None),
        on_answer=tell,
        max_seconds=max_duration,
    )
    shared.gathered.found(ended.diagnostics)
    shared.gathered.page, shared.gathered.why = _page(ended.rebuilt), ended.why
    if shared.is_json:
        print_json(
            {
                "rekeyed": ended.is_changed,
                "serial": ended.serial,
                "remembered": ended.rebuilt.count,
                "missing": ended.rebuilt.missing,
                "not_rebuilt": [_document(lost) for lost in ended.rebuilt.lost],
                "diagnostics": [diagnostic_document(found) for found in ended.diagnostics],
            }
        )
    else:
        print_diagnostics(shared.gathered, ended.diagnostics)
        if shared.is_text:
            click.echo(ended.why[0].upper() + ended.why[1:] + ".")
        print_report(shared.gathered, ended.exit_code)
    click.get_current_context().exit(ended.exit_code)


def _told(answer: TaskSeen | str) -> str:
    from mixpriv_reconcile.model.wording import people

    if isinstance(answer, str):
        return answer
    return answer.status + (f", shows {people(len(answer.ids))}" if answer.ids is not None else ", shows no distinct ids")


def _show(rebuilt: Rebuilt) -> None:
    """What would be lost, a line for each task or batch."""
    from mixpriv_reconcile.render.look import printable

    click.echo(_found_again(rebuilt))
    for lost in rebuilt.lost:
        click.echo(printable(f"  ! {lost.address}{_what_is_lost(lost)}"))
    sys.stdout.flush()


def _page(rebuilt: Rebuilt) -> Page:
    """The same as a document."""
    from mixpriv_reconcile.model.page import Items, Page, Section, Sentence

    lost = tuple(f"`{lost.address}`{_what_is_lost(lost)}" for lost in rebuilt.lost)
    return Page("", (Section("", (Sentence(_found_again(rebuilt)), Items(lost))),))


def _found_again(rebuilt: Rebuilt) -> str:
    from mixpriv_reconcile.model.wording import people

    return f"Found again under the new key: {rebuilt.count - rebuilt.missing:,} of {people(rebuilt.count)}."


def _what_is_lost(lost: NotRebuilt) -> str:
    from mixpriv_reconcile.model.wording import people

    numbers = ", ".join(map(str, lost.batches))
    which = f"batch {numbers}" if len(lost.batches) == 1 else f"batches {numbers}"
    task = f", task {lost.tracking_id}" if lost.tracking_id is not None else ""
    return f", {which}{task}: {lost.missing:,} of {people(lost.count)} not found again: {lost.why}"


def _ask(rebuilt: Rebuilt) -> bool:
    """The former key is of no use afterwards, so that this is asked even where nothing is lost."""
    from mixpriv_reconcile.model.wording import people

    lost = f"forget what became of {people(rebuilt.missing)}, and " if rebuilt.missing else ""
    answer: str = click.prompt(f"To {lost}go over to the new key, type yes", err=True, default="", show_default=False)
    return answer.strip() == "yes"


def _document(lost: NotRebuilt) -> dict[str, Any]:
    return {
        "address": lost.address,
        "batches": list(lost.batches),
        "count": lost.count,
        "missing": lost.missing,
        "tracking_id": lost.tracking_id,
        "why": lost.why,
        "declared": lost.is_declared,
    }
