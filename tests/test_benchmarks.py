"""The benchmarks can be run: nothing here looks at how long anything takes."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

RUN = Path(__file__).parent.parent / "benchmarks" / "run.py"
TINY = ("--ids", "4000", "--rounds", "1", "--projects", "4", "40")
CASES = ("small", "projects", "first-plan", "known-plan")
"""Those that neither wait nor need anything that may not be installed."""

NOT_RUN, NOT_JUDGED = "not run", "other size"


def printed(*arguments: str) -> list[str]:
    """The lines that `benchmarks/run.py` prints."""
    ran = subprocess.run([sys.executable, RUN, *arguments], capture_output=True, text=True, timeout=300, check=False)
    assert ran.returncode == 0, ran.stderr
    return ran.stdout.splitlines()


def table(folder: Path, *cases: str) -> list[str]:
    """The lines of the table of goals, after a run of tiny sizes."""
    lines = printed(*TINY, "--folder", str(folder), "--only", *cases)
    return lines[next(number for number, line in enumerate(lines) if line.startswith("work ")) :]


def goals() -> list[tuple[str, str]]:
    """Each goal's case and work, as `--list` tells them."""
    found, case = [], ""
    for line in printed("--list"):
        if line.startswith(" "):
            found.append((case, line.strip().rpartition(": ")[0]))
        else:
            case = line.split()[0]
    return found


def test_every_goal_is_shown_with_what_was_measured(tmp_path: Path) -> None:
    """The table has each figure to reach: measured where its case was run, and said to be not run where it wasn't."""
    lines = table(tmp_path, *CASES)
    shown = {work: next((line for line in lines if line.startswith(work + "  ")), "") for _, work in goals()}
    assert len(shown) > 20
    assert [work for work, line in shown.items() if not line] == []
    assert [work for case, work in goals() if (NOT_RUN in shown[work]) is (case in CASES)] == []


def test_a_figure_of_a_smaller_run_is_not_judged(tmp_path: Path) -> None:
    """A goal is about so many ids or projects: at another size its figure is shown, and called neither met nor missed."""
    measured = [line for line in table(tmp_path, "projects")[1:] if "≤" in line and NOT_RUN not in line]
    assert len(measured) == 4
    assert [line for line in measured if NOT_JUDGED not in line] == []
