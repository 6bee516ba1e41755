"""The suite of leases over an object store; a file for each store says in `engine` which one."""

from __future__ import annotations

from pathlib import Path

import pytest

from mixpriv_reconcile.ports import StateBackend

from .engines import Engine, Place
from .leases import LeaseContract


class ObjectBackendContract(LeaseContract):
    """The suite, below a prefix of its own for each test."""

    @pytest.fixture
    def place(self, engine: Engine, tmp_path: Path) -> Place:
        return engine.place(tmp_path, self.LEASE_SECONDS)

    @pytest.fixture
    def backend(self, place: Place) -> StateBackend:
        return place.opened()

    @pytest.fixture
    def spelled(self, place: Place) -> tuple[str, str]:
        return place.spelled
