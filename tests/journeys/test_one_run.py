"""Somebody new breaks several places at once, and is told of all of them before mending the first."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from .workspace import Workspace

SHARED = """\
version: 1
workspace:
  policy: {max_deletion: 5}
  credentials:
    gdpr_token: {env: GDPR_TOKEN, issued: 2026-13-01}
projects:
  web:
    id: 17
    token: {env: WEB_TOKEN}
    residency: eu
    sso: {postback_url: "https://mixpanel.com/security/login/42"}
    deletions:
      first:
        compliance: gdpr
        compliance: ccpa
        received: 2026-11-03
        distinct_ids: [user-1, anonymous]
        from: [{file: missing.txt}, {file: ids.txt}]
"""

APP = """\
version: 1
projects:
  app:
    id: 18
    token: {env: APP_TOKEN}
    residency: us
    deletions:
      second:
        complianse: gdpr
        received: 2026-11-04
        from: [{file: ids.csv, column: id}]
"""

MANIFESTS = [
    ("MP0201", "app.yaml", 9, 9),
    ("MP0201", "mixpriv.yaml", 3, 12),
    ("MP0206", "mixpriv.yaml", 5, 43),
    ("MP0353", "mixpriv.yaml", 11, 25),
    ("MP0107", "mixpriv.yaml", 15, 9),
]
INLINE = [("MP0412", "mixpriv.yaml", 17, 32)]
MISSING = [("MP0401", "mixpriv.yaml", 18, 23)]
IN_FILES = [("MP0412", "ids.csv", 3, 1), ("MP0413", "ids.txt", 2, 1)]

HINTS = {
    "MP0201": {"did you mean `compliance`?", "did you mean `max_deletions`?"},
    "MP0206": {"e.g. 2026-11-03"},
    "MP0353": {"write https://eu.mixpanel.com/security/login/42"},
    "MP0107": {"keep one of the two"},
}


@pytest.fixture
def broken(workspace: Workspace) -> Workspace:
    """A workspace that is broken in nine places: in two manifests, and two files of ids."""
    files = {"mixpriv.yaml": SHARED, "app.yaml": APP, "ids.txt": f"user-2\n{'x' * 2000}\n", "ids.csv": "id\nuser-3\nnull\n"}
    for name, text in files.items():
        Path(workspace.root, name).write_text(text, "utf-8")
    return workspace


def places(document: Any) -> list[tuple[str, str, int, int]]:
    return [(found["code"], found["file"], found["line"], found["column"]) for found in document["diagnostics"]]


def in_order(*groups: list[tuple[str, str, int, int]]) -> list[tuple[str, str, int, int]]:
    return sorted((one for group in groups for one in group), key=lambda one: one[1:])


def test_nine_places_are_told_in_one_run(broken: Workspace) -> None:
    """`validate` tells all of them by file, line and column, with a hint each, and nothing that only follows from one."""
    document = broken.run("validate", "--format", "json", code=1).document

    assert in_order(MANIFESTS, INLINE, MISSING, IN_FILES) == places(document)
    assert all(found["hint"] and found["severity"] == "error" for found in document["diagnostics"])
    for code, hints in HINTS.items():
        assert hints == {found["hint"] for found in document["diagnostics"] if found["code"] == code}


def test_the_text_has_the_same_places(broken: Workspace) -> None:
    """What a person reads has each place once, in the same order, and how many there are."""
    ended = broken.run("validate", code=1)
    lines = [line.partition(": error[")[0] for line in ended.err.splitlines() if ": error[MP" in line]

    assert [f"{file}:{line}:{column}" for _, file, line, column in in_order(MANIFESTS, INLINE, MISSING, IN_FILES)] == lines
    assert "Error: 9 errors" in ended.err


def test_without_sources_the_manifests_are_told_of_in_full(broken: Workspace) -> None:
    """`--no-sources` says nothing of files under `from:`, and of ids in the manifests themselves what is wrong with them."""
    assert in_order(MANIFESTS, INLINE) == places(broken.run("validate", "--no-sources", "--format", "json", code=1).document)


@pytest.mark.parametrize("command", [["plan"], ["apply", "--auto-approve"]])
def test_what_needs_a_plan_tells_what_costs_no_time(command: list[str], broken: Workspace) -> None:
    """`plan` and `apply` end at manifests with errors without opening a file of ids, and tell all else: also of a file that is missing."""
    ended = broken.run(*command, code=1)
    lines = [line.partition(": error[")[0] for line in ended.err.splitlines() if ": error[MP" in line]

    assert [f"{file}:{line}:{column}" for _, file, line, column in in_order(MANIFESTS, INLINE, MISSING)] == lines
    assert not Path(broken.root, "mixpriv.state.json").exists()


def test_the_link_in_place_of_the_private_folder_hides_nothing(broken: Workspace) -> None:
    """Where ids can't be looked at, because `.mixpriv` is a link, that is one error among the others."""
    Path(broken.root, ".mixpriv").symlink_to("elsewhere")
    document = broken.run("validate", "--format", "json", code=1).document

    assert {"MP0527", *(code for code, *_ in MANIFESTS)} == {found["code"] for found in document["diagnostics"]}
