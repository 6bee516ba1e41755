"""Work that a second core does beside the first, in order and a few pieces ahead."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Generic, TypeVar

__all__ = ["Beside"]

T = TypeVar("T")

_AHEAD = 4  # pieces that wait, each with some MiB of what it works on


class Beside(Generic[T]):
    """Gives each result to *keep*, in the order the pieces were put, in the caller's thread.

    The first piece is done by the caller itself: a caller with a single piece starts no thread. What a piece raises, `put` or
    `finish` raises.
    """

    __slots__ = ("_ahead", "_keep", "_pool", "_put")

    def __init__(self, keep: Callable[[T], None]) -> None:
        self._keep = keep
        self._pool: ThreadPoolExecutor | None = None
        self._ahead: deque[Future[T]] = deque()
        self._put = 0

    def put(self, work: Callable[[], T]) -> None:
        """One more piece; pieces never run at the same time as each other."""
        self._put += 1
        if self._put == 1:
            self._keep(work())
            return
        if self._pool is None:
            self._pool = ThreadPoolExecutor(1)
        self._ahead.append(self._pool.submit(work))
        while len(self._ahead) > _AHEAD:
            self._keep(self._ahead.popleft().result())

    def finish(self) -> None:
        """Wait for every piece."""
        try:
            while self._ahead:
                self._keep(self._ahead.popleft().result())
        finally:
            self.drop()

    def drop(self) -> None:
        """Give up what isn't done yet; may be called twice."""
        self._ahead.clear()
        if self._pool is not None:
            self._pool.shutdown(cancel_futures=True)
            self._pool = None
