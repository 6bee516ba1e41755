"""Many projects, each with a small request of its own."""

from __future__ import annotations

from collections.abc import Iterator

import workspaces
from bench import Bench, Row
from goals import FULL_PROJECTS, Figure


def projects(bench: Bench) -> Iterator[Row | Figure]:
    """`validate` and `plan` of some projects and of ten times as many: how long, and whether it grows in a straight line."""
    a_project: dict[str, list[float]] = {"validate": [], "plan": []}
    for count in bench.scale.projects:
        folder = bench.workspace(f"fleet-{count}")
        files = workspaces.fleet(folder, count)
        for command, shares in a_project.items():
            ran = bench.ran(folder, command)
            yield Row(f"{command}, {count:,} projects in {files:,} files", ran)
            shares.append(ran.cpu_seconds / count)
            if len(shares) == 1:
                note = f"CPU {ran.cpu_seconds:.2f} s, {count:,} projects"
                yield Figure(f"fleet-{command}", ran.wall_seconds, note, count == FULL_PROJECTS[0])
    few, many = bench.scale.projects
    for command, (before, after) in a_project.items():
        yield Figure(f"fleet-{command}-growth", after / before, f"{many:,} against {few:,}", (few, many) == FULL_PROJECTS)
