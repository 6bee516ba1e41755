"""A lane that tries again what is safe to repeat: GET and DELETE. A POST goes through once, whatever comes of it."""

from __future__ import annotations

import asyncio

from mixpriv_reconcile.kinds.wire import retry_after
from mixpriv_reconcile.model.remote import Access, Fetched, Lost, NotFetched, NotSent, Request, Response
from mixpriv_reconcile.model.secrets import Secret
from mixpriv_reconcile.ports import Clock, ExportFile, Lane, Patience

__all__ = ["Retrying"]

LOOK_SECONDS = 0.25
"""How often a download looks whether its run is over: it may be stopped or run out of time while nothing arrives."""


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
        while True:
            outcome = await self._until_over(link, file)
            why = _worth_waiting(outcome)
            if why is None:
                return outcome
            assert isinstance(outcome, NotFetched)
            attempt += 1
            answer = Response(outcome.status or 0, {"retry-after": outcome.retry_after}, b"")
            asked = retry_after(answer, self._clock.now().timestamp())
            seconds = await self._patience.wait(self.access.project, why, attempt, waited, asked)
            if seconds is None:
                return outcome
            waited += seconds

    async def _until_over(self, link: Secret, file: ExportFile) -> Fetched | NotFetched:
        """One try, given up when the run is over: an export may be gigabytes long, or nothing may come for a minute.

        One that is all there is kept, for what is left then takes no time of Mixpanel's.
        """
        watched = _Watched(file)
        downloading = asyncio.ensure_future(self._lane.download(link, watched))
        try:
            while not (await asyncio.wait({downloading}, timeout=LOOK_SECONDS))[0]:
                if self._patience.is_over and not watched.is_whole:
                    return NotFetched("the run ended first")
            return await downloading
        finally:
            downloading.cancel()
            await asyncio.wait({downloading})


class _Watched:
    """A file of which is known whether all of it has arrived."""

    def __init__(self, file: ExportFile) -> None:
        self.restart, self.write, self.drop, self._keep = file.restart, file.write, file.drop, file.keep
        self.is_whole = False

    def keep(self) -> Fetched:
        self.is_whole = True
        return self._keep()


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
