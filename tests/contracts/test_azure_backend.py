"""The state in Azure Blob Storage keeps what every backend with a lease promises; over Azurite."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from .engines import Engine, azurite
from .object_backend import ObjectBackendContract
from .object_cuts import CutsContract
from .object_fencing import FencingContract
from .object_late import LateContract

pytestmark = pytest.mark.engines


@pytest.fixture(scope="module")
def engine(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Engine]:
    with azurite(tmp_path_factory.mktemp("azurite")) as engine:
        yield engine


class TestAzureBackend(ObjectBackendContract):
    """The suite of every backend with a lease."""


class TestAzureCuts(CutsContract):
    """Each operation, cut at each request."""


class TestAzureFencing(FencingContract):
    """Holders who were put out, and damage."""


class TestAzureLate(LateContract):
    """Writes that arrive late, and a lock that was given back."""
