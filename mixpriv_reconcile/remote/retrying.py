"""A lane that tries again what is safe to repeat: GET and DELETE. A POST goes through once, whatever comes of it."""

from __future__ import annotations

from mixpriv_reconcile.kinds.wire import retry_after
from mixpriv_reconcile.model.remote import Access, Lost, NotSent, Request, Response
from mixpriv_reconcile.ports import Clock, Lane, Patience

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
