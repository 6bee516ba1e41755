"""What is tested is what people install: the built wheel, with all that it needs in it, and quick to start."""

from __future__ import annotations

import json
import re
import subprocess
import sys
import sysconfig
from importlib import metadata, resources
from importlib.resources.abc import Traversable
from pathlib import Path

import pytest

import mixpriv_reconcile
from mixpriv_reconcile.schema_files import SCHEMAS, schema_text

CHECKOUT = Path(__file__).parent.parent
PACKAGE = CHECKOUT / "mixpriv_reconcile"

HEAVY = frozenset({"cryptography", "httpx", "jsonschema", "numpy", "starlette", "uvicorn", "yaml"})


def python(*arguments: str, folder: Path) -> subprocess.CompletedProcess[str]:
    """This interpreter in a process of its own, away from the checkout."""
    return subprocess.run([sys.executable, "-P", *arguments], cwd=folder, capture_output=True, text=True, timeout=300, check=False)


def files_of(folder: Traversable, below: str = "") -> set[str]:
    found: set[str] = set()
    for entry in folder.iterdir():
        if entry.is_dir():
            found |= files_of(entry, f"{below}{entry.name}/")
        else:
            found.add(below + entry.name)
    return {name for name in found if "__pycache__" not in name}


def test_the_package_is_the_installed_one() -> None:
    """The tests import the package from where pip put it, not from the checkout."""
    home = Path(mixpriv_reconcile.__file__).resolve().parent
    assert home.parent in {Path(sysconfig.get_path(name)).resolve() for name in ("purelib", "platlib")}
    assert home != PACKAGE.resolve()


def test_its_metadata_fit() -> None:
    """The distribution has the package's version, and pip didn't link it to the checkout."""
    distribution = metadata.distribution("mixpriv-reconcile")
    assert distribution.version == mixpriv_reconcile.__version__
    origin = json.loads(distribution.read_text("direct_url.json") or "{}")
    assert not origin.get("dir_info", {}).get("editable", False)


def test_the_script_is_the_program(tmp_path: Path) -> None:
    """`mixpriv` and `python -m mixpriv_reconcile` are installed and are the same program."""
    program = Path(sys.executable).with_name("mixpriv")
    script = subprocess.run([program, "version"], cwd=tmp_path, capture_output=True, text=True, check=False)
    module = python("-m", "mixpriv_reconcile", "version", folder=tmp_path)
    assert script.stdout == module.stdout == f"mixpriv {mixpriv_reconcile.__version__}\n"


def test_the_wheel_has_every_file_of_the_package() -> None:
    """Code, explain pages, starter files and the mark of typed code: nothing of the checkout's package is missing."""
    wanted = files_of(PACKAGE)
    assert sorted(wanted - files_of(resources.files("mixpriv_reconcile"))) == []


@pytest.mark.parametrize("name", SCHEMAS)
def test_the_wheel_has_the_published_schemas(name: str) -> None:
    """Each schema that `mixpriv schema` prints is, byte for byte, the published one."""
    assert schema_text(name) == (CHECKOUT / "schemas" / f"{name}.v1.schema.json").read_text("utf-8")


@pytest.mark.parametrize("argument", ["version", "--help"])
def test_it_starts_without_what_it_does_not_need(argument: str, tmp_path: Path) -> None:
    """`mixpriv version` and `--help` load none of the big libraries: pipelines call them often."""
    ran = python("-X", "importtime", "-m", "mixpriv_reconcile", argument, folder=tmp_path)
    assert ran.returncode == 0, ran.stderr
    loaded = set(re.findall(r"\| +([A-Za-z_]\w*)", ran.stderr))
    assert "click" in loaded
    assert sorted(HEAVY & loaded) == []
