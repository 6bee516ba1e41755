"""`make demo`: the quickstart does what it says, asks each region exactly once for each id, and leaves the checkout as it was."""

from __future__ import annotations

import csv
import fcntl
import json
import math
import os
import re
import shutil
import sqlite3
import stat
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
import yaml
from newcomer import CHECKOUT, environment, run

EXAMPLE = CHECKOUT / "examples" / "quickstart"
IDS_PER_REQUEST = 2000


@dataclass(frozen=True, slots=True)
class Demo:
    """What a run of the demo left."""

    checkout: Path
    workspace: Path
    output: str


@pytest.fixture(scope="session")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Demo:
    """The demo, run in CI from a read-only checkout whose path holds spaces; once for all of xdist's workers."""
    is_worker = "PYTEST_XDIST_WORKER" in os.environ
    base = (tmp_path_factory.getbasetemp().parent if is_worker else tmp_path_factory.getbasetemp()) / "the demo"
    base.mkdir(exist_ok=True)
    checkout, output = base / "the checkout", base / "output.txt"
    with (base / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not output.exists():
            shutil.copytree(EXAMPLE, checkout / "examples" / "quickstart")
            (checkout / "build").mkdir()
            read_only(checkout / "examples")
            ran = run(["sh", "examples/quickstart/demo.sh"], checkout, environment(base / "home", CI="true"))
            output.write_text(f"{ran.returncode}\n{ran.stdout}", "utf-8")
    code, _, printed = output.read_text("utf-8").partition("\n")
    assert code == "0", printed
    (workspace,) = (checkout / "build").iterdir()
    return Demo(checkout, workspace, printed)


def read_only(folder: Path) -> None:
    for path in (*folder.rglob("*"), folder):
        path.chmod(stat.S_IMODE(path.stat().st_mode) & 0o555)


def declared() -> dict[str, list[str]]:
    """The ids of each project as the example's files have them, read without any code of the program."""
    found: dict[str, list[str]] = {}
    for file in (EXAMPLE / "projects").glob("*.yaml"):
        # As text: in YAML an id is taken as it is written.
        for name, project in yaml.load(file.read_text("utf-8"), yaml.BaseLoader)["projects"].items():
            ids = found.setdefault(name, [])
            for request in project["deletions"].values():
                ids += request["distinct_ids"]
                for source in request.get("from", ()):
                    with (file.parent / source["file"]).open(newline="", encoding="utf-8") as rows:
                        ids += [row[source["column"]] for row in csv.DictReader(rows)]
    return found


def tasks(workspace: Path) -> Iterator[tuple[str, str, list[str]]]:
    """Token, region and ids of each task that the pretended Mixpanel was asked for."""
    with sqlite3.connect(workspace / ".mixpriv" / "sandbox" / "sandbox.sqlite3") as store:
        for token, region, ids in store.execute("SELECT project_token, region, distinct_ids FROM tasks JOIN task_ids USING (number)"):
            yield token, region, json.loads(ids)
    store.close()


PROJECTS = {"web-us": ("us", "1978117"), "web-eu": ("eu", "1978118")}


@pytest.mark.parametrize("name", PROJECTS)
def test_each_id_is_sent_once_to_its_own_region(demo: Demo, name: str) -> None:
    """Each project's ids go to its own region, each id once, in as few requests as the limit of 2,000 allows."""
    region, project_id = PROJECTS[name]
    ids = declared()[name]
    sent = [(place, batch) for token, place, batch in tasks(demo.workspace) if token.endswith(project_id)]
    assert {place for place, _ in sent} == {region}
    assert Counter(one for _, batch in sent for one in batch) == Counter(ids)
    assert math.ceil(len(ids) / IDS_PER_REQUEST) == len(sent)


def test_no_post_is_made_but_these(demo: Demo) -> None:
    """There are exactly as many POSTs as batches, all of them answered with 201, and nothing is cancelled."""
    with sqlite3.connect(demo.workspace / ".mixpriv" / "sandbox" / "sandbox.sqlite3") as store:
        calls = Counter(store.execute("SELECT method, status FROM calls WHERE method != 'GET'"))
    store.close()
    assert calls == {("POST", 201): sum(math.ceil(len(ids) / IDS_PER_REQUEST) for ids in declared().values())}


def test_the_facts_of_the_privacy_page_are_in_it() -> None:
    """The example has the page's batch of 4,321 ids, more than two requests hold, among other columns and quoted here and there."""
    with (EXAMPLE / "requests" / "2026-11.csv").open(newline="", encoding="utf-8") as rows:
        ids = [row["distinct_id"] for row in csv.DictReader(rows)]
    assert (len(ids), len(set(ids))) == (4321, 4321)
    assert any("\n" in one for one in ids)
    assert "eu.mixpanel.com/security/login/1\n" in (EXAMPLE / "projects" / "web-eu.yaml").read_text("utf-8")


def test_the_second_plan_is_empty(demo: Demo) -> None:
    """After the apply nothing is left to do, and the demo says so at its end."""
    assert (demo.workspace / "second-plan.txt").read_text("utf-8") == "No changes. Your infrastructure matches the configuration.\n"
    assert "2 requests: 2 succeeded." in demo.output


def test_each_step_is_announced(demo: Demo) -> None:
    """Before each step a line says what it does and which command that is."""
    announced = re.findall(r"^==> \d/5  .+: (mixpriv .+)$", demo.output, re.MULTILINE)
    assert [command.split()[1] for command in announced] == ["validate", "plan", "apply", "status", "plan"]


def test_the_checkout_stays_as_it_was(demo: Demo) -> None:
    """The demo writes below `build/` and nowhere else in the checkout."""
    files = {str(path.relative_to(demo.checkout / "examples/quickstart")) for path in (demo.checkout / "examples/quickstart").rglob("*")}
    assert files == {str(path.relative_to(EXAMPLE)) for path in EXAMPLE.rglob("*")}
    assert sorted(path.name for path in demo.checkout.iterdir()) == ["build", "examples"]


def test_no_distinct_id_is_printed(demo: Demo) -> None:
    """What the demo prints holds none of the ids; only the pretended server keeps them."""
    assert re.findall(r"user-\d{5}", demo.output) == []


@pytest.fixture
def copy(tmp_path: Path) -> Path:
    """A checkout with a copy of the example, to break something in."""
    shutil.copytree(EXAMPLE, tmp_path / "checkout" / "examples" / "quickstart")
    return tmp_path / "checkout"


def rewrite(checkout: Path, name: str, change: Callable[[str], str]) -> None:
    manifest = checkout / "examples" / "quickstart" / "projects" / f"{name}.yaml"
    manifest.write_text(change(manifest.read_text("utf-8")), "utf-8")


def test_it_fails_where_a_step_fails(copy: Path, tmp_path: Path) -> None:
    """A demo whose manifest is wrong ends with an error at the first step, and doesn't go on."""
    rewrite(copy, "web-eu", lambda text: text.replace("region: eu", "region: us"))
    ran = run(["sh", "examples/quickstart/demo.sh"], copy, environment(tmp_path / "home"))
    assert ran.returncode == 1
    assert "error[MP0353]" in ran.stdout
    assert "2/5" not in ran.stdout


def test_it_fails_where_the_second_plan_is_not_empty(copy: Path, tmp_path: Path) -> None:
    """A demo that leaves something to do, here a step by hand, ends with an error, even if every command did its work."""
    for name in PROJECTS:
        rewrite(copy, name, lambda text: text.partition("    deletions:")[0].replace("confirmed:", "# confirmed:"))
    ran = run(["sh", "examples/quickstart/demo.sh"], copy, environment(tmp_path / "home"))
    assert ran.returncode == 1
    assert "the second plan ended with exit code 2" in ran.stdout


def test_where_the_checkout_takes_no_copy_it_goes_elsewhere(copy: Path, tmp_path: Path) -> None:
    """Where nothing can be made below `build/`, the demo works in the folder for temporary files."""
    rewrite(copy, "web-eu", lambda text: text.replace("region: eu", "region: us"))  # the first step is enough
    (copy / "build").write_text("no folder", "utf-8")
    (tmp_path / "temporary").mkdir()
    ran = run(["sh", "examples/quickstart/demo.sh"], copy, environment(tmp_path / "home", TMPDIR=str(tmp_path / "temporary")))
    assert "error[MP0353]" in ran.stdout
    assert [path.name.partition(".")[0] for path in (tmp_path / "temporary").iterdir()] == ["mixpriv-quickstart"]


def test_without_the_program_it_says_what_to_run(copy: Path, tmp_path: Path) -> None:
    """Where `mixpriv` isn't installed, the demo names the command that installs it."""
    env = environment(tmp_path / "home", PATH="/usr/bin:/bin")
    ran = run(["/bin/sh", "examples/quickstart/demo.sh"], copy, env)
    assert ran.returncode == 1
    assert "make demo" in ran.stdout
