"""A write that fails, whichever it is: said with a name and a way on, and nothing lost. The full sweep is a part of `make crash`."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from journeys.workspace import Server

from .disks import SCENARIOS, Failure, Scenario, limits, played, served, sizes

BY_NAME = {scenario.name: scenario for scenario in SCENARIOS}
STATE = "mixpriv.state.json"

SAMPLE = {
    ("first", 20): Failure("MP0520", "mixpriv.key"),
    ("first", 1_000): Failure("MP0520", "the.plan"),
    ("many", 100): Failure("MP0520", "mixpriv.state.lock"),
    ("many", 900): Failure("MP0520", "journal"),
    ("later", 9_000): Failure("MP0520", f"{STATE}.backup"),
    ("packed", 9_000): Failure("MP0442"),
    ("looking", 16): Failure("MP0725"),
    ("sandbox", 20_000): Failure("MP0903"),
    ("init", 300): Failure("MP0541", ".gitignore"),
}
"""What fails under a limit. The other limits are found by a play without one."""


@pytest.fixture(scope="module")
def server() -> Iterator[Server]:
    with served() as server:
        yield server


@pytest.mark.parametrize(("name", "limit"), SAMPLE, ids=lambda value: str(value))
def test_a_write_that_fails_loses_nothing(server: Server, name: str, limit: int) -> None:
    """Key, plan, lock, journal, backup, spool, pace, sandbox store or starter file: the failure is named, the next run finishes."""
    assert SAMPLE[name, limit] == played(BY_NAME[name], limit, server)


@pytest.mark.parametrize(("name", "file"), [("many", "seg"), ("later", "json")])
def test_a_publication_that_fails_loses_nothing(server: Server, name: str, file: str) -> None:
    """A segment or state that doesn't fit after everything was sent: what was acknowledged is known, nothing is sent twice."""
    size = max(size for path, size in sizes(BY_NAME[name], server).items() if path.endswith(f".{file}"))
    failure = played(BY_NAME[name], size - 1, server)
    assert failure.code == "MP0520"
    assert failure.file.endswith(f".{file}")


@pytest.mark.disks
@pytest.mark.parametrize("scenario", SCENARIOS, ids=lambda scenario: scenario.name)
def test_every_write_fails_once(server: Server, scenario: Scenario) -> None:
    """Under limits all over the sizes of a scenario's files, nothing is lost, half made or unsaid."""
    tried = {limit: played(scenario, limit, server) for limit in limits(scenario, server)}
    print(f"{scenario.name}: {len(tried)} limits; failed at {sorted({f'{failure.code} {failure.file[-24:]}' for failure in tried.values()})}")
    assert len(set(tried.values())) > 1
