"""Work that a second core does beside the first, in order and a few pieces ahead."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Generic, TypeVar

__all__ = ["Beside", "both"]

T = TypeVar("T")
Other = TypeVar("Other")

_AHEAD = 4  # pieces that wait, each with some MiB of what it works on


class Beside(Generic[T]):
    """Gives each result to *keep*, in the order the pieces were put, in the caller's thread.

    The first piece is done by the caller itself: a caller with a single piece starts no thread. Where no thread is to be had, it does
    them all. What a piece raises, `put` or `finish` raises.
    """

    __slots__ = ("_ahead", "_is_alone", "_keep", "_pool", "_put")

    def __init__(self, keep: Callable[[T], None]) -> None:
        self._keep = keep
        self._pool: ThreadPoolExecutor | None = None
        self._ahead: deque[Future[T]] = deque()
        self._put = 0
        self._is_alone = False

    def put(self, work: Callable[[], T]) -> None:
        """One more piece; pieces never run at the same time as each other."""
        self._put += 1
        if self._put == 1 or self._is_alone:
            self._keep(work())
            return
        if self._pool is None:
            self._pool = ThreadPoolExecutor(1)
            try:
                self._ahead.append(self._pool.submit(work))
            except RuntimeError:  # threads save time, and nothing else depends on them
                self._is_alone = True
                self.drop()
                self._keep(work())
                return
        else:
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


def both(here: Callable[[], T], there: Callable[[], Other], stop: Callable[[], None]) -> tuple[T, Other]:
    """What both give: *here* is done by the caller, *there* beside it, or after it where no thread is to be had.

    Whatever ends *here* early calls *stop*, which must end *there* soon.
    """
    pool = ThreadPoolExecutor(1)
    try:
        beside = pool.submit(there)
    except RuntimeError:
        pool.shutdown(cancel_futures=True)
        return here(), there()
    try:
        return here(), beside.result()
    except BaseException:
        stop()
        raise
    finally:
        pool.shutdown(cancel_futures=True)
