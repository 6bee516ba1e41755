"""What every lock promises that is a lease: kept alive by its holder, free for others once it has run out, and known to be lost."""

from __future__ import annotations

import time

import pytest

from mixpriv_reconcile.errors import StateLocked
from mixpriv_reconcile.ports import StateBackend

from .state_backend import FACTS, Holding, StateBackendContract


class LeaseContract(StateBackendContract):
    """The suite of backends and, on top, of leases. A subclass opens its backends, here and elsewhere, with a lease of `LEASE_SECONDS`."""

    LEASE_SECONDS = 2.0
    TAKEOVER_SECONDS = 20.0
    LOOK_SECONDS = 0.1

    def test_beats_keep_it(self, backend: StateBackend, holding: Holding) -> None:
        """A holder who lives keeps the lock for longer than the lease, with nothing to do but wait."""
        process = holding("theirs")
        with pytest.raises(StateLocked):
            backend.lock(FACTS, timeout_seconds=self.LEASE_SECONDS * 3)
        assert process.told("verify") == "ours"

    def test_dead_holder_keeps_it_for_the_lease(self, backend: StateBackend, holding: Holding) -> None:
        """Right after a kill the lock is still held: nobody can know yet that its holder is dead. The error says until when."""
        process = holding("theirs")
        process.kill()
        with pytest.raises(StateLocked) as locked:
            backend.lock(FACTS, timeout_seconds=0)
        assert "--lock-timeout" in locked.value.hint
        assert "mixpriv unlock theirs" in locked.value.hint

    def test_woken_holder_knows(self, backend: StateBackend, holding: Holding) -> None:
        """A process that was stopped for longer than its lease, and whose lock another took meanwhile, notices before it does anything."""
        process = holding("theirs")
        process.stop()
        lock = backend.lock(FACTS, timeout_seconds=self.TAKEOVER_SECONDS)
        assert lock.taken_over_from is not None
        process.wake()
        assert process.told("verify") == "LockLost"
        lock.verify()
        lock.release()

    def test_woken_holder_goes_on(self, backend: StateBackend, holding: Holding) -> None:
        """A process that was stopped for longer than its lease, and whose lock nobody wanted, goes on: it is still the only one."""
        process = holding("theirs")
        process.stop()
        time.sleep(self.LEASE_SECONDS * 2)
        process.wake()
        assert process.told("verify") == "ours"
        with pytest.raises(StateLocked):
            backend.lock(FACTS, timeout_seconds=0)
