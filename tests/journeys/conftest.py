"""A server on loopback and an empty workspace that points to it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from mixpriv_reconcile.sandbox import Embedded, SandboxOptions

from .workspace import Server, Workspace


@pytest.fixture(scope="session")
def _shared_server() -> Iterator[Server]:
    with Embedded(SandboxOptions()) as origins, httpx.Client(timeout=20, trust_env=False) as http:
        yield Server(origins, http)


@pytest.fixture
def server(_shared_server: Server) -> Server:
    """A stand-in for Mixpanel without tasks, calls or faults, which holds every project to one call a second."""
    _shared_server.control("POST", "reset")
    _shared_server.heal()
    return _shared_server


@pytest.fixture
def workspace(tmp_path: Path, server: Server) -> Workspace:
    """A workspace without projects; its regions are the server's."""
    return Workspace(tmp_path, server.origins)
