"""What the step `install` of action.yml does, with the program under test: puts `mixpriv` on PATH, if that is the version asked for."""

from __future__ import annotations

import os
import pathlib
import sys

from mixpriv_reconcile import __version__

assert not any(name.startswith("MIX") and "URL" not in name and "LEASE" not in name for name in os.environ), "an install knows no secret"
asked = os.environ["VERSION"]
assert asked in ("", __version__), f"mixpriv {asked} is asked for, and {__version__} is under test"
assert os.environ["EXTRAS"] in ("", "s3", "gcs", "azure")
assert pathlib.Path(os.environ["PIP_CONSTRAINT"]).is_file()
programs = pathlib.Path(os.environ["RUNNER_TEMP"], "mixpriv", "bin")
programs.mkdir(parents=True)
program = programs / "mixpriv"
program.write_text(f'#!/bin/sh\nexec "{sys.executable}" -P -m mixpriv_reconcile "$@"\n')
program.chmod(0o755)
(programs.parent / "asked").write_text(f"version='{asked}' extras='{os.environ['EXTRAS']}'\n")
with pathlib.Path(os.environ["GITHUB_PATH"]).open("a") as file:
    file.write(f"{programs}\n")
