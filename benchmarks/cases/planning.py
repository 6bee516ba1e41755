"""First plans: all ids are new."""

from __future__ import annotations

from collections.abc import Iterator

import workspaces
from bench import Bench, Row
from goals import FULL_IDS, Figure

MOST_BESIDES = 1_000_000
"""NDJSON and gzip are measured up to here; the goals are of text and CSV."""


def first_plan(bench: Bench) -> Iterator[Row | Figure]:
    """The plan of a workspace that knows nobody, against `sha256sum` of the file of ids, from few ids to many."""
    most = max(bench.scale.ids)
    for kind in ("txt", "csv", "ndjson", "txt.gz"):
        for count in bench.scale.ids:
            if kind not in ("txt", "csv") and count > MOST_BESIDES:
                continue
            folder = bench.workspace(f"new-{count}-{kind}")
            workspaces.backlog(folder, kind, bench.ids(kind, count))
            pair = bench.against_hash(folder, f"ids.{kind}", "plan")
            yield Row(f"plan, {count:,} new ids, {kind}", pair.mine, pair.ratio, f"sha256sum {pair.baseline.wall_seconds:.3f} s")
            if count == most and kind in ("txt", "csv"):
                yield Figure(f"new-{kind}", pair.ratio, f"N = {count:,}", count == FULL_IDS)
                yield Figure(f"new-{kind}-mb", pair.mine.peak_mb, f"N = {count:,}", count == FULL_IDS)
