"""Manual steps as items of a task list, for an issue or a change request that a person ticks off."""

from __future__ import annotations

from mixpriv_reconcile.model.plan import ManualStep
from mixpriv_reconcile.render.look import as_typed
from mixpriv_reconcile.render.markdown import code, flat, prose, within

__all__ = ["manual_step_markdown"]


LONGEST, MOST_LINES = 600, 20
"""Bytes of a line, and lines of one step: a URL may be long."""


def manual_step_markdown(step: ManualStep, address: str, *, sandbox: bool = False, is_blocked: bool = False) -> list[str]:
    """The step as lines: an open task with what to do, and its details below it; commands as they are typed for the *sandbox*.

    Where its plan *is_blocked* by an error the step is no task: what is to be done there may be what is wrong.
    """
    name = within(address, LONGEST, code)
    begin = f"- {name}, not before the errors are settled" if is_blocked else f"- [ ] {name}"
    lines = [f"{begin}: {_said(step.title, sandbox)}"]
    return lines + [f"  - {_said(line, sandbox)}" for line in step.lines[:MOST_LINES]]


def _said(line: str, sandbox: bool) -> str:
    return within(flat(as_typed(line, sandbox)), LONGEST, prose)
