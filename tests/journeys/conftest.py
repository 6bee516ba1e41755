"""A server on loopback and an empty workspace that points to it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from .workspace import Server, Workspace, standing_in


@pytest.fixture(scope="session")
def _shared_server() -> Iterator[Server]:
    with standing_in() as server:
        yield server


@pytest.fixture
def server(_shared_server: Server) -> Server:
    """A stand-in for Mixpanel without tasks, calls or faults, which holds every project to a pace (`PACE_SECONDS`)."""
    return _shared_server.emptied()


@pytest.fixture
def workspace(tmp_path: Path, server: Server) -> Workspace:
    """A workspace without projects; its regions are the server's."""
    return Workspace(tmp_path, server.origins)
