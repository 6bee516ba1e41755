"""What every part of an apply shares: the doors, the base state, and a count of what was done."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import assert_never

from mixpriv_reconcile.apply.journaling import Journaling
from mixpriv_reconcile.errors import LockLost, MixprivError
from mixpriv_reconcile.model.diagnostics import Diagnostic, Severity
from mixpriv_reconcile.model.events import ApplyErrored, ApplyProgress, DiagnosticRaised
from mixpriv_reconcile.model.plan import Change
from mixpriv_reconcile.model.remote import NotSent, RateLimited
from mixpriv_reconcile.model.repeating import Repeat
from mixpriv_reconcile.model.resource import RequestSpec
from mixpriv_reconcile.model.state import RequestRecord, State
from mixpriv_reconcile.ports import Clock, EventSink, ExportFolder, ListWriter, Patience, RawIdSource

__all__ = ["Context", "LaneStopped", "OutOfTime", "Tally", "no_time_for"]


class LaneStopped(Exception):
    """This project can't go on; *finding* says why. The other projects do."""

    def __init__(self, finding: Diagnostic) -> None:
        super().__init__(finding.code)
        self.finding = finding


class OutOfTime(Exception):
    """The run was stopped or its time is spent; nothing is lost, the rest is left for the next apply. *why* is for people."""

    def __init__(self, why: str = "the run ended first") -> None:
        super().__init__(why)
        self.why = why


def no_time_for(outcome: RateLimited | NotSent, now: datetime) -> OutOfTime:
    """What to raise where waiting would help and there is no time for it; it says when Mixpanel asked to come back, if it did."""
    match outcome:
        case NotSent(why):
            return OutOfTime(f"Mixpanel can't be reached: {why}")
        case RateLimited(asked):
            no_time = "and there is no time to wait longer" if asked is None else "for which there is no time"
            return OutOfTime(f"{outcome.told(now)}, {no_time}")
        case _:
            assert_never(outcome)


@dataclass(slots=True)
class Tally:
    """What the run has done so far; grows while it runs. *records* are the requests as they are remembered now, of those at hand."""

    requests: int = 0
    subjects: int = 0
    requests_done: int = 0
    subjects_done: int = 0
    acknowledged: int = 0
    in_doubt: int = 0
    refused: int = 0
    remaining: int = 0
    diagnostics: list[Diagnostic] = field(default_factory=list)
    finished: list[Change] = field(default_factory=list)
    errored: list[ApplyErrored] = field(default_factory=list)
    records: dict[str, RequestRecord] = field(default_factory=dict)
    fatal: MixprivError | None = None


@dataclass(frozen=True, slots=True)
class Context:
    """The doors of one run. *requests* says how each declared request is asked for; *spacing_seconds* is the pace, for the ETA.

    *lists* is there where the plan writes some. *requires_opt_out* says that ids must be opted out before they are erased
    (`policy.opt_out: require`). *repeat* has the words of hints to carry on.
    """

    state: State
    journal: Journaling
    ids: RawIdSource
    exports: ExportFolder
    clock: Clock
    patience: Patience
    events: EventSink
    tally: Tally
    requests: Mapping[str, RequestSpec]
    spacing_seconds: float
    lists: ListWriter | None = None
    requires_opt_out: bool = False
    repeat: Repeat = field(default_factory=Repeat)

    def check_time(self) -> None:
        """Raise `OutOfTime` where no further call may start."""
        if self.patience.is_over:
            raise OutOfTime

    async def saved(self) -> None:
        """Return when all that was handed to the journal is durable; where that fails, it ends the run. Who lost the lock doesn't write."""
        if isinstance(self.tally.fatal, LockLost):
            return
        try:
            await self.journal.flush()
        except MixprivError as error:
            self.tally.fatal = self.tally.fatal or error

    def report(self, code: str, severity: Severity, message: str, hint: str = "", address: str = "") -> None:
        """Raise a finding made while applying; it is shown now and again at the end."""
        self.report_finding(Diagnostic(code, severity, message, hint, address=address))

    def report_finding(self, finding: Diagnostic) -> None:
        self.tally.diagnostics.append(finding)
        self.events.emit(DiagnosticRaised(finding))

    def step_done(self, subjects: int, eta_calls: int) -> None:
        """Count one finished call and tell the progress; *eta_calls* are left in the slowest project."""
        self.tally.requests_done += 1
        self.tally.subjects_done += subjects
        tally = self.tally
        eta = round(eta_calls * self.spacing_seconds)
        self.events.emit(ApplyProgress(tally.requests_done, tally.requests, tally.subjects_done, tally.subjects, eta))
