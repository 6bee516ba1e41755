"""What is said of a plan wherever it is shown: its scope, what waits, and the command that carries out exactly it."""

from __future__ import annotations

import shlex
from collections.abc import Sequence

from mixpriv_reconcile.model.plan import Change, Plan
from mixpriv_reconcile.model.wording import people
from mixpriv_reconcile.render.look import as_typed, instant, printable

__all__ = ["approving_command", "scope_sentences", "wait_words"]


def scope_sentences(plan: Plan) -> list[str]:
    """What the reader must know about the whole: that nobody verified it, that it is partial, or rests on what was seen some time ago."""
    said = []
    if not plan.digest:
        said.append("This plan isn't verified: it may have been altered since it was made. What is said of it here approves nothing.")
    if plan.options.is_partial:
        targets = _options("--target", plan.options.targets)
        said.append(f"This plan is partial: it holds only what {targets} names, and thresholds count only that.")
    if plan.options.retry:
        said.append(f"A new attempt was asked for: {_options('--retry', plan.options.retry)}.")
    if plan.known_since is not None:
        known = f"Open tasks are known from the state since {instant(plan.known_since)}; `mixpriv refresh` asks Mixpanel again."
        said.append(as_typed(known, plan.options.sandbox))
    return said


def wait_words(change: Change) -> str:
    """Who of *change* is left out for now, and until when."""
    parts = []
    if change.held:
        parts.append(f"{people(change.held.count)} as long as they are in legal_holds (held)")
    if change.waits:
        parts.append(_until(change))
    return "; ".join(parts)


def _until(change: Change) -> str:
    day = (change.after or {}).get("not_before")
    if "not_before" in change.reasons:
        return f"{people(change.waits.count)} until {day or 'the day written as not_before'} (not_before)"
    if "after_retrieval" in change.reasons:
        return f"{people(change.waits.count)} until their export is downloaded (after_retrieval)"
    return people(change.waits.count)


def approving_command(plan: Plan, saved_to: str | None, chdir: str | None = None) -> str:
    """The command that carries out exactly *plan*, ready to be typed where the plan was made; of one saved in a file, that file's.

    *chdir* is what `-C` was given, as it was typed: *saved_to* is relative to it, as `--out` took it.
    """
    sandbox = "--sandbox" if plan.options.sandbox else ""
    if saved_to is not None:
        words = [sandbox, printable(shlex.quote(saved_to))]
    else:
        targets, retry = _options("--target", plan.options.targets), _options("--retry", plan.options.retry)
        words = [sandbox, f"--expect {printable(plan.digest)}", targets, retry]
    program = ["mixpriv", *([_options("-C", (chdir,))] if chdir is not None else []), "apply"]
    return " ".join([*program, *(word for word in words if word)])


def _options(name: str, values: Sequence[str]) -> str:
    return " ".join(f"{name} {printable(shlex.quote(value))}" for value in values)
