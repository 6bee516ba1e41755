"""The state in Google Cloud Storage keeps what every backend with a lease promises; over a stand-in of its XML interface."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from .engines import BUCKET, Engine
from .google_xml import TOKEN, serving
from .object_backend import ObjectBackendContract
from .object_cuts import CutsContract
from .object_fencing import FencingContract
from .object_late import LateContract

pytestmark = pytest.mark.stores


@pytest.fixture(scope="module")
def engine() -> Iterator[Engine]:
    with serving(BUCKET) as port:
        yield Engine("gcs", port, {"GOOGLE_BEARER_TOKEN": TOKEN})


class TestGcsBackend(ObjectBackendContract):
    """The suite of every backend with a lease."""


@pytest.mark.engines
class TestGcsCuts(CutsContract):
    """Each operation, cut at each request."""


class TestGcsFencing(FencingContract):
    """Holders who were put out, and damage."""


class TestGcsLate(LateContract):
    """Writes that arrive late, and a lock that was given back."""
