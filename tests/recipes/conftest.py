"""Mixpanel, S3 and GitHub on loopback, for all recipes, and a repository made of the recipe for GitHub."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from contracts.engines import Engine, moto
from journeys.workspace import Server, standing_in

from .github_server import GitHubServer, serving
from .scratch import Scratch


@pytest.fixture(scope="module")
def storage() -> Iterator[Engine]:
    with moto() as engine:
        yield engine


@pytest.fixture(scope="module")
def mixpanel() -> Iterator[Server]:
    with standing_in() as server:
        yield server


@pytest.fixture
def server(mixpanel: Server) -> Server:
    """A stand-in for Mixpanel without tasks, calls or faults."""
    return mixpanel.emptied()


@pytest.fixture
def github() -> Iterator[GitHubServer]:
    with serving() as github:
        yield github


@pytest.fixture
def scratch(tmp_path: Path, github: GitHubServer, server: Server, storage: Engine) -> Scratch:
    """The repository as a user has it after setting it up; nothing was applied yet."""
    return Scratch(tmp_path, github, server, f"http://127.0.0.1:{storage.port}")
