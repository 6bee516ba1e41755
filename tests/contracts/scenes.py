"""Scenes in which commands end: the workspace they play in, and the ways in which any command is stopped, locked out or let run."""

from __future__ import annotations

import contextlib
import fcntl
import os
import signal
import subprocess
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from journeys.workspace import Server, Workspace, finished, until

PULLED = "pulled.json"
"""What `state pull` printed, in the workspace of every scene."""

NEW_KEY = "another key for these scenes, long enough"
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


def reaching(scenarios: dict[tuple[str, int], Scenario]) -> Callable[..., Callable[[Scenario], Scenario]]:
    """A decorator that takes a scenario up into *scenarios*, as how a command comes to end with each of some codes."""

    def reaches(command: str, *codes: int) -> Callable[[Scenario], Scenario]:
        def kept(scenario: Scenario) -> Scenario:
            for code in codes:
                scenarios[command, code] = scenario
            return scenario

        return kept

    return reaches


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


def locked_out(words: Sequence[str]) -> Scenario:
    def play(scene: Scene) -> int:
        with locked(scene.workspace):
            return scene.run(*words)

    return play


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
