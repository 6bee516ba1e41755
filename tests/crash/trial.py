"""One trial: a run is killed at one point, and what became of it is looked at, before and after the next run."""

from __future__ import annotations

import contextlib
import copy
import dataclasses
import hashlib
import json
import shutil
import sys
import tempfile
import threading
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from journeys.workspace import LIVE, PATIENCE_SECONDS, Server, Workspace, standing_in

from mixpriv_reconcile.ids.keys import derive
from mixpriv_reconcile.ids.raw import id_set_of
from mixpriv_reconcile.ids.remembered import remembered
from mixpriv_reconcile.kinds.standing import standing_of
from mixpriv_reconcile.model.ids import EMPTY_IDS
from mixpriv_reconcile.model.secrets import RawIds
from mixpriv_reconcile.model.state import RequestRecord, State
from mixpriv_reconcile.state import LocalBackend, Store, find_key

from .gateway import gateway
from .points import Kill, Point, Watch
from .scenarios import FIRST_TASK, REFUSED, Scenario
from .tracing import traced

__all__ = ["Template", "Told", "killed", "prepared", "trial", "view"]

HISTORY = frozenset({"next_batch", "batches", "segments", "withdrawn_at", "recorded_at", "declared", "refused_under"})
"""What a record tells of the way here (a batch that was in doubt was settled under another number), of the time, or by digest."""


@dataclass(frozen=True, slots=True)
class Template:
    """How things stand before the run, in a folder to be copied: the workspace, the server's store, and what Workspace knows beside."""

    folder: Path
    environment: dict[str, str]
    manifest: dict[str, Any]


@dataclass(frozen=True, slots=True)
class Told:
    """What came of a trial: the points its run passed, whether the kill struck, and the memory at the end, in words that can be compared."""

    seen: tuple[Point, ...]
    is_dead: bool
    view: dict[str, Any]


def prepared(scenario: Scenario, folder: Path) -> Template:
    """What *scenario* begins with, made in *folder*."""
    folder.mkdir(parents=True)
    with _served(folder / "store") as server:
        workspace = Workspace(folder, server.origins)
        scenario.before(workspace, server)
        scenario.wish(workspace, server)
    own = {name: value for name, value in workspace.environment.items() if name not in ("HOME", "XDG_RUNTIME_DIR")}
    return Template(folder, own, workspace.manifest)


@contextlib.contextmanager
def _served(store: Path) -> Iterator[Server]:
    with standing_in(store=store) as server:
        yield server


@contextlib.contextmanager
def _copied(template: Template) -> Iterator[tuple[Workspace, Server]]:
    """A copy of the workspace and of the server's store."""
    with tempfile.TemporaryDirectory() as place:
        folder = Path(place)
        shutil.copytree(template.folder / "store", folder / "store")
        with _served(folder / "store") as server:
            workspace = Workspace(folder, server.origins)
            shutil.rmtree(workspace.root)
            shutil.copytree(template.folder / "workspace", workspace.root)
            workspace.environment = workspace.environment | template.environment
            if "MIXPRIV_DIGEST_KEY" not in template.environment:
                del workspace.environment["MIXPRIV_DIGEST_KEY"]
            workspace.environment |= {f"MIXPRIV_URL_{region.upper()}": origin for region, origin in server.origins.items()}
            workspace.manifest = copy.deepcopy(template.manifest)
            yield workspace, server


def trial(scenario: Scenario, template: Template, kill: Kill | None = None, expected: dict[str, Any] | None = None) -> Told:
    """Run *scenario*, killed at *kill*, and then once more to its end; raises `AssertionError` where anything was lost or doubled.

    *expected* is the memory at the end of an undisturbed run.
    """
    with _copied(template) as (workspace, server):
        server.fault(*scenario.faults)
        watch = Watch(workspace.root, kill)
        output = workspace.root.parent / "output"
        lost = frozenset(task["tracking_id"] for task in server.tasks()) if scenario.is_lost else frozenset()
        code = _run(workspace, server, scenario, watch, output)
        shown = output.read_text("utf-8", "replace")
        assert watch.is_dead or code in (0, scenario.ends, 3), f"ended with {code}:\n{shown}"
        assert "MP0009" not in shown, shown
        assert "Traceback" not in shown, shown
        watch.cut_power()
        if not scenario.lasting:
            server.heal()
        if scenario.command[:2] != ("state", "push"):  # whose half is no state yet: the same command completes it
            _check_known(workspace, server, lost)
        _settled(workspace, server, scenario)
        end = view(workspace.root, workspace.environment)
        _check_end(workspace, server)
        assert expected is None or end == expected, f"the memory at the end differs:\n{end}\nnot\n{expected}"
        return Told(tuple(watch.seen), watch.is_dead, end)


def killed(scenario: Scenario, template: Template, kill: Kill, folder: Path) -> Template:
    """What a run that died at *kill* leaves behind, in *folder*; raises `AssertionError` where it didn't die."""
    with _copied(template) as (workspace, server):
        watch = Watch(workspace.root, kill)
        _run(workspace, server, scenario, watch, workspace.root.parent / "output")
        assert watch.is_dead, f"{kill} was not reached"
        watch.cut_power()
        shutil.copytree(workspace.root, folder / "workspace")
        shutil.copytree(workspace.root.parent / "store", folder / "store")
    return dataclasses.replace(template, folder=folder)


def _run(workspace: Workspace, server: Server, scenario: Scenario, watch: Watch, output: Path) -> int | None:
    with contextlib.ExitStack() as stack:
        relayed = {region: stack.enter_context(gateway(origin, watch.crossing)) for region, origin in server.origins.items()}
        environment = workspace.environment | {f"MIXPRIV_URL_{region.upper()}": origin for region, origin in relayed.items()}
        stuck = threading.Timer(PATIENCE_SECONDS, watch.give_up)
        stack.callback(stuck.cancel)
        stuck.start()
        ending = traced(
            [sys.executable, "-m", "mixpriv_reconcile", *_command(scenario, server)],
            cwd=workspace.root,
            environment=environment,
            output=output,
            watcher=watch,
            started=watch.started,
        )
    return ending.code


def _check_known(workspace: Workspace, server: Server, lost: frozenset[str]) -> None:
    """Right after the kill: every task that the server made is known, or its ids are shown in doubt; but for those *lost* before."""
    plan, status = workspace.plan(code=0), workspace.status()
    warned = {found["address"] for found in plan["diagnostics"] if found["code"] == "MP0613"}
    known = {task["tracking_id"] for request in status.values() for task in request["tasks"]}
    unknown = [task for task in server.tasks() if task["tracking_id"] not in known | lost]
    if not unknown:
        return
    state = Store(LocalBackend(workspace.root / "mixpriv.state.json")).load().state
    names = _names(workspace.root, workspace.environment)
    standing = {(address, one): word for address in state.requests for one, (word, _) in _standings(state, address, names).items()}
    for task in unknown:
        for one in task["distinct_ids"]:
            address = _address(workspace, one)
            said = f"{one} of {address} is in a task that nobody knows"
            assert standing.get((address, one)) == "in_doubt", f"{said}, and remembered as {standing.get((address, one))}"
            assert status[address]["subjects"]["in_doubt"], f"{said}, and the status doesn't say so"
            assert address in warned, f"{said}, and the plan doesn't say so"


def _address(workspace: Workspace, distinct_id: str) -> str:
    """The request that an id of the scenarios was sent for; one that was renamed has its new name."""
    if distinct_id.startswith(REFUSED):
        return f"{distinct_id.partition('-')[2]}.deletions.r1"
    project, request, _ = distinct_id.split("-")
    if request not in workspace.manifest["projects"][project].get("deletions", {}) and project == "app":
        request = "renamed"
    return f"{project}.deletions.{request}"


def _command(scenario: Scenario, server: Server) -> tuple[str, ...]:
    """The command of *scenario*, with the task that it names."""
    return tuple(server.tasks()[0]["tracking_id"] if word == FIRST_TASK else word for word in scenario.command)


def _settled(workspace: Workspace, server: Server, scenario: Scenario) -> None:
    """The next run does all that is left, without being asked anything; and the next plan has nothing more to do."""
    if scenario.command[0] != "apply":
        workspace.run(*_command(scenario, server), code=None)
    ended = workspace.run("apply", "--auto-approve", code=None)
    assert ended.code in (0, scenario.ends), ended.both
    workspace.run("refresh")
    left = [change for change in workspace.plan()["resource_changes"] if change["change"]["actions"] != ["no-op"]]
    assert [change for change in left if change["reason"] != "manual_step"] == []


def _check_end(workspace: Workspace, server: Server) -> None:
    """At the end each declared id is in one live task, nobody else is, and memory and server agree on every task."""
    declared = Counter(one for name in workspace.manifest["projects"] for request in _declared(workspace, name).values() for one in request)
    live = Counter(one for task in server.tasks(*LIVE) for one in task["distinct_ids"])
    wanted = Counter({one: count for one, count in declared.items() if not one.startswith(REFUSED)})
    assert live == wanted, f"in live tasks: {sorted((live - wanted).elements())} too many, {sorted((wanted - live).elements())} missing"
    _check_exports(workspace, server)
    remembered_tasks = {task["tracking_id"]: task["status"] for task in workspace.state["tasks"]}
    assert remembered_tasks == {task["tracking_id"]: task["status"] for task in server.tasks()}
    assert [path.name for path in workspace.root.rglob("*") if path.suffix == ".tmp"] == []
    private = [path for path in workspace.root.glob(".mixpriv/**/*") if path.is_file() and path.name != "state-location.json"]
    assert [str(path) for path in private if path.stat().st_size] == []
    kept = [path for path in workspace.root.rglob("*") if path.is_file() and path.name.startswith(("mixpriv.", ".mixpriv.", "journal"))]
    assert [path.name for path in [*kept, *workspace.root.glob("mixpriv.state.d/*")] for one in declared if one.encode() in path.read_bytes()] == []


def _check_exports(workspace: Workspace, server: Server) -> None:
    """Each finished retrieval has its export where the state says, whole; nothing else lies there, and git leaves all of it alone."""
    records = [record for record in workspace.state["records"].values() if record["kind"] == "retrievals"]
    exports = {export["file"]: export["sha256"] for record in records for export in record["downloads"]}
    finished = [task for task in server.tasks("SUCCESS") if task["kind"] == "retrieval"]
    assert len(exports) == len(finished)
    lying = {str(path.relative_to(workspace.root)): path for path in workspace.root.glob("exports/*/*") if path.name != ".gitignore"}
    assert {name: hashlib.sha256(path.read_bytes()).hexdigest() for name, path in lying.items()} == exports
    assert {(path / ".gitignore").read_text() for path in workspace.root.glob("exports/*")} <= {"*\n"}


def _declared(workspace: Workspace, project: str) -> dict[str, list[str]]:
    blocks = workspace.manifest["projects"][project].get("deletions", {})
    return {
        name: [*block.get("distinct_ids", []), *(_from_files(project, name) if "from" in block else [])] for name, block in blocks.items()
    }


def _from_files(project: str, request: str) -> list[str]:
    return [f"{project}-{request}-{number}" for number in (1, 2, 3)]


def view(root: Path, environment: Mapping[str, str]) -> dict[str, Any]:
    """What is remembered: of each id where it stands, of each record what it declares; no times, numbers or names given by chance."""
    state = Store(LocalBackend(root / "mixpriv.state.json")).load().state
    names = _names(root, environment)
    told: dict[str, Any] = {"manifests": state.manifests, "policy": state.policy, "projects": dict(state.projects)}
    for address, record in state.records.items():
        facts = {field.name: getattr(record, field.name) for field in dataclasses.fields(record) if field.name not in HISTORY}
        if isinstance(record, RequestRecord):
            facts["ids"] = _standings(state, address, names)
            facts["declared"] = record.declared.count
            facts["downloads"] = sorted(tuple(export[key] for key in ("tracking_id", "file", "size", "sha256")) for export in record.downloads)
            facts["withdrawn"] = record.withdrawn_at is not None
        told[address] = facts
    return dict(json.loads(json.dumps(told, default=str, sort_keys=True)))


def _standings(state: State, address: str, names: Mapping[bytes, str]) -> dict[str, tuple[str, int]]:
    """Where each remembered id of a request stands, and at which attempt."""
    record = state.requests[address]
    batches = {batch.number: batch for batch in record.batches}
    return {
        names[bytes(ids.digests[at : at + 16])]: (standing_of(state, record, batches[number]).value, batches[number].attempt)
        for number, ids in remembered(state, address).split(EMPTY_IDS).gone.items()
        for at in range(0, len(ids.digests), 16)
    }


def _names(root: Path, environment: Mapping[str, str]) -> dict[bytes, str]:
    """The scenarios' ids by their digest under this workspace's key."""
    text = find_key(root, environment)
    assert text is not None
    key = derive(text)
    projects = ("web", "shop", "blog", "app", "tv", "pos")
    requests = ("r1", "r2", "packed", "listed", "dsar")
    ids = [f"{project}-{request}-{number}" for project in projects for request in requests for number in range(1, 8)]
    ids += [f"{REFUSED}-{project}" for project in projects]
    return {bytes(id_set_of(key, RawIds((one,))).digests): one for one in ids}
