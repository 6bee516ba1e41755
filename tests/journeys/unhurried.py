"""`mixpriv apply` in this process, on a clock that passes no time: for journeys of so many calls that the real pace would take minutes.

Everything else is real: manifests, sources, state files, journal and lock on disk, the HTTP client and the server it talks to.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from remote.simulated import HastyClock

from mixpriv_reconcile.model.events import Event
from mixpriv_reconcile.model.plan import Plan, PlanOptions
from mixpriv_reconcile.pipeline.apply import Approval, apply
from mixpriv_reconcile.pipeline.outcome import Outcome
from mixpriv_reconcile.pipeline.plan import plan
from mixpriv_reconcile.pipeline.setting import Setting

from .workspace import Workspace

__all__ = ["Unhurried"]


@dataclass
class Unhurried:
    """Runs of one workspace; *events* has those of the last apply."""

    workspace: Workspace
    clock: HastyClock = field(default_factory=HastyClock)
    events: list[Event] = field(default_factory=list)

    def emit(self, event: Event) -> None:
        self.events.append(event)

    def apply(self, *, code: int | None = 0, retry: tuple[str, ...] = (), max_seconds: float | None = None) -> Outcome:
        """The end of a run that nobody is asked about; *code* is what it must end with, None for any."""
        self.events.clear()
        outcome = apply(
            self._setting("apply"),
            PlanOptions(retry=retry),
            Approval(is_automatic=True),
            self,
            show=lambda made, ids: None,
            max_seconds=max_seconds,
            new_state=True,
        )
        assert code is None or outcome.exit_code == code, f"{outcome.why}: {outcome.diagnostics}"
        return outcome

    def plan(self) -> Plan:
        return plan(self._setting("plan"), PlanOptions()).plan

    def _setting(self, command: str) -> Setting:
        return Setting(self.workspace.root, self.workspace.environment, self.clock, command)
