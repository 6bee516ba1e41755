"""Work that is done beside other work comes back in order, or says why not."""

from __future__ import annotations

import threading

import pytest

from mixpriv_reconcile.ids.beside import Beside, both


def test_results_keep_their_order() -> None:
    """Results come in the order the pieces were put, all of them, in the caller's thread."""
    kept: list[int] = []
    threads: set[int] = set()

    def keep(value: int) -> None:
        threads.add(threading.get_ident())
        kept.append(value)

    beside = Beside(keep)
    for number in range(40):
        beside.put(lambda number=number: number)  # type: ignore[misc]
    beside.finish()
    assert (list(range(40)), {threading.get_ident()}) == (kept, threads)


def test_one_piece_needs_no_thread() -> None:
    """A small source pays for no second thread."""
    ran: list[int] = []
    beside = Beside(ran.append)
    beside.put(threading.get_ident)
    beside.finish()
    assert [threading.get_ident()] == ran


def no_thread(*_: object) -> None:
    raise RuntimeError("can't start new thread")


def test_without_threads_all_is_done_by_the_caller(monkeypatch: pytest.MonkeyPatch) -> None:
    """Where the system gives no further thread, as within a container's limit, the work is done all the same."""
    monkeypatch.setattr(threading.Thread, "start", no_thread)
    kept: list[int] = []
    beside = Beside(kept.append)
    for number in range(10):
        beside.put(lambda number=number: number)  # type: ignore[misc]
    beside.finish()
    assert list(range(10)) == kept
    assert ("here", "there") == both(lambda: "here", lambda: "there", lambda: None)


def test_what_is_done_beside_ends_with_what_is_done_here() -> None:
    """An interruption here stops what is at work beside it."""
    stopped = threading.Event()

    def interrupted() -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        both(interrupted, lambda: stopped.wait(60), stopped.set)
    assert stopped.is_set()


@pytest.mark.parametrize("bad", [0, 1, 7, 9])
def test_trouble_is_raised(bad: int) -> None:
    """What goes wrong in a piece is raised to whoever put it, at the latest at the end, and the thread is gone then."""
    before = set(threading.enumerate())
    kept: list[int] = []
    beside = Beside(kept.append)
    with pytest.raises(ZeroDivisionError):
        for number in range(10):
            beside.put(lambda number=number: 1 // (number - bad))  # type: ignore[misc]
        beside.finish()
    beside.drop()
    assert bad == len(kept)
    assert set(threading.enumerate()) <= before
