"""The state in Google Cloud Storage keeps what every backend with a lease promises; over a stand-in of its XML interface."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from mixpriv_reconcile.ports import StateBackend

from .engines import BUCKET, Engine, Place
from .google_xml import TOKEN, serving
from .leases import LeaseContract
from .object_cuts import CutsContract
from .object_fencing import FencingContract
from .object_late import LateContract

pytestmark = pytest.mark.stores


@pytest.fixture(scope="module")
def engine() -> Iterator[Engine]:
    with serving(BUCKET) as port:
        yield Engine("gcs", port, {"GOOGLE_BEARER_TOKEN": TOKEN})


class TestGcsBackend(LeaseContract):
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


@pytest.mark.engines
class TestGcsCuts(CutsContract):
    """Each operation, cut at each request."""


class TestGcsFencing(FencingContract):
    """Holders who were put out, and damage."""


class TestGcsLate(LateContract):
    """Writes that arrive late, and a lock that was given back."""
