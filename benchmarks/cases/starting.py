"""Start-up, and workspaces so small that start-up is nearly all."""

from __future__ import annotations

import sys
from collections.abc import Iterator

import measure
import workspaces
from bench import Bench, Row, mixpriv
from goals import Figure

MORE_ROUNDS = 5
"""As many times the rounds: these commands take a tenth of a second, and single runs wander by half."""


def startup(bench: Bench) -> Iterator[Row | Figure]:
    """The bare interpreter, and what the program adds to it."""
    bare = [sys.executable, "-c", ""]
    folder = bench.workspace("empty")
    folder.mkdir(parents=True)
    measure.ran(mixpriv("--help"), folder, bench.environment)  # writes the byte code, once
    for key, arguments in (("version", ["version"]), ("help", ["--help"]), ("", ["plan", "--help"])):
        pair = measure.pairs(bare, mixpriv(*arguments), folder, bench.environment, _rounds(bench))
        if key == "version":
            yield Row("bare interpreter", pair.baseline)
        yield Row(f"mixpriv {' '.join(arguments)}", pair.mine, note=f"{pair.ratio:.1f}× the bare interpreter")
        if key:
            yield Figure(key, pair.ratio)
            yield Figure(f"{key}-s", pair.mine.wall_seconds)


def small(bench: Bench) -> Iterator[Row | Figure]:
    """One project, one request, two ids in the manifest."""
    folder = bench.workspace("small")
    workspaces.inline(folder, 2)
    validate = bench.ran(folder, "validate", rounds=_rounds(bench))
    yield Row("validate, 2 ids inline", validate)
    yield Figure("small-validate", validate.wall_seconds, f"CPU {validate.cpu_seconds:.2f} s")
    yield Row("plan, 2 ids inline", bench.ran(folder, "plan", rounds=_rounds(bench)))


def inline(bench: Bench) -> Iterator[Row | Figure]:
    """Many ids in the manifest itself."""
    folder = bench.workspace("inline")
    workspaces.inline(folder, bench.scale.inline)
    yield Row(f"validate, {bench.scale.inline:,} ids inline", bench.ran(folder, "validate"))
    yield Row(f"plan, {bench.scale.inline:,} ids inline", bench.ran(folder, "plan"))


def _rounds(bench: Bench) -> int:
    return bench.scale.rounds * MORE_ROUNDS if bench.scale.rounds > 1 else 1
