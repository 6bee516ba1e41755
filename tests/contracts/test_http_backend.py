"""The state on a server of Terraform's protocol keeps what every backend promises, in the dialects of both servers there are."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from mixpriv_reconcile.ports import StateBackend

from .http_serving import DIALECTS, backend_at, serving
from .leases import LeaseContract


class TestHttpBackend(LeaseContract):
    """The suite, over each dialect."""

    LEASE_SECONDS = 6.0  # the least that users can set; each call takes a fraction of what is left of it
    TAKEOVER_SECONDS = 40.0

    @pytest.fixture(params=DIALECTS)
    def dialect(self, request: pytest.FixtureRequest) -> str:
        dialect: str = request.param
        return dialect

    @pytest.fixture
    def origin(self, dialect: str) -> Iterator[str]:
        with serving(dialect) as origin:
            yield origin

    @pytest.fixture
    def backend(self, origin: str, dialect: str) -> StateBackend:
        return backend_at(origin, dialect, lease_seconds=self.LEASE_SECONDS)

    @pytest.fixture
    def spelled(self, origin: str, dialect: str) -> tuple[str, str]:
        imports = f"import sys\nsys.path.insert(0, {str(Path(__file__).parents[1])!r})\nfrom contracts.http_serving import backend_at"
        return imports, f"backend_at({origin!r}, {dialect!r}, lease_seconds={self.LEASE_SECONDS})"
