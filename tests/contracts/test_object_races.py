"""What object stores promise beyond the suite to several writers who hold no lock: the store itself lets one of them win.

Neither files nor Terraform's protocol have a conditional write: there the lock alone keeps writers apart.
"""

from __future__ import annotations

import contextlib
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from .engines import BUCKET, Engine, Place, azurite, moto
from .google_xml import TOKEN, serving

pytestmark = pytest.mark.stores

RACERS, ROUNDS = 3, 5
LEASE_SECONDS = 6.0

RACING = """
import sys
from pathlib import Path
{imports}
from mixpriv_reconcile.errors import StateError
backend, name = {backend}, sys.argv[1]
backend.read()
print("ready", flush=True)
for line in sys.stdin:
    match line.split():
        case ["replace", version]:
            act = lambda: backend.replace(name.encode() + version.encode(), expected=None if version == "-" else version)
        case ["append"]:
            act = lambda: backend.append_journal(name.encode())
    try:
        act()
        print("won", flush=True)
    except StateError as error:
        print(error.code, flush=True)
"""

Race = Callable[[str], list[str]]


@pytest.fixture(scope="module", params=["s3", "gcs", pytest.param("azure", marks=pytest.mark.engines)])
def engine(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Engine]:
    with contextlib.ExitStack() as stack:
        match request.param:
            case "s3":
                yield stack.enter_context(moto())
            case "gcs":
                yield Engine("gcs", stack.enter_context(serving(BUCKET)), {"GOOGLE_BEARER_TOKEN": TOKEN})
            case "azure":
                yield stack.enter_context(azurite(tmp_path_factory.mktemp("azurite")))


@pytest.fixture
def place(engine: Engine, tmp_path: Path) -> Place:
    return engine.place(tmp_path, LEASE_SECONDS)


@pytest.fixture
def race(place: Place) -> Iterator[Race]:
    """`race("replace -")` lets all do that at the same moment, and is what became of each."""
    imports, expression = place.spelled
    code = RACING.format(imports=imports, backend=expression)
    with contextlib.ExitStack() as stack:
        racers = []
        for number in range(RACERS):
            command = [sys.executable, "-c", code, f"racer-{number}"]
            racers.append(stack.enter_context(subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)))
            stack.callback(racers[-1].kill)

        def answers() -> list[str]:
            return [racer.stdout.readline().strip() for racer in racers if racer.stdout is not None]

        def told(what: str) -> list[str]:
            for racer in racers:
                assert racer.stdin is not None
                racer.stdin.write(what + "\n")
                racer.stdin.flush()
            return answers()

        assert answers() == ["ready"] * RACERS
        yield told


def test_one_document_wins(place: Place, race: Race) -> None:
    """Of several who replace the same version at the same moment one does, and the others are told that somebody else did."""
    backend, version = place.opened(), "-"
    for _ in range(ROUNDS):
        outcomes = race(f"replace {version}")
        assert sorted(outcomes) == ["MP0514"] * (RACERS - 1) + ["won"]
        stored = backend.read()
        assert stored is not None
        assert stored.content == f"racer-{outcomes.index('won')}{version}".encode()
        version = stored.version


def test_one_journal_wins(place: Place, race: Race) -> None:
    """Of several who begin a journal at the same moment one does, and it holds nothing of the others."""
    outcomes = race("append")
    assert outcomes.count("won") == 1
    journal = place.opened().read_journal()
    assert journal is not None
    assert bytes(journal) == f"racer-{outcomes.index('won')}".encode()
