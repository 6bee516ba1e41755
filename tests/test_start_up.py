"""What a command loads: start-up matters in pipelines, and most of what a run could need it doesn't."""

from __future__ import annotations

import os
import subprocess
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from mixpriv_reconcile.cli.main import COMMANDS

HEAVY = (
    "asyncio", "cryptography", "httpx", "jsonschema", "mixpriv_reconcile.sdks.scan", "msgspec", "numpy", "pathspec", "rich", "starlette",
    "uvicorn", "yaml",
)  # fmt: skip
"""Libraries that take a good part of a command's time to load, and a room of ours that few workspaces need."""

PROGRAM = """
import sys
from mixpriv_reconcile.cli.main import main
try:
    main()
finally:
    sys.stderr.write("\\nloaded: " + " ".join(sorted(set(sys.modules).intersection({heavy!r}))))
"""

MANIFEST = f"""\
version: 1
workspace:
  credentials: {{gdpr_token: {{env: MIXPANEL_GDPR_TOKEN, issued: {datetime.now(UTC).date() - timedelta(days=30)}}}}}
projects:
  web-us:
    id: 1111111
    token: {{env: MIXPANEL_WEB_US_TOKEN}}
    residency: us
"""

DELETIONS = """\
    deletions:
      november: {compliance: gdpr, received: 2026-11-03, distinct_ids: [user-1, user-2]}
"""


def loaded(folder: Path, *arguments: str, code: int = 0) -> set[str]:
    """Which of the heavy libraries a run of the program has loaded when it ends with *code*."""
    outer = {name: value for name, value in os.environ.items() if not name.startswith("MIX")}
    environment = {**outer, "MIXPRIV_DIGEST_KEY": "a key of enough characters", "MIXPRIV_DEBUG": ""}
    command = [sys.executable, "-c", PROGRAM.format(heavy=HEAVY), *arguments]
    ran = subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True, check=False)
    assert code == ran.returncode, ran.stderr
    return set(ran.stderr.rpartition("loaded: ")[2].split())


@pytest.mark.parametrize("arguments", [["version"], ["--help"], ["--version"], *([name, "--help"] for name in COMMANDS)])
def test_help_loads_nothing_heavy(tmp_path: Path, arguments: list[str]) -> None:
    """`version`, and the help of every command, load click and no other library."""
    assert set() == loaded(tmp_path, *arguments)


@pytest.mark.parametrize("name", COMMANDS)
def test_a_wrong_option_loads_nothing_heavy(tmp_path: Path, name: str) -> None:
    """A typing mistake is answered at once."""
    assert set() == loaded(tmp_path, name, "--no-such-option", code=1)


@pytest.mark.parametrize("deletions", ["", DELETIONS])
def test_few_ids_need_no_arrays(tmp_path: Path, deletions: str) -> None:
    """Where no file of ids is named and nothing is wrong, `validate` loads a reader of YAML and nothing else."""
    (tmp_path / "privacy.yaml").write_text(MANIFEST + deletions)
    assert {"yaml"} == loaded(tmp_path, "validate")


def test_what_has_something_to_say_is_loaded_then(tmp_path: Path) -> None:
    """A manifest that the schema refuses, and an ignore file, load what judges them."""
    (tmp_path / "privacy.yaml").write_text(MANIFEST + "    token_file: x\n")
    assert {"jsonschema", "yaml"} == loaded(tmp_path, "validate", code=1)
    (tmp_path / ".mixprivignore").write_text("build/\n")
    assert {"jsonschema", "pathspec", "yaml"} == loaded(tmp_path, "validate", code=1)


SDKS = """\
    sdks:
      javascript: {source: a.ts}
"""


def test_sources_are_read_by_what_reads_them(tmp_path: Path) -> None:
    """Without a declared source nothing is loaded that reads one; SDKs that are only named need nothing either."""
    scanner = {"mixpriv_reconcile.sdks.scan", "pathspec"}
    (tmp_path / "a.ts").write_text("export {};\n")
    (tmp_path / "privacy.yaml").write_text(MANIFEST + SDKS.replace("{source: a.ts}", "{}"))
    assert {"yaml"} == loaded(tmp_path, "validate")
    (tmp_path / "privacy.yaml").write_text(MANIFEST + SDKS)
    assert {"yaml", *scanner} == loaded(tmp_path, "validate")
    assert {"yaml"} == loaded(tmp_path, "validate", "--no-sources")
    assert {"yaml", *scanner} == loaded(tmp_path, "sdk", "check", "a.ts")
    assert set() == loaded(tmp_path, "sdk", "check", "--help")


def test_a_plan_that_sends_nothing_has_no_client(tmp_path: Path) -> None:
    """`validate` and `plan` load neither the HTTP client nor an event loop while no task is to be looked at."""
    (tmp_path / "privacy.yaml").write_text(MANIFEST + DELETIONS)
    for command in ("validate", "plan"):
        assert set() == {"asyncio", "httpx", "starlette", "uvicorn"} & loaded(tmp_path, command)
    assert "numpy" in loaded(tmp_path, "plan")
