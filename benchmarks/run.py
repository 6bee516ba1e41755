"""Whole-process benchmarks: start-up, validate, the first plan, and the plan of a workspace whose ids are known already.

Prints one table; asserts nothing about time.
"""

from __future__ import annotations

import argparse
import os
import platform
import random
import resource
import statistics
import subprocess
import sys
import tempfile
import time
import uuid
from dataclasses import dataclass
from pathlib import Path

MANIFEST = """\
version: 1
workspace:
  credentials:
    gdpr_token: {env: MIXPANEL_GDPR_TOKEN, issued: 2026-03-01}
  policy: {max_deletions: 50000000, opt_out: off}
projects:
  web-us:
    id: 1111111
    token: {env: MIXPANEL_WEB_US_TOKEN}
    residency: us
    deletions:
      backlog:
        compliance: gdpr
        received: 2026-11-03
        from: [FROM]
"""

SEED = 20261123


@dataclass(frozen=True)
class Measured:
    """Medians over the rounds of one case; *peak_mb* of the largest process."""

    wall_seconds: float
    cpu_seconds: float
    peak_mb: float


def measured(command: list[str], folder: Path, rounds: int) -> Measured:
    """Run *command* in *folder* once to warm up, then *rounds* times."""
    walls, cpus, peaks = [], [], []
    environment = {**os.environ, "MIXPRIV_DIGEST_KEY": "a benchmark's digest key"}
    for number in range(rounds + 1):
        before = time.perf_counter()
        process = subprocess.Popen(command, cwd=folder, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        _, status, usage = os.wait4(process.pid, 0)
        wall = time.perf_counter() - before
        process.returncode = os.waitstatus_to_exitcode(status)
        if process.returncode:
            raise SystemExit(f"{' '.join(command)} ended with {process.returncode}")
        if number:
            walls.append(wall)
            cpus.append(usage.ru_utime + usage.ru_stime)
            peaks.append(usage.ru_maxrss / 1024)
    return Measured(statistics.median(walls), statistics.median(cpus), max(peaks))


def write_ids(path: Path, count: int, *, csv: bool) -> None:
    """*count* UUIDs from the fixed seed, one a line."""
    source = random.Random(SEED)
    with path.open("w", encoding="ascii", buffering=2**20) as file:
        if csv:
            file.write("distinct_id,plan\n")
        for _ in range(count):
            file.write(f"{uuid.UUID(int=source.getrandbits(128))}{',free' if csv else ''}\n")


def row(name: str, result: Measured, baseline: Measured | None) -> None:
    ratio = f"{result.wall_seconds / baseline.wall_seconds:8.1f}×" if baseline else "        –"
    print(f"{name:<44} {result.wall_seconds:8.2f} {result.cpu_seconds:8.2f} {result.peak_mb:8.0f} {ratio}", flush=True)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--ids", type=int, nargs="+", default=[10_000, 100_000, 1_000_000])
    parser.add_argument("--rounds", type=int, default=3)
    options = parser.parse_args()
    mixpriv = [sys.executable, "-m", "mixpriv_reconcile"]
    machine = f"{platform.machine()}, {os.cpu_count()} cores, Python {platform.python_version()}"
    print(f"{machine}, {time.strftime('%Y-%m-%d')}; medians of {options.rounds}")
    print(f"{'case':<44} {'wall s':>8} {'CPU s':>8} {'peak MB':>8} {'sha256sum':>9}")
    with tempfile.TemporaryDirectory() as scratch:
        folder = Path(scratch)
        row("bare interpreter", measured([sys.executable, "-c", ""], folder, options.rounds), None)
        row("mixpriv version", measured([*mixpriv, "version"], folder, options.rounds), None)
        row("mixpriv --help", measured([*mixpriv, "--help"], folder, options.rounds), None)
        for count in options.ids:
            for csv in (False, True):
                work = folder / f"{count}-{'csv' if csv else 'txt'}"
                work.mkdir()
                name = "ids.csv" if csv else "ids.txt"
                write_ids(work / name, count, csv=csv)
                entry = "{file: ids.csv, column: distinct_id}" if csv else "{file: ids.txt}"
                (work / "mixpriv.yaml").write_text(MANIFEST.replace("FROM", entry), "utf-8")
                baseline = measured(["sha256sum", name], work, options.rounds)
                row(f"sha256sum {name}, {count:,} ids", baseline, None)
                row(f"validate {name}, {count:,} ids", measured([*mixpriv, "validate"], work, options.rounds), baseline)
                row(f"first plan {name}, {count:,} ids", measured([*mixpriv, "plan"], work, options.rounds), baseline)
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(f"(this script itself: {peak:.0f} MB)")


if __name__ == "__main__":
    main()
