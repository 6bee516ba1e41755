"""How long is waited before trying again, and when it ends."""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine
from dataclasses import dataclass, field
from typing import Any, TypeVar

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mixpriv_reconcile.model.events import RateLimitHit
from mixpriv_reconcile.remote import SystemPatience
from mixpriv_reconcile.remote.patience import HORIZON_SECONDS, backoff_seconds

from .simulated import SimulatedClock

T = TypeVar("T")

HOURS = 3600.0
CAUSES = sorted(HORIZON_SECONDS)


@dataclass(slots=True)
class Run:
    """A run of so many seconds, None without a budget, whose jitter is known."""

    seconds: float | None = None
    jitter: float = 1.0
    clock: SimulatedClock = field(default_factory=SimulatedClock)
    stop: asyncio.Event = field(default_factory=asyncio.Event)
    told: list[RateLimitHit] = field(default_factory=list)

    @property
    def patience(self) -> SystemPatience:
        deadline = None if self.seconds is None else self.clock.monotonic() + self.seconds
        return SystemPatience(self.clock, deadline=deadline, stop=self.stop, on_wait=self.told.append, jitter=lambda: self.jitter)

    def result(self, work: Coroutine[Any, Any, T]) -> tuple[T, float]:
        """What *work* returns, and how many seconds that took."""
        before = self.clock.monotonic()
        return self.clock.run(work)[0], self.clock.monotonic() - before


@pytest.mark.parametrize(
    ("why", "expected"),
    [
        ("rate", [2, 4, 8, 16, 32, 64, 128, 256, 512, 900, 900]),
        ("network", [2, 4, 8, 16, 32, 64, 128, 256, 512, 900, 900]),
        ("server_error", [2, 4, 8, 16, 32, 64, 128, 256, 512, 900, 900]),
        ("outstanding_scans", [60, 120, 240, 480, 900, 900]),
    ],
)
def test_doubles_up_to_a_quarter_of_an_hour(why: str, expected: list[float]) -> None:
    """Each wait is twice as long as the one before, up to 15 minutes; where day-scans are outstanding, they begin at a minute."""
    assert [backoff_seconds(why, attempt, None, 1.0) for attempt in range(1, len(expected) + 1)] == expected


@settings(deadline=None)
@given(st.sampled_from(CAUSES), st.integers(1, 10**6), st.floats(0, 1))
def test_jitter(why: str, attempt: int, jitter: float) -> None:
    """Half of each wait is fixed and half left to chance, so that many runs don't come back at the same moment."""
    full = backoff_seconds(why, attempt, None, 1.0)
    assert full / 2 <= backoff_seconds(why, attempt, None, jitter) <= full
    assert backoff_seconds(why, attempt, None, 0.0) == full / 2


@settings(deadline=None)
@given(st.sampled_from(CAUSES), st.integers(1, 100), st.floats(0, 1e5), st.floats(0, 1))
def test_server_has_its_word(why: str, attempt: int, asked: float, jitter: float) -> None:
    """What `Retry-After` asks for is waited, neither less nor more than a second longer."""
    assert asked <= backoff_seconds(why, attempt, asked, jitter) <= asked + 1


def test_waits_as_long_as_it_says() -> None:
    """The wait is told before it begins, takes the seconds that are told, and returns them."""
    run = Run()
    assert run.result(run.patience.wait("web-eu", "rate", 3, 0.0)) == (8.0, 8.0)
    assert run.told == [RateLimitHit("web-eu", "rate", 8.0, 3)]


def test_hours_for_a_busy_service() -> None:
    """Without a time budget a 429 is waited out for six hours in all, then it is left for the next run."""
    run = Run()
    assert run.result(run.patience.wait("web-eu", "rate", 30, 6 * HOURS - 900)) == (900.0, 900.0)
    assert run.result(run.patience.wait("web-eu", "rate", 30, 6 * HOURS - 899)) == (None, 0.0)
    assert len(run.told) == 1


@pytest.mark.parametrize("why", ["server_error", "network"])
def test_minutes_for_a_broken_one(why: str) -> None:
    """Without a time budget, errors of the service and the network are waited out for ten minutes in all."""
    run = Run()
    assert run.result(run.patience.wait("web-eu", why, 8, 600 - 256)) == (256.0, 256.0)
    assert run.result(run.patience.wait("web-eu", why, 8, 600 - 255)) == (None, 0.0)


def test_asked_for_too_long() -> None:
    """A service that asks for a day is not waited for without a budget that allows it."""
    run = Run()
    assert run.result(run.patience.wait("web-eu", "rate", 1, 0.0, 24 * HOURS)) == (None, 0.0)
    long = Run(seconds=48 * HOURS)
    assert long.result(long.patience.wait("web-eu", "rate", 1, 0.0, 24 * HOURS)) == (24 * HOURS + 1, 24 * HOURS + 1)


def test_budget_allows_more() -> None:
    """Within a time budget waiting goes on beyond the usual hours."""
    run = Run(seconds=24 * HOURS)
    assert run.result(run.patience.wait("web-eu", "server_error", 12, 20 * HOURS)) == (900.0, 900.0)


def test_budget_is_kept() -> None:
    """A wait that would end after the budget isn't begun: the run ends now rather than then."""
    run = Run(seconds=7.9)
    assert run.result(run.patience.wait("web-eu", "rate", 3, 0.0)) == (None, 0.0)
    assert run.told == []


def test_budget_ends_the_run() -> None:
    """A run is over when its time is up, not before, and a pause doesn't outlast it."""
    run = Run(seconds=10.0)
    patience = run.patience

    async def lived() -> list[object]:
        first = await patience.pause(4.0), patience.is_over, run.clock.monotonic()
        second = await patience.pause(4_000.0), patience.is_over, run.clock.monotonic()
        third = await patience.pause(1.0), await patience.wait("web-eu", "rate", 1, 0.0), run.clock.monotonic()
        return [first, second, third]

    assert run.result(lived())[0] == [(True, False, 1_004.0), (False, True, 1_010.0), (False, None, 1_010.0)]


def test_stop_ends_a_wait_at_once() -> None:
    """Ctrl-C during a wait of hours ends it at that moment."""
    run = Run()
    patience = run.patience

    async def stopped() -> tuple[float | None, float]:
        waiting = asyncio.ensure_future(patience.wait("web-eu", "rate", 30, 0.0))
        await run.clock.sleep(3.0)
        run.stop.set()
        return await waiting, run.clock.monotonic() - 1_000.0

    assert run.result(stopped())[0] == (None, 3.0)
    assert patience.is_over


def test_nothing_is_begun_after_a_stop() -> None:
    """After Ctrl-C no further wait is told or begun."""
    run = Run()
    run.stop.set()
    assert run.patience.is_over
    assert run.result(run.patience.wait("web-eu", "rate", 1, 0.0)) == (None, 0.0)
    assert run.told == []
