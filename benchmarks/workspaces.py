"""The workspaces that are measured, as files: one backlog, many projects, one project with ids inline, many with a file each."""

from __future__ import annotations

import uuid
from collections.abc import Iterable, Mapping
from pathlib import Path

__all__ = ["backlog", "fleet", "inline", "side_by_side", "token_variable"]

PROJECTS_IN_A_FILE = 4

WORKSPACE = """\
version: 1
workspace:
  credentials:
    gdpr_token: {env: MIXPANEL_GDPR_TOKEN}
  policy: {max_deletions: 50000000, max_withdrawals: 50000000, opt_out: off}
"""

PROJECT = """\
  {name}:
    id: {number}
    token: {{env: {variable}}}
    residency: us
    deletions:
      {request}:
        compliance: gdpr
        received: 2026-11-03
        {ids}
"""

ENTRIES = {
    "txt": "from: [{file: ids.txt}]",
    "csv": "from: [{file: ids.csv, column: distinct_id}]",
    "ndjson": "from: [{file: ids.ndjson, field: distinct_id}]",
    "txt.gz": "from: [{file: ids.txt.gz}]",
}


def token_variable(number: int) -> str:
    """The environment variable of a project's token."""
    return f"MIXPANEL_TOKEN_{number}"


def project(number: int, ids: str, request: str = "backlog") -> str:
    return PROJECT.format(name=f"p{number}", number=1_000_000 + number, variable=token_variable(number), request=request, ids=ids)


def inline_ids(ids: Iterable[str]) -> str:
    return "distinct_ids:\n" + "\n".join(f"          - {one}" for one in ids)


def backlog(folder: Path, format: str, source: Path) -> None:
    """One project with one request whose ids are a file; *source* is linked, not copied."""
    folder.mkdir(parents=True, exist_ok=True)
    manifest = folder / "mixpriv.yaml"
    manifest.unlink(missing_ok=True)  # it may be a link to another workspace's, which is to stay
    manifest.write_text(WORKSPACE + "projects:\n" + project(0, ENTRIES[format]), "utf-8")
    placed = folder / f"ids.{format}"
    placed.unlink(missing_ok=True)
    placed.hardlink_to(source)


def inline(folder: Path, count: int) -> None:
    """One project with one request whose *count* ids stand in the manifest."""
    folder.mkdir(parents=True, exist_ok=True)
    ids = (str(uuid.UUID(int=number * 0x9E3779B97F4A7C15F39CC0605CEDC835 % 2**128)) for number in range(1, count + 1))
    (folder / "mixpriv.yaml").write_text(WORKSPACE + "projects:\n" + project(0, inline_ids(ids)), "utf-8")


def fleet(folder: Path, projects: int) -> int:
    """*projects* projects, four in a file, each with one request of two ids; how many files that are, the workspace's own not counted."""
    (folder / "projects").mkdir(parents=True, exist_ok=True)
    (folder / "workspace.yaml").write_text(WORKSPACE, "utf-8")
    files = range(0, projects, PROJECTS_IN_A_FILE)
    for first in files:
        blocks = (
            project(number, inline_ids([f"user-{number}-a", f"user-{number}-b"]))
            for number in range(first, min(first + PROJECTS_IN_A_FILE, projects))
        )
        (folder / "projects" / f"{first:06}.yaml").write_text("version: 1\nprojects:\n" + "".join(blocks), "utf-8")
    return len(files)


def side_by_side(folder: Path, sources: Mapping[int, Path]) -> None:
    """A project for each number, with one request whose ids are its file of *sources*."""
    folder.mkdir(parents=True, exist_ok=True)
    blocks = []
    for number, source in sources.items():
        (folder / f"{number}.txt").hardlink_to(source)
        blocks.append(project(number, f"from: [{{file: {number}.txt}}]"))
    (folder / "mixpriv.yaml").write_text(WORKSPACE + "projects:\n" + "".join(blocks), "utf-8")
