"""A command measured as a whole process: wall and CPU seconds, and the peak memory of that process.

On Linux a process counts the memory of the one that started it into its own peak (the kernel keeps the larger figure over exec). So
whoever measures must stay smaller than what is measured: no numpy here, and data is made by processes of their own.
"""

from __future__ import annotations

import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

__all__ = ["Paired", "Ran", "medians", "pairs", "ran"]

MAXRSS_BYTES = 1 if sys.platform == "darwin" else 1024
"""The unit of `ru_maxrss`: bytes on macOS, KiB elsewhere."""


@dataclass(frozen=True, slots=True)
class Ran:
    """One run, or the medians of several; *peak_mb* in MB of 10⁶ bytes, of several runs the highest. *out* is its standard output."""

    wall_seconds: float
    cpu_seconds: float
    peak_mb: float
    out: str = ""


@dataclass(frozen=True, slots=True)
class Paired:
    """A command and its baseline, run in turn; *ratio* is the median of the rounds' ratios of wall seconds."""

    mine: Ran
    baseline: Ran
    ratio: float


def ran(command: Sequence[str], folder: Path, environment: Mapping[str, str], *, code: int = 0) -> Ran:
    """Run *command* in *folder* once. A run that ends with another code than *code* ends the benchmark, with what it said."""
    with tempfile.TemporaryFile() as out, tempfile.TemporaryFile() as err:
        before = time.perf_counter()
        process = subprocess.Popen(command, cwd=folder, env=environment, stdin=subprocess.DEVNULL, stdout=out, stderr=err)
        _, status, usage = os.wait4(process.pid, 0)
        wall = time.perf_counter() - before
        process.returncode = os.waitstatus_to_exitcode(status)
        if process.returncode != code:
            err.seek(0)
            told = err.read().decode(errors="replace")
            raise SystemExit(f"`{' '.join(command)}` ended with {process.returncode}, not {code}:\n{told}")
        out.seek(0)
        printed = out.read().decode(errors="replace")
    return Ran(wall, usage.ru_utime + usage.ru_stime, usage.ru_maxrss * MAXRSS_BYTES / 1e6, printed)


def medians(runs: Sequence[Ran]) -> Ran:
    """Medians of the times, the highest peak, the last output."""
    return Ran(
        statistics.median(run.wall_seconds for run in runs),
        statistics.median(run.cpu_seconds for run in runs),
        max(run.peak_mb for run in runs),
        runs[-1].out,
    )


def pairs(
    baseline: Sequence[str], command: Sequence[str], folder: Path, environment: Mapping[str, str], rounds: int, *, code: int = 0
) -> Paired:
    """Run both in turn, so that a machine that gets slower meanwhile slows both; the baseline once before, to have the files in memory."""
    ran(baseline, folder, environment)
    bases, mine = [], []
    for _ in range(rounds):
        bases.append(ran(baseline, folder, environment))
        mine.append(ran(command, folder, environment, code=code))
    ratios = [one.wall_seconds / base.wall_seconds for one, base in zip(mine, bases, strict=True)]
    return Paired(medians(mine), medians(bases), statistics.median(ratios))
