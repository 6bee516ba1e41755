"""A journal that is cut after any byte: the next run finds the tasks again, and leaves the same state as if nothing had been."""

from __future__ import annotations

import contextlib
import os
import shutil
import tempfile
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from journeys.workspace import Server
from remote.simulated import HastyClock

from mixpriv_reconcile.model.events import Event
from mixpriv_reconcile.model.plan import PlanOptions
from mixpriv_reconcile.pipeline.apply import Approval, apply
from mixpriv_reconcile.pipeline.plan import plan
from mixpriv_reconcile.pipeline.setting import Setting
from mixpriv_reconcile.sandbox import Embedded, SandboxOptions
from mixpriv_reconcile.state import LocalBackend, Store

from .filtering import CALLS
from .points import Kill, Point
from .scenarios import SCENARIOS
from .trial import Template, killed, prepared, view

pytestmark = pytest.mark.skipif(not CALLS, reason="needs Linux's ptrace on a machine whose system calls are known")

JOURNAL = "workspace/mixpriv.state.d/journal"
IDS = ("web-r1-1", "web-r1-2", "web-r1-3", "web-r2-1", "web-r2-2", "shop-r1-1", "shop-r1-2", "shop-r1-3")
BEFORE_PUBLISHING = Kill(Point("create", "mixpriv.state.d/.*.seg.*.tmp", 1), "before")


class Silent:
    """An event sink that nobody listens to."""

    def emit(self, event: Event) -> None:
        """Nobody listens."""


@pytest.fixture(scope="module")
def unpublished(tmp_path_factory: pytest.TempPathFactory) -> Template:
    """A run that did all its work and was killed before it published: everything it knew is in its journal."""
    folder = tmp_path_factory.mktemp("cut")
    template = prepared(SCENARIOS["small"], folder / "before")
    return killed(SCENARIOS["small"], template, BEFORE_PUBLISHING, folder / "after")


@pytest.fixture(scope="module")
def calm(unpublished: Template) -> dict[str, Any]:
    """The memory when nothing was cut off."""
    with resumed(unpublished, None) as (setting, _):
        return view(setting.root, setting.environment)


@contextlib.contextmanager
def resumed(template: Template, length: int | None) -> Iterator[tuple[Setting, Server]]:
    """A copy with its journal cut to *length* bytes, after the next apply; its server keeps no pace, its clock passes no time."""
    with tempfile.TemporaryDirectory() as place:
        folder = Path(place) / "copy"
        shutil.copytree(template.folder, folder)
        if length is not None:
            os.truncate(folder / JOURNAL, length)
        options = SandboxOptions(store=folder / "store", interval_seconds=0)
        with Embedded(options) as origins, httpx.Client(timeout=60, trust_env=False) as http:
            environment = {**template.environment, "XDG_RUNTIME_DIR": str(folder)}
            environment |= {f"MIXPRIV_URL_{region.upper()}": origin for region, origin in origins.items()}
            setting = Setting(folder / "workspace", environment, HastyClock(), "apply")
            outcome = apply(setting, PlanOptions(), Approval(is_automatic=True), Silent(), show=lambda made, ids: None)
            assert outcome.exit_code == 0, outcome
            yield setting, Server(origins, http)


@settings(deadline=None, max_examples=20)
@given(data=st.data())
def test_cut_anywhere_and_resumed(unpublished: Template, calm: dict[str, Any], data: st.DataObject) -> None:
    """However much of the journal is gone, the next run finds every task the server has, sends nobody twice, and leaves the same memory."""
    length = data.draw(st.integers(0, (unpublished.folder / JOURNAL).stat().st_size))
    with resumed(unpublished, length) as (setting, server):
        tasks = server.tasks()
        assert Counter(one for task in tasks for one in task["distinct_ids"]) == Counter(IDS)
        state = Store(LocalBackend(setting.root / "mixpriv.state.json")).load().state
        assert {tracking_id for _, tracking_id in state.tasks} == {task["tracking_id"] for task in tasks}
        assert view(setting.root, setting.environment) == calm
        assert not plan(setting, PlanOptions()).plan.pending
