"""However a connection to the state's server ends, in whichever call of an operation, nothing is half done and nothing is lost."""

from __future__ import annotations

import contextlib
import itertools
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import TypeAlias

import pytest

from mixpriv_reconcile.errors import LockLost, StateError
from mixpriv_reconcile.ports import StateBackend

from .altered_segments import name_of
from .cutting import CuttingProxy, Moment, cutting
from .http_serving import DIALECTS, backend_at, serving
from .state_backend import FACTS

LEASE_SECONDS = 60.0  # no beat comes in between, and every call has time
SHORT_SECONDS = 6.0  # the least that users can set

NUMBERS = itertools.count()

Seen: TypeAlias = tuple[object, ...]

OPERATIONS: dict[str, Callable[[StateBackend], object]] = {
    "replace": lambda backend: backend.replace(b"new", expected=name_of(b"old")),
    "append_journal": lambda backend: backend.append_journal(b"more"),
    "remove_journal": lambda backend: backend.remove_journal(),
    "write_segment": lambda backend: backend.write_segment(name_of(b"new"), [b"new"]),
    "keep_segments": lambda backend: backend.keep_segments(frozenset()),
}
"""Every way to change what is stored."""

DONE: dict[str, Seen] = {
    "replace": (b"new", b"old", b"begun", b"one", None),
    "append_journal": (b"old", b"older", b"begunmore", b"one", None),
    "remove_journal": (b"old", b"older", None, b"one", None),
    "write_segment": (b"old", b"older", b"begun", b"one", b"new"),
    "keep_segments": (b"old", b"older", b"begun", None, None),
}
BEFORE: Seen = (b"old", b"older", b"begun", b"one", None)


@dataclass(frozen=True, slots=True)
class Place:
    """A state on a server of a dialect, and a proxy before it."""

    dialect: str
    origin: str
    proxy: CuttingProxy
    name: str

    def directly(self) -> StateBackend:
        return backend_at(self.origin, self.dialect, lease_seconds=LEASE_SECONDS, name=self.name)

    def through_the_proxy(self) -> StateBackend:
        return backend_at(self.proxy.origin, self.dialect, lease_seconds=LEASE_SECONDS, name=self.name)

    def seen(self) -> Seen:
        """State, backup, journal and both segments, as somebody sees them who just came."""
        backend = self.directly()
        stored = backend.read()
        journal = backend.read_journal()
        return (
            None if stored is None else stored.content,
            backend.backup_content(),
            None if journal is None else bytes(journal),
            segment(backend, b"one"),
            segment(backend, b"new"),
        )


def segment(backend: StateBackend, content: bytes) -> bytes | None:
    try:
        return bytes(backend.read_segment(name_of(content)))
    except StateError:
        return None


@pytest.fixture(params=DIALECTS, scope="module")
def server(request: pytest.FixtureRequest) -> Iterator[tuple[str, str]]:
    with serving(request.param) as origin:
        yield request.param, origin


@pytest.fixture
def place(server: tuple[str, str]) -> Iterator[Place]:
    """A document with a state, a journal and a segment; nobody has the lock."""
    dialect, origin = server
    with cutting(int(origin.rpartition(":")[2])) as proxy:
        place = Place(dialect, origin, proxy, f"state-{next(NUMBERS)}")
        backend = place.directly()
        backend.replace(b"older", expected=None)
        backend.replace(b"old", expected=name_of(b"older"))
        backend.write_segment(name_of(b"one"), [b"one"])
        backend.append_journal(b"begun")
        assert place.seen() == BEFORE
        yield place


@pytest.mark.parametrize("moment", Moment, ids=lambda moment: moment.name)
@pytest.mark.parametrize(("nth", "times"), [(0, 1), (1, 1), (2, 1), (0, 6)])
@pytest.mark.parametrize("name", OPERATIONS)
def test_all_or_nothing(place: Place, name: str, nth: int, times: int, moment: Moment) -> None:
    """A write whose connection is cut, once or time and again, is there as a whole or not at all; doing it again completes it."""
    backend = place.through_the_proxy()
    lock = backend.lock(FACTS, timeout_seconds=0)
    place.proxy.cut(nth, moment, times=times)
    is_done = False
    with contextlib.suppress(StateError):
        OPERATIONS[name](backend)
        is_done = True
    place.proxy.heal()
    seen = place.seen()
    after = DONE[name]
    assert seen == after if is_done else seen in (BEFORE, after)
    if not is_done:
        OPERATIONS[name](backend)  # also where it was done: who holds the lock knows best what he last wrote for sure
        assert place.seen() == after
    lock.verify()
    lock.release()
    assert place.directly().holder() is None


@pytest.mark.parametrize("moment", Moment, ids=lambda moment: moment.name)
@pytest.mark.parametrize("nth", range(4))
@pytest.mark.parametrize("times", [1, 2])
def test_taking_the_lock(place: Place, times: int, nth: int, moment: Moment) -> None:
    """A lock whose taking is cut is had, or can be had again: by waiting for its lease at worst, or by `unlock`."""
    backend = place.through_the_proxy()
    place.proxy.cut(nth, moment, times=times)
    try:
        lock = backend.lock(FACTS, timeout_seconds=0)
    except StateError:
        place.proxy.heal()
        with contextlib.suppress(StateError):
            place.directly().unlock("a1b2c3")
        lock = backend.lock(FACTS | {"lock_id": "again"}, timeout_seconds=0)
    place.proxy.heal()
    lock.verify()
    backend.append_journal(b"more")
    assert place.seen() == DONE["append_journal"]
    lock.release()


@pytest.mark.parametrize("moment", Moment, ids=lambda moment: moment.name)
@pytest.mark.parametrize("nth", range(3))
def test_giving_the_lock_back(place: Place, nth: int, moment: Moment) -> None:
    """A lock whose giving back is cut once is free all the same."""
    lock = place.through_the_proxy().lock(FACTS, timeout_seconds=0)
    place.proxy.cut(nth, moment)
    lock.release()
    place.proxy.heal()
    place.directly().lock(FACTS | {"lock_id": "next"}, timeout_seconds=0).release()
    assert place.seen() == BEFORE


@pytest.mark.parametrize("moment", Moment, ids=lambda moment: moment.name)
@pytest.mark.parametrize("nth", range(6))
def test_unlocking(place: Place, nth: int, moment: Moment) -> None:
    """`unlock` that is cut did it, or can be done again."""
    lost = place.directly()
    lost.lock(FACTS, timeout_seconds=0)
    backend = place.through_the_proxy()
    place.proxy.cut(nth, moment)
    with contextlib.suppress(StateError):
        backend.unlock("a1b2c3")
    place.proxy.heal()
    with contextlib.suppress(StateError):
        backend.unlock("a1b2c3")
    with pytest.raises(LockLost):
        lost.append_journal(b"more")
    place.directly().lock(FACTS | {"lock_id": "next"}, timeout_seconds=0).release()
    assert place.seen() == BEFORE


def test_connection_is_cut_for_good(place: Place) -> None:
    """Where the server can't be reached any more, the holder neither sends nor writes once others may have the lock, and not after that."""
    backend = backend_at(place.proxy.origin, place.dialect, lease_seconds=SHORT_SECONDS, name=place.name)
    lock = backend.lock(FACTS, timeout_seconds=0)
    place.proxy.cut_off()
    with pytest.raises(StateError, match="no whole answer"):
        backend.append_journal(b"more")
    for attempt in (lock.verify, lambda: backend.append_journal(b"more")):
        with pytest.raises(LockLost) as lost:
            until_it_raises(attempt)
        assert lost.value.code == "MP0565"
    assert place.seen() == BEFORE
    next_one = place.directly().lock(FACTS | {"lock_id": "next"}, timeout_seconds=10 * SHORT_SECONDS)
    place.proxy.heal()
    for attempt in (lock.verify, lambda: backend.append_journal(b"more")):
        with pytest.raises(LockLost):
            attempt()
    lock.release()
    next_one.verify()
    assert place.seen() == BEFORE
    next_one.release()


def until_it_raises(attempt: Callable[[], object]) -> None:
    """Do it time and again until it fails in another way than for the cut connection: a look that is fresh enough is no failure yet."""
    while True:
        try:
            attempt()
        except LockLost:
            raise
        except StateError as error:
            if error.code != "MP0560":
                raise
        time.sleep(0.1)
