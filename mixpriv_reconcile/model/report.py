"""What one run of a command came to, for those who read of it afterwards: a comment, a merge request's widget, a test report."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from mixpriv_reconcile.model.diagnostics import Diagnostic
from mixpriv_reconcile.model.events import Event
from mixpriv_reconcile.model.journal import Polled
from mixpriv_reconcile.model.page import Page
from mixpriv_reconcile.model.plan import Plan
from mixpriv_reconcile.model.state import State
from mixpriv_reconcile.model.status import StatusReport

__all__ = ["Happened", "Report"]


@dataclass(frozen=True, slots=True)
class Happened:
    """An event of an apply, and when."""

    at: datetime
    event: Event


@dataclass(frozen=True, slots=True)
class Report:
    """A run that is over: its exit code, why in one sentence, and what became known on the way.

    *findings* are all that was found, each once, those of the plan and its refusals included. *plan*, *status*, *happened* (what an apply
    sent, and what is left) and *polled* are what the command is about, as far as it got. *saved_to* is the file that `plan --out` wrote,
    relative to *chdir*, which is what `-C` was given, as it was typed.
    *folder* leads from where files are looked for (the repository) to the workspace, with a `/` at its end, or is empty.
    *state* is what `show` shows, *apply_running* who holds its lock at that moment.
    *due_within_days* is what `status --fail-due-within` asked for. *seconds* is how long the run took, *manifest* a file of the workspace,
    named as spans name theirs, for what has no place of its own. *page* is what any other command shows, or did.
    """

    command: str
    tool_version: str
    at: datetime
    exit_code: int
    why: str
    findings: tuple[Diagnostic, ...] = ()
    plan: Plan | None = None
    status: StatusReport | None = None
    happened: tuple[Happened, ...] = ()
    polled: tuple[Polled, ...] = ()
    saved_to: str | None = None
    chdir: str | None = None
    folder: str = ""
    due_within_days: int | None = None
    state: State | None = None
    apply_running: Mapping[str, str] | None = None
    sandbox: bool = False
    seconds: float = 0.0
    manifest: str = ""
    page: Page | None = None

    @property
    def called(self) -> str:
        """The program and the command: `mixpriv plan`; the program alone where no command was found among what was typed."""
        return f"mixpriv {self.command}".rstrip()

    @property
    def besides(self) -> tuple[Diagnostic, ...]:
        """The findings that the plan doesn't hold: why it could not be saved, for one."""
        if self.plan is None:
            return self.findings
        held = {*self.plan.diagnostics, *self.plan.refusals}
        return tuple(found for found in self.findings if found not in held)
