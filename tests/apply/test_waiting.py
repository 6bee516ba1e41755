"""Waiting for a busy Mixpanel: real sockets, and a clock on which hours pass at once."""

from __future__ import annotations

import asyncio
import hashlib
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path

import httpx
import pytest

from mixpriv_reconcile.apply.cancel import look
from mixpriv_reconcile.apply.context import Context, OutOfTime, Tally
from mixpriv_reconcile.apply.journaling import Journaling
from mixpriv_reconcile.apply.ledger import Ledger
from mixpriv_reconcile.apply.leftover import Leftovers
from mixpriv_reconcile.apply.submit import Submitter
from mixpriv_reconcile.ids.sets import id_set
from mixpriv_reconcile.model.diagnostics import SourceSpan
from mixpriv_reconcile.model.events import Event, RateLimitHit
from mixpriv_reconcile.model.ids import EMPTY_IDS, IdSet, IdSources
from mixpriv_reconcile.model.journal import Acknowledged, Entry, Intended, Unsettled
from mixpriv_reconcile.model.plan import SubmitBatch
from mixpriv_reconcile.model.regions import Region
from mixpriv_reconcile.model.remote import Access
from mixpriv_reconcile.model.resource import DeletionSpec
from mixpriv_reconcile.model.secrets import RawIds, Secret
from mixpriv_reconcile.model.state import State
from mixpriv_reconcile.pipeline.exports import Exports
from mixpriv_reconcile.remote import Paces, Retrying, SystemPatience, open_lane, shared_tls
from mixpriv_reconcile.sandbox import Embedded, SandboxOptions

ADDRESS = "web.deletions.r1"
ACCESS = Access("web", 1, Region.US, Secret("token-1"), Secret("bearer"))
REQUESTS = {ADDRESS: DeletionSpec("gdpr", IdSources())}
HOUR = 3600.0


class Hours:
    """`ports.Clock` beside real sockets: whoever sleeps wakes up at once, so much later, by the calendar too."""

    def __init__(self) -> None:
        self._start, self._now = datetime.now(UTC), 0.0

    def now(self) -> datetime:
        return self._start + timedelta(seconds=self._now)

    def monotonic(self) -> float:
        return 1_000.0 + self._now

    async def sleep(self, seconds: float) -> None:
        self._now += seconds
        await asyncio.sleep(0)


class TwoIds:
    """`ports.RawIdSource` of one batch of two ids."""

    batch = SubmitBatch(id_set(memoryview(b"".join(sorted(hashlib.md5(text).digest() for text in (b"u1", b"u2"))))), 1, "new")

    def raw_ids(self, address: str, ids: IdSet) -> RawIds:
        return RawIds(("u1", "u2"))

    def place(self, address: str, ids: IdSet) -> SourceSpan | None:
        return None

    def held(self, project: str, ids: RawIds) -> IdSet:
        return EMPTY_IDS

    def withdrawn(self, address: str, ids: RawIds) -> IdSet:
        return EMPTY_IDS

    def undeclared(self, project: str, ids: RawIds) -> int:
        return len(ids)


@dataclass(slots=True)
class Run:
    """A run of one project: what was journaled, what was told, how it ended."""

    seconds: float | None = None
    clock: Hours = field(default_factory=Hours)
    entries: list[Entry] = field(default_factory=list)
    waits: list[RateLimitHit] = field(default_factory=list)
    ended: OutOfTime | None = None
    calls: list[int | None] = field(default_factory=list)

    def append(self, *entries: Entry) -> None:
        self.entries.extend(entries)

    def emit(self, event: Event) -> None:
        """Events of batches aren't looked at here."""

    @property
    def hours(self) -> float:
        return (self.clock.monotonic() - 1_000.0) / HOUR

    def submit(self, folder: Path, *faults: str) -> Run:
        """The run, after it tried to submit a batch to a Mixpanel with these faults."""
        with self._context(folder, faults) as (lane, context):
            self._finish(lane, Submitter(lane, context, Ledger(lane.access, context, Leftovers())).submit(ADDRESS, "deletions", TwoIds.batch))
        return self

    def look(self, folder: Path, *faults: str) -> Run:
        """The run, after it tried to look at a task that Mixpanel doesn't know."""
        with self._context(folder, faults) as (lane, context):
            self._finish(lane, look("deletions", "none", lane, context))
        return self

    @contextmanager
    def _context(self, folder: Path, faults: Sequence[str]) -> Iterator[tuple[Retrying, Context]]:
        deadline = None if self.seconds is None else self.clock.monotonic() + self.seconds
        stop = asyncio.Event()
        patience = SystemPatience(self.clock, deadline=deadline, stop=stop, on_wait=self.waits.append, jitter=lambda: 0.5)
        with Embedded(SandboxOptions(interval_seconds=0, faults=tuple(faults))) as origins:
            lane = Retrying(open_lane(ACCESS, origins["us"], Paces(self.clock, folder), shared_tls()), patience, self.clock)
            journal = Journaling(self.append, self.clock, is_shared=False)
            yield (
                lane,
                Context(State("lineage", 0, "1"), journal, TwoIds(), Exports(folder, ()), self.clock, patience, self, Tally(), REQUESTS, 1.02),
            )
            calls = httpx.get(f"{origins['us']}/_sandbox/calls", trust_env=False, timeout=60).json()["calls"]
            self.calls = [call["status"] for call in calls]

    def _finish(self, lane: Retrying, work: object) -> None:
        async def done() -> None:
            try:
                await work  # type: ignore[misc]
            except OutOfTime as out:
                self.ended = out
            finally:
                await lane.aclose()

        asyncio.run(done())


def test_open_scans_are_waited_out_for_hours(tmp_path: Path) -> None:
    """A project with too many day-scans outstanding is asked again for hours, ever less often, until its batch is taken."""
    run = Run().submit(tmp_path, "POST@1-20=429-scans")
    assert run.ended is None
    assert 3.0 < run.hours < 6.0
    assert run.calls == [429] * 20 + [201]
    assert {wait.why for wait in run.waits} == {"outstanding_scans"}
    assert [wait.attempt for wait in run.waits] == list(range(1, 21))
    assert sum(isinstance(entry, Acknowledged) for entry in run.entries) == 1


def test_a_batch_that_waits_is_never_in_doubt(tmp_path: Path) -> None:
    """Each 429 is written down as an answer before the wait begins: a crash during it leaves the batch unsent."""
    run = Run().submit(tmp_path, "POST@1-3=429")
    assert [type(entry) for entry in run.entries] == [Intended, Unsettled] * 3 + [Intended, Acknowledged]
    assert [entry.phase for entry in run.entries if isinstance(entry, Unsettled)] == ["returned"] * 3


@pytest.mark.parametrize("fault", ["POST=429-scans", "POST=429"])
def test_without_a_time_budget_hours_are_the_end(tmp_path: Path, fault: str) -> None:
    """Without a time budget a run gives up after six hours of 429 for one batch, which then is unsent."""
    run = Run().submit(tmp_path, fault)
    assert run.ended is not None
    assert "no time to wait longer" in run.ended.why
    assert 5.5 < run.hours <= 6.1
    assert isinstance(run.entries[-1], Unsettled)


def test_a_time_budget_allows_more_hours(tmp_path: Path) -> None:
    """With a time budget of a day the same batch is waited for as long as the day allows."""
    run = Run(seconds=24 * HOUR).submit(tmp_path, "POST=429-scans")
    assert run.ended is not None
    assert 23.7 < run.hours <= 24.0


@pytest.mark.parametrize("form", ["retry-after=7200", "retry-date=7200"])
@pytest.mark.parametrize("method", ["POST", "GET"])
def test_hours_of_retry_after_are_waited(tmp_path: Path, method: str, form: str) -> None:
    """Two hours in `Retry-After`, as seconds or as a date, are waited as they are: one wait, then the call is made again."""
    run = Run()
    (run.submit if method == "POST" else run.look)(tmp_path, f"{method}@1=429:{form}")
    assert run.ended is None
    assert 7_199 <= run.waits[0].wait_seconds <= 7_202
    assert len(run.waits) == 1
    assert 2.0 <= run.hours < 2.01
    assert run.calls == [429, 201 if method == "POST" else 404]


@pytest.mark.parametrize("method", ["POST", "GET"])
@pytest.mark.parametrize(("asked", "seconds"), [(100_000_000_000, None), (1_000_000_000, 24 * HOUR), (30_000, None), (7_200, HOUR)])
def test_what_does_not_fit_ends_the_run_at_once(tmp_path: Path, method: str, asked: int, seconds: float | None) -> None:
    """A wait that can't fit isn't begun, however absurd it is: no second call, no time lost, and the end says when to come back."""
    run = Run(seconds=seconds)
    (run.submit if method == "POST" else run.look)(tmp_path, f"{method}=429:retry-after={asked}")
    assert run.ended is not None
    assert "asks to come back after 20" in run.ended.why
    assert (run.calls, run.waits) == ([429], [])
    assert run.hours == pytest.approx(0, abs=0.001)


@pytest.mark.parametrize("form", ["retry-after=-5", "retry-date=-3600"])
def test_a_moment_that_passed_is_no_wait_of_its_own(tmp_path: Path, form: str) -> None:
    """A `Retry-After` that lies back holds nobody up, and nothing is sent out of pace."""
    run = Run().submit(tmp_path, f"POST@1=429:{form}")
    assert run.calls == [429, 201]
    assert run.waits[0].wait_seconds <= 2.0
    assert run.hours * HOUR >= 1.02 - 1e-6  # what rounding takes off
