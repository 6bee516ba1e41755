"""Brings a workspace to where each of its ids was sent and each task has ended, by the program's own apply, in seconds instead of hours.

Everything is real, manifests, sources, state files, journal, lock and HTTP client, but the clock: its sleeps take no time, so that 5,000
batches don't take the 83 minutes that a call a second makes. A process of its own:

    python benchmarks/remembered.py FOLDER        prints what it measured of itself, as JSON

The environment must have what the workspace needs, and `MIXPRIV_URL_*` of a server that answers (see `server`).
"""

from __future__ import annotations

import asyncio
import itertools
import json
import os
import sys
import time
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

from mixpriv_reconcile.model.events import BatchSent, Event
from mixpriv_reconcile.model.plan import PlanOptions
from mixpriv_reconcile.pipeline.apply import Approval, apply
from mixpriv_reconcile.pipeline.setting import Setting
from mixpriv_reconcile.pipeline.upkeep import refresh


class HastyClock:
    """Whoever sleeps wakes up at once, so much later."""

    def __init__(self) -> None:
        self._slept = 1_000.0

    def now(self) -> datetime:
        return datetime.now(UTC)

    def monotonic(self) -> float:
        return self._slept

    async def sleep(self, seconds: float) -> None:
        self._slept += seconds
        await asyncio.sleep(0)


def written_bytes() -> int:
    """Bytes that this process wrote to files so far. What goes over sockets isn't in it: Python sends it, and doesn't write it."""
    for line in Path("/proc/self/io").read_text("ascii").splitlines():
        name, _, value = line.partition(": ")
        if name == "wchar":
            return int(value)
    raise LookupError("wchar")


@dataclass
class Meter:
    """An event sink that notes, at the receipt of each batch, what the run has used so far."""

    cpu_seconds: list[float] = field(default_factory=list)
    bytes: list[int] = field(default_factory=list)
    others: list[Event] = field(default_factory=list)
    has_proc: bool = field(default_factory=lambda: os.path.exists("/proc/self/io"))

    def emit(self, event: Event) -> None:
        if not isinstance(event, BatchSent):
            return
        if event.outcome != "acknowledged":
            raise SystemExit(f"a batch was {event.outcome}")
        self.cpu_seconds.append(time.process_time())
        if self.has_proc:
            self.bytes.append(written_bytes())


def apply_all(folder: Path) -> dict[str, object]:
    """Apply, then look at all tasks; what that took. Bytes and CPU of a batch are those between its receipt and the one before."""
    clock, meter = HastyClock(), Meter()
    environment = dict(os.environ)
    setting = Setting(folder, environment, clock, "apply")
    outcome = apply(setting, PlanOptions(), Approval(is_automatic=True), meter, show=lambda plan, ids: None, new_state=True)
    if outcome.exit_code:
        raise SystemExit(f"apply: {outcome.why}")
    applied = time.process_time()
    looked = refresh(Setting(folder, environment, clock, "refresh"), meter, max_seconds=None, on_polled=lambda polled: None)
    if looked.exit_code:
        raise SystemExit(f"refresh: {looked.why}")
    cpu, size = steps(meter.cpu_seconds), steps(meter.bytes)
    tenth = max(1, len(cpu) // 10)
    return {
        "batches": len(meter.cpu_seconds),
        "cpu_ms_per_batch": 1000 * mean(cpu),
        "cpu_ms_first_tenth": 1000 * mean(cpu[:tenth]),
        "cpu_ms_last_tenth": 1000 * mean(cpu[-tenth:]),
        "bytes_first_tenth": mean(size[:tenth]),
        "bytes_last_tenth": mean(size[-tenth:]),
        "cpu_ms_per_look": 1000 * (time.process_time() - applied) / max(1, len(meter.cpu_seconds)),
    }


def steps(readings: list[int] | list[float]) -> list[float]:
    return [after - before for before, after in itertools.pairwise(readings)]


def mean(values: list[float]) -> float:
    """The mean; 0 of nothing, which is where there was one batch only, or no `/proc`."""
    return sum(values) / len(values) if values else 0.0


if __name__ == "__main__":
    print(json.dumps(apply_all(Path(sys.argv[1]))))
