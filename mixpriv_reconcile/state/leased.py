"""A lock that is a lease: its holder gives signs of life, and stops in time where it may have lost it."""

from __future__ import annotations

import contextlib
import threading
import time
from typing import Protocol

from mixpriv_reconcile.errors import LockLost, StateError
from mixpriv_reconcile.model.lease import Lease
from mixpriv_reconcile.ports import Holder

__all__ = ["LeaseLock", "Signs", "seconds_now"]


def seconds_now() -> float:
    """Seconds that never jump back, and that go on while the machine sleeps: a lease runs out then, too."""
    return time.clock_gettime(time.CLOCK_BOOTTIME) if hasattr(time, "CLOCK_BOOTTIME") else time.monotonic()


class Signs(Protocol):
    """What a lease needs of the storage that it lies in."""

    def beat(self) -> None:
        """Tell that the holder lives; raises `LockLost` where the lock is another's or nobody's, `StateError` where nothing can be told."""
        ...

    def free(self) -> None:
        """Give the lock back; raises as `beat` does."""
        ...


class LeaseLock:
    """The lock, held, and renewed by a thread until it is released. *began* is `seconds_now` of before it was taken."""

    def __init__(self, signs: Signs, lease: Lease, began: float, taken_over_from: Holder | None) -> None:
        self._signs = signs
        self._lease = lease
        self._told = began
        self._lost: LockLost | None = None
        self._is_free = False
        self._ended = threading.Event()
        self._turn = threading.RLock()
        self.taken_over_from = taken_over_from
        self._thread = threading.Thread(target=self._keep, name="lease", daemon=True)
        self._thread.start()

    def verify(self) -> None:
        """Return if the lock is ours, and for as long as a call may take; raises `LockLost` if not.

        The storage is asked, but not more often than a person could notice: about once a second for the usual lease.
        """
        if self._is_free:
            raise LockLost("MP0522", "the lock was given back; nothing more is sent or written", "run the same command again")
        if self._lost is not None:
            raise self._lost
        if self._age <= self._lease.look_seconds:
            return
        why = "no answer came in time"
        with self._turn:
            if self._age <= self._lease.look_seconds and self._lost is None:
                return  # somebody else of this run asked meanwhile
            try:
                self._beat()
            except LockLost:
                raise
            except StateError as error:
                why = error.message
        if self._age > self._lease.fresh_seconds:  # also where it was renewed, but took so long that no call could end in time
            raise LockLost(
                "MP0565",
                f"the lock could not be renewed for {self._age:.0f} s ({why}): by now it may be another's; nothing more is sent or written",
                "run the same command again once the state can be reached",
            )

    def told(self, began: float) -> None:
        """Note that the storage took a write of ours that began at *began*, and that only the lock's holder can make."""
        self._told = max(self._told, began)

    def lose(self, lost: LockLost) -> LockLost:
        """Note that the lock is lost: the storage refused a write of ours because of it. Gives back *lost*, to be raised."""
        self._lost = self._lost or lost
        return self._lost

    def release(self) -> None:
        """Give it back, if it is still ours; where that can't be told, it comes free when the lease runs out."""
        self._ended.set()
        with self._turn:
            if self._lost is None and not self._is_free:
                self._is_free = True
                with contextlib.suppress(StateError):
                    self._signs.free()
        self._thread.join()

    @property
    def _age(self) -> float:
        """Seconds since the last sign of life that the storage took."""
        return seconds_now() - self._told

    def _beat(self) -> None:
        if self._lost is not None:
            raise self._lost
        began = seconds_now()
        try:
            self._signs.beat()
        except LockLost as lost:
            raise self.lose(lost) from None
        self.told(began)

    def _keep(self) -> None:
        while not self._ended.wait(self._lease.beat_seconds):
            # Whatever a beat fails with, the next one is tried: how old the last sign of life is stops the run in time, if it must.
            with self._turn, contextlib.suppress(Exception):
                if not self._is_free and self._age >= self._lease.beat_seconds / 2:
                    self._beat()
            if self._lost is not None:
                return
