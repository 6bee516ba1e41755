"""Measures the goals: every figure to reach, beside the one measured here. Asserts nothing about time.

    make bench                                   # everything, ten million ids
    .venv/bin/python benchmarks/run.py --ids 10000 100000 --rounds 1 --only startup first-plan
"""

from __future__ import annotations

import argparse
import shutil
import time
from pathlib import Path

import report
from bench import HERE, Bench, Row, Scale
from cases import CASES
from goals import GOALS, Figure

FOLDER = HERE.parent / "build" / "bench"


def options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--list", action="store_true", help="list the cases and the goals, measure nothing")
    parser.add_argument("--only", nargs="+", choices=CASES, default=list(CASES), metavar="NAME", help="the cases to run (default all)")
    parser.add_argument("--ids", type=int, nargs="+", default=[10_000, 100_000, 1_000_000, 10_000_000], help="sizes; the last is N")
    parser.add_argument("--rounds", type=int, default=3, help="rounds of which medians are taken (default 3)")
    parser.add_argument("--projects", type=int, nargs=2, default=[2_000, 20_000], help="sizes of the case `projects`")
    parser.add_argument("--batches", type=int, default=30, help="batches of the one project in the case `apply`; a second each")
    parser.add_argument("--side-by-side", type=int, default=100, help="projects side by side in the case `apply`")
    parser.add_argument("--inline", type=int, default=100_000, help="ids of the case `inline`")
    parser.add_argument("--peer-ids", type=int, nargs="+", default=[10_000, 100_000, 1_000_000], help="sizes of the case `terraform`")
    parser.add_argument("--folder", type=Path, default=FOLDER, help="where data is kept between runs (default build/bench)")
    parser.add_argument("--write", action="store_true", help="write benchmarks/RESULTS.md")
    return parser.parse_args()


def main() -> None:
    given = options()
    if given.list:
        for name, case in CASES.items():
            print(f"{name:<12} {' '.join((case.__doc__ or '').split())}")
            for goal in GOALS:
                if goal.case == name:
                    print(f"{'':<14} {goal.work}: {'≥' if goal.is_least else '≤'} {goal.limit:g} {goal.unit}")
        return
    scale = Scale(
        tuple(given.ids), given.rounds, tuple(given.projects), given.batches, given.side_by_side, given.inline, tuple(given.peer_ids)
    )
    bench = Bench(given.folder.resolve(), scale)
    bench.folder.mkdir(parents=True, exist_ok=True)
    rows: list[Row] = []
    figures: dict[str, Figure] = {}
    print(f"{'command':<62} {'wall s':>8} {'CPU s':>8} {'peak MB':>8} {'sha256sum':>9}")
    started = time.monotonic()
    for name, case in CASES.items():
        if name not in given.only:
            continue
        for found in case(bench):
            if isinstance(found, Row):
                rows.append(found)
                print(report.row_text(found), flush=True)
            else:
                figures[found.key] = found
    skipped = [name for name in CASES if name not in given.only]
    print("\n" + report.goal_table(figures))
    print("\n" + "\n".join(report.machine(scale)))
    shutil.rmtree(bench.folder / "workspaces", ignore_errors=True)
    # A file linked into a workspace is one file on disk.
    sizes = {facts.st_ino: facts.st_size for facts in (path.lstat() for path in bench.folder.rglob("*") if path.is_file())}
    print(f"{time.monotonic() - started:.0f} s in all; {bench.folder.name}/ keeps {sum(sizes.values()) / 1e6:,.0f} MB for the next run")
    if given.write:
        (HERE / "RESULTS.md").write_text(report.markdown(scale, rows, figures, skipped), "utf-8")


if __name__ == "__main__":
    main()
