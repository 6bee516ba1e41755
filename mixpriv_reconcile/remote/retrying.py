"""A lane that tries again what is safe to repeat: GET and DELETE. A POST goes through once, whatever comes of it."""

from __future__ import annotations

from mixpriv_reconcile.kinds.wire import retry_after
from mixpriv_reconcile.model.remote import Access, Fetched, Lost, NotFetched, NotSent, Request, Response
from mixpriv_reconcile.model.secrets import Secret
from mixpriv_reconcile.ports import Clock, ExportFile, Lane, Patience

__all__ = ["Retrying"]


class Retrying:
    """Wraps a lane. Two answers decide: will waiting help, and is it safe to repeat?"""

    def __init__(self, lane: Lane, patience: Patience, clock: Clock) -> None:
        self._lane = lane
        self._patience = patience
        self._clock = clock

    @property
    def access(self) -> Access:
        return self._lane.access

    async def aclose(self) -> None:
        await self._lane.aclose()

    async def send(self, request: Request) -> Response | NotSent | Lost:
        """The last answer: the first that waiting can't better, or the one after which there was no more time."""
        attempt, waited = 0, 0.0
        while True:
            answer = await self._lane.send(request)
            why = None if request.method == "POST" else _waitable(answer)
            if why is None:
                return answer
            attempt += 1
            asked = retry_after(answer, self._clock.now().timestamp()) if isinstance(answer, Response) else None
            seconds = await self._patience.wait(self.access.project, why, attempt, waited, asked)
            if seconds is None:
                return answer
            waited += seconds


    async def download(self, link: Secret, file: ExportFile) -> Fetched | NotFetched:
        """The export, begun anew after each try that waiting could better, as long as there is time."""
        attempt, waited = 0, 0.0
        watched = _Watched(file, self._patience)
        while True:
            try:
                outcome = await self._lane.download(link, watched)
            except _RunIsOver:
                return NotFetched("the run ended first")
            why = _worth_waiting(outcome)
            if why is None:
                return outcome
            attempt += 1
            seconds = await self._patience.wait(self.access.project, why, attempt, waited)
            if seconds is None:
                return outcome
            waited += seconds


class _RunIsOver(Exception):
    """A download was under way when the run's time was spent, or somebody stopped it."""


class _Watched:
    """A file that takes no more once the run is over: an export may be gigabytes long."""

    def __init__(self, file: ExportFile, patience: Patience) -> None:
        self._patience = patience
        self.restart, self.keep, self.drop, self._write = file.restart, file.keep, file.drop, file.write

    def write(self, block: bytes) -> None:
        if self._patience.is_over:
            raise _RunIsOver
        self._write(block)


def _worth_waiting(outcome: Fetched | NotFetched) -> str | None:
    match outcome:
        case Fetched() | NotFetched(is_refused=True):
            return None
        case NotFetched(status=None):
            return "network"
        case NotFetched(status=429):
            return "rate"
        case NotFetched(status=int(status)) if status >= 500 or status == 408:
            return "server_error"
        case _:
            return None


def _waitable(answer: Response | NotSent | Lost) -> str | None:
    match answer:
        case NotSent(finding=finding) if finding is not None:
            return None
        case NotSent() | Lost():
            return "network"
        case Response(status=429):
            return "outstanding_scans" if answer.names_scans else "rate"
        case Response(status=status) if status >= 500 or status == 408:
            return "server_error"
        case _:
            return None
