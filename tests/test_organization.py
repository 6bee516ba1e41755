"""The example with three regions: everything on Mixpanel's privacy page, played from the checkout as it is."""

from __future__ import annotations

import csv
import fcntl
import hashlib
import json
import os
import re
import shutil
import sqlite3
import zipfile
from collections import Counter
from pathlib import Path

import pytest
import yaml
from newcomer import CHECKOUT, environment, run

EXAMPLE = CHECKOUT / "examples" / "organization"
REGIONS = {"web-eu": "eu", "shop-us": "us", "app-in": "in"}


@pytest.fixture(scope="session")
def played(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, str]:
    """The workspace that the demo left, and what it printed; played once for all of xdist's workers."""
    base = tmp_path_factory.getbasetemp()
    base = (base.parent if "PYTEST_XDIST_WORKER" in os.environ else base) / "the organization"
    base.mkdir(exist_ok=True)
    output = base / "output.txt"
    with (base / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not output.exists():
            shutil.copytree(EXAMPLE, base / "checkout" / "examples" / "organization")
            (base / "checkout" / "build").mkdir()
            ran = run(["sh", "examples/organization/demo.sh"], base / "checkout", environment(base / "home", CI="true"))
            output.write_text(f"{ran.returncode}\n{ran.stdout}", "utf-8")
    code, _, printed = output.read_text("utf-8").partition("\n")
    assert code == "0", printed
    (workspace,) = (base / "checkout" / "build").iterdir()
    return workspace, printed


def tasks(workspace: Path, kind: str) -> list[tuple[str, str, list[str]]]:
    """Token, region and ids of each task of *kind* that the pretended Mixpanel was asked for."""
    with sqlite3.connect(workspace / ".mixpriv" / "sandbox" / "sandbox.sqlite3") as store:
        query = "SELECT project_token, region, distinct_ids FROM tasks JOIN task_ids USING (number) WHERE kind = ?"
        return [(token, region, json.loads(ids)) for token, region, ids in store.execute(query, (kind,))]


def erasures() -> set[str]:
    with (EXAMPLE / "requests" / "eu-erasures.csv").open(newline="", encoding="utf-8") as rows:
        return {row["distinct_id"] for row in csv.DictReader(rows)}


def test_each_region_is_asked_for_its_own(played: tuple[Path, str]) -> None:
    """Every request went to the region of its project, in batches of at most 2,000 ids, of 1,000 with Group Analytics."""
    workspace, _ = played
    projects = {file.stem: yaml.safe_load(file.read_text("utf-8"))["projects"][file.stem] for file in (EXAMPLE / "projects").glob("*.yaml")}
    token = {f"sandbox-token-{project['id']}": REGIONS[name] for name, project in projects.items()}
    for kind in ("deletion", "retrieval"):
        asked = tasks(workspace, kind)
        assert {"eu", "us"} <= {region for _, region, _ in asked}
        assert all(token[project] == region for project, region, _ in asked)
    assert max(len(ids) for _, region, ids in tasks(workspace, "deletion") if region == "eu") <= 1_000


def test_who_is_held_is_never_erased_and_everybody_else_once(played: tuple[Path, str]) -> None:
    """The person under a legal hold is in no task, and nobody is asked for twice."""
    workspace, _ = played
    erased = Counter(one for _, region, ids in tasks(workspace, "deletion") if region == "eu" for one in ids)
    assert set(erased) == erasures() | {"eu-vip-1", "eu-9001", "eu-9002"}
    assert set(erased.values()) == {1}


def test_access_came_before_erasure(played: tuple[Path, str]) -> None:
    """The person who asked for both is erased after their export was downloaded: a task of their own, the last one."""
    workspace, _ = played
    assert tasks(workspace, "deletion")[-1][2] == ["eu-vip-1"]


def test_exports_are_there_for_their_owner_alone(played: tuple[Path, str]) -> None:
    """Each access request has its export, whole, 0600, with the recorded hash."""
    workspace, _ = played
    state = json.loads((workspace / "mixpriv.sandbox.state.json").read_text("utf-8"))
    downloads = [one for record in state["records"].values() for one in record.get("downloads", ())]
    assert len(downloads) == 3
    for one in downloads:
        path = workspace / one["file"]
        assert path.stat().st_mode & 0o777 == 0o600
        assert hashlib.sha256(path.read_bytes()).hexdigest() == one["sha256"]
        with zipfile.ZipFile(path) as archive:
            assert archive.testzip() is None
    assert [one["handed_over_by"] for one in downloads if "handed_over_by" in one] == ["desk@example.com"]


def test_the_lists_say_who_is_opted_out(played: tuple[Path, str]) -> None:
    """Hashed or plain as declared: everybody who is erased is on the list of the project."""
    workspace, _ = played
    eu = json.loads((workspace / "app" / "server" / "opt-outs-eu.json").read_text("utf-8"))
    us = json.loads((workspace / "app" / "server" / "opt-outs-us.json").read_text("utf-8"))
    wanted = erasures() | {"eu-vip-1", "eu-employee-7", "eu-9001", "eu-9002"}
    assert eu["distinct_ids"] == sorted(hashlib.sha256(one.encode()).hexdigest() for one in wanted)
    assert us["distinct_ids"] == ["us-100", "us-101", "us-102"]


def test_it_says_what_a_person_has_to_do(played: tuple[Path, str]) -> None:
    """The identity provider's own field, the URL with the region's host, and the two values that stay."""
    _, printed = played
    flat = re.sub(r"\s+", " ", printed)
    assert "set “Sign on URL” to https://eu.mixpanel.com/security/sso/v2/authorize/?org_id=42" in flat
    assert "leave “Reply URL” at https://sso.mixpanel.com/sso/saml2" in flat
    assert printed.rstrip().splitlines()[-1].strip().startswith("the lists")
    assert "No changes. Your infrastructure matches the configuration." in printed


@pytest.mark.parametrize("report", ["plan.html", "plan.md", "status.html", "status.md", "deadlines.ics", "plan.json"])
def test_no_report_holds_an_id(played: tuple[Path, str], report: str) -> None:
    """Whatever was written for people to pass on tells how many, and of nobody who."""
    workspace, printed = played
    text = (workspace / report).read_text("utf-8")
    assert text
    for one in ("eu-0001", "eu-vip-1", "eu-employee-7", "us-100", "in-001"):
        assert one not in text
        assert one not in printed
