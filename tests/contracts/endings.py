"""How each command is made to end with each of its exit codes: real processes, files, locks and signals, and the served sandbox."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from journeys.workspace import finished

from mixpriv_reconcile.model.exit_codes import ENDINGS

from .endings_of_the_memory import OF_THE_MEMORY, PUSH, REKEY
from .scenes import (
    SIGNALS,
    Scenario,
    Scene,
    done,
    failed,
    locked_out,
    more_to_send,
    reaching,
    stopped_at_a_call,
    stopped_at_the_lock,
    stopped_by,
)

__all__ = ["SCENARIOS", "SUCCESS"]

SCENARIOS: dict[tuple[str, int], Scenario] = {}
"""How a command comes to end with a code."""

reaches = reaching(SCENARIOS)

NOWHERE = ("-C", "no-such-folder")


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
    "state push": PUSH,
    "state migrate": ("state", "migrate", "--to", "{backend: local, path: memory/prod.json}"),
    "state rekey": REKEY,
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

# What any command can end with


LOCKING = ("confirm", "state mv", "state rm", "state migrate")

for name in ENDINGS:
    if name in SUCCESS:
        SCENARIOS[name, 0] = done(SUCCESS[name])
        for number in SIGNALS:
            SCENARIOS[name, number] = (stopped_at_the_lock if name in LOCKING else stopped_by)(number, SUCCESS[name])
    SCENARIOS[name, 1] = failed(FAILURE.get(name) or SUCCESS[name], breaks_manifest=name not in FAILURE)

for number in SIGNALS:
    SCENARIOS["apply", number] = stopped_at_a_call(number, ("apply", "--auto-approve"), "POST", more_to_send)
    SCENARIOS["status", number] = stopped_at_a_call(number, ("status", "--refresh"), "GET")
    SCENARIOS["refresh", number] = stopped_at_a_call(number, ("refresh",), "GET")


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


@reaches("status", 7)
def due(scene: Scene) -> int:
    return scene.run("status", "--fail-due-within", "99d")


@reaches("sdk check", 7)
def drifted(scene: Scene) -> int:
    return scene.run("sdk", "check", "page.ts")


for name in ("apply", "refresh", *LOCKING):
    SCENARIOS[name, 5] = locked_out(SUCCESS[name])
SCENARIOS["status", 5] = locked_out(("status", "--refresh"))

SCENARIOS |= OF_THE_MEMORY
