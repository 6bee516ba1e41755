"""Answers that can't be believed: nothing counts as submitted or cancelled because a server says something."""

from __future__ import annotations

import base64
import hashlib
import json
import threading
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest

from .workspace import BEARER, Ended, Workspace, codes

Answer = tuple[int, dict[str, Any]]
Script = Callable[[str, dict[str, Any]], Answer]


@pytest.fixture
def scripted(tmp_path: Path) -> Iterator[Callable[[Script], Workspace]]:
    """A workspace whose Mixpanel answers as a script says."""
    servers: list[ThreadingHTTPServer] = []

    def made(script: Script) -> Workspace:
        class Handler(BaseHTTPRequestHandler):
            def _answer(self) -> None:
                body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
                status, document = script(self.command, json.loads(body) if body else {})
                content = json.dumps(document).encode()
                self.send_response(status)
                self.send_header("Content-Length", str(len(content)))
                self.end_headers()
                self.wfile.write(content)

            do_GET = do_POST = do_DELETE = _answer

            def log_message(self, format: str, *args: object) -> None:
                """Nothing is logged."""

        server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        threading.Thread(target=server.serve_forever, daemon=True).start()
        servers.append(server)
        origin = f"http://127.0.0.1:{server.server_port}"
        return Workspace(tmp_path, dict.fromkeys(("us", "eu", "in"), origin))

    yield made
    for server in servers:
        server.shutdown()
        server.server_close()


def task(tracking_id: str, **facts: Any) -> dict[str, Any]:
    return {"status": "ok", "results": {"tracking_id": tracking_id, "status": "PENDING"} | facts}


def test_one_task_can_not_hold_two_batches(scripted: Callable[[Script], Workspace]) -> None:
    """A second batch acknowledged under the first one's task, as a caching proxy may do, is in doubt."""
    workspace = scripted(lambda method, body: (201, task("t1")))
    workspace.project("web", r1=["alice"], r2=["bob"])
    assert "MP0804" in workspace.apply(code=3).err
    phases = {address: request["phase"] for address, request in workspace.status().items()}
    assert phases == {"web.deletions.r1": "pending", "web.deletions.r2": "in_doubt"}


def test_an_echo_that_lacks_ids_is_no_acknowledgement(scripted: Callable[[Script], Workspace]) -> None:
    """A task that doesn't echo everybody who was sent leaves the batch in doubt."""
    workspace = scripted(lambda method, body: (201, task("t1", distinct_ids=["alice"])))
    workspace.project("web", r1=["alice", "bob"])
    workspace.apply(code=3)
    assert workspace.status()["web.deletions.r1"]["subjects"]["in_doubt"] == 2


def test_a_task_that_echoes_strangers_is_not_cancelled(scripted: Callable[[Script], Workspace]) -> None:
    """An acknowledgement with more people than were sent is kept, and its task is never cancelled: it may be somebody else's too."""
    methods: list[str] = []

    def script(method: str, body: dict[str, Any]) -> Answer:
        methods.append(method)
        return (201 if method == "POST" else 200), task("t1", distinct_ids=["alice", "stranger"])

    workspace = scripted(script)
    workspace.project("web", r1=["alice"])
    assert "MP0715" in workspace.apply().err
    workspace.declare("web.r1", None)
    assert "MP0615" in workspace.apply().both
    assert "DELETE" not in methods


CANARY = "alice.canary@example.com"
NAMES = {
    "an id": CANARY,
    "a token": "token-canary-web-5d41",
    "an id within a name": f"deletion/{CANARY}/7",
    "an id in capitals": CANARY.upper(),
    "an encoded id": "alice.canary%40example.com",
    "an id in base64": base64.b64encode(CANARY.encode()).decode(),
    "a hashed id": hashlib.sha256(CANARY.encode()).hexdigest(),
    "an encoded token": BEARER.encode().hex(),
}


def assert_unwritten(workspace: Workspace, ended: Ended, name: str) -> None:
    assert name not in ended.both
    written = [path for path in workspace.root.rglob("*") if path.is_file() and path.name != "privacy.yaml"]
    assert written
    assert not any(name.encode() in path.read_bytes() for path in written)


@pytest.mark.parametrize("name", NAMES.values(), ids=NAMES.keys())
def test_a_task_named_after_an_id_or_a_token_is_in_doubt(scripted: Callable[[Script], Workspace], name: str) -> None:
    """A server that names the task after an id or a token it was sent, in whatever spelling, doesn't get it written down."""
    workspace = scripted(lambda method, body: (201, task(name)))
    workspace.project("web", r1=[CANARY])
    ended = workspace.apply(code=3)
    assert "named after a distinct id or a token" in ended.err
    assert_unwritten(workspace, ended, name)


def test_a_task_named_after_an_id_of_another_batch_is_in_doubt(scripted: Callable[[Script], Workspace]) -> None:
    """A server that names a batch's task after an id of another request of the project doesn't get it written down."""
    workspace = scripted(lambda method, body: (201, task(CANARY if body["distinct_ids"] != [CANARY] else "t1")))
    workspace.project("web", r1=["bob"], r2=[CANARY])
    ended = workspace.apply(code=3)
    assert "named after a distinct id or a token" in ended.err
    assert_unwritten(workspace, ended, CANARY)


def test_a_409_that_names_a_task_after_an_id_is_not_believed(scripted: Callable[[Script], Workspace]) -> None:
    """A conflict with tasks that are named after ids, the sent one or one of its own list, leaves the batch in doubt and shows no name."""
    other = "bob.canary@example.com"
    names = [f"x-{CANARY}", base64.b64encode(other.encode()).decode()]
    conflict = {"status": "error", "error": {"conflicting_distinct_ids": [CANARY, other], "conflicting_task_ids": names}}
    workspace = scripted(lambda method, body: (409, conflict) if method == "POST" else (200, task("t1")))
    workspace.project("web", r1=[CANARY])
    ended = workspace.apply(code=3)
    for name in (*names, CANARY, other):
        assert_unwritten(workspace, ended, name)


def test_a_status_is_a_word_of_the_api(scripted: Callable[[Script], Workspace]) -> None:
    """A server that puts a person's name in the place of a task's status doesn't get it written down: it reads UNKNOWN, and is polled again."""
    workspace = scripted(lambda method, body: (200 if method == "GET" else 201, task("t1", status="AliceCanary")))
    workspace.project("web", r1=["AliceCanary"])
    ended = workspace.apply()
    refreshed = workspace.run("refresh")
    assert ["UNKNOWN"] == [known["status"] for known in workspace.state["tasks"]]
    for name in ("AliceCanary", "ALICECANARY"):
        assert_unwritten(workspace, ended, name)
        assert_unwritten(workspace, refreshed, name)


def test_a_cancellation_without_effect_is_work_left(scripted: Callable[[Script], Workspace]) -> None:
    """A DELETE that is answered with success while the task stays PENDING isn't done: exit 3, and the next plan has it again."""
    workspace = scripted(lambda method, body: (204, {}) if method == "DELETE" else (200 if method == "GET" else 201, task("t1")))
    workspace.project("web", r1=["alice"])
    workspace.apply()
    workspace.declare("web.r1", None)
    ended = workspace.apply(code=3)
    assert "Apply complete!" not in ended.out
    assert "MP0801" in ended.err
    assert workspace.plan()["summary"]["change"] == 1


def test_a_task_named_by_409_that_may_not_be_looked_at_is_not_adopted(scripted: Callable[[Script], Workspace]) -> None:
    """A 403 to the look at a conflicting task says what to do and ends 1; nothing counts as submitted."""
    conflict = {"status": "error", "error": {"conflicting_distinct_ids": ["alice"], "conflicting_task_ids": ["t1"]}}
    workspace = scripted(lambda method, body: (409, conflict) if method == "POST" else (403, {"error": "no", "status": "error"}))
    workspace.project("web", r1=["alice"])
    assert "MP0702" in workspace.apply(code=1).err
    assert workspace.status()["web.deletions.r1"]["subjects"]["submitted"] == 0


def test_a_task_of_another_project_is_not_adopted(scripted: Callable[[Script], Workspace]) -> None:
    """A task that a 409 names and whose answer is about another project is neither adopted nor passed: in doubt, with the task printed."""
    conflict = {"status": "error", "error": {"conflicting_distinct_ids": ["alice"], "conflicting_task_ids": ["t1"]}}
    workspace = scripted(
        lambda method, body: (409, conflict) if method == "POST" else (200, task("t1", project_id=9, distinct_ids=["alice"]))
    )
    workspace.project("web", r1=["alice"])
    assert "can't be looked at: t1" in workspace.apply(code=3).err
    assert workspace.status()["web.deletions.r1"]["phase"] == "in_doubt"


def test_a_sandbox_plan_is_no_real_one(workspace: Workspace) -> None:
    """A plan made with --sandbox, saved or by digest, is never carried out at Mixpanel."""
    workspace.project("web", r1=["alice"])
    planned = workspace.run("plan", "--sandbox", "--out", "plan.json", "--format", "json").document
    assert "MP0625" in workspace.run("apply", "plan.json", code=4).err
    workspace.run("apply", "--expect", planned["digest"], code=4)
    assert not (workspace.root / "mixpriv.state.json").exists()


def test_a_sandbox_run_names_commands_for_the_sandbox(workspace: Workspace) -> None:
    """What a plan of the sandbox tells a person to type stays in the sandbox."""
    workspace.project("web", r1=["alice"])
    workspace.run("apply", "--auto-approve", "--sandbox")
    assert "`mixpriv refresh --sandbox` asks" in " ".join(workspace.run("plan", "--sandbox").both.split())
    assert "`mixpriv plan --sandbox --out FILE`" in workspace.run("show", "--sandbox", "nobody.json", code=None).err


def test_a_plan_overwrites_nothing_but_a_plan(workspace: Workspace) -> None:
    """`--out` leaves a manifest, a state or a key as it is; an older plan is replaced."""
    workspace.project("web", r1=["alice"])
    before = (workspace.root / "privacy.yaml").read_bytes()
    assert "MP0624" in workspace.run("plan", "--out", "privacy.yaml", code=1).err
    assert (workspace.root / "privacy.yaml").read_bytes() == before
    workspace.run("plan", "--out", "plan.json")
    workspace.run("plan", "--out", "plan.json")


def test_a_region_is_remembered_from_a_partial_apply(workspace: Workspace) -> None:
    """A region changed after an apply that was limited to the deletions is a conflict all the same."""
    web = workspace.project("web", r1=["alice"])
    workspace.apply("--target", "web.deletions.*")
    web["residency"] = "us"
    workspace.write()
    assert "MP0601" in codes(workspace.run("plan", "--format", "json", code=1).document)


def test_withdrawn_while_in_doubt_and_found_again_is_cancelled(workspace: Workspace, server: Any) -> None:
    """An id withdrawn while its batch was in doubt is found through the 409, its task cancelled, and the others sent again."""
    workspace.project("web", r1=["alice", "bob"])
    server.fault("POST@1=reset-after")
    workspace.apply(code=3)
    server.heal()
    workspace.declare("web.r1", ["alice"])
    assert "MP0808" in workspace.apply().err
    workspace.apply()
    assert {one for _, one in server.ids_in_live_tasks()} == {"alice"}
    assert workspace.plan()["resource_changes"] == []
