"""A lease is kept by its thread whatever a single sign of life fails with."""

from __future__ import annotations

import threading

import pytest

from mixpriv_reconcile.model.lease import Lease
from mixpriv_reconcile.state.leased import LeaseLock, seconds_now


class FailsOnce:
    """A storage that fails the first sign of life with what nobody expects."""

    def __init__(self) -> None:
        self.beats = 0
        self.is_kept = threading.Event()

    def beat(self) -> None:
        self.beats += 1
        if self.beats == 1:
            raise ValueError("year 10000 is out of range")
        self.is_kept.set()

    def free(self) -> None:
        pass


def test_unexpected_failure_of_a_beat(capfd: pytest.CaptureFixture[str], recwarn: pytest.WarningsRecorder) -> None:
    """After a beat that failed with anything at all the next one is made, and nothing is shown."""
    signs = FailsOnce()
    lock = LeaseLock(signs, Lease(0.9), seconds_now() - 0.1, None)
    assert signs.is_kept.wait(120)
    lock.release()
    assert capfd.readouterr().err == ""
    assert not recwarn.list
