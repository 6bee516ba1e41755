"""`mixpriv validate` as a user meets it."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from jsonschema import Draft202012Validator

import mixpriv_reconcile

from .workspace import HEAD, PROJECT, WHOLE, wrote

SCHEMA = Path(__file__).parent.parent.parent / "schemas" / "diagnostics.v1.schema.json"
PACKAGE = Path(mixpriv_reconcile.__file__).parent.parent


def ran(root: Path, *arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
    """The program's answer in *root*, with none of this process's settings."""
    env = {"PYTHONPATH": str(PACKAGE), "PATH": os.environ.get("PATH", ""), "LC_ALL": "C.UTF-8", **environment}
    command = [sys.executable, "-m", "mixpriv_reconcile", *arguments, "-C", str(root)]
    return subprocess.run(command, env=env, capture_output=True, text=True, timeout=300, check=False)


def test_a_good_workspace_is_valid(tmp_path: Path) -> None:
    """A valid workspace ends 0 and says so; no credential and no key is needed."""
    result = ran(wrote(tmp_path, {"m.yaml": HEAD + PROJECT}), "validate")

    assert (0, "The manifests are valid.\n", "") == (result.returncode, result.stdout, result.stderr)
    assert ["m.yaml"] == os.listdir(tmp_path)


def test_findings_go_to_stderr(tmp_path: Path) -> None:
    """What is wrong goes to stderr, and the program ends 1."""
    result = ran(wrote(tmp_path, {"m.yaml": HEAD + PROJECT.replace("eu", "uk")}), "validate")

    assert (1, "") == (result.returncode, result.stdout)
    assert result.stderr.startswith("m.yaml:9:16: error[MP0204]: ")


def test_findings_as_json_are_one_document_on_stdout(tmp_path: Path) -> None:
    """With `--format json` stdout is one document that keeps to its schema, and stderr is silent."""
    result = ran(wrote(tmp_path, {"m.yaml": WHOLE + "        distinct_ids: [jane@canary.example, [x]]\n"}), "validate", "--format", "json")
    document = json.loads(result.stdout)

    assert (1, "") == (result.returncode, result.stderr)
    assert [] == list(Draft202012Validator(json.loads(SCHEMA.read_text("utf-8"))).iter_errors(document))
    assert {"code": "MP0110", "severity": "error", "file": "m.yaml", "line": 14, "column": 45} == {
        key: value for key, value in document["diagnostics"][0].items() if key not in ("message", "hint", "address")
    }
    assert "canary" not in result.stdout


@pytest.mark.parametrize(
    "content", [b"\xff", b"projects: [" + b"[" * 100_000, b"version: 1\nworkspace: {timezone: Nowhere/At-all}\n", b"projects: \x00"]
)
def test_no_traceback_reaches_a_user(tmp_path: Path, content: bytes) -> None:
    """Whatever is in a manifest, the program ends 1 with a finding."""
    result = ran(wrote(tmp_path, {"m.yaml": content}), "validate")

    assert 1 == result.returncode
    assert "Traceback" not in result.stdout + result.stderr
    assert "MP0009" not in result.stderr


def test_bounds_come_from_the_environment(tmp_path: Path) -> None:
    """A bound is set by its own variable."""
    root = wrote(tmp_path, {"m.yaml": HEAD + PROJECT})

    assert "MP0113" in ran(root, "validate", MIXPRIV_MAX_MANIFEST_BYTES="20").stderr
    assert "MP0102" in ran(root, "validate", MIXPRIV_MAX_DEPTH="2").stderr


def test_a_small_workspace_loads_only_what_it_needs(tmp_path: Path) -> None:
    """Checking manifests without ids loads neither the network, nor arrays, nor ciphers: pipelines feel every start."""
    root = wrote(tmp_path, {"m.yaml": HEAD + PROJECT + "    sso: {postback_url: eu.mixpanel.com/security/login/42}\n"})
    script = (
        "import sys; from mixpriv_reconcile.cli.main import main\n"
        f"sys.argv = ['mixpriv', 'validate', '-C', {str(root)!r}]\n"
        "try: main()\n"
        "except SystemExit as ended: assert not ended.code\n"
        "print(*sorted({'httpx', 'asyncio', 'numpy', 'cryptography', 'msgspec', 'rich', 'uvicorn'} & sys.modules.keys()))\n"
    )
    result = subprocess.run(
        [sys.executable, "-c", script], env={"PYTHONPATH": str(PACKAGE)}, capture_output=True, text=True, timeout=300, check=True
    )

    assert "The manifests are valid.\n\n" == result.stdout
