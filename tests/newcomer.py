"""What a newcomer has: a shell, `mixpriv` on PATH, and nothing of this program in the environment."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path

__all__ = ["CHECKOUT", "environment", "run"]

CHECKOUT = Path(__file__).parent.parent
PATIENCE_SECONDS = 300

PROGRAMS = {"mixpriv": "mixpriv_reconcile", "mixpriv-no-ids": "mixpriv_reconcile.cli.no_ids"}
"""What is installed, and the module that each is."""


def environment(home: Path, **more: str) -> dict[str, str]:
    """This process's environment without its tokens and settings, with the programs on PATH and any way to a network blocked."""
    programs = home / "programs"
    programs.mkdir(parents=True, exist_ok=True)
    for name, module in PROGRAMS.items():
        program = programs / name
        program.write_text(f'#!/bin/sh\nexec "{sys.executable}" -P -m {module} "$@"\n')
        program.chmod(0o755)
    kept = {name: value for name, value in os.environ.items() if name != "CI" and not name.startswith(("MIX", "PYTEST"))}
    # Nothing listens on port 9, so whatever isn't on loopback fails at once instead of getting out.
    nowhere = "http://127.0.0.1:9"
    return {
        **kept,
        "PATH": f"{programs}{os.pathsep}{kept.get('PATH', os.defpath)}",
        "HOME": str(home),
        "HTTPS_PROXY": nowhere,
        "HTTP_PROXY": nowhere,
        **more,
    }


def run(arguments: Sequence[str | Path], cwd: Path, env: Mapping[str, str]) -> subprocess.CompletedProcess[str]:
    """Run to the end without a terminal, stderr and stdout as one text; what it left running is ended too."""
    with subprocess.Popen(
        arguments, cwd=cwd, env=env, text=True, start_new_session=True,
        stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
    ) as running:  # fmt: skip
        try:
            output, _ = running.communicate(timeout=PATIENCE_SECONDS)
        except subprocess.TimeoutExpired:
            os.killpg(running.pid, signal.SIGKILL)
            output, _ = running.communicate()
            raise AssertionError(f"still running after {PATIENCE_SECONDS} s:\n{output}") from None
    return subprocess.CompletedProcess(list(arguments), running.returncode, output)
