"""How each command is made to end with each of its exit codes: real processes, files, locks and signals, and the served sandbox."""

from __future__ import annotations

import contextlib
import fcntl
import json
import os
import signal
import subprocess
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import httpx
from journeys.test_importing import made
from journeys.workspace import KEY, Server, Workspace, finished, until

from contracts import http_serving
from mixpriv_reconcile.model.exit_codes import ENDINGS

__all__ = ["PULLED", "SCENARIOS", "SUCCESS", "Scene", "blocked_in_write", "full_pipe", "furnished", "locked"]

PULLED = "pulled.json"
"""What `state pull` printed, in the workspace of every scene."""

NEW_KEY = "another key for these scenes, long enough"
NOWHERE = ("-C", "no-such-folder")
SIGNALS = {130: signal.SIGINT, 143: signal.SIGTERM}


@dataclass(frozen=True, slots=True)
class Scene:
    """Where a scenario plays: a workspace with a state of one submitted request, and the server, which has forgotten its task."""

    workspace: Workspace
    server: Server

    def run(self, *arguments: str, environment: Mapping[str, str | None] | None = None) -> int:
        return self.workspace.run(*arguments, code=None, environment=environment).code


Scenario = Callable[[Scene], int]


def furnished(workspace: Workspace) -> None:
    """Declare and apply what every scene begins with, and pull its state."""
    (workspace.root / "people.csv").write_text("distinct_id\np1\np2\n", "utf-8")
    (workspace.root / "page.ts").write_text('mixpanel.init("x", {api_host: "https://api.mixpanel.com"});\n', "utf-8")
    (workspace.root / "clean.ts").write_text("export {};\n", "utf-8")
    web = workspace.project("web", r1=["u1", "u2"])
    web["sso"] = {"postback_url": "https://eu.mixpanel.com/security/login/42"}
    web["opt_outs"] = {"from": [{"file": "people.csv", "column": "distinct_id"}], "write_to": "server/opt-outs.json"}
    workspace.write()
    workspace.apply()
    (workspace.root / PULLED).write_text(workspace.run("state", "pull").out, "utf-8")


SUCCESS: Mapping[str, Sequence[str]] = {
    "init": ("init", "started"),
    "validate": ("validate",),
    "plan": ("plan",),
    "apply": ("apply", "--auto-approve"),
    "show": ("show",),
    "status": ("status",),
    "refresh": ("refresh",),
    "confirm": ("confirm", "web.sso", "--by", "ops"),
    "state list": ("state", "list"),
    "state show": ("state", "show", "web.deletions.r1"),
    "state mv": ("state", "mv", "web.deletions.r1", "web.deletions.r2"),
    "state rm": ("state", "rm", "web.deletions.r1"),
    "state pull": ("state", "pull"),
    "state push": ("state", "push", PULLED),
    "state migrate": ("state", "migrate", "--to", "{backend: local, path: memory/prod.json}"),
    "state rekey": ("state", "rekey", "--auto-approve"),
    "endpoints": ("endpoints", "web"),
    "sdk": ("sdk", "web"),
    "sdk check": ("sdk", "check", "clean.ts"),
    "schema": ("schema", "plan"),
    "explain": ("explain", "MP0353"),
    "completion": ("completion", "bash"),
    "version": ("version",),
}
"""What is typed of each command so that it ends 0; of those that are missing here, by a scenario of its own."""

FAILURE: Mapping[str, Sequence[str]] = {
    "init": ("init", *NOWHERE),
    "schema": ("schema", "no-such-schema"),
    "explain": ("explain", "MP0000"),
    "sandbox": ("sandbox", "--fault", "nonsense"),
    "completion": ("completion", "no-such-shell"),
    "version": ("version", *NOWHERE),
    "unlock": ("unlock", "0123456789abcdef"),
    "import": ("import", "web.deletions.no-such", "t-1"),
}
"""What is typed so that it ends 1; any other command fails with its ordinary words where a manifest is wrong."""

SCENARIOS: dict[tuple[str, int], Scenario] = {}
"""How a command comes to end with a code."""


def reaches(command: str, *codes: int) -> Callable[[Scenario], Scenario]:
    def kept(scenario: Scenario) -> Scenario:
        for code in codes:
            SCENARIOS[command, code] = scenario
        return scenario

    return kept


# What any command can end with


def done(words: Sequence[str]) -> Scenario:
    return lambda scene: scene.run(*words)


def failed(words: Sequence[str], *, breaks_manifest: bool) -> Scenario:
    def play(scene: Scene) -> int:
        if breaks_manifest:
            scene.workspace.manifest["projects"]["web"]["residency"] = "mars"
            scene.workspace.write()
        return scene.run(*words)

    return play


def stopped_by(code: int, words: Sequence[str]) -> Scenario:
    """Interrupted while nobody reads what it prints: a command that is over in no time certainly waits there."""

    def play(scene: Scene) -> int:
        with full_pipe() as pipe:
            running = scene.workspace.start(*words, stdout=pipe)
            until(lambda: blocked_in_write(running), running)
            running.send_signal(SIGNALS[code])
            return finished(running).code

    return play


def stopped_at_the_lock(code: int, words: Sequence[str]) -> Scenario:
    """Interrupted while it waits for the lock."""

    def play(scene: Scene) -> int:
        with locked(scene.workspace):
            running = scene.workspace.start(*words, "--lock-timeout", "1h")
            assert running.stderr is not None
            assert any("waiting for it" in line for line in iter(running.stderr.readline, ""))
            running.send_signal(SIGNALS[code])
            return finished(running).code

    return play


def stopped_at_a_call(code: int, words: Sequence[str], method: str, prepare: Callable[[Scene], object] = lambda scene: None) -> Scenario:
    """Interrupted while it talks to a server that has it wait for an hour."""

    def play(scene: Scene) -> int:
        prepare(scene)
        busy = f"{method}=429:retry-after=3600"
        scene.server.fault(busy)
        running = scene.workspace.start(*words)
        until(lambda: scene.server.struck(busy), running)
        running.send_signal(SIGNALS[code])
        return finished(running).code

    return play


def more_to_send(scene: Scene) -> None:
    scene.workspace.declare("web.r2", ["v1", "v2"])


def another_key(scene: Scene) -> None:
    scene.workspace.environment["MIXPRIV_DIGEST_KEY"] = NEW_KEY


LOCKING = ("confirm", "state mv", "state rm", "state migrate")

for name in ENDINGS:
    if name in SUCCESS:
        SCENARIOS[name, 0] = done(SUCCESS[name])
        for number in SIGNALS:
            SCENARIOS[name, number] = (stopped_at_the_lock if name in LOCKING else stopped_by)(number, SUCCESS[name])
    SCENARIOS[name, 1] = failed(FAILURE.get(name) or SUCCESS[name], breaks_manifest=name not in FAILURE)

IMPORT = ("import", "web.deletions.r2", "0123-4567", "--max-duration", "2s")

for number in SIGNALS:
    SCENARIOS["apply", number] = stopped_at_a_call(number, ("apply", "--auto-approve"), "POST", more_to_send)
    SCENARIOS["status", number] = stopped_at_a_call(number, ("status", "--refresh"), "GET")
    SCENARIOS["refresh", number] = stopped_at_a_call(number, ("refresh",), "GET")
    SCENARIOS["import", number] = stopped_at_the_lock(number, ("import", "web.deletions.r1", "t-1"))
    SCENARIOS["state rekey", number] = stopped_at_a_call(number, SUCCESS["state rekey"], "GET", another_key)


@reaches("state rekey", 0)
def rekeyed(scene: Scene) -> int:
    another_key(scene)
    return scene.run(*SUCCESS["state rekey"], environment={"MIXPRIV_OLD_DIGEST_KEY": KEY})


@reaches("import", 0)
def imported(scene: Scene) -> int:
    more_to_send(scene)
    return scene.run("import", "web.deletions.r2", made(scene.workspace, "v1"))


def stopped_reading(code: int) -> Scenario:
    def play(scene: Scene) -> int:
        running = scene.workspace.start("state", "push", "-", stdin=subprocess.PIPE)
        assert running.stdin is not None
        # More than a pipe takes: once it is written the program is reading, and waits for the rest.
        running.stdin.write(" " * 2**20)
        running.stdin.flush()
        running.send_signal(SIGNALS[code])
        return finished(running).code

    return play


for number in SIGNALS:
    SCENARIOS["state push", number] = stopped_reading(number)


@contextlib.contextmanager
def holder(scene: Scene) -> Iterator[str]:
    """The id of the lock of an apply that is at work."""
    more_to_send(scene)
    scene.server.fault("POST@1=hold")
    running = scene.workspace.start("apply", "--auto-approve")
    try:
        until(lambda: scene.server.struck("POST@1=hold"), running)
        yield str(json.loads((scene.workspace.root / "mixpriv.state.lock").read_text("utf-8"))["lock_id"])
    finally:
        running.kill()
        finished(running)


@reaches("unlock", 0)
def unlocked(scene: Scene) -> int:
    with holder(scene) as lock_id:
        return scene.run("unlock", lock_id)


def unlock_stopped(code: int) -> Scenario:
    def play(scene: Scene) -> int:
        with holder(scene) as lock_id:
            return stopped_by(code, ("unlock", lock_id))(scene)

    return play


for number in SIGNALS:
    SCENARIOS["unlock", number] = unlock_stopped(number)


@reaches("unlock", 5)
def a_strangers_lock(scene: Scene) -> int:
    with http_serving.serving("terraform") as origin:
        location = http_serving.location_at(origin, "terraform")
        assert location.address is not None
        httpx.request("LOCK", location.address, json={"ID": "terraforms-own", "Who": "somebody"}, trust_env=False).raise_for_status()
        scene.workspace.manifest["workspace"]["state"] = {"backend": "http", "address": location.address, "lock_address": location.address}
        scene.workspace.manifest["workspace"]["state"]["unlock_address"] = location.address
        scene.workspace.write()
        for kept in (*scene.workspace.root.glob("mixpriv.state*"), scene.workspace.root / ".mixpriv" / "state-location.json"):
            if kept.is_file():
                kept.unlink()
        return scene.run("unlock", "terraforms-own")


@reaches("sandbox", 0)
def served(scene: Scene) -> int:
    codes = set()
    for number in SIGNALS.values():
        running = scene.workspace.start("sandbox", "--store", "store")
        assert running.stdout is not None
        assert running.stdout.readline().startswith("export MIXPRIV_URL_")
        running.send_signal(number)
        codes.add(finished(running).code)
    (code,) = codes
    return code


# What a command has of its own


@reaches("plan", 2)
def changes(scene: Scene) -> int:
    return scene.run("plan", "--detailed-exitcode")  # the manual step


@reaches("plan", 6)
def planned_above_the_policy(scene: Scene) -> int:
    more_to_send(scene)
    return scene.run("plan", environment={"MIXPRIV_MAX_DELETIONS": "1"})


@reaches("apply", 3)
def in_doubt(scene: Scene) -> int:
    more_to_send(scene)
    scene.server.fault("POST@1=503:after")
    return scene.run("apply", "--auto-approve")


@reaches("apply", 4)
def stale(scene: Scene) -> int:
    return scene.run("apply", "--expect", "0" * 64)


@reaches("apply", 6)
def applied_above_the_policy(scene: Scene) -> int:
    more_to_send(scene)
    return scene.run("apply", "--auto-approve", environment={"MIXPRIV_MAX_DELETIONS": "1"})


def unreadable(words: Sequence[str]) -> Scenario:
    """Every answer about a task is one that nobody understands."""

    def play(scene: Scene) -> int:
        more_to_send(scene)
        scene.run("apply", "--auto-approve")
        scene.server.fault("GET=not-json")
        return scene.run(*words)

    return play


SCENARIOS["status", 3] = unreadable(("status", "--refresh"))
SCENARIOS["refresh", 3] = unreadable(("refresh",))


@reaches("import", 3)
def not_seen_in_time(scene: Scene) -> int:
    more_to_send(scene)
    scene.server.fault("GET=429:retry-after=5000")
    return scene.run(*IMPORT)


@reaches("state rekey", 3)
def not_asked_in_time(scene: Scene) -> int:
    another_key(scene)
    scene.server.fault("GET=429:retry-after=5000")
    return scene.run(*SUCCESS["state rekey"], "--max-duration", "2s")


@reaches("state rekey", 4)
def moved_meanwhile(scene: Scene) -> int:
    another_key(scene)
    scene.server.fault("GET@1=hold")
    running = scene.workspace.start(*SUCCESS["state rekey"])
    until(lambda: scene.server.struck("GET@1=hold"), running)
    (scene.workspace.root / "people.csv").write_text("distinct_id\np1\np3\n", "utf-8")
    scene.server.release()
    return finished(running).code


@reaches("status", 7)
def due(scene: Scene) -> int:
    return scene.run("status", "--fail-due-within", "99d")


@reaches("sdk check", 7)
def drifted(scene: Scene) -> int:
    return scene.run("sdk", "check", "page.ts")


def locked_out(words: Sequence[str]) -> Scenario:
    def play(scene: Scene) -> int:
        with locked(scene.workspace):
            return scene.run(*words)

    return play


for name in ("apply", "refresh", *LOCKING, "state push", "state rekey"):
    SCENARIOS[name, 5] = locked_out(SUCCESS[name])
SCENARIOS["status", 5] = locked_out(("status", "--refresh"))
SCENARIOS["import", 5] = locked_out(("import", "web.deletions.r1", "t-1"))


# What they are made with


@contextlib.contextmanager
def locked(workspace: Workspace) -> Iterator[None]:
    """The state's lock, held by somebody else."""
    with (workspace.root / "mixpriv.state.lock").open("a") as held:
        fcntl.flock(held, fcntl.LOCK_EX)
        yield


@contextlib.contextmanager
def full_pipe() -> Iterator[int]:
    """The end to write to of a pipe that takes not one byte more, and that nobody reads."""
    reader, writer = os.pipe()
    try:
        os.set_blocking(writer, False)
        with contextlib.suppress(BlockingIOError):
            while True:
                os.write(writer, b"x" * 4096)
        os.set_blocking(writer, True)
        yield writer
    finally:
        os.close(reader)
        os.close(writer)


def blocked_in_write(running: subprocess.Popen[str]) -> bool:
    """Whether the program waits for room on its standard output: in write(2), of descriptor 1."""
    time.sleep(0.02)
    try:
        call = Path(f"/proc/{running.pid}/syscall").read_text().split()
    except OSError:
        return False
    return call[:2] in (["1", "0x1"], ["64", "0x1"])  # its number on x86-64 and on ARM
