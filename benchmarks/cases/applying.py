"""Applies at the real pace of a call a second, against a server on loopback."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path

import measure
import workspaces
from bench import Bench, Row
from goals import FULL_BATCHES, FULL_SIDE_BY_SIDE, Figure

IDS_A_BATCH = 2000


def apply(bench: Bench) -> Iterator[Row | Figure]:
    """One project with many batches, then many projects side by side. One round each: nearly all of it is waiting."""
    for projects, key in ((1, "one"), (bench.scale.side_by_side, "many")):
        batches = bench.scale.batches
        sources = {number: bench.ids("txt", IDS_A_BATCH * batches, start=number * IDS_A_BATCH * batches) for number in range(projects)}
        folder = bench.workspace(f"apply-{projects}")
        workspaces.side_by_side(folder, sources)
        yield from _applied(bench, folder, key, projects, batches)


def _applied(bench: Bench, folder: Path, key: str, projects: int, batches: int) -> Iterator[Row | Figure]:
    told = f"{projects} × {batches} batches of {IDS_A_BATCH:,}"
    bound = batches - 1  # seconds: a call a second for a project, and the first one at once
    with bench.server() as server:
        done = _run(bench, folder, server.environment)
        idle = _run(bench, folder, server.environment)
    if server.seen["posts"] != projects * batches:
        raise SystemExit(f"the server saw {server.seen['posts']} requests, not {projects * batches}")
    is_full = bench.scale.batches >= FULL_BATCHES and (key == "one" or projects == FULL_SIDE_BY_SIDE)
    span = server.seen["longest_seconds"]
    yield Row(f"apply, {told}", done, note=f"first to last request {span:.2f} s, bound {bound} s")
    yield Row("– again, nothing to send", idle)
    if key == "one":
        yield Figure("apply-one", done.wall_seconds / bound, f"{told}; first to last request {span / bound:.3f}×", is_full)
    else:
        own = 1000 * (done.cpu_seconds - idle.cpu_seconds) / (projects * batches)
        yield Figure("apply-many", span / bound, f"{told}; whole process {done.wall_seconds / bound:.3f}×", is_full)
        yield Figure("apply-cpu", own, f"{told}; an apply with nothing to send taken off", is_full)


def _run(bench: Bench, folder: Path, more: Mapping[str, str]) -> measure.Ran:
    return bench.ran(folder, "apply", "--auto-approve", "--new-state", "--parallelism", "100", rounds=1, more=more)
