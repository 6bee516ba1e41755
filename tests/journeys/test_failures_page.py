"""The table of `docs/reference/failures.md` says what happens: each row is played, and its tests exist."""

from __future__ import annotations

import json
import re
import shutil
from collections.abc import Iterator
from copy import deepcopy
from dataclasses import dataclass
from pathlib import Path

import pytest
from click.testing import CliRunner

from mixpriv_reconcile.cli.main import mixpriv
from mixpriv_reconcile.sandbox.faults import Fault

from .workspace import Server, Workspace, standing_in

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs" / "reference" / "failures.md").read_text("utf-8")


@dataclass(frozen=True, slots=True)
class Row:
    """One failure; *fault* is None where the sandbox can't play it, and the page says why."""

    method: str
    then: str
    code: int
    fault: str | None
    test: str


def rows() -> list[Row]:
    """The page's table."""
    found = []
    for line in PAGE.splitlines():
        cells = [cell.strip() for cell in line.strip("|").split(" | ")]
        if len(cells) == 7 and cells[0] in ("POST", "GET", "DELETE"):
            method, _, _, then, code, fault, test = cells
            found.append(Row(method, then.strip("`"), int(code), fault.strip("`") if fault[0] == "`" else None, test.strip("`")))
            assert fault[0] == "`" or re.fullmatch(r"none: .{10,}", fault), line
    return found


ROWS = rows()
PLAYED = [row for row in ROWS if row.fault is not None]


def test_the_table_is_read_whole() -> None:
    """Every line of the table is a row that is checked here, for each of the three calls."""
    lines = [line for line in PAGE.splitlines() if re.match(r"\| (POST|GET|DELETE) ", line)]
    assert len(ROWS) == len(lines) > 80
    assert {row.method for row in ROWS} == {"POST", "GET", "DELETE"}
    assert len({row.fault for row in PLAYED}) == len(PLAYED)


@pytest.mark.parametrize("row", PLAYED, ids=lambda row: row.fault)
def test_the_sandbox_plays_it(row: Row) -> None:
    """The fault in a row is one that `mixpriv sandbox --fault` takes, for the row's call."""
    assert Fault.parsed(row.fault or "").method == row.method


@pytest.mark.parametrize("name", sorted({row.test for row in ROWS} | set(re.findall(r"`(tests/[^`]*)`", PAGE))))
def test_its_test_exists(name: str) -> None:
    """The test that a row names is there."""
    path, _, function = name.partition("::")
    assert re.search(rf"^def {function}\(", (ROOT / path).read_text("utf-8"), re.MULTILINE), name


@pytest.fixture(scope="module")
def hasty() -> Iterator[Server]:
    """A server without a pace of its own: the client keeps one anyway."""
    with standing_in(interval_seconds=0) as server:
        yield server


@pytest.fixture(scope="module")
def submitted(hasty: Server, tmp_path_factory: pytest.TempPathFactory) -> Workspace:
    """A workspace with one task of two ids, which each row gets a copy of."""
    hasty.heal()
    workspace = Workspace(tmp_path_factory.mktemp("submitted"), hasty.origins)
    workspace.project("kept", r1=["k1", "k2"])
    workspace.apply()
    return workspace


def copied(workspace: Workspace, to: Path) -> Workspace:
    """The same workspace at another place, with a pace of its own."""
    copy = Workspace(to, {})
    shutil.copytree(workspace.root, copy.root, dirs_exist_ok=True)
    copy.environment = workspace.environment | {"XDG_RUNTIME_DIR": copy.environment["XDG_RUNTIME_DIR"]}
    copy.manifest = deepcopy(workspace.manifest)
    return copy


BACKED_OFF = re.compile(r"POST=429|(GET|DELETE)=(408|503|hang:.*|drip:.*|reset-.*|truncate|oversized)")
"""What is tried again after waits of our own, which begin with 1 to 2 seconds: only a short run ends for lack of time."""


def budget(row: Row) -> str:
    """Time for everything but the waits that the row speaks of: those that Mixpanel asks for, or of our own for outstanding scans, are longer."""
    return "8s" if BACKED_OFF.fullmatch(row.fault or "") else "25s"


def has_struck(row: Row, server: Server) -> bool:
    """Whether the server did to a call what the row says."""
    return any(call["fault"] == row.fault for call in server.calls())


def phase(workspace: Workspace) -> str:
    """How the only request stands, told by this process: a new one for each row would take most of the time."""
    told = CliRunner().invoke(mixpriv, ["-C", str(workspace.root), "status", "--format", "json"])
    (request,) = json.loads(told.stdout)["requests"]
    return str(request["phase"])


@pytest.mark.parametrize("row", [row for row in PLAYED if row.method == "POST"], ids=lambda row: row.fault)
def test_post(row: Row, hasty: Server, tmp_path: Path) -> None:
    """An apply that meets the row's fault ends with the row's code, and the request stands as the row says."""
    hasty.heal()
    workspace = Workspace(tmp_path, hasty.origins)
    workspace.project("web", r1=["u1", "u2"])
    workspace.environment["TOKEN_WEB"] = f"token-{PLAYED.index(row)}"
    hasty.fault(row.fault or "")
    workspace.apply("--max-duration", budget(row), code=row.code)
    assert has_struck(row, hasty)
    assert phase(workspace) == row.then


@pytest.mark.parametrize("row", [row for row in PLAYED if row.method == "GET"], ids=lambda row: row.fault)
def test_get(row: Row, hasty: Server, submitted: Workspace, tmp_path: Path) -> None:
    """A refresh that meets the row's fault ends with the row's code, and the request stands as the row says."""
    hasty.heal()
    workspace = copied(submitted, tmp_path)
    hasty.fault(row.fault or "")
    workspace.run("refresh", "--max-duration", budget(row), code=row.code)
    assert has_struck(row, hasty)
    assert phase(workspace) == row.then


@pytest.mark.parametrize("row", [row for row in PLAYED if row.method == "DELETE"], ids=lambda row: row.fault)
def test_delete(row: Row, hasty: Server, submitted: Workspace, tmp_path: Path) -> None:
    """An apply that withdraws a request and meets the row's fault ends with the row's code, and Mixpanel's task is what the row says."""
    hasty.heal()
    (tracking_id,) = submitted.remembered_tasks()
    (task,) = [task for task in hasty.tasks() if task["tracking_id"] == tracking_id]
    hasty.force("PENDING", task)
    workspace = copied(submitted, tmp_path)
    workspace.declare("kept.r1", None)
    hasty.fault(row.fault or "")
    workspace.apply("--max-duration", budget(row), code=row.code)
    assert has_struck(row, hasty)
    assert [task["status"] for task in hasty.tasks() if task["tracking_id"] == tracking_id] == [row.then]
