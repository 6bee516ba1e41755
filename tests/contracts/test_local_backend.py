"""The state in local files keeps what every backend promises."""

from __future__ import annotations

import fcntl
import os
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from mixpriv_reconcile.errors import StateDamaged, StateError, StateLocked
from mixpriv_reconcile.ports import StateBackend
from mixpriv_reconcile.state import LocalBackend

from .state_backend import FACTS, StateBackendContract


class TestLocalBackend(StateBackendContract):
    """The suite, over `mixpriv.state.json` in a folder of its own."""

    @pytest.fixture
    def backend(self, tmp_path: Path) -> StateBackend:
        return LocalBackend(tmp_path / "mixpriv.state.json")

    @pytest.fixture
    def spelled(self, tmp_path: Path) -> tuple[str, str]:
        path = str(tmp_path / "mixpriv.state.json")
        return "from mixpriv_reconcile.state import LocalBackend", f"LocalBackend(Path({path!r}))"

    def test_nobody_takes_the_lock_while_somebody_breaks_it(self, backend: StateBackend, tmp_path: Path) -> None:
        """Between the look whose lock it is and its removal nobody else gets it, so that `unlock` never hits the next holder."""
        lock = backend.lock(FACTS, timeout_seconds=0)
        breaking = os.open(tmp_path, os.O_RDONLY | os.O_DIRECTORY)
        fcntl.flock(breaking, fcntl.LOCK_EX)  # as `unlock` does before it looks
        lock.release()
        with ThreadPoolExecutor() as pool:
            waiting = pool.submit(lambda: backend.lock(FACTS | {"lock_id": "next"}, timeout_seconds=60))
            with pytest.raises(TimeoutError):
                waiting.result(timeout=0.5)
            (tmp_path / "mixpriv.state.lock").unlink()
            os.close(breaking)
            waiting.result().verify()
        assert (found := backend.holder()) is not None
        assert found.lock_id == "next"

    def test_nobody_breaks_the_lock_while_somebody_takes_it(self, backend: StateBackend, tmp_path: Path) -> None:
        """`unlock` waits for one who is taking the lock, to see whose it then is; not for ever, and it leaves the lock where it must give up."""
        lock = backend.lock(FACTS, timeout_seconds=0)
        taking = os.open(tmp_path, os.O_RDONLY | os.O_DIRECTORY)
        fcntl.flock(taking, fcntl.LOCK_EX)  # as one does who writes down that the lock is his
        with pytest.raises(StateLocked):
            backend.unlock("a1b2c3")
        lock.verify()
        with ThreadPoolExecutor() as pool:
            unlocking = pool.submit(lambda: backend.unlock("a1b2c3"))
            with pytest.raises(TimeoutError):
                unlocking.result(timeout=0.3)
            lock.release()
            os.close(taking)
            with pytest.raises(StateError, match="isn't locked"):
                unlocking.result()

    def test_empty_document_is_damage(self, backend: StateBackend, tmp_path: Path) -> None:
        """A state file of zero bytes is damage, never a new state."""
        (tmp_path / "mixpriv.state.json").touch()
        with pytest.raises(StateDamaged, match=r"mixpriv\.state\.json is empty"):
            backend.read()
