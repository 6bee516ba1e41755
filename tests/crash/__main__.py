"""`python -m crash` kills runs at every point, resumes them, and counts: what `make crash` does.

With `--scenario` and `--at` it repeats one trial, as a failure names it.
"""

from __future__ import annotations

import argparse
import random
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor, as_completed
from multiprocessing import get_context
from pathlib import Path

from .points import HTTP, Kill, Point
from .scenarios import SCENARIOS
from .trial import Template, Told, prepared, trial

LEAST_POINTS = 500
"""Distinct points that a whole run must have struck, or it proves too little."""

SEEDS = 100
"""Ways in which chance may leave a disk; the kill's name tells which."""

POWER: tuple[str | None, ...] = (None, "worst", "chance")
"""The process dies alone; the power goes, and only what was synced is left; the power goes, and chance leaves some of the rest."""


def main() -> int:
    """Exit code 0 where nothing was lost anywhere and enough points were struck."""
    parser = argparse.ArgumentParser(prog="python -m crash", description=__doc__)
    parser.add_argument("--scenario", action="append", choices=list(SCENARIOS), help="only this one (repeatable)")
    parser.add_argument("--at", metavar="KILL", help="only this kill of the scenario, as a failure names it")
    parser.add_argument("--part", type=int, default=1, metavar="N", help="every N-th kill only")
    parser.add_argument("--seed", type=int, default=random.randrange(10**6), help="what chance begins with; printed")
    parser.add_argument("--workers", type=int, default=4)
    given = parser.parse_args()
    names = given.scenario or list(SCENARIOS)
    with tempfile.TemporaryDirectory() as place, ProcessPoolExecutor(given.workers, mp_context=get_context("spawn")) as pool:
        templates = {name: prepared(SCENARIOS[name], Path(place) / str(at)) for at, name in enumerate(names)}
        undisturbed = {name: pool.submit(trial, SCENARIOS[name], templates[name]) for name in names}
        calm = {name: run.result() for name, run in undisturbed.items()}
        planned = list(_kills(calm, given.at, given.part, random.Random(given.seed)))
        print(f"{len(planned)} kills at {len({(name, kill.point) for name, kill in planned})} points of {len(names)} runs, seed {given.seed}", flush=True)
        return _carried_out(pool, planned, templates, calm, is_whole=given.at is None and given.part == 1 and given.scenario is None)


def _kills(calm: dict[str, Told], only: str | None, part: int, chance: random.Random) -> Iterator[tuple[str, Kill]]:
    """Each point of each run once, on a side and with a fate of the disk that chance decides; or the one kill that *only* names."""
    turn = 0
    for name, told in calm.items():
        for point in sorted(set(told.seen)):
            sides = _sides(point)
            kills = [Kill(point, side, chance.randrange(SEEDS) if power == "chance" else power) for side in sides for power in POWER]
            if only is None:
                turn += 1
                if turn % part == 0:
                    yield name, chance.choice(kills)
            else:
                yield from ((name, kill) for kill in _all_of(point) if str(kill) == only)


def _all_of(point: Point) -> Iterator[Kill]:
    for side in _sides(point):
        for power in (None, "worst", *range(SEEDS)):
            yield Kill(point, side, power)


def _sides(point: Point) -> Sequence[str]:
    match point.operation:
        case operation if operation == HTTP:
            return ("at",)
        case "write":
            return ("before", "torn", "after")
        case _:
            return ("before", "after")


def _carried_out(
    pool: ProcessPoolExecutor, planned: list[tuple[str, Kill]], templates: dict[str, Template], calm: dict[str, Told], *, is_whole: bool
) -> int:
    began = time.monotonic()
    running = {pool.submit(trial, SCENARIOS[name], templates[name], kill, calm[name].view): (name, kill) for name, kill in planned}
    struck: set[tuple[str, Point]] = set()
    kinds: Counter[str] = Counter()
    failures = 0
    for done, run in enumerate(as_completed(running), start=1):
        name, kill = running[run]
        error = run.exception()
        if error is not None:
            failures += 1
            print(f"FAILED --scenario {name!r} --at {str(kill)!r}\n{type(error).__name__}: {error}", flush=True)
        elif run.result().is_dead:
            struck.add((name, kill.point))
            kinds[f"{kill.point.operation}, {'power cut' if kill.power is not None else 'killed'}"] += 1
        if done % 100 == 0:
            print(f"{done} of {len(planned)} kills, {failures} failures, {time.monotonic() - began:.0f} s", flush=True)
    for kind, count in sorted(kinds.items()):
        print(f"{count:6} {kind}")
    print(f"{len(struck)} distinct points struck, {len(planned) - len(struck) - failures} not reached, {failures} failures")
    if is_whole and len(struck) < LEAST_POINTS:
        print(f"that is less than {LEAST_POINTS}")
        return 1
    return 1 if failures else 0


if __name__ == "__main__":
    sys.exit(main())
