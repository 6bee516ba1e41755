"""How lanes write their journal: at once on this disk; together, in order and in a thread of its own where a write is a call over a network."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from remote.simulated import HastyClock

from mixpriv_reconcile.apply.journaling import Journaling
from mixpriv_reconcile.errors import LockLost, StateError
from mixpriv_reconcile.model.journal import Entry, Polled


def look(number: int) -> Polled:
    return Polled(1, f"task-{number}", "PENDING", datetime(2026, 11, 20, tzinfo=UTC))


class Disk:
    """What was written, write by write. The first write waits for `gate`; the one with number *failing* (from 1) raises *error*."""

    def __init__(self, *, failing: int = 0, error: Exception | None = None) -> None:
        self.writes: list[tuple[Entry, ...]] = []
        self.gate = threading.Event()
        self.begun = threading.Event()
        self.threads: set[int] = set()
        self._tries, self._failing, self._error = 0, failing, error

    def append(self, *entries: Entry) -> None:
        self.threads.add(threading.get_ident())
        self._tries += 1
        if self._tries == self._failing and self._error is not None:
            raise self._error
        self.begun.set()
        self.gate.wait(120)
        self.writes.append(entries)

    @property
    def entries(self) -> list[Entry]:
        return [entry for write in self.writes for entry in write]


async def begun(disk: Disk) -> None:
    """Return when the first write is under way."""
    assert await asyncio.to_thread(disk.begun.wait, 120)


async def turns() -> None:
    """Let every task go as far as it can without the disk."""
    for _ in range(10):
        await asyncio.sleep(0)


def run(work: Callable[[], Any]) -> Any:
    return asyncio.run(work())


def test_on_this_disk_each_entry_is_written_at_once() -> None:
    """A local journal is written as it always was: each entry by itself, before anything else happens, in the same thread."""
    disk = Disk()
    disk.gate.set()
    journal = Journaling(disk.append, HastyClock(), is_shared=False)
    journal.ride(look(1), look(2))
    with pytest.raises(StopIteration):  # it never waits for anything
        journal.append(look(3)).send(None)
    assert disk.writes == [(look(1),), (look(2),), (look(3),)]
    assert disk.threads == {threading.get_ident()}


def test_who_waits_at_once_shares_a_write() -> None:
    """While one write is under way all others wait for the next one: a hundred lanes take two writes, in the order in which they came."""
    disk = Disk()

    async def work() -> None:
        journal = Journaling(disk.append, HastyClock(), is_shared=True)
        lanes = [asyncio.create_task(journal.append(look(number))) for number in range(100)]
        await begun(disk)
        await turns()
        assert not any(lane.done() for lane in lanes)
        disk.gate.set()
        await asyncio.gather(*lanes)

    run(work)
    assert disk.entries == [look(number) for number in range(100)]
    assert len(disk.writes) <= 2
    assert threading.get_ident() not in disk.threads


def test_what_rides_goes_with_the_next_write() -> None:
    """Entries that need no durability of their own cost no write: they go before what is written next, or when all is saved."""
    disk, clock = Disk(), HastyClock()
    disk.gate.set()

    async def work() -> None:
        journal = Journaling(disk.append, clock, is_shared=True)
        journal.ride(look(1))
        await turns()
        assert disk.writes == []
        journal.ride(look(2))
        await journal.append(look(3), look(4))
        journal.ride(look(5))
        await journal.flush(after_seconds=1)
        assert len(disk.writes) == 1
        await clock.sleep(1)
        journal.ride(look(6))
        await journal.flush(after_seconds=1)
        assert len(disk.writes) == 2
        await journal.flush()
        journal.ride(look(7))
        await journal.flush()
        await journal.flush()

    run(work)
    assert disk.writes == [(look(1), look(2), look(3), look(4)), (look(5), look(6)), (look(7),)]


@pytest.mark.parametrize("error", [StateError("MP0560", "it can't be reached"), LockLost("MP0522", "it isn't ours")])
def test_after_a_failed_write_nothing_is_written(error: Exception) -> None:
    """Who waits for a write that fails is told why, and so is everybody later: no entry stands where one before it is missing."""
    disk = Disk(failing=2, error=error)

    async def work() -> None:
        journal = Journaling(disk.append, HastyClock(), is_shared=True)
        first = asyncio.create_task(journal.append(look(1)))
        await begun(disk)
        lanes = [asyncio.create_task(journal.append(look(number))) for number in (2, 3)]
        await turns()
        disk.gate.set()
        await first
        assert [type(each) for each in await asyncio.gather(*lanes, return_exceptions=True)] == [type(error)] * 2
        journal.ride(look(4))
        for call in (journal.append(look(5)), journal.flush()):
            with pytest.raises(type(error)):
                await call
        with pytest.raises(type(error)):
            journal.check()

    run(work)
    assert disk.writes == [(look(1),)]


def test_who_is_cancelled_holds_up_nobody() -> None:
    """A lane that is cancelled while it waits leaves the others their writes, and `flush` returns when its own write is through, too."""
    disk = Disk()

    async def work() -> None:
        journal = Journaling(disk.append, HastyClock(), is_shared=True)
        lane = asyncio.create_task(journal.append(look(1)))
        await begun(disk)
        other = asyncio.create_task(journal.append(look(2)))
        flushed = asyncio.create_task(journal.flush())
        await turns()
        lane.cancel()
        other.cancel()
        await turns()
        assert (lane.cancelled(), flushed.done()) == (True, False)
        disk.gate.set()
        await flushed

    run(work)
    assert disk.writes == [(look(1),), (look(2),)]


def test_a_failure_that_nobody_waits_for_is_told_at_the_end() -> None:
    """Where the only lane that waited was cancelled, the write's failure isn't lost: the run's end raises it."""
    disk = Disk(failing=1, error=StateError("MP0560", "it can't be reached"))

    async def work() -> None:
        journal = Journaling(disk.append, HastyClock(), is_shared=True)
        lane = asyncio.create_task(journal.append(look(1)))
        await asyncio.sleep(0)
        lane.cancel()
        with pytest.raises(StateError, match="can't be reached"):
            await journal.flush()

    run(work)
    assert disk.writes == []


STEPS = st.lists(st.tuples(st.sampled_from(["ride", "append", "flush", "pause"]), st.integers(1, 3)), max_size=12)


@given(st.lists(STEPS, min_size=1, max_size=5))
def test_the_order_is_kept(lanes: list[list[tuple[str, int]]]) -> None:
    """Whatever lanes write, ride and wait for side by side: everything is written once, in the order in which it was handed over."""
    disk, given_over = Disk(), []
    disk.gate.set()

    async def lane(journal: Journaling, steps: list[tuple[str, int]]) -> None:
        for what, count in steps:
            entries = [look(len(given_over) + number) for number in range(count)]
            if what in ("ride", "append"):
                given_over.extend(entries)
            match what:
                case "ride":
                    journal.ride(*entries)
                case "append":
                    await journal.append(*entries)
                    assert set(entries) <= set(disk.entries)
                case "flush":
                    await journal.flush()
                case _:
                    await asyncio.sleep(0)

    async def work() -> None:
        journal = Journaling(disk.append, HastyClock(), is_shared=True)
        await asyncio.gather(*(lane(journal, steps) for steps in lanes))
        await journal.flush()

    run(work)
    assert disk.entries == given_over
