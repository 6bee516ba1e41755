"""Who says yes to an apply, and whether what would be done is what they said yes to."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass

from mixpriv_reconcile.errors import PlanStale, WrongUsage
from mixpriv_reconcile.model.diagnostics import Diagnostic, Severity
from mixpriv_reconcile.model.journal import Polled
from mixpriv_reconcile.model.plan import Plan
from mixpriv_reconcile.model.repeating import Repeat, of_digest, of_file
from mixpriv_reconcile.model.state import State
from mixpriv_reconcile.pipeline.saved import SavedPlan
from mixpriv_reconcile.plan import Expected, changes_gone, changes_moved, ended_badly, expected, inputs_moved

__all__ = ["Approval", "check_approval", "digest_given", "done_since", "is_approved", "stale_inputs"]

OTHER_PLAN = "this is not the plan of --expect"
ANEW = "plan again and have the new digest approved"


@dataclass(frozen=True, slots=True)
class Approval:
    """Who says yes: a saved plan, a digest, `--auto-approve`, or *ask*, which is called with the plan.

    *words* are what a command line has for the saved plan.
    """

    saved: SavedPlan | None = None
    digest: Expected | None = None
    is_automatic: bool = False
    ask: Callable[[Plan], bool] | None = None
    words: str = ""

    @property
    def repeat(self) -> Repeat:
        """How an apply so approved is carried on: with what was approved, and nothing else."""
        if self.saved is not None:
            return of_file(self.words)
        return of_digest() if self.digest is not None else Repeat()


def digest_given(text: str) -> Expected:
    """The digest that `--expect` was given; raises `WrongUsage` where it is none. What was given is not repeated: it may be anything."""
    try:
        return expected(text)
    except ValueError:
        given = "nothing" if not text.strip() else f"{len(text.strip())} characters that are none"
        raise WrongUsage(
            "MP0670",
            f"--expect takes the digest of a plan, 64 hex digits and what follows them after a dash; it was given {given}",
            "copy the line `Digest: …` of `mixpriv plan`, or take `digest` of `mixpriv plan --format json`",
        ) from None


def stale_inputs(offline: Plan, approval: Approval, state: State) -> PlanStale | None:
    """Why what was approved can't fit, as far as that can be told without a request; None where it may still.

    *offline* is made from memory alone, before anything is asked.
    """
    if approval.saved is not None:
        return _file_moved(inputs_moved(approval.saved.plan, offline, created_by_plan=state.created_by_plan))
    if approval.digest is not None and approval.digest.has_other_inputs(offline):
        # Not with the digest of *offline*: a look at Mixpanel may still change it.
        return PlanStale("MP0609", _digest_listed(approval.digest, offline, "Mixpanel was not asked"), ANEW)
    return None


def check_approval(made: Plan, approval: Approval, state: State, polled: Iterable[Polled]) -> None:
    """Raise `PlanStale` where *made* is more than, or other than, what was approved; *polled* is what was seen of tasks just now."""
    if approval.saved is not None:
        stale = _file_moved(changes_moved(approval.saved.plan, made, ended_badly(state, polled)))
        if stale is not None:
            raise stale
    if approval.digest is not None and not approval.digest.fits(made):
        raise PlanStale("MP0609", _digest_moved(approval.digest, made), ANEW)


def done_since(made: Plan, approval: Approval) -> tuple[Diagnostic, ...]:
    """A note where less is left to do than a saved plan shows: a batch was sent meanwhile, a task finished."""
    gone = changes_gone(approval.saved.plan, made) if approval.saved is not None else ()
    if not gone:
        return ()
    return (Diagnostic("MP0622", Severity.NOTE, f"less is left to do than the saved plan shows: {'; '.join(gone)}"),)


def is_approved(made: Plan, approval: Approval) -> bool:
    """Whether *made* may be carried out; raises `WrongUsage` where nobody said yes and nobody can be asked."""
    if approval.is_automatic or approval.saved is not None or approval.digest is not None:
        return True
    if approval.ask is None:
        raise WrongUsage(
            "MP0618", "apply needs an approval, and there is nobody to ask", "pass a saved plan, --expect DIGEST, or --auto-approve"
        )
    return approval.ask(made)


def _digest_moved(digest: Expected, made: Plan) -> str:
    if digest.moved(made):
        return _digest_listed(digest, made, f"the digest is now {made.digest}")
    said = "a manifest, a source, the state, a task's status at Mixpanel, the day, an option or the tool moved"
    alone = "" if digest.parts else "; which of them, only a digest with the digits after its dash can tell"
    return f"{OTHER_PLAN}\n{said}{alone}\nthe digest is now {made.digest}"


def _digest_listed(digest: Expected, made: Plan, last: str) -> str:
    work = ("and with that what is to be done",) if digest.moved_work_too(made) else ()
    return _listed(OTHER_PLAN, digest.moved(made), *work, last)


def _file_moved(moved: tuple[str, ...]) -> PlanStale | None:
    if not moved:
        return None
    return PlanStale("MP0608", _listed("the saved plan no longer fits", moved), "plan again and have the new plan approved")


def _listed(said: str, moved: Iterable[str], *more: str) -> str:
    """The message: *said* is a sentence of its own, a report's headline; what moved, and *more*, follow on lines of their own."""
    return "\n".join([said, *(f"moved: {one}" for one in moved), *more])
