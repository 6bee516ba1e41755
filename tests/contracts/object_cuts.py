"""What a backend over an object store promises where the connection is cut: each operation is done or it isn't, whatever was heard of it."""

from __future__ import annotations

import dataclasses
import hashlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from mixpriv_reconcile.errors import StateDamaged, StateError

from .altered_segments import name_of
from .cutting import CuttingProxy, Moment, cutting
from .engines import Engine, Place
from .state_backend import FACTS

MANY = 200
"""Cuts in a row that no retry outlasts."""

THEIRS = FACTS | {"lock_id": "theirs"}

Act = Callable[[Any], object]


@dataclass(frozen=True, slots=True)
class Operation:
    """What *act* does with a backend that *prepare* has prepared; *elsewhere* comes before, on another machine."""

    act: Act
    prepare: Act = lambda backend: backend.lock(FACTS, timeout_seconds=0)
    elsewhere: Act = lambda backend: None
    may_let_go: bool = False
    """Whether the lock that was taken may be given back where the rest fails."""
    is_quiet: bool = False
    """Whether it never raises: what can't be given back comes free by itself."""


def version(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


def locked(*steps: Act) -> Act:
    def prepare(backend: Any) -> None:
        backend.lock(FACTS, timeout_seconds=0)
        for step in steps:
            step(backend)

    return prepare


def appended(*records: bytes) -> Act:
    return lambda backend: [backend.append_journal(record) for record in records]


def stored(name: bytes, content: bytes) -> Act:
    return lambda backend: backend.write_segment(name_of(name), [content])


def at_work(backend: Any) -> None:
    """What somebody did who is being put out."""
    backend.lock(THEIRS, timeout_seconds=0)
    backend.replace(b"theirs\n", expected=None)
    backend.append_journal(b"theirs")


def long_dead(backend: Any) -> None:
    """The same, of one whose lease ran out."""
    at_work(backend)
    held = backend._held
    held._mark = dataclasses.replace(held._mark, beat=held._mark.beat + 1, lease_seconds=-5.0)
    held.beat()


OPERATIONS = {
    "publish the first": Operation(lambda backend: backend.replace(b"one\n", expected=None)),
    "publish the next": Operation(
        lambda backend: backend.replace(b"two\n", expected=version(b"one\n")),
        locked(lambda backend: backend.replace(b"one\n", expected=None)),
    ),
    "begin a journal": Operation(appended(b"first")),
    "add to a journal": Operation(appended(b"third"), locked(appended(b"first", b"second"))),
    "begin another journal": Operation(appended(b"other"), locked(appended(b"first", b"second"), lambda backend: backend.remove_journal())),
    "remove a journal": Operation(lambda backend: backend.remove_journal(), locked(appended(b"first", b"second", b"third"))),
    "store a segment": Operation(stored(b"abc", b"abc")),
    "heal a segment": Operation(stored(b"abc", b"abc"), locked(stored(b"abc", b"altered"))),
    "remove a segment": Operation(
        lambda backend: backend.keep_segments(frozenset({name_of(b"def")})), locked(stored(b"abc", b"abc"), stored(b"def", b"def"))
    ),
    "take the first lock": Operation(lambda backend: backend.lock(FACTS, timeout_seconds=0), lambda backend: None),
    "take the next lock": Operation(
        lambda backend: backend.lock(FACTS, timeout_seconds=0),
        lambda backend: None,
        lambda backend: backend.lock(THEIRS, timeout_seconds=0).release(),
    ),
    "take a lock over": Operation(lambda backend: backend.lock(FACTS, timeout_seconds=0), lambda backend: None, long_dead, may_let_go=True),
    "unlock": Operation(lambda backend: backend.unlock("theirs"), lambda backend: None, at_work),
    "renew the lock": Operation(lambda backend: backend._held.beat()),
    "give the lock back": Operation(lambda backend: backend._lock.release(), is_quiet=True),
}


@dataclass(frozen=True, slots=True)
class Seen:
    """What another machine finds."""

    document: bytes | None
    journal: bytes | None
    segments: tuple[bytes | None, ...]
    holder: str | None


def seen(place: Place) -> Seen:
    backend = place.opened()
    document, journal, holder = backend.read(), backend.read_journal(), backend.holder()
    return Seen(
        None if document is None else document.content,
        None if journal is None else bytes(journal),
        tuple(segment(backend, name) for name in (b"abc", b"def")),
        None if holder is None else holder.lock_id,
    )


def segment(backend: Any, name: bytes) -> bytes | None:
    try:
        return bytes(backend.read_segment(name_of(name)))
    except StateDamaged:
        return None


class CutsContract:
    """Its part of the suite, for a class with a fixture `engine`. The lease is long, so that no sign of life comes between."""

    @pytest.fixture
    def proxy(self, engine: Engine) -> Iterator[CuttingProxy]:
        with cutting(engine.port) as proxy:
            yield proxy

    @pytest.mark.parametrize("moment", Moment)
    @pytest.mark.parametrize("operation", OPERATIONS.values(), ids=OPERATIONS.keys())
    def test_cut(self, engine: Engine, proxy: CuttingProxy, tmp_path: Path, operation: Operation, moment: Moment) -> None:
        """Wherever an operation is cut, others see what was before or what comes after it, and doing it again does it."""
        before, after, requests = uncut(engine, proxy, tmp_path, operation)
        for nth in range(requests):
            for times in (1, MANY):
                place = engine.place(tmp_path, 180.0)
                operation.elsewhere(place.opened())
                backend = through(proxy, place)
                operation.prepare(backend)
                proxy.cut(nth, moment, times=times)
                failure = None
                try:
                    operation.act(backend)
                except StateError as error:
                    failure = error
                proxy.heal()
                found = seen(place)
                where = f"{times} cuts from request {nth} on, {moment.value}: {failure}"
                if failure is None and not operation.is_quiet:
                    assert after == found, where
                    continue
                let_go = (dataclasses.replace(after, holder=None),) if operation.may_let_go else ()
                assert found in (before, after, *let_go), where
                if failure is not None:
                    assert failure.code == "MP0560", where
                    repeat(operation, backend, may_be_done=found == after)
                    assert after == seen(place), where


def through(proxy: CuttingProxy, place: Place) -> Any:
    """A backend whose every request goes through *proxy*."""
    return place.opened(endpoint=place.location.endpoint.replace(f"http://127.0.0.1:{proxy.port}", proxy.origin))


def repeat(operation: Operation, backend: Any, *, may_be_done: bool) -> None:
    """Do it again. To unlock what is unlocked is an error that says so."""
    try:
        operation.act(backend)
    except StateError as error:
        if not (may_be_done and error.code == "MP0523"):
            raise


def uncut(engine: Engine, proxy: CuttingProxy, folder: Path, operation: Operation) -> tuple[Seen, Seen, int]:
    """What is seen before and after the operation, and how many requests it takes."""
    place = engine.place(folder, 180.0)
    operation.elsewhere(place.opened())
    backend = through(proxy, place)
    operation.prepare(backend)
    before, so_far = seen(place), len(proxy.requests)
    operation.act(backend)
    return before, seen(place), len(proxy.requests) - so_far
