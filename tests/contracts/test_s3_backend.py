"""The state in S3 keeps what every backend with a lease promises; over moto's server."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from .engines import Engine, moto
from .object_backend import ObjectBackendContract
from .object_cuts import CutsContract
from .object_fencing import FencingContract
from .object_late import LateContract

pytestmark = pytest.mark.stores


@pytest.fixture(scope="module")
def engine() -> Iterator[Engine]:
    with moto() as engine:
        yield engine


class TestS3Backend(ObjectBackendContract):
    """The suite of every backend with a lease."""


@pytest.mark.engines
class TestS3Cuts(CutsContract):
    """Each operation, cut at each request."""


class TestS3Fencing(FencingContract):
    """Holders who were put out, and damage."""


class TestS3Late(LateContract):
    """Writes that arrive late, and a lock that was given back."""
