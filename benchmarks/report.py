"""What was measured, as text: rows as they come, then the goals; and the same as Markdown for RESULTS.md."""

from __future__ import annotations

import os
import platform
import time
from collections.abc import Iterator, Mapping, Sequence
from importlib.metadata import PackageNotFoundError, version

from bench import Row, Scale
from goals import GOALS, Figure, Goal, verdict

__all__ = ["goal_table", "machine", "markdown", "row_text"]

NOT_RUN = "not run"


def row_text(row: Row) -> str:
    """One line of the terminal's table."""
    ran = row.ran
    ratio = f"{row.ratio:8.2f}×" if row.ratio is not None else "        –"
    return f"{row.what:<62} {ran.wall_seconds:8.3f} {ran.cpu_seconds:8.3f} {ran.peak_mb:8.0f} {ratio}  {row.note}".rstrip()


def goal_cells(goal: Goal, figures: Mapping[str, Figure]) -> tuple[str, str, str, str, str]:
    """Work, goal, measured, verdict, note."""
    bound = f"{'≥' if goal.is_least else '≤'} {_number(goal.limit)} {goal.unit}"
    figure = figures.get(goal.key)
    if figure is None:
        return goal.work, bound, NOT_RUN, "–", ""
    return goal.work, bound, f"{_number(figure.value)} {goal.unit}", verdict(goal, figure), figure.note


def goal_table(figures: Mapping[str, Figure]) -> str:
    """Every goal beside what was measured, for the terminal."""
    cells = [("work", "goal", "measured", "verdict", "")] + [goal_cells(goal, figures) for goal in GOALS]
    widths = [max(len(row[column]) for row in cells) for column in range(4)]
    lines = ("  ".join([*(text.ljust(width) for text, width in zip(row, widths, strict=False)), row[4]]).rstrip() for row in cells)
    return "\n".join(lines)


def machine(scale: Scale) -> tuple[str, ...]:
    """What a reader must know of the machine; nothing that names it."""
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30
    libraries = ", ".join(f"{name} {_version(name)}" for name in ("numpy", "cryptography", "mixpriv-reconcile"))
    return (
        f"{platform.system()} {platform.machine()}, {os.cpu_count()} cores, {memory:.0f} GiB, load {os.getloadavg()[0]:.1f} at the end",
        f"{platform.python_implementation()} {platform.python_version()}, {libraries}",
        f"{time.strftime('%Y-%m-%d', time.gmtime())}, medians of {scale.rounds} rounds, N = {max(scale.ids):,}",
    )


def markdown(scale: Scale, rows: Sequence[Row], figures: Mapping[str, Figure], skipped: Sequence[str]) -> str:
    return "\n".join(_markdown(scale, rows, figures, skipped)) + "\n"


def _markdown(scale: Scale, rows: Sequence[Row], figures: Mapping[str, Figure], skipped: Sequence[str]) -> Iterator[str]:
    yield "# Results"
    yield ""
    yield "Written by `make bench`; see [README.md](README.md) for how it is measured. Machines wander by half: compare ratios, not times."
    yield ""
    yield from (f"- {line}" for line in machine(scale))
    if skipped:
        yield f"- not run: {', '.join(skipped)}"
    yield ""
    yield "## Goals"
    yield ""
    yield "| work | goal | measured | verdict | note |"
    yield "| --- | --- | --- | --- | --- |"
    yield from (f"| {' | '.join(goal_cells(goal, figures))} |" for goal in GOALS)
    yield ""
    yield "## Everything"
    yield ""
    yield "Wall and CPU in seconds; peak in MB (10⁶ bytes); the ratio is that to `sha256sum` of the same file, in turn."
    yield ""
    yield "| command | wall | CPU | peak | ratio | note |"
    yield "| --- | ---: | ---: | ---: | ---: | --- |"
    for row in rows:
        ratio = f"{row.ratio:.2f}×" if row.ratio is not None else "–"
        yield f"| {row.what} | {row.ran.wall_seconds:.3f} | {row.ran.cpu_seconds:.3f} | {row.ran.peak_mb:.0f} | {ratio} | {row.note} |"


def _number(value: float) -> str:
    return f"{value:,.0f}" if value >= 100 else f"{value:.1f}" if value >= 20 else f"{value:.2f}" if value >= 2 else f"{value:.3f}"


def _version(name: str) -> str:
    try:
        return version(name)
    except PackageNotFoundError:
        return "(not installed)"
