"""A clock that passes no time: it jumps to the next moment at which somebody wakes up."""

from __future__ import annotations

import asyncio
import heapq
import itertools
from collections.abc import Coroutine
from datetime import UTC, datetime, timedelta
from typing import Any, TypeVar

__all__ = ["HastyClock", "SimulatedClock"]

T = TypeVar("T")

TURNS_UNTIL_IDLE = 50
"""Turns of the event loop after which every task that can go on has gone on; the longest chain of awaits here is far shorter."""


class SimulatedClock:
    """`ports.Clock` for tasks that do nothing but compute and sleep: run them with `run`."""

    def __init__(self, start: float = 1_000.0) -> None:
        self._now = start
        self._sleepers: list[tuple[float, int, asyncio.Future[None]]] = []
        self._order = itertools.count()

    def now(self) -> datetime:
        return datetime(2026, 11, 20, 8, tzinfo=UTC) + timedelta(seconds=self._now)

    def monotonic(self) -> float:
        return self._now

    async def sleep(self, seconds: float) -> None:
        waking: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        heapq.heappush(self._sleepers, (self._now + max(0.0, seconds), next(self._order), waking))
        await waking

    def run(self, *work: Coroutine[Any, Any, T]) -> list[T]:
        """What each piece of *work* returns, all side by side."""
        return asyncio.run(self._run(work))

    async def _run(self, work: tuple[Coroutine[Any, Any, T], ...]) -> list[T]:
        running = asyncio.gather(*work)
        while True:
            for _ in range(TURNS_UNTIL_IDLE):
                await asyncio.sleep(0)
            if running.done():
                return running.result()
            while self._sleepers:
                moment, _, waking = heapq.heappop(self._sleepers)
                if not waking.done():
                    self._now = max(self._now, moment)
                    waking.set_result(None)
                    break
            else:
                raise AssertionError("everybody waits, and nobody sleeps")


class HastyClock:
    """`ports.Clock` beside real sockets: whoever sleeps wakes up at once, so much later."""

    def __init__(self) -> None:
        self._now = 1_000.0

    def now(self) -> datetime:
        return datetime.now(UTC)

    def monotonic(self) -> float:
        return self._now

    async def sleep(self, seconds: float) -> None:
        self._now += seconds
        await asyncio.sleep(0)
