"""How a run begins where its streams are closed, or a signal comes before it has loaded."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest
from newcomer import environment

from mixpriv_reconcile.__main__ import main

MANIFEST = "version: 1\nprojects:\n  web: {id: 1, token: {env: WEB}, residency: eu, deletions: {r: {compliance: gdpr, received: 2026-11-03, distinct_ids: [u]}}}\n"

STAND_IN = "import os, signal\nos.kill(os.getpid(), signal.{name})\nraise SystemExit('not ended')\n"


@pytest.mark.parametrize("closed", [">&-", "2>&-", "<&-", ">&- 2>&- <&-"])
@pytest.mark.parametrize("line", ["plan --sandbox", "plan --sandbox --format json", "plan --sandbox --format html", "validate", "no-such-command"])
def test_closed_streams_are_no_bug(tmp_path: Path, line: str, closed: str) -> None:
    """With a standard stream closed a run ends as with it, and writes nothing of what it says into another stream or a file."""
    (tmp_path / "w").mkdir()
    (tmp_path / "w/mixpriv.yaml").write_text(MANIFEST, "utf-8")
    env = environment(tmp_path / "home")

    def ran(streams: str) -> subprocess.CompletedProcess[str]:
        command = ["sh", "-c", f"mixpriv {line} {streams}"]
        return subprocess.run(command, cwd=tmp_path / "w", env=env, capture_output=True, text=True, check=False)

    whole, without = ran(""), ran(closed)
    assert whole.returncode == without.returncode
    assert "bug" not in without.stderr
    assert without.stdout == "" or "no-such-command" not in without.stdout
    assert (without.stdout == "") == (whole.stdout == "" or ">&-" in closed.split())
    assert (without.stderr == "") == (whole.stderr == "" or "2>&-" in closed.split())


@pytest.mark.parametrize("name", ["SIGINT", "SIGTERM"])
def test_a_signal_while_it_loads_ends_it_quietly(tmp_path: Path, name: str) -> None:
    """Ctrl-C in the first moment ends with 130 and a sentence, never with a traceback; so does what a supervisor sends, with 143."""
    (tmp_path / "click.py").write_text(STAND_IN.format(name=name), "utf-8")  # the first of what has to be loaded
    checkout = str(Path(main.__code__.co_filename).parents[1])
    env = {**os.environ, "PYTHONPATH": os.pathsep.join((str(tmp_path), checkout))}
    command = [sys.executable, "-P", "-m", "mixpriv_reconcile", "version"]
    ran = subprocess.run(command, cwd=tmp_path, env=env, capture_output=True, text=True, check=False)
    assert (128 + signal.Signals[name], "", "interrupted; nothing was sent\n") == (ran.returncode, ran.stdout, ran.stderr)
