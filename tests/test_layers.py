"""The rule between the rooms: stages never import each other, and whoever breaks that is told."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

CHECKOUT = Path(__file__).parent.parent
LINT = "from importlinter.cli import lint_imports_command; lint_imports_command()"

PLANTED = {
    "a stage that imports another": ("render/look.py", "mixpriv_reconcile.state.files"),
    "a stage that imports the pipeline": ("apply/run.py", "mixpriv_reconcile.pipeline.setting"),
    "words that know a stage": ("model/plan.py", "mixpriv_reconcile.plan.digest"),
    "a decision that looks at the clock": ("plan/decide.py", "time"),
    "a sandbox that knows the client": ("sandbox/app.py", "mixpriv_reconcile.errors"),
    "a state that opens connections": ("state/files.py", "httpx"),
}
"""What is wrong → the file, and what is imported at its end."""


@pytest.fixture
def copy(tmp_path: Path) -> Path:
    """A copy of the package and of the contracts, to plant something in."""
    shutil.copytree(CHECKOUT / "mixpriv_reconcile", tmp_path / "mixpriv_reconcile", ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copy(CHECKOUT / "pyproject.toml", tmp_path)
    return tmp_path


def linted(folder: Path) -> subprocess.CompletedProcess[str]:
    """What import-linter says of the package in *folder*."""
    env = {**os.environ, "PYTHONPATH": str(folder), "COLUMNS": "400"}
    return subprocess.run(
        [sys.executable, "-c", LINT, "--no-cache", "--config", str(folder / "pyproject.toml")],
        cwd=folder, env=env, capture_output=True, text=True, timeout=300, check=False,
    )  # fmt: skip


def test_the_layers_hold(copy: Path) -> None:
    """No contract of pyproject.toml is broken."""
    ran = linted(copy)
    assert ran.returncode == 0, ran.stdout + ran.stderr
    assert " 0 broken" in ran.stdout


@pytest.mark.parametrize("what", PLANTED)
def test_a_planted_violation_is_caught(copy: Path, what: str) -> None:
    """An import that crosses the rule fails the check, which names both sides."""
    file, imported = PLANTED[what]
    with (copy / "mixpriv_reconcile" / file).open("a", encoding="utf-8") as source:
        source.write(f"\nimport {imported}\n")
    ran = linted(copy)
    assert ran.returncode == 1, ran.stdout + ran.stderr
    room = file.partition("/")[0]
    assert f"mixpriv_reconcile.{room} is not allowed to import {'.'.join(imported.split('.')[:2])}" in ran.stdout
