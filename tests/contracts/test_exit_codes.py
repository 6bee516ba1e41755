"""Exit codes: every command ends with each code that the table gives it, with no other, and with the strongest where several fit."""

from __future__ import annotations

import copy
import re
import shutil
import signal
from collections.abc import Callable, Iterator
from itertools import pairwise
from pathlib import Path

import pytest
from click.testing import CliRunner
from journeys.test_command_line import commands
from journeys.workspace import Server, Workspace, finished, standing_in, until

from mixpriv_reconcile.cli.main import mixpriv
from mixpriv_reconcile.model.exit_codes import ENDINGS, EXIT_CODES, ORDER, ending, endings_of, strongest

from .endings import SCENARIOS
from .scenes import Scene, furnished, locked, more_to_send

TABLE = [(command, code) for command in ENDINGS for code in endings_of(command)]
GROUPS = {("state",)}
"""Words that are no command without another one."""


@pytest.fixture(scope="module")
def serving() -> Iterator[Server]:
    with standing_in() as server:
        yield server


@pytest.fixture(scope="module")
def before(tmp_path_factory: pytest.TempPathFactory, serving: Server) -> Workspace:
    """The workspace that each scene has a copy of."""
    workspace = Workspace(tmp_path_factory.mktemp("before"), serving.origins)
    furnished(workspace)
    return workspace


@pytest.fixture
def scene(tmp_path: Path, serving: Server, before: Workspace) -> Scene:
    """The furnished workspace, and a server without tasks and faults."""
    serving.emptied()
    workspace = Workspace(tmp_path, serving.origins)
    shutil.copytree(before.root, workspace.root, dirs_exist_ok=True)
    workspace.manifest = copy.deepcopy(before.manifest)
    workspace.environment["TOKEN_WEB"] = before.token("web")
    return Scene(workspace, serving)


def test_every_command_has_its_row() -> None:
    """The table has a row for each command of this version, and for nothing else."""
    assert {" ".join(words) for words in commands() if words not in GROUPS} == set(ENDINGS)


def test_every_entry_has_its_scenario() -> None:
    """No code of the table is without a run that ends with it, and no run ends with a code that the table doesn't have."""
    assert set(SCENARIOS) == set(TABLE)


@pytest.mark.parametrize(("command", "code"), TABLE, ids=lambda part: str(part).replace(" ", "-"))
def test_a_command_ends_with_each_of_its_codes(scene: Scene, command: str, code: int) -> None:
    """What the table says that a command can end with, it ends with."""
    assert SCENARIOS[command, code](scene) == code


@pytest.mark.parametrize("words", [*commands(), ("no-such-command",)], ids="-".join)
def test_wrong_usage_ends_1(tmp_path: Path, words: tuple[str, ...]) -> None:
    """A mistyped option ends 1 with any command, never 2, which means changes to a pipeline."""
    workspace = Workspace(tmp_path, {})
    wrong = workspace.run(*words, "--no-such-option", code=1)
    assert wrong.out == ""
    assert wrong.err != ""


@pytest.mark.parametrize("words", [(), *commands()], ids=lambda words: "-".join(words) or "mixpriv")
def test_help_has_the_exit_codes(words: tuple[str, ...]) -> None:
    """The help of each command ends with just the codes that it can end with; the program's own has all of them."""
    helped = CliRunner().invoke(mixpriv, [*words, "--help"]).stdout.rpartition("Exit codes")[2]
    told = {int(code) for line in re.findall(r"^    (\d[\d/]*) ", helped, re.MULTILINE) for code in line.split("/")}
    assert told == (set(endings_of(" ".join(words))) if words else {code for each in EXIT_CODES for code in each.codes})


def test_each_ending_of_an_apply_has_its_next_step() -> None:
    """Whichever code an apply ends with but 0, the table says what a person does then; a code of nobody has no entry."""
    assert [] == [code for code in endings_of("apply") if bool(ending(code).after_apply) != bool(code)]
    with pytest.raises(ValueError, match="42"):
        ending(42)


# Where several fit


def test_the_order_has_every_code_once() -> None:
    """Of any two codes that a run could end with, it is settled which one counts."""
    assert sorted(ORDER) == sorted(code for each in EXIT_CODES for code in each.codes)
    assert [strongest((weak, strong)) for strong, weak in pairwise(ORDER)] == list(ORDER[:-1])
    assert strongest(()) == 0


ABOVE = {"MIXPRIV_MAX_DELETIONS": "1"}


def conflict(scene: Scene) -> None:
    """Declare another region for a project that is known in this one, and two more ids to erase."""
    more_to_send(scene)
    web = scene.workspace.manifest["projects"]["web"]
    web["residency"] = "us"
    web["sso"]["postback_url"] = "https://mixpanel.com/security/login/42"  # of another region it would be an error before there is a plan
    scene.workspace.write()


def conflict_and_refusal(scene: Scene) -> int:
    conflict(scene)
    return scene.run("plan", environment=ABOVE)


def conflict_and_changes(scene: Scene) -> int:
    conflict(scene)
    return scene.run("plan", "--detailed-exitcode")


def conflict_and_stale(scene: Scene) -> int:
    conflict(scene)
    return scene.run("apply", "--expect", "0" * 64)


def conflict_and_stale_file(scene: Scene) -> int:
    scene.run("plan", "--out", "saved.plan")
    conflict(scene)
    return scene.run("apply", "saved.plan")


def refusal_and_stale_file(scene: Scene) -> int:
    scene.run("plan", "--out", "saved.plan")
    more_to_send(scene)
    return scene.run("apply", "saved.plan", environment=ABOVE)


def refusal_and_changes(scene: Scene) -> int:
    more_to_send(scene)
    return scene.run("plan", "--detailed-exitcode", environment=ABOVE)


def refusal_and_stale(scene: Scene) -> int:
    more_to_send(scene)
    return scene.run("apply", "--expect", "0" * 64, environment=ABOVE)


def denied_and_in_doubt(scene: Scene) -> int:
    more_to_send(scene)
    scene.workspace.project("shop", r1=["s1"])
    scene.server.fault("POST@1=401", "POST@2=503:after")
    return scene.run("apply", "--auto-approve")


def signalled_and_denied(scene: Scene) -> int:
    more_to_send(scene)
    scene.workspace.project("shop", r1=["s1"])
    busy = "POST@2-=429:retry-after=3600"
    scene.server.fault("POST@1=401", busy)
    running = scene.workspace.start("apply", "--auto-approve")
    until(lambda: scene.server.struck(busy), running)
    running.send_signal(signal.SIGTERM)
    return finished(running).code


def denied_and_due(scene: Scene) -> int:
    scene.server.fault("GET=401")
    return scene.run("status", "--refresh", "--fail-due-within", "99d")


def locked_and_due(scene: Scene) -> int:
    with locked(scene.workspace):
        return scene.run("status", "--refresh", "--fail-due-within", "99d")


def unseen_and_due(scene: Scene) -> int:
    more_to_send(scene)
    scene.run("apply", "--auto-approve")
    scene.server.fault("GET=not-json")
    return scene.run("status", "--refresh", "--fail-due-within", "99d")


def drift_and_no_report(scene: Scene) -> int:
    return scene.run("sdk", "check", "page.ts", "--report", "json=/proc/drift.json")  # where nobody can make a file


@pytest.mark.parametrize(
    ("scenario", "codes"),
    [
        (signalled_and_denied, (143, 1)),
        (conflict_and_refusal, (1, 6)),
        (conflict_and_stale, (1, 4)),
        (conflict_and_stale_file, (1, 4)),
        (conflict_and_changes, (1, 2)),
        (denied_and_in_doubt, (1, 3)),
        (denied_and_due, (1, 7)),
        (drift_and_no_report, (1, 7)),
        (refusal_and_stale, (6, 4)),
        (refusal_and_stale_file, (6, 4)),
        (refusal_and_changes, (6, 2)),
        (locked_and_due, (5, 7)),
        (unseen_and_due, (3, 7)),
    ],
    ids=lambda part: part.__name__ if callable(part) else "",
)
def test_the_strongest_counts(scene: Scene, scenario: Callable[[Scene], int], codes: tuple[int, int]) -> None:
    """Where two codes fit, the run ends with the one that comes first in the documented order."""
    assert scenario(scene) == codes[0] == strongest(codes)
