"""A workspace in a temporary folder, the program run in it as a process of its own, and the server it talks to."""

from __future__ import annotations

import contextlib
import json
import os
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import httpx
import yaml

from mixpriv_reconcile.sandbox import Embedded, SandboxOptions

REPOSITORY = Path(__file__).parents[2]
PATIENCE_SECONDS = 300.0
"""How long anything may take before a journey counts as stuck; nothing is measured by it."""

PACE_SECONDS = 0.5
"""What the stand-in asks for between two calls of a project: half of what the program keeps, which spaces the starts of calls.

A server counts arrivals, and on a busy machine the ways of two calls differ. The program's own pace is `test_pace`'s affair.
"""

KEY = "a key for journeys, long enough"
BEARER = "bearer-canary-9f27c1"
LIVE = ("PENDING", "STAGING", "STARTED")


def ago(days: int) -> str:
    """The day that lies *days* back, as manifests write it."""
    return (datetime.now(UTC).date() - timedelta(days=days)).isoformat()


def until(holds: Callable[[], Any], running: subprocess.Popen[str]) -> Any:
    """What *holds* gives as soon as it is true; fails where *running* ends before, or it takes too long."""
    end = time.monotonic() + PATIENCE_SECONDS
    while not (found := holds()):
        if running.poll() is not None:
            raise AssertionError(f"ended early: {finished(running)}")
        assert time.monotonic() < end, "waited in vain"
        time.sleep(0.05)
    return found


@dataclass(frozen=True)
class Ended:
    """How a run of the program ended, and what it printed."""

    code: int
    out: str
    err: str

    @property
    def document(self) -> Any:
        """Standard output as the one JSON document it must be."""
        return json.loads(self.out)

    @property
    def events(self) -> list[dict[str, Any]]:
        """Standard output as one JSON object a line."""
        return [json.loads(line) for line in self.out.splitlines()]

    @property
    def both(self) -> str:
        return self.out + self.err


class Server:
    """The stand-in for Mixpanel, seen from its control routes."""

    def __init__(self, origins: Mapping[str, str], http: httpx.Client) -> None:
        self.origins = origins
        self._http = http

    def control(self, method: str, name: str, document: object = None) -> Any:
        answer = self._http.request(method, f"{self.origins['us']}/_sandbox/{name}", json=document)
        return answer.raise_for_status().json()

    def fault(self, *specs: str) -> None:
        """Let calls from now on go wrong."""
        for spec in specs:
            self.control("POST", "fault", {"spec": spec})

    def emptied(self) -> Server:
        """The same server, without tasks, calls or faults."""
        self.control("POST", "reset")
        self.heal()
        return self

    def heal(self) -> None:
        self.control("DELETE", "fault")

    def release(self) -> None:
        """Let the answers go that the fault `hold` keeps back."""
        self.control("POST", "release")

    def struck(self, spec: str) -> int:
        """How many calls the fault *spec* has struck."""
        return sum(call["fault"] == spec for call in self.calls())

    def force(self, status: str, *tasks: Mapping[str, Any]) -> None:
        """Give *tasks* (all where none is named) this status."""
        for task in tasks or self.tasks():
            self.control("POST", "force", {"tracking_id": task["tracking_id"], "status": status})

    def advance(self, days: float) -> None:
        self.control("POST", "advance", {"days": days})

    def tasks(self, *statuses: str) -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = self.control("GET", "tasks")["tasks"]
        return [task for task in found if not statuses or task["status"] in statuses]

    def calls(self, *methods: str) -> list[dict[str, Any]]:
        """The calls of these methods, of all where none is named, but for those that came too early and are made again."""
        # What a fault answers 429 has come in time, and counts.
        in_time = (call for call in self.every_call() if call["status"] != 429 or call["fault"] is not None)
        return [call for call in in_time if not methods or call["method"] in methods]

    def every_call(self) -> list[dict[str, Any]]:
        """All that came in, those that the pace turned away too."""
        found: list[dict[str, Any]] = self.control("GET", "calls")["calls"]
        return found

    def ids_in_live_tasks(self) -> Counter[tuple[str, str]]:
        """How many live tasks hold each id, by project token and id."""
        return Counter((task["project_token"], one) for task in self.tasks(*LIVE) for one in task["distinct_ids"])


@contextlib.contextmanager
def standing_in(**options: Any) -> Iterator[Server]:
    """A stand-in for Mixpanel on loopback with these *options* (see `SandboxOptions`), until the block ends."""
    options = {"interval_seconds": PACE_SECONDS} | options
    with Embedded(SandboxOptions(**options)) as origins, httpx.Client(timeout=PATIENCE_SECONDS, trust_env=False) as http:
        yield Server(origins, http)


class Workspace:
    """A folder with manifests, and the environment the program is run in: nothing of this machine's but the PATH."""

    def __init__(self, root: Path, origins: Mapping[str, str]) -> None:
        self.root = root / "workspace"
        self.root.mkdir()
        for folder in ("home", "runtime"):
            (root / folder).mkdir(mode=0o700)
        self.environment = {
            "PATH": os.environ["PATH"],
            "HOME": str(root / "home"),
            "XDG_RUNTIME_DIR": str(root / "runtime"),
            **({"PYTHONPATH": os.path.abspath(os.environ["PYTHONPATH"])} if "PYTHONPATH" in os.environ else {}),
            "MIXPRIV_DIGEST_KEY": KEY,
            "GDPR_TOKEN": BEARER,
            **{f"MIXPRIV_URL_{region.upper()}": origin for region, origin in origins.items()},
        }
        self.manifest: dict[str, Any] = {
            "version": 1,
            "workspace": {
                "credentials": {"gdpr_token": {"env": "GDPR_TOKEN", "issued": ago(30)}},
                "policy": {"opt_out": "off"},
                "limits": {"distinct_ids_per_request": 2},
            },
            "projects": {},
        }

    # What is wished

    def project(self, name: str, residency: str = "eu", **requests: Any) -> dict[str, Any]:
        """Declare a project with its deletions, each a list of ids or a block."""
        self.environment[f"TOKEN_{name.upper()}"] = f"token-canary-{name}-5d41"
        projects = self.manifest["projects"]
        block = {"id": 4000 + len(projects), "token": {"env": f"TOKEN_{name.upper()}"}, "residency": residency}
        projects[name] = block | {"deletions": {request: self.deletion(ids) for request, ids in requests.items()}} if requests else block
        self.write()
        return projects[name]

    @staticmethod
    def deletion(ids: Any) -> dict[str, Any]:
        # Under the CCPA there are days left to submit it whatever month it is, so that no plan has a finding about its deadline.
        return ids if isinstance(ids, dict) else {"compliance": "ccpa", "received": ago(5), "distinct_ids": list(ids)}

    def declare(self, address: str, ids: Any) -> None:
        """Let `PROJECT.REQUEST` hold these ids; None takes it out of the manifest."""
        project, request = address.split(".")
        deletions = self.manifest["projects"][project].setdefault("deletions", {})
        if ids is None:
            del deletions[request]
        else:
            deletions[request] = self.deletion(ids)
        self.write()

    def write(self) -> None:
        text = yaml.safe_dump(self.manifest, sort_keys=False, allow_unicode=True)
        (self.root / "privacy.yaml").write_text(text, "utf-8")

    def token(self, name: str) -> str:
        return self.environment[f"TOKEN_{name.upper()}"]

    # What is done

    def start(self, *arguments: str, environment: Mapping[str, str | None] | None = None, **more: Any) -> subprocess.Popen[str]:
        """The program, running; variables set to None are taken from its environment."""
        variables = self.environment | dict(environment or {})
        given = {"cwd": self.root, "stdin": subprocess.DEVNULL, "stdout": subprocess.PIPE, "stderr": subprocess.PIPE} | more
        return subprocess.Popen(
            [sys.executable, "-m", "mixpriv_reconcile", *arguments],
            env={name: value for name, value in variables.items() if value is not None},
            text=True,
            encoding="utf-8",
            **given,
        )

    def run(self, *arguments: str, code: int | None = 0, environment: Mapping[str, str | None] | None = None) -> Ended:
        """The program's run from start to end; *code* is what it must end with, None for any."""
        ended = finished(self.start(*arguments, environment=environment))
        assert code is None or ended.code == code, f"mixpriv {' '.join(arguments)} ended with {ended.code}:\n{ended.out}\n{ended.err}"
        return ended

    def apply(self, *arguments: str, code: int = 0) -> Ended:
        return self.run("apply", "--auto-approve", *arguments, code=code)

    def plan(self, *arguments: str, code: int = 0) -> Any:
        """The plan's JSON document."""
        return self.run("plan", "--format", "json", *arguments, code=code).document

    # What is remembered

    @property
    def state(self) -> Any:
        return json.loads((self.root / "mixpriv.state.json").read_text("utf-8"))

    def status(self) -> dict[str, Any]:
        """Each request's status by address."""
        return {request["address"]: request for request in self.run("status", "--format", "json").document["requests"]}

    def remembered_tasks(self) -> set[str]:
        """The tracking ids in the published state."""
        return {task["tracking_id"] for task in self.state["tasks"]}

    def files(self) -> Iterator[Path]:
        return (path for path in self.root.rglob("*") if path.is_file())


def killed(workspace: Workspace, server: Server, spec: str) -> Ended:
    """An apply that dies by SIGKILL while the call that the fault *spec* strikes is under way."""
    server.fault(spec)
    running = workspace.start("apply", "--auto-approve")
    until(lambda: server.struck(spec), running)
    running.kill()
    return finished(running)


def finished(running: subprocess.Popen[str]) -> Ended:
    """The end of a run that was started."""
    try:
        out, err = running.communicate(timeout=PATIENCE_SECONDS)
    except subprocess.TimeoutExpired:
        running.kill()
        raise
    return Ended(running.returncode, out, err)


def actions(plan: Any) -> dict[str, list[str]]:
    """What a plan does at each address where it does something."""
    return {
        change["address"]: change["change"]["actions"] for change in plan["resource_changes"] if change["change"]["actions"] != ["no-op"]
    }


def codes(plan: Any) -> list[str]:
    return [found["code"] for found in plan["diagnostics"]]
