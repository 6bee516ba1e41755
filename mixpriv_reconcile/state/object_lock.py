"""The lock in an object store: one object, never removed, every change of which is a conditional write.

Each taking has an *epoch*, one higher than the one before. Whether a holder is dead is judged by the storage's clock alone: by when it
took the holder's last sign of life, and when a small object that is written now.
"""

from __future__ import annotations

import contextlib
import dataclasses
import json
import secrets
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Final

from mixpriv_reconcile.errors import StateError
from mixpriv_reconcile.model.lease import MOST_SECONDS, Lease
from mixpriv_reconcile.ports import Holder
from mixpriv_reconcile.state.holders import check_whose, locked_by, lost_lock, parsed_holder
from mixpriv_reconcile.state.leased import seconds_now
from mixpriv_reconcile.state.object_store import Found, Objects, Version
from mixpriv_reconcile.state.object_trouble import AGAIN, unfit

__all__ = ["LOCK", "HeldLock", "Mark", "Signs", "break_lock", "holder_of", "take"]

LOCK: Final = "lock"
CLOCK: Final = "clock"
"""Written to learn the storage's time; what is in it doesn't matter."""

RESOLUTION_SECONDS: Final = 1.0
"""What a storage's times are rounded to: so much may a lease look older than it is."""

SHOWN_FOR_SECONDS: Final = 300.0
"""How long after the lease's end a holder is still shown: this machine's clock is compared with the storage's then, and may be wrong."""

FIRST_WAIT_SECONDS, LONGEST_WAIT_SECONDS = 0.1, 5.0


@dataclass(frozen=True, slots=True)
class Mark:
    """What stands in the lock's object. *beat* makes each write differ from all before, also those that failed: it has an ETag of its own.

    *open_from* is the lowest epoch whose holder was put out without its log having been sealed yet; None where there is none.
    """

    facts: tuple[tuple[str, str], ...]
    epoch: int
    beat: int
    lease_seconds: float
    is_released: bool
    open_from: int | None

    @property
    def content(self) -> bytes:
        fields = {
            "epoch": self.epoch,
            "beat": self.beat,
            "lease_seconds": self.lease_seconds,
            "released": self.is_released,
            "open_from": self.open_from,
        }
        return json.dumps({**dict(self.facts), **fields}, sort_keys=True).encode() + b"\n"

    @property
    def holder(self) -> Holder | None:
        """Who has the lock, whether alive or not; None once it was given back."""
        return None if self.is_released else parsed_holder(json.dumps(dict(self.facts)))

    def put_out(self) -> int:
        """The lowest epoch that is to be sealed where this holder is put out."""
        return min(filter(None, (self.epoch, self.open_from)))


FACTS: Final = ("command", "host", "lock_id", "pid", "since", "who")
NOBODY: Final = Mark((), 0, 0, 0.0, True, None)


MOST_EPOCHS: Final = 10**12
"""Epochs have 12 digits in the names of journals."""


def marked(found: Found, place: str) -> Mark:
    """The mark in the lock's object; raises `StateError` where something else stands there."""
    try:
        read = json.loads(bytes(found.content))
        mark = Mark(
            tuple((name, str(read[name])) for name in FACTS),
            int(read["epoch"]),
            int(read["beat"]),
            float(read["lease_seconds"]),
            bool(read["released"]),
            None if read["open_from"] is None else int(read["open_from"]),
        )
        is_open = mark.open_from is None or 0 < mark.open_from <= mark.epoch
        if not (is_open and 0 < mark.epoch < MOST_EPOCHS and mark.lease_seconds <= MOST_SECONDS):
            raise ValueError("no lock that any run wrote")
        return mark
    except (ValueError, TypeError, KeyError, OverflowError, RecursionError):
        raise StateError(
            "MP0518",
            f"the object {LOCK} in {place} is no lock of mixpriv, or a damaged one, and would be overwritten",
            "if it is somebody else's, give the state another prefix; if it is damaged and no run is at work, remove it: it is made anew",
        ) from None


class HeldLock:
    """The lock as its holder writes it, and the epoch that fences what else the holder writes."""

    def __init__(self, objects: Objects, mark: Mark, version: Version, place: str) -> None:
        self._objects = objects
        self._mark = mark
        self._version = version
        self._place = place
        self._beats = mark.beat
        self._doubted: int | None = None  # the lowest epoch with a write to its log that may still arrive
        self._turn = threading.Lock()

    @property
    def epoch(self) -> int:
        return self._mark.epoch

    @property
    def lock_id(self) -> str:
        return dict(self._mark.facts)["lock_id"]

    @property
    def open_from(self) -> int | None:
        """The lowest epoch that is still to be sealed."""
        return self._mark.open_from

    def beat(self) -> None:
        with self._turn:
            self._write()

    def sealed(self) -> None:
        """Note that every epoch before ours is sealed."""
        with self._turn:
            self._write(open_from=None)

    def free(self) -> None:
        """Give the lock back; where a write may still arrive, as one that was broken: whoever is next seals its epoch, and ours."""
        with self._turn:
            if self._doubted is None:
                self._write(is_released=True)
            else:
                open_from = min(filter(None, (self._doubted, self._mark.open_from)))
                self._write(is_released=True, epoch=self._mark.epoch + 1, open_from=open_from)

    @contextlib.contextmanager
    def writing(self) -> Iterator[None]:
        """The block writes to the log of our epoch; if it fails, nobody can tell whether what it wrote arrives later."""
        before = self._doubted
        self._doubted = before or self.epoch
        yield
        self._doubted = before

    @property
    def doubted(self) -> range:
        """The epochs before ours with a write that may still arrive."""
        return range(self._doubted or self.epoch, self.epoch)

    def next_epoch(self) -> int:
        """Begin a new epoch under the same lock; its number."""
        with self._turn:
            self._write(epoch=self._mark.epoch + 1)
            return self._mark.epoch

    def _write(self, **changes: Any) -> None:
        mark = dataclasses.replace(self._mark, **changes)
        for _ in range(2):
            # No attempt has the bytes of an earlier one that seemed to fail: where that one arrived, it is no sign of life of now.
            self._beats += 1
            mark = dataclasses.replace(mark, beat=self._beats)
            outcome = self._objects.update(LOCK, mark.content, self._version)
            if isinstance(outcome, Version):
                self._mark, self._version = mark, outcome
                return
            if outcome is None:
                raise lost_lock(self.lock_id)
            there = marked(outcome, self._place)
            if (there.facts, there.is_released) != (self._mark.facts, self._mark.is_released):
                raise lost_lock(self.lock_id)
            # An earlier write of ours, which seemed to have failed, arrived after all.
            self._version, self._beats = outcome.version, max(self._beats, there.beat)
            mark = dataclasses.replace(mark, epoch=max(mark.epoch, there.epoch))
        raise StateError("MP0560", f"the lock in {self._place} could not be renewed", AGAIN)


@dataclass(frozen=True, slots=True)
class Signs:
    """What `LeaseLock` asks for; *forget* is called right before the lock is given back."""

    held: HeldLock
    forget: Callable[[], None]

    def beat(self) -> None:
        self.held.beat()

    def free(self) -> None:
        self.forget()
        self.held.free()


@dataclass(frozen=True, slots=True)
class Taken:
    """A lock that was taken, whom it was taken over from, and `seconds_now` of right before."""

    held: HeldLock
    taken_over_from: Holder | None
    began: float


def take(
    objects: Objects, place: str, facts: Mapping[str, str], lease: Lease, last_epoch: Callable[[], int], *, timeout_seconds: float
) -> Taken:
    """The lock, waiting up to *timeout_seconds*; raises `StateLocked` naming the holder.

    Where there is no lock's object, be it new or lost, epochs go on from *last_epoch*, the highest that anything else here has.
    """
    deadline = time.monotonic() + timeout_seconds
    wait, watch = FIRST_WAIT_SECONDS, Watch(objects)
    ours = tuple((name, str(facts[name])) for name in FACTS)
    while True:
        found = objects.get(LOCK)
        if found is None:
            _check_conditions(objects, place)
            epoch = last_epoch()  # its holder may be alive, for all that anybody knows
            mark = dataclasses.replace(NOBODY, epoch=epoch, open_from=epoch or None)
        else:
            mark = marked(found, place)
        is_free = mark.is_released or mark.facts == ours  # ours: we had taken it, and never heard of it
        if found is None or is_free or watch.is_expired(found, mark):
            open_from = mark.open_from if is_free else mark.put_out()
            began = seconds_now()
            # A number of its own: an earlier try of ours that arrives only now isn't taken for this one.
            taken = Mark(ours, mark.epoch + 1, secrets.randbits(32), lease.seconds, False, open_from)
            outcome = objects.create(LOCK, taken.content) if found is None else objects.update(LOCK, taken.content, found.version)
            if isinstance(outcome, Version):
                return Taken(HeldLock(objects, taken, outcome, place), None if is_free else mark.holder, began)
            continue  # somebody was faster: look again whose it is
        remaining = deadline - time.monotonic()
        if remaining <= 0:
            raise locked_by(mark.holder, lease_seconds=mark.lease_seconds)
        time.sleep(min(wait, remaining))
        wait = min(wait * 2, LONGEST_WAIT_SECONDS)


class Watch:
    """How long a lock has given no sign of life. A lock that is looked at again and again costs one read each time, no write."""

    def __init__(self, objects: Objects) -> None:
        self._objects = objects
        self._seen: Version | None = None
        self._again = 0.0

    def is_expired(self, found: Found, mark: Mark) -> bool:
        """Whether its lease has run out for sure, by the storage's own clock."""
        if found.version == self._seen and time.monotonic() < self._again:
            return False
        self._objects.put(CLOCK, b"")
        now = self._objects.get(CLOCK)
        age = 0.0 if now is None else (now.modified - found.modified).total_seconds() - RESOLUTION_SECONDS
        self._seen, self._again = found.version, time.monotonic() + mark.lease_seconds - age
        return age >= mark.lease_seconds


def _check_conditions(objects: Objects, place: str) -> None:
    """Raise `StateError` where the storage takes a write whose condition doesn't hold. Looked at before the first lock in a place."""
    first, second, third = (secrets.token_bytes(8) for _ in range(3))
    objects.put(CLOCK, first)
    found = objects.get(CLOCK)
    if isinstance(objects.create(CLOCK, second), Version) or found is None:
        raise unfit(place)
    objects.update(CLOCK, second, found.version)
    if isinstance(objects.update(CLOCK, third, found.version), Version):
        raise unfit(place)


def holder_of(objects: Objects, place: str) -> Holder | None:
    """Who holds the lock as far as can be told without writing; None where it was given back, or ran out long ago."""
    found = objects.get(LOCK)
    if found is None:
        return None
    mark = marked(found, place)
    silent_seconds = (datetime.now(UTC) - found.modified).total_seconds()
    return None if silent_seconds > mark.lease_seconds + SHOWN_FOR_SECONDS else mark.holder


def break_lock(objects: Objects, place: str, lock_id: str) -> tuple[Holder, HeldLock]:
    """Take the lock *lock_id* from its holder; the former holder, and the lock, which is nobody's, with an epoch that fences the former's.

    May be called again where it was done, and what follows it wasn't.
    """
    while True:
        found = objects.get(LOCK)
        mark = NOBODY if found is None else marked(found, place)
        is_begun = mark.is_released and mark.open_from is not None and dict(mark.facts)["lock_id"] == lock_id
        holder = check_whose(dataclasses.replace(mark, is_released=False).holder if is_begun else mark.holder, lock_id)
        assert found is not None
        if is_begun:
            return holder, HeldLock(objects, mark, found.version, place)
        broken = dataclasses.replace(mark, epoch=mark.epoch + 1, beat=mark.beat + 1, is_released=True, open_from=mark.put_out())
        outcome = objects.update(LOCK, broken.content, found.version)
        if isinstance(outcome, Version):
            return holder, HeldLock(objects, broken, outcome, place)
