"""The same ids in Terraform, where it is installed: built-in `terraform_data`, no provider, no network."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from pathlib import Path

import measure
import workspaces
from bench import Bench, Row, mixpriv
from goals import FULL_PEER_IDS, Figure
from measure import Paired

LISTS = """\
locals {
  lists = chunklist(split("\\n", trimspace(file("${path.module}/ids.txt"))), 2000)
}
"""

WAYS = {
    "for_each": LISTS
    + """
resource "terraform_data" "batch" {
  for_each = { for number, ids in local.lists : number => ids }
  input    = each.value
}
""",
    "count": LISTS
    + """
resource "terraform_data" "batch" {
  count = length(local.lists)
  input = local.lists[count.index]
}
""",
    "one list": """\
resource "terraform_data" "backlog" {
  input = split("\\n", trimspace(file("${path.module}/ids.txt")))
}
""",
}
"""Three ways to write it, which differ by much: the goal names the first, where each batch of 2,000 has a name of its own that stays."""

REFERENCE_SECONDS, REFERENCE_MB = 171.0, 774.0
"""What `for_each` took for a million ids with Terraform 1.11.4 on the machine that the goals come from."""

ONE_ROUND_FROM = FULL_PEER_IDS
"""The largest size takes minutes."""


def terraform(bench: Bench) -> Iterator[Row | Figure]:
    """Terraform's plan and ours in turn. Without Terraform ours alone, against what the goals say of it."""
    program = shutil.which("terraform")
    most = max(bench.scale.peer_ids)
    for count in bench.scale.peer_ids:
        folder = bench.workspace(f"peer-{count}")
        workspaces.backlog(folder, "txt", bench.ids("txt", count))
        if program is None:
            mine = bench.ran(folder, "plan")
            yield Row(f"plan, {count:,} ids from text", mine)
            if count == most:
                note = f"Terraform isn't installed: against the reference, {REFERENCE_SECONDS:.0f} s and {REFERENCE_MB:.0f} MB"
                yield from _figures(count, REFERENCE_SECONDS / mine.wall_seconds, mine.peak_mb / REFERENCE_MB, note)
            continue
        rounds = 1 if count >= ONE_ROUND_FROM else bench.scale.rounds
        pairs = {way: _planned(bench, folder, program, text, rounds) for way, text in WAYS.items()}
        for way, pair in pairs.items():
            yield Row(f"terraform plan, {count:,} ids, {way}", pair.baseline, note=f"takes {1 / pair.ratio:.2f}× as long as ours")
        named = pairs["for_each"]
        yield Row(f"plan, {count:,} ids from text", named.mine)
        if count == most:
            # Only the slowest of the three is what the goal is about; who reads the figure must see that.
            fastest = max(pair.ratio for pair in pairs.values())
            base = named.baseline
            told = f"Terraform {base.wall_seconds:.0f} s and {base.peak_mb:.0f} MB"
            note = f"{told}; its fastest way takes only {1 / fastest:.1f}× as long as ours"
            yield from _figures(count, 1 / named.ratio, named.mine.peak_mb / base.peak_mb, note)


def _planned(bench: Bench, folder: Path, program: str, text: str, rounds: int) -> Paired:
    scratch = bench.workspace("terraform")
    scratch.mkdir(parents=True)
    (scratch / "main.tf").write_text(text, "utf-8")
    os.link(folder / "ids.txt", scratch / "ids.txt")
    environment = bench.environment | {"TF_DATA_DIR": str(scratch / "data"), "CHECKPOINT_DISABLE": "1", "TF_IN_AUTOMATION": "1"}
    measure.ran([program, "init", "-input=false"], scratch, environment)
    theirs, mine = [], []
    for _ in range(rounds):
        theirs.append(measure.ran([program, "plan", "-input=false"], scratch, environment))
        mine.append(measure.ran(mixpriv("plan"), folder, environment))
    ratio = measure.medians(mine).wall_seconds / measure.medians(theirs).wall_seconds
    return Paired(measure.medians(mine), measure.medians(theirs), ratio)


def _figures(count: int, faster: float, memory: float, note: str) -> Iterator[Figure]:
    yield Figure("peer", faster, note, count == FULL_PEER_IDS)
    yield Figure("peer-mb", memory, note, count == FULL_PEER_IDS)
