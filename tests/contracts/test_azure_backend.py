"""The state in Azure Blob Storage keeps what every backend with a lease promises; over Azurite."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from mixpriv_reconcile.ports import StateBackend

from .engines import Engine, Place, azurite
from .leases import LeaseContract
from .object_cuts import CutsContract
from .object_fencing import FencingContract
from .object_late import LateContract

pytestmark = pytest.mark.engines


@pytest.fixture(scope="module")
def engine(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Engine]:
    with azurite(tmp_path_factory.mktemp("azurite")) as engine:
        yield engine


class TestAzureBackend(LeaseContract):
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


class TestAzureCuts(CutsContract):
    """Each operation, cut at each request."""


class TestAzureFencing(FencingContract):
    """Holders who were put out, and damage."""


class TestAzureLate(LateContract):
    """Writes that arrive late, and a lock that was given back."""
