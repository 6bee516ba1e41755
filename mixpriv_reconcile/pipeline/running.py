"""One run that sends: its signals and its time budget."""

from __future__ import annotations

import asyncio
import contextlib
import signal
import threading
from collections.abc import Callable, Iterator

from mixpriv_reconcile.errors import Interrupted
from mixpriv_reconcile.model.events import RateLimitHit
from mixpriv_reconcile.pipeline.setting import Setting
from mixpriv_reconcile.ports import EventSink, Patience
from mixpriv_reconcile.remote import SystemPatience

__all__ = ["Run", "running"]


class Run:
    """Whether a run may go on: *stop* is set by a signal or by what concerns the whole run."""

    def __init__(self, stop: asyncio.Event, patience: Patience, deadline: float | None, end_now: Callable[[int], object]) -> None:
        self.stop = stop
        self.patience = patience
        self.deadline = deadline
        self._end_now = end_now
        self.interrupted_by: int | None = None

    def raise_if_interrupted(self) -> None:
        if self.interrupted_by is not None:
            raise Interrupted(self.interrupted_by)

    def signalled(self, number: int) -> None:
        """The first signal lets the call in flight finish and saves; the second ends at once, but for the reports.

        Nothing that was told as done is lost, for its entry was durable before. Of a batch that is on its way the intent is, so that the
        next run has it in doubt; on a shared state the journal's last write may be on its way as well, and arrive or not.
        """
        if self.interrupted_by is not None:
            self._end_now(number)
        self.interrupted_by = number
        self.stop.set()


@contextlib.contextmanager
def running(setting: Setting, seconds: float | None, sink: EventSink | None = None, *, within: Run | None = None) -> Iterator[Run]:
    """A run of at most *seconds* (None: as long as it takes) that SIGINT and SIGTERM end in good order.

    A run *within* another has its own time, never more than the other's, and shares its end.
    """

    def on_wait(event: RateLimitHit) -> None:
        if sink is not None:
            sink.emit(event)

    stop = asyncio.Event() if within is None else within.stop
    ends = [] if within is None or within.deadline is None else [within.deadline]
    ends += [] if seconds is None else [setting.clock.monotonic() + seconds]
    deadline = min(ends, default=None)
    run = Run(stop, SystemPatience(setting.clock, deadline=deadline, stop=stop, on_wait=on_wait), deadline, setting.end_now)
    if within is not None or threading.current_thread() is not threading.main_thread():
        yield run
        return
    loop = asyncio.get_running_loop()
    before = {number: signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM)}
    for number in before:
        loop.add_signal_handler(number, run.signalled, number)
    try:
        yield run
    finally:
        for number, handler in before.items():
            loop.remove_signal_handler(number)
            signal.signal(number, handler)
