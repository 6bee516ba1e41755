"""How long to wait before trying again, and when to stop: exponential backoff with jitter, over hours where time allows."""

from __future__ import annotations

import asyncio
import random
from collections.abc import Callable

from mixpriv_reconcile.model.events import RateLimitHit
from mixpriv_reconcile.ports import Clock

__all__ = ["SystemPatience", "backoff_seconds"]

FIRST_SECONDS = {"rate": 2.0, "outstanding_scans": 60.0, "server_error": 2.0, "network": 2.0}
LONGEST_SECONDS = 900.0
"""One wait; API fact sheet §1.9 advises about 15 minutes."""

HORIZON_SECONDS = {"rate": 6 * 3600.0, "outstanding_scans": 6 * 3600.0, "server_error": 600.0, "network": 600.0}
"""Total wait for one call where no time budget is given; "several hours" are Mixpanel's words for 429 (API §1.5)."""


def backoff_seconds(why: str, attempt: int, asked_seconds: float | None, jitter: float) -> float:
    """Seconds before try *attempt* + 1 (counted from 1), *jitter* from 0 to 1.

    The server's own word counts as it is, with up to one second on top; else 2, 4, 8 … seconds (60, 120 … for outstanding scans),
    at most 15 minutes, of which the upper half is random.
    """
    if asked_seconds is not None:
        return asked_seconds + jitter
    full = min(LONGEST_SECONDS, FIRST_SECONDS[why] * 2.0 ** min(attempt - 1, 20))
    return full / 2 + full / 2 * jitter


class SystemPatience:
    """Waits for one run: ends early when *stop* is set, and never past *deadline* (monotonic seconds; None: no budget)."""

    def __init__(
        self,
        clock: Clock,
        *,
        deadline: float | None,
        stop: asyncio.Event,
        on_wait: Callable[[RateLimitHit], None],
        jitter: Callable[[], float] = random.random,
    ) -> None:
        self._clock = clock
        self._deadline = deadline
        self._stop = stop
        self._on_wait = on_wait
        self._jitter = jitter

    @property
    def is_over(self) -> bool:
        """Whether no further call may start: the run was stopped, or its time budget is spent."""
        return self._stop.is_set() or (self._deadline is not None and self._clock.monotonic() >= self._deadline)

    async def wait(self, project: str, why: str, attempt: int, waited_seconds: float, asked_seconds: float | None = None) -> float | None:
        """Wait before the next try; the seconds waited, or None where there is no time for it (nothing was waited then)."""
        if self.is_over:
            return None
        seconds = backoff_seconds(why, attempt, asked_seconds, self._jitter())
        if waited_seconds + seconds > HORIZON_SECONDS[why] and self._deadline is None:
            return None
        if self._deadline is not None and self._clock.monotonic() + seconds > self._deadline:
            return None
        self._on_wait(RateLimitHit(project, why, round(seconds, 1), attempt))
        return seconds if await self.pause(seconds) else None

    async def pause(self, seconds: float) -> bool:
        """Let *seconds* pass; False where the run was stopped meanwhile or its time is over."""
        if self.is_over:
            return False
        if self._deadline is not None:
            seconds = min(seconds, max(0.0, self._deadline - self._clock.monotonic()))
        sleeping = asyncio.ensure_future(self._clock.sleep(seconds))
        stopping = asyncio.ensure_future(self._stop.wait())
        try:
            await asyncio.wait({sleeping, stopping}, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for waiting in (sleeping, stopping):
                waiting.cancel()
            await asyncio.gather(sleeping, stopping, return_exceptions=True)
        return not self.is_over
