"""What a backend over an object store promises about writes that failed and arrive all the same, and about a lock that was given back."""

from __future__ import annotations

import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from mixpriv_reconcile.errors import StateError

from .cutting import CuttingProxy, Moment, cutting
from .engines import Engine, Place
from .object_cuts import MANY, through
from .state_backend import FACTS

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
