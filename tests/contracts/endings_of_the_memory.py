"""How the commands about what is remembered, and about its lock, end with each of their exit codes: `state`, `import`, `unlock`."""

from __future__ import annotations

import contextlib
import json
import subprocess
from collections.abc import Iterator

import httpx
from journeys.test_importing import made
from journeys.workspace import KEY, finished, until

from . import http_serving
from .scenes import (
    NEW_KEY,
    PULLED,
    SIGNALS,
    Scenario,
    Scene,
    locked_out,
    more_to_send,
    reaching,
    stopped_at_a_call,
    stopped_at_the_lock,
    stopped_by,
)

__all__ = ["OF_THE_MEMORY", "PUSH", "REKEY"]

OF_THE_MEMORY: dict[tuple[str, int], Scenario] = {}
"""How a command comes to end with a code."""

reaches = reaching(OF_THE_MEMORY)

IMPORT = ("import", "web.deletions.r2", "0123-4567", "--max-duration", "1h")
ADOPT = ("import", "web.deletions.r1", "t-1")
PUSH = ("state", "push", PULLED)
REKEY = ("state", "rekey", "--auto-approve")


def another_key(scene: Scene) -> None:
    scene.workspace.environment["MIXPRIV_DIGEST_KEY"] = NEW_KEY


@reaches("state rekey", 0)
def rekeyed(scene: Scene) -> int:
    another_key(scene)
    return scene.run(*REKEY, environment={"MIXPRIV_OLD_DIGEST_KEY": KEY})


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
    OF_THE_MEMORY["state push", number] = stopped_reading(number)


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
    OF_THE_MEMORY["unlock", number] = unlock_stopped(number)


@reaches("unlock", 5)
def a_strangers_lock(scene: Scene) -> int:
    with http_serving.serving("terraform") as origin:
        location = http_serving.location_at(origin, "terraform")
        assert location.address is not None
        httpx.request("LOCK", location.address, json={"ID": "terraforms-own", "Who": "somebody"}, trust_env=False, timeout=60).raise_for_status()
        scene.workspace.manifest["workspace"]["state"] = {"backend": "http", "address": location.address, "lock_address": location.address}
        scene.workspace.manifest["workspace"]["state"]["unlock_address"] = location.address
        scene.workspace.write()
        for kept in (*scene.workspace.root.glob("mixpriv.state*"), scene.workspace.root / ".mixpriv" / "state-location.json"):
            if kept.is_file():
                kept.unlink()
        return scene.run("unlock", "terraforms-own")


@reaches("import", 3)
def not_seen_in_time(scene: Scene) -> int:
    more_to_send(scene)
    scene.server.fault("GET=429:retry-after=5000")
    return scene.run(*IMPORT)


@reaches("state rekey", 3)
def not_asked_in_time(scene: Scene) -> int:
    another_key(scene)
    scene.server.fault("GET=429:retry-after=5000")
    return scene.run(*REKEY, "--max-duration", "1h")


@reaches("state rekey", 4)
def moved_meanwhile(scene: Scene) -> int:
    another_key(scene)
    scene.server.fault("GET@1=hold")
    running = scene.workspace.start(*REKEY)
    until(lambda: scene.server.struck("GET@1=hold"), running)
    (scene.workspace.root / "people.csv").write_text("distinct_id\np1\np3\n", "utf-8")
    scene.server.release()
    return finished(running).code


for number in SIGNALS:
    OF_THE_MEMORY["import", number] = stopped_at_the_lock(number, ADOPT)
    OF_THE_MEMORY["state rekey", number] = stopped_at_a_call(number, REKEY, "GET", another_key)

for name, words in {"state push": PUSH, "state rekey": REKEY, "import": ADOPT}.items():
    OF_THE_MEMORY[name, 5] = locked_out(words)
