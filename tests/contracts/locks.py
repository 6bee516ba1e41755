"""What every state backend promises of its lock, and of who has lost it; part of `StateBackendContract`."""

from __future__ import annotations

import contextlib
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

import pytest

from mixpriv_reconcile.errors import LockLost, StateError, StateLocked
from mixpriv_reconcile.ports import Holder, StateBackend

from .altered_segments import name_of

FACTS = {
    "lock_id": "a1b2c3",
    "who": "ops",
    "host": "build-7",
    "pid": "4711",
    "since": "2026-11-20T08:00:00Z",
    "command": "mixpriv apply",
}
HOLDER = Holder("a1b2c3", "ops", "build-7", 4711, "2026-11-20T08:00:00Z", "mixpriv apply")

HOLDING = """
import os, socket, sys
from pathlib import Path
{imports}
facts = {{"lock_id": sys.argv[1], "who": "night-job", "host": socket.gethostname(), "pid": str(os.getpid()),
          "since": "2026-11-20T08:00:00Z", "command": "mixpriv apply"}}
lock = {backend}.lock(facts, timeout_seconds=30)
print("held", flush=True)
for line in sys.stdin:
    match line.strip():
        case "verify":
            try:
                lock.verify()
                print("ours", flush=True)
            except Exception as error:
                print(type(error).__name__, flush=True)
        case "release":
            lock.release()
            print("released", flush=True)
"""

THE_NEXT_ONE = """
import hashlib
from pathlib import Path
{imports}
backend = {backend}
backend.lock({{"lock_id": "next", "who": "", "host": "", "pid": "1", "since": "", "command": ""}}, timeout_seconds=30)
backend.remove_journal()
backend.replace(b"theirs", expected=None)
backend.append_journal(b"theirs")
backend.write_segment(hashlib.sha256(b"segment").hexdigest(), [b"segment"])
"""
"""What the next holder does: drops the journal that was left, publishes, begins a journal of its own, and stores a segment."""

WHAT_IS_THERE = """
import sys
from pathlib import Path
{imports}
backend = {backend}
print(backend.read().content.decode(), bytes(backend.read_journal()).decode(), bytes(backend.read_segment(sys.argv[1])).decode())
try:
    backend.read_segment(sys.argv[2])
except Exception as error:
    print(type(error).__name__)
"""
"""Document, journal and one segment as somebody else reads them, and how another segment can't be read."""

WRITES: dict[str, Callable[[StateBackend, str], object]] = {
    "append_journal": lambda backend, _: backend.append_journal(b"more"),
    "remove_journal": lambda backend, _: backend.remove_journal(),
    "replace": lambda backend, version: backend.replace(b"ours", expected=version),
    "write_segment": lambda backend, _: backend.write_segment(name_of(b"ours"), [b"ours"]),
    "keep_segments": lambda backend, _: backend.keep_segments(frozenset()),
}
"""Every way to change something; each is handed the version of what is there now."""


@dataclass(frozen=True, slots=True)
class Process:
    """Another process that took the lock, and does with it what it is told."""

    running: subprocess.Popen[str]

    @property
    def pid(self) -> int:
        return self.running.pid

    def told(self, what: str) -> str:
        """Its answer to *what*."""
        assert self.running.stdin is not None
        assert self.running.stdout is not None
        self.running.stdin.write(what + "\n")
        self.running.stdin.flush()
        return self.running.stdout.readline().strip()

    def stop(self) -> None:
        """SIGSTOP: it goes on after `wake`, and doesn't know that time has passed."""
        self.running.send_signal(signal.SIGSTOP)

    def wake(self) -> None:
        self.running.send_signal(signal.SIGCONT)

    def kill(self) -> None:
        """SIGKILL: it has no time to let go of anything."""
        self.running.kill()
        self.running.wait()


Holding = Callable[[str], Process]


class LocksContract:
    """Its part of the suite; the fixtures `backend` and `spelled` are the suite's."""

    TAKEOVER_SECONDS = 0.0
    """How long after its holder was killed the lock may still be in others' way."""

    LOOK_SECONDS = 0.0
    """How old the last look at the lock may be that a holder relies on."""

    @pytest.fixture
    def holding(self, spelled: tuple[str, str]) -> Iterator[Holding]:
        """`holding("id")` is another process that holds the lock under that id."""
        imports, expression = spelled
        code = HOLDING.format(imports=imports, backend=expression)
        with contextlib.ExitStack() as stack:

            def start(lock_id: str) -> Process:
                running = stack.enter_context(
                    subprocess.Popen(
                        [sys.executable, "-c", code, lock_id], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
                    )
                )
                stack.callback(running.kill)
                assert running.stdout is not None
                assert running.stdout.readline() == "held\n"
                return Process(running)

            yield start

    def test_holder_is_named(self, backend: StateBackend) -> None:
        """While the lock is held, everybody can see who holds it, where, since when and for what."""
        lock = backend.lock(FACTS, timeout_seconds=0)
        lock.verify()
        assert backend.holder() == HOLDER
        lock.release()
        assert backend.holder() is None

    def test_lock_is_exclusive(self, backend: StateBackend, holding: Holding) -> None:
        """While another process holds the lock nobody else gets it, and the error says who has it."""
        process = holding("theirs")
        with pytest.raises(StateLocked) as locked:
            backend.lock(FACTS, timeout_seconds=0)
        for fact in ("night-job", socket.gethostname(), str(process.pid), "2026-11-20T08:00:00Z", "mixpriv apply"):
            assert fact in locked.value.message
        assert "mixpriv unlock theirs" in locked.value.hint
        assert process.told("verify") == "ours"
        assert process.told("release") == "released"
        backend.lock(FACTS, timeout_seconds=0).release()

    def test_looking_is_not_taking(self, backend: StateBackend, spelled: tuple[str, str]) -> None:
        """However often others look who holds the lock, one who wants it gets it."""
        imports, expression = spelled
        code = f"from pathlib import Path\n{imports}\nbackend = {expression}\nprint(flush=True)\nwhile True: backend.holder()"
        backend.lock(FACTS, timeout_seconds=0).release()
        with subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE, text=True) as looking:
            assert looking.stdout is not None
            looking.stdout.readline()
            try:
                for _ in range(50):
                    lock = backend.lock(FACTS, timeout_seconds=0)
                    assert backend.holder() == HOLDER
                    lock.release()
            finally:
                looking.kill()

    def test_dead_holder(self, backend: StateBackend, holding: Holding) -> None:
        """The lock of a killed process comes free, and the next holder is told whose it was."""
        process = holding("theirs")
        process.kill()
        if not self.TAKEOVER_SECONDS:
            assert backend.holder() is None
        lock = backend.lock(FACTS, timeout_seconds=self.TAKEOVER_SECONDS)
        before = lock.taken_over_from
        assert before is not None
        assert ("theirs", "night-job", process.pid) == (before.lock_id, before.who, before.pid)
        lock.verify()
        lock.release()

    def test_released_is_not_taken_over(self, backend: StateBackend, holding: Holding) -> None:
        """After a holder let go in good order nobody is said to have died."""
        process = holding("theirs")
        process.told("release")
        lock = backend.lock(FACTS, timeout_seconds=0)
        assert lock.taken_over_from is None
        lock.release()

    def test_live_holder_keeps_it(self, backend: StateBackend, holding: Holding) -> None:
        """The lock of a living process is never taken over by waiting, however idle it is."""
        process = holding("theirs")
        with pytest.raises(StateLocked):
            backend.lock(FACTS, timeout_seconds=0.3)
        assert process.told("verify") == "ours"
        assert (seen := backend.holder()) is not None
        assert seen.lock_id == "theirs"

    def test_waiting_pays(self, backend: StateBackend, holding: Holding) -> None:
        """With a timeout, the lock is had as soon as its holder lets go."""
        process = holding("theirs")
        with ThreadPoolExecutor() as pool:
            waiting = pool.submit(lambda: backend.lock(FACTS, timeout_seconds=60))
            assert process.told("release") == "released"
            lock = waiting.result()
        assert backend.holder() == HOLDER
        lock.release()

    def test_unlocked_holder_knows(self, backend: StateBackend, holding: Holding) -> None:
        """A holder whose lock was taken away by `unlock` notices before it sends or writes again, also once another has it."""
        process = holding("theirs")
        assert backend.unlock("theirs").pid == process.pid
        time.sleep(self.LOOK_SECONDS)
        assert process.told("verify") == "LockLost"
        lock = backend.lock(FACTS, timeout_seconds=0)
        assert process.told("verify") == "LockLost"
        lock.verify()
        assert process.told("release") == "released"
        lock.verify()
        assert backend.holder() == HOLDER
        lock.release()

    def test_unlock_wants_the_right_id(self, backend: StateBackend, holding: Holding) -> None:
        """`unlock` with another id than the holder's changes nothing, and names the id."""
        process = holding("theirs")
        with pytest.raises(StateError, match="theirs"):
            backend.unlock("somebody-else")
        assert process.told("verify") == "ours"

    def test_unlock_of_nothing(self, backend: StateBackend) -> None:
        """`unlock` of a state that nobody holds is an error, not a success."""
        with pytest.raises(StateError, match="isn't locked"):
            backend.unlock("a1b2c3")

    def test_lost_lock_is_not_given_back(self, backend: StateBackend) -> None:
        """A process that lost its lock doesn't get it back because the next holder is done."""
        lost = backend.lock(FACTS, timeout_seconds=0)
        backend.unlock("a1b2c3")
        backend.lock(FACTS | {"lock_id": "next"}, timeout_seconds=0).release()
        time.sleep(self.LOOK_SECONDS)
        with pytest.raises(LockLost):
            lost.verify()
        lost.release()
        assert backend.holder() is None

    @pytest.mark.parametrize("write", WRITES.values(), ids=WRITES.keys())
    def test_lost_lock_writes_nothing(self, backend: StateBackend, spelled: tuple[str, str], write: Callable[[StateBackend, str], object]) -> None:
        """Who lost the lock changes nothing of what the next holder has made, whatever he was about to do when he was stopped."""
        backend.lock(FACTS, timeout_seconds=0)
        backend.append_journal(b"ours")
        backend.unlock("a1b2c3")
        code = THE_NEXT_ONE.format(imports=spelled[0], backend=spelled[1])
        subprocess.run([sys.executable, "-c", code], check=True)
        with pytest.raises(LockLost):
            write(backend, name_of(b"theirs"))
        code = WHAT_IS_THERE.format(imports=spelled[0], backend=spelled[1])
        there = subprocess.run([sys.executable, "-c", code, name_of(b"segment"), name_of(b"ours")], check=True, capture_output=True, text=True)
        assert there.stdout.split() == ["theirs", "theirs", "segment", "StateDamaged"]
