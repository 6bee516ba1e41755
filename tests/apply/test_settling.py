"""What applies come to, whatever tasks are there before and whatever goes wrong on the way: plans carried out against a served sandbox."""

from __future__ import annotations

import asyncio
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import httpx
import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from journeys.workspace import LIVE, Server, Workspace
from remote.simulated import HastyClock

from mixpriv_reconcile.apply import Context, Journaling, Tally, carry_out
from mixpriv_reconcile.ids.guarded import NOTHING_GUARDED
from mixpriv_reconcile.ids.keys import DigestKey
from mixpriv_reconcile.ids.remembered import remembered
from mixpriv_reconcile.ids.sets import is_subset
from mixpriv_reconcile.kinds.standing import Standing, standing_of
from mixpriv_reconcile.model.events import Event
from mixpriv_reconcile.model.fold import fold
from mixpriv_reconcile.model.journal import Began, Entry
from mixpriv_reconcile.model.plan import Plan
from mixpriv_reconcile.model.resource import RequestSpec
from mixpriv_reconcile.model.secrets import RawIds
from mixpriv_reconcile.model.state import State
from mixpriv_reconcile.pipeline.catalogue import Catalogue
from mixpriv_reconcile.pipeline.exports import Exports
from mixpriv_reconcile.pipeline.guarding import guarded
from mixpriv_reconcile.pipeline.lanes import open_lanes
from mixpriv_reconcile.pipeline.opening import open_workspace, project_records
from mixpriv_reconcile.pipeline.setting import Setting
from mixpriv_reconcile.plan import plan
from mixpriv_reconcile.remote import SystemPatience
from mixpriv_reconcile.sandbox import Embedded, SandboxOptions

KEY = DigestKey(b"a root of thirty-two bytes, or so")
MOST_RUNS = 8
"""Runs after which nothing more may be left to do; two settle what one fault left, and withdrawals take one more."""


@dataclass
class Machine:
    """Plans and applies of one workspace with a memory that lives in this process."""

    workspace: Workspace
    state: State = field(default_factory=lambda: State(lineage="", serial=0, tool_version=""))
    clock: HastyClock = field(default_factory=HastyClock)
    entries: list[Entry] = field(default_factory=list)

    def append(self, *entries: Entry) -> None:
        self.entries.extend(entries)

    def emit(self, event: Event) -> None:
        """Nobody watches."""

    def run(self) -> Plan:
        """Carry out the plan of this moment; that plan."""
        setting = Setting(self.workspace.root, self.workspace.environment, self.clock, "apply")
        desired, _, _, _ = open_workspace(setting)
        with Catalogue(setting.root, KEY, setting.bounds, guarded(setting, desired)) as catalogue:
            desired = desired.with_ids(catalogue.scan(desired))
            made = plan(desired, self.state, (), setting.today("UTC"))
            self.entries = [
                Began("run", "lineage", self.state.serial, "0", datetime.now(UTC), "apply", "me", projects=project_records(desired))
            ]

            async def work() -> None:
                stop = asyncio.Event()
                patience = SystemPatience(self.clock, deadline=None, stop=stop, on_wait=self.emit)
                requests = {str(item.address): item.spec for item in desired.resources if isinstance(item.spec, RequestSpec)}
                exports = Exports(setting.root, ())
                journal = Journaling(self.append, self.clock, is_shared=False)
                context = Context(self.state, journal, catalogue, exports, self.clock, patience, self, Tally(), requests, 1.0)
                with open_lanes(setting, desired, self.state, patience) as lanes:
                    result = await carry_out(made, context, lanes, parallelism=4, stop=stop)
                assert result.fatal is None

            asyncio.run(work())
            self.state = fold(self.state, self.entries)
        return made

    def check(self, declared: dict[str, set[str]], server: Server) -> None:
        """Each declared id is remembered in a task that does hold it, or in doubt; each task is remembered once, with its ids counted."""
        held = {task["tracking_id"]: set(task["distinct_ids"]) for task in server.tasks()}
        with Catalogue(self.workspace.root, KEY, Setting(self.workspace.root, {}, self.clock).bounds, NOTHING_GUARDED) as digests:
            for address, ids in declared.items():
                record = self.state.requests[address]
                batches = {batch.number: batch for batch in record.batches}
                split = remembered(self.state, address).split(digests.digests(RawIds(sorted(ids))))
                assert not split.new
                for number, part in split.kept.items():
                    standing = standing_of(self.state, record, batches[number])
                    if standing is Standing.IN_DOUBT:
                        continue
                    assert standing in (Standing.CANCELLABLE, Standing.RUNNING, Standing.SUCCEEDED)
                    task = held[str(batches[number].tracking_id)]
                    assert is_subset(part, digests.digests(RawIds(sorted(task))))


PEOPLE = [f"u{number}" for number in range(6)]
SOME = st.sets(st.sampled_from(PEOPLE), min_size=1, max_size=5)
BEFORE = st.lists(
    st.tuples(st.sets(st.sampled_from([*PEOPLE, "x1", "x2"]), min_size=1, max_size=3), st.sampled_from([*LIVE, "FAILURE", "SUCCESS"])),
    max_size=3,
)
FAULTS = st.sampled_from(
    ["", "POST@1=reset-after", "POST@2=503:after", "POST@1=no-task", "POST=conflict-stale", "POST@1=conflict-nameless",
     "POST@1=conflict-names:..,gone", "GET@1=hide-ids", "GET@1=not-json", "POST=refuse-over:2", "DELETE@1=reset-after"]
)  # fmt: skip


@pytest.fixture(scope="module", params=["echo", "silent"])
def server(request: pytest.FixtureRequest) -> Iterator[Server]:
    options = SandboxOptions(interval_seconds=0.0, echoes_ids=request.param == "echo")
    with Embedded(options) as origins, httpx.Client(timeout=60, trust_env=False) as http:
        served = Server(origins, http)
        served.control("POST", "reset")
        yield served


def ordered_elsewhere(server: Server, workspace: Workspace, ids: set[str], status: str) -> None:
    """A task that somebody else has; nothing where some of its people are in one already."""
    answer = httpx.post(
        f"{server.origins['eu']}/api/app/data-deletions/v3.0/",
        params={"token": workspace.token("web")},
        headers={"Authorization": "Bearer somebody-else"},
        json={"distinct_ids": sorted(ids), "compliance_type": "GDPR"},
        trust_env=False,
        timeout=60,
    )
    if answer.status_code == 201:
        server.force(status, answer.json()["results"])


@settings(max_examples=8, deadline=None, suppress_health_check=[HealthCheck.too_slow], phases=[Phase.reuse, Phase.generate])
@given(BEFORE, st.integers(1, 4), st.lists(st.tuples(SOME, SOME, FAULTS), min_size=1, max_size=3))
def test_applies_settle_whatever_was_there(
    server: Server, before: list[Any], cap: int, rounds: list[tuple[set[str], set[str], str]]
) -> None:
    """After any tasks, faults, additions and withdrawals, applies come to rest: each declared id is in a task that holds it, or in doubt.

    Where tasks show their ids nothing stays in doubt, and each live task with a declared id is remembered. No id is in two live tasks.
    """
    server.control("POST", "reset")
    server.heal()
    with tempfile.TemporaryDirectory() as folder:
        workspace = Workspace(Path(folder), server.origins)
        workspace.manifest["workspace"]["limits"]["distinct_ids_per_request"] = cap
        workspace.project("web", r1=["u0"], r2=["u0"])
        for ids, status in before:
            ordered_elsewhere(server, workspace, ids, status)
        machine, declared = Machine(workspace), {}
        for first, second, fault in rounds:
            declared = {"web.deletions.r1": first, "web.deletions.r2": second}
            workspace.declare("web.r1", sorted(first))
            workspace.declare("web.r2", sorted(second))
            server.heal()
            if fault:
                server.fault(fault)
            machine.run()
        server.heal()
        for _ in range(MOST_RUNS):
            pending = machine.run().pending
            if all(set(change.reasons) <= {"in_doubt"} for change in pending):
                break
        machine.check(declared, server)
        in_doubt = {reason for change in machine.run().pending for reason in change.reasons}
        assert in_doubt <= ({"in_doubt"} if not shows_ids(server) else set())
        live = server.ids_in_live_tasks()
        assert set(live.values()) <= {1}
        known = {tracking_id for _, tracking_id in machine.state.tasks}
        unknown = {one for task in server.tasks(*LIVE) if task["tracking_id"] not in known for one in task["distinct_ids"]}
        assert in_doubt or not unknown & set().union(*declared.values())


def shows_ids(server: Server) -> bool:
    tasks = server.tasks()
    if not tasks:
        return True
    answer = httpx.get(
        f"{server.origins['eu']}/api/app/data-deletions/v3.0/{tasks[0]['tracking_id']}/",
        params={"token": tasks[0]["project_token"]},
        headers={"Authorization": "Bearer somebody-else"},
        trust_env=False,
        timeout=60,
    )
    return "distinct_ids" in answer.json()["results"]
