"""What a backend over an object store promises about writes that failed and arrive all the same, and about a lock that was given back."""

from __future__ import annotations

import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import unquote

import pytest

from mixpriv_reconcile.errors import LockLost, StateError
from mixpriv_reconcile.model.journal import Forgot
from mixpriv_reconcile.state.journal import encoded
from mixpriv_reconcile.state.object_journal import SEAL, append, name_of
from mixpriv_reconcile.state.object_store import Version

from .cutting import CuttingProxy, Moment, cutting
from .engines import Engine, Place
from .object_cuts import MANY, through
from .state_backend import FACTS

TAKEOVERS = 20

RESOLUTION_SECONDS = 1.2
"""A storage's times are in whole seconds: after so long a write has another."""


class LateContract:
    """Its part of the suite, for a class with a fixture `engine`. The lease is long, so that no sign of life comes between."""

    @pytest.fixture
    def place(self, engine: Engine, tmp_path: Path) -> Place:
        return engine.place(tmp_path, 180.0)

    @pytest.fixture
    def proxy(self, engine: Engine) -> Iterator[CuttingProxy]:
        with cutting(engine.port) as proxy:
            yield proxy

    def test_sign_of_life_that_seemed_to_fail(self, place: Place, proxy: CuttingProxy) -> None:
        """A sign of life that arrived, and whose answer was lost, isn't counted as given when it is tried again: it is given anew."""
        backend = through(proxy, place)
        lock = backend.lock(FACTS, timeout_seconds=0)
        proxy.cut(0, Moment.AFTER, times=MANY)
        with pytest.raises(StateError):
            lock._beat()
        proxy.heal()
        arrived = backend._objects.get("lock").modified
        time.sleep(RESOLUTION_SECONDS)
        lock._beat()
        assert backend._objects.get("lock").modified > arrived

    def test_seals_cost_nothing(self, place: Place, proxy: CuttingProxy) -> None:
        """However often the lock was taken over, a journal is read, begun and removed with no more requests than its own objects take."""
        taker = place.opened()
        for number in range(TAKEOVERS):
            taker.lock(FACTS | {"lock_id": f"holder{number}"}, timeout_seconds=0)
            taker.unlock(f"holder{number}")
        backend = through(proxy, place)
        backend.lock(FACTS, timeout_seconds=0)
        assert len(backend._objects.names("journal")) >= TAKEOVERS
        proxy.requests.clear()
        backend.append_journal(b"first")
        assert through(proxy, place).read_journal() == b"first"
        backend.remove_journal()
        at_objects = [path for request in proxy.requests if "/journal/0" in (path := unquote(request.split("?")[0]))]
        assert [request.split()[0] for request in at_objects[:2]] == ["PUT", "GET"]
        assert len(at_objects) <= 3  # removing is a request to the bucket in some storages

    def test_records_are_longer_than_a_seal(self, place: Place) -> None:
        """No record of a journal can be taken for a seal, which is told by its size."""
        assert len(encoded(Forgot(""), 1)) > len(SEAL)
        with pytest.raises(ValueError, match="as long as a seal"):
            append(place.opened()._objects, 1, 0, b"." * len(SEAL), "")  # type: ignore[attr-defined]

    def test_journal_that_arrives_after_its_run(self, place: Place, proxy: CuttingProxy) -> None:
        """A first record that seemed to fail, and arrives when its run has ended and the next one is done, doesn't become a journal."""
        backend = through(proxy, place)
        lock = backend.lock(FACTS, timeout_seconds=0)
        late = failed_append(backend, proxy)
        lock.release()
        assert place.opened().holder() is None
        successor: Any = place.opened()
        lock = successor.lock(FACTS | {"lock_id": "next"}, timeout_seconds=0)
        assert lock.taken_over_from is None
        successor.append_journal(b"ours")
        successor.replace(b"ours\n", expected=None)
        successor.remove_journal()
        lock.release()
        assert not isinstance(successor._objects.create(late, b"late"), Version)
        assert place.opened().read_journal() is None

    def test_journal_that_arrives_after_the_next(self, place: Place, proxy: CuttingProxy) -> None:
        """The same where the run went on: its next journal isn't followed by the one that seemed to fail."""
        backend = through(proxy, place)
        lock = backend.lock(FACTS, timeout_seconds=0)
        late = failed_append(backend, proxy)
        backend.append_journal(b"ours")
        backend.remove_journal()
        assert not isinstance(backend._objects.create(late, b"late"), Version)
        assert place.opened().read_journal() is None
        lock.release()
        place.opened().lock(FACTS | {"lock_id": "next"}, timeout_seconds=0)

    def test_unlock_after_a_write_in_doubt(self, place: Place, proxy: CuttingProxy) -> None:
        """To unlock what was given back with a write in doubt keeps that write out as well."""
        backend = through(proxy, place)
        lock = backend.lock(FACTS, timeout_seconds=0)
        late = failed_append(backend, proxy)
        lock.release()
        somebody: Any = place.opened()
        somebody.unlock(FACTS["lock_id"])
        assert not isinstance(somebody._objects.create(late, b"late"), Version)

    def test_lock_given_back_is_forgotten(self, place: Place) -> None:
        """Who gave his lock back is held to none, as who never took one: what he writes then is refused only where another was faster."""
        backend: Any = place.opened()
        lock = backend.lock(FACTS, timeout_seconds=0)
        published = backend.replace(b"one\n", expected=None)
        backend.append_journal(b"ours")
        lock.release()
        assert (backend._lock, backend._held) == (None, None)
        assert bytes(backend.read_journal()) == b"ours"
        backend.check_journal()
        another: Any = place.opened()
        another.lock(FACTS | {"lock_id": "next"}, timeout_seconds=0)
        another.remove_journal()
        published = backend.replace(b"two\n", expected=published)
        another.replace(b"three\n", expected=published)
        with pytest.raises(StateError) as failure:
            backend.replace(b"four\n", expected=published)
        assert failure.value.code == "MP0514"
        assert another.read().content == b"three\n"

    def test_lost_lock_is_kept_in_mind(self, place: Place) -> None:
        """Who lost his lock, and knows, writes nothing more, also after he let go of it."""
        backend: Any = place.opened()
        lock = backend.lock(FACTS, timeout_seconds=0)
        place.opened().unlock(FACTS["lock_id"])
        with pytest.raises(LockLost):
            lock._beat()
        lock.release()
        with pytest.raises(LockLost):
            backend.replace(b"late\n", expected=None)


def failed_append(backend: Any, proxy: CuttingProxy) -> str:
    """Append the first record of a journal, which seems to fail; the name of the object that may arrive later."""
    name: str = name_of(backend._held.epoch, 0)
    backend.read()
    proxy.cut(1, Moment.BEFORE, times=MANY)  # the first request looks what lies there
    with pytest.raises(StateError) as failure:
        backend.append_journal(b"late")
    assert failure.value.code == "MP0560"
    proxy.heal()
    return name
