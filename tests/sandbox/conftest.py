"""A sandbox to talk to: real sockets, in this process or in one of its own."""

from __future__ import annotations

import contextlib
import json
import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import pytest

from mixpriv_reconcile.sandbox import Embedded, SandboxOptions

PATIENCE_SECONDS = 120


@dataclass(frozen=True, slots=True)
class Caller:
    """A client of one sandbox, which knows where its regions are."""

    origins: Mapping[str, str]
    http: httpx.Client

    def url(self, kind: str = "deletions", item: str | None = None, region: str = "us") -> str:
        """The address of a collection, or of an item in it."""
        path = f"/api/app/data-{kind}/v3.0/" + ("" if item is None else f"{item}/")
        return self.origins[region] + path

    def call(
        self, method: str, item: str | None = None, *, kind: str = "deletions", region: str = "us",
        token: str | None = "token-1", bearer: str | None = "bearer-1", **more: Any,
    ) -> httpx.Response:  # fmt: skip
        """One GDPR call."""
        headers = {} if bearer is None else {"Authorization": f"Bearer {bearer}"}
        params = {} if token is None else {"token": token}
        return self.http.request(
            method, self.url(kind, item, region), params=params, headers=headers, **more
        )

    def post(self, *ids: str, **more: Any) -> httpx.Response:
        """Asks for a deletion, or for a retrieval with `kind="retrievals"`."""
        return self.call("POST", json={"distinct_ids": list(ids), "compliance_type": "GDPR"}, **more)

    def created(self, *ids: str, **more: Any) -> str:
        """The tracking id of a new task."""
        results = self.post(*ids, **more).raise_for_status().json()["results"]
        record = results[0] if isinstance(results, list) else results
        return str(record.get("tracking_id") or record["task_id"])

    def status(self, item: str, **more: Any) -> str:
        """The job status that GET tells."""
        return str(self.call("GET", item, **more).raise_for_status().json()["results"]["status"])

    def control(self, method: str, name: str, document: object = None) -> Any:
        """The JSON that a control route answers."""
        answer = self.http.request(method, f"{self.origins['us']}/_sandbox/{name}", json=document)
        return answer.raise_for_status().json()

    def tasks(self) -> list[dict[str, Any]]:
        """What the sandbox has recorded."""
        tasks: list[dict[str, Any]] = self.control("GET", "tasks")["tasks"]
        return tasks

    def calls(self) -> list[dict[str, Any]]:
        """What the sandbox has seen."""
        calls: list[dict[str, Any]] = self.control("GET", "calls")["calls"]
        return calls


Opening = Callable[..., contextlib.AbstractContextManager[Caller]]


@contextlib.contextmanager
def _opened(**options: Any) -> Iterator[Caller]:
    options = {"interval_seconds": 0.0} | options
    with Embedded(SandboxOptions(**options)) as origins, _http() as http:
        yield Caller(origins, http)


def _http() -> httpx.Client:
    return httpx.Client(timeout=PATIENCE_SECONDS, trust_env=False)


@pytest.fixture(scope="session")
def opened() -> Opening:
    """`with opened(dialect="oas") as caller:` is a new sandbox, without a pace unless one is given."""
    return _opened


@pytest.fixture(scope="session")
def _shared() -> Iterator[Caller]:
    with _opened() as caller:
        yield caller


@pytest.fixture
def caller(_shared: Caller) -> Caller:
    """A client of an empty sandbox with the defaults, but without a pace."""
    _shared.control("POST", "reset")
    _shared.control("DELETE", "fault")
    return _shared


@pytest.fixture
def process(tmp_path: Path) -> Iterator[Callable[..., tuple[subprocess.Popen[str], Caller]]]:
    """`process("--speed", "10")` serves in a process of its own, always on the same store."""
    with contextlib.ExitStack() as stack:
        http = stack.enter_context(_http())

        def started(*arguments: str) -> tuple[subprocess.Popen[str], Caller]:
            command = [sys.executable, "-m", "mixpriv_reconcile.sandbox", "--store", str(tmp_path / "s")]
            running = stack.enter_context(
                subprocess.Popen(
                    [*command, "--interval", "0", *arguments],
                    stdout=subprocess.PIPE,
                    stderr=subprocess.PIPE,
                    text=True,
                )
            )
            stack.callback(running.kill)
            assert running.stdout is not None
            origins = json.loads(running.stdout.readline())
            assert origins.pop("pid") == running.pid
            return running, Caller(origins, http)

        yield started
