"""The journal as the lanes of an apply write it: at once where it lies on this disk, together where each write is a call over a network.

On shared state the lanes that wait at the same time share one write, which a worker thread makes while the event loop goes on. What needs
no durability of its own rides: it goes with the next write, in order.
"""

from __future__ import annotations

import asyncio

from mixpriv_reconcile.model.journal import Entry
from mixpriv_reconcile.ports import Append, Clock

__all__ = ["LOOK_SECONDS", "Journaling"]

LOOK_SECONDS = 10.0
"""How long looks at tasks ride before they get a write of their own; one that a crash loses is made again."""


class Journaling:
    """The journal behind *append*, written in the order in which the methods are called. Belongs to one event loop.

    After a write that failed nothing more is written: an entry must not stand where one before it is missing, and who lost the lock
    doesn't write. Each call from then on raises what that write raised.
    """

    def __init__(self, append: Append, clock: Clock, *, is_shared: bool) -> None:
        self._append = append
        self._clock = clock
        self._is_shared = is_shared
        self._queue: list[Entry] = []
        self._rides_since = 0.0
        self._awaited: asyncio.Future[None] | None = None  # of those who wait for what is in the queue
        self._writer: asyncio.Task[None] | None = None
        self._failure: Exception | None = None

    @property
    def is_shared(self) -> bool:
        """Whether each write is a call over a network, and entries should share one where they can."""
        return self._is_shared

    def check(self) -> None:
        """Raise what an earlier write failed with, if one did: then nothing may be sent, for its receipt could not be written."""
        if self._failure is not None:
            raise self._failure

    async def append(self, *entries: Entry) -> None:
        """Return when *entries*, and all that was handed over before, are durable, all of them or none; raises as *append* does.

        Who is cancelled meanwhile leaves the others alone: the entries are written all the same.
        """
        if not self._is_shared:
            self._append(*entries)
            return
        self.check()
        self._queue.extend(entries)
        if self._awaited is None:
            self._awaited = asyncio.get_running_loop().create_future()
        written = self._awaited
        if self._writer is None or self._writer.done():
            self._writer = asyncio.create_task(self._write())
        await asyncio.shield(written)

    def ride(self, *entries: Entry) -> None:
        """Let *entries* go with the next write: they need no durability of their own. Where writes cost little, each is made at once."""
        if not self._is_shared:
            for entry in entries:
                self._append(entry)
        elif self._failure is None and entries:
            if not self._queue:
                self._rides_since = self._clock.monotonic()
            self._queue.extend(entries)

    async def flush(self, *, after_seconds: float = 0.0) -> None:
        """Return when nothing is left that rides; with *after_seconds*, nothing that has been riding for so long. Raises as `append`."""
        self.check()
        if self._queue:
            if self._clock.monotonic() - self._rides_since >= after_seconds:
                await self.append()
        elif self._writer is not None and not after_seconds:
            await asyncio.shield(self._writer)
            self.check()

    async def _write(self) -> None:
        """Write what is queued, as long as somebody waits for it; one write at a time."""
        while self._awaited is not None:
            entries, awaited = tuple(self._queue), self._awaited
            self._queue, self._awaited = [], None
            try:
                if self._failure is None:
                    await asyncio.to_thread(self._append, *entries)
            except Exception as error:
                self._failure = error
            if self._failure is None:
                awaited.set_result(None)
                continue
            self._queue.clear()
            awaited.set_exception(self._failure)
            awaited.exception()  # nobody may be waiting any more, and then it isn't to be told as forgotten
