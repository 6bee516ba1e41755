"""Where a state can be shared, for journeys: each engine as a server on loopback, and what a manifest says to use it."""

from __future__ import annotations

import base64
import contextlib
import itertools
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import httpx
import pytest
from contracts import google_xml, http_serving
from contracts.engines import BUCKET, Engine, azurite, moto

from mixpriv_reconcile.model.state_place import settings
from mixpriv_reconcile.model.workspace import StateLocation

__all__ = ["Shared", "azure", "azurite_engine", "gcs", "gitlab", "google_engine", "moto_engine", "s3", "shared", "state_servers", "terraform"]

ENGINES = (
    "s3",
    "terraform",
    "gitlab",
    pytest.param("azure", marks=pytest.mark.engines),
    pytest.param("gcs", marks=pytest.mark.engines),
)
"""The fixtures below, for `pytest.mark.parametrize` and the like."""

numbers = itertools.count()


@dataclass(frozen=True, slots=True)
class Shared:
    """A place where nothing was stored yet: what stands after `state:`, what the environment needs, and how to read all that lies there."""

    block: Mapping[str, Any]
    environment: Mapping[str, str]
    stored: Callable[[], bytes]

    def holds(self, text: bytes) -> bool:
        """Whether *text* stands anywhere in the storage."""
        return text in self.stored()

    @property
    def port(self) -> int:
        """Where the engine listens."""
        port = urlsplit(self.block.get("endpoint") or self.block["address"]).port
        assert port is not None
        return port

    def behind(self, origin: str) -> Shared:
        """The same place, reached by way of *origin*."""
        own = f"http://127.0.0.1:{self.port}"
        return replace(self, block={key: value.replace(own, origin) if isinstance(value, str) else value for key, value in self.block.items()})


@pytest.fixture(scope="module")
def moto_engine() -> Iterator[Engine]:
    with moto() as engine:
        yield engine


@pytest.fixture(scope="module")
def azurite_engine(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Engine]:
    with azurite(tmp_path_factory.mktemp("azurite")) as engine:
        yield engine


@pytest.fixture(scope="module")
def google_engine() -> Iterator[Engine]:
    with google_xml.serving(BUCKET) as port:
        yield Engine("gcs", port, {"GOOGLE_BEARER_TOKEN": google_xml.TOKEN})


@pytest.fixture(scope="module")
def state_servers() -> Iterator[Mapping[str, str]]:
    """The origin of a server of each dialect of Terraform's protocol."""
    with contextlib.ExitStack() as stack:
        yield {dialect: stack.enter_context(http_serving.serving(dialect)) for dialect in http_serving.DIALECTS}


@pytest.fixture
def s3(moto_engine: Engine, tmp_path: Path) -> Shared:
    return _in_objects(moto_engine, tmp_path)


@pytest.fixture
def azure(azurite_engine: Engine, tmp_path: Path) -> Shared:
    return _in_objects(azurite_engine, tmp_path)


@pytest.fixture
def gcs(google_engine: Engine, tmp_path: Path) -> Shared:
    return _in_objects(google_engine, tmp_path)


@pytest.fixture
def terraform(state_servers: Mapping[str, str]) -> Shared:
    return _over_http(state_servers, "terraform")


@pytest.fixture
def gitlab(state_servers: Mapping[str, str]) -> Shared:
    return _over_http(state_servers, "gitlab")


@pytest.fixture(params=ENGINES)
def shared(request: pytest.FixtureRequest) -> Shared:
    """Where the state lies: each engine in turn."""
    found: Shared = request.getfixturevalue(request.param)
    return found


def _in_objects(engine: Engine, folder: Path) -> Shared:
    place = engine.place(folder, 6.0)
    return Shared(settings(place.location), place.environment, lambda: b"".join(place.contents()))


def _over_http(served: Mapping[str, str], dialect: str) -> Shared:
    location: StateLocation = http_serving.location_at(served[dialect], dialect, f"state-{next(numbers)}")
    secrets = {"STATE_USER": http_serving.USER, "STATE_PASSWORD": http_serving.PASSWORD}

    def stored() -> bytes:
        answer = httpx.get(location.address, auth=(http_serving.USER, http_serving.PASSWORD), trust_env=False, timeout=60)
        document = answer.json()
        packed = [*document["segments"].values(), document["journal"] or ""]
        return answer.content + b"".join(map(base64.b64decode, packed))

    return Shared(settings(location), secrets if dialect == "gitlab" else {}, stored)
