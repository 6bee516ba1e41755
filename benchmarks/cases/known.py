"""Plans against a memory of many ids, and what that memory costs to make and to keep."""

from __future__ import annotations

import json
import os
import shutil
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import measure
import workspaces
from bench import HERE, Bench, Row
from goals import FULL_IDS, Figure

MEASURED = "measured.json"


def known_plan(bench: Bench) -> Iterator[Row | Figure]:
    """The memory is made by the program's own apply (see `remembered`), once for each version of the program."""
    count = max(bench.scale.ids)
    told = f"N = {count:,}"
    for kind in ("txt", "csv"):
        folder = _remembered(bench, kind, count)
        if kind == "txt":
            yield from _making(folder, count)
        _expect(bench, folder, 0)
        again = bench.against_hash(folder, f"ids.{kind}", "plan")
        yield Row(f"plan, {count:,} known ids, nothing changed, {kind}", again.mine, again.ratio)
        yield Figure(f"again-{kind}", again.ratio, told, count == FULL_IDS)
        # A tenth of the known ids is gone from the file (their tasks have ended, so nothing can be cancelled), another tenth is new.
        changed = bench.workspace(f"changed-{kind}")
        shutil.copytree(folder, changed, copy_function=os.link)
        workspaces.backlog(changed, kind, bench.ids(kind, count, start=count // 10))
        _expect(bench, changed, count // 10)
        pair = bench.against_hash(changed, f"ids.{kind}", "plan")
        yield Row(f"plan, {count:,} ids against {count:,} known, {count // 10:,} new, {kind}", pair.mine, pair.ratio)
        yield Figure(f"changed-{kind}", pair.ratio, told, count == FULL_IDS)
        yield Figure(f"changed-{kind}-mb", pair.mine.peak_mb, told, count == FULL_IDS)
        shutil.rmtree(changed)


def _expect(bench: Bench, folder: Path, new: int) -> None:
    """Measuring the wrong thing quickly would go unnoticed: the plan must erase just *new* ids."""
    document = json.loads(bench.ran(folder, "plan", "--format", "json", rounds=1).out)
    erases = document["totals"]["erases"]
    if erases != new:
        raise SystemExit(f"the plan in {folder.name} erases {erases:,} ids, not {new:,}")


def _remembered(bench: Bench, kind: str, count: int) -> Path:
    folder, is_there = bench.kept(f"known-{count}-{kind}")
    if is_there:
        return folder
    if kind == "txt":
        workspaces.backlog(folder, kind, bench.ids(kind, count))
        with bench.server() as server:
            # The peak is that of a real apply: the clock is all that differs.
            ran = measure.ran([sys.executable, str(HERE / "remembered.py"), str(folder)], folder, bench.environment | server.environment)
        measured = json.loads(ran.out) | {"wall_seconds": ran.wall_seconds, "cpu_seconds": ran.cpu_seconds, "peak_mb": ran.peak_mb}
        (folder / MEASURED).write_text(json.dumps(measured), "utf-8")
    else:
        # The same ids from another file: an apply with nothing to send takes down what proves this one unchanged.
        shutil.copytree(_remembered(bench, "txt", count), folder)
        (folder / "ids.txt").unlink()
        workspaces.backlog(folder, kind, bench.ids(kind, count))
        bench.ran(folder, "apply", "--auto-approve", rounds=1)
    bench.keep(f"known-{count}-{kind}")
    return folder


def _making(folder: Path, count: int) -> Iterator[Row | Figure]:
    """What the run that made the memory noted of itself, and what lies on disk."""
    measured: dict[str, Any] = json.loads((folder / MEASURED).read_text("utf-8"))
    batches = measured["batches"]
    told, is_full = f"{batches:,} batches", count == FULL_IDS
    ran = measure.Ran(measured["wall_seconds"], measured["cpu_seconds"], measured["peak_mb"])
    yield Row(f"apply of {count:,} ids on a hasty clock, then refresh", ran, note=f"{told}; {measured['cpu_ms_per_look']:.1f} ms a look")
    if measured["cpu_ms_per_batch"]:
        first, last = measured["cpu_ms_first_tenth"], measured["cpu_ms_last_tenth"]
        note = f"{told}; {first:.1f} in the first tenth, {last:.1f} in the last"
        yield Figure("apply-long-cpu", measured["cpu_ms_per_batch"], note, is_full)
    if measured["bytes_first_tenth"]:
        first, last = measured["bytes_first_tenth"], measured["bytes_last_tenth"]
        yield Figure("durable", last / first, f"{told}; {first:,.0f} in the first tenth, {last:,.0f} in the last", is_full)
    state = folder / "mixpriv.state.json"
    segments = sum(path.stat().st_size for path in (folder / "mixpriv.state.d").glob("*.seg"))
    backup = state.with_name(state.name + ".backup").stat().st_size
    note = f"N = {count:,}; document {state.stat().st_size / 1e6:.2f} MB, segments {segments / 1e6:.1f} MB, backup {backup / 1e6:.2f} MB"
    yield Figure("state", (state.stat().st_size + segments) / count, note, is_full)
