"""The Dockerfile, as far as it can be checked without a daemon: what it says, and its steps in a scratch folder. No image is built here."""

from __future__ import annotations

import os
import re
import shlex
import shutil
import subprocess
import tomllib
import venv
from pathlib import Path

import pytest

from .schemas_found import CHECKOUT, runs

TEXT = (CHECKOUT / "Dockerfile").read_text("utf-8")
STEPS = [line.split(" ", 1) for line in re.sub(r"\\\n\s*", " ", re.sub(r"^#.*\n", "", TEXT, flags=re.MULTILINE)).splitlines() if line]
PROJECT = tomllib.loads((CHECKOUT / "pyproject.toml").read_text("utf-8"))["project"]


def said(instruction: str) -> list[str]:
    """The arguments of each *instruction*, in order."""
    return [arguments for name, arguments in STEPS if name == instruction]


def copied() -> list[str]:
    """What the checkout gives to the build."""
    return [word for line in said("COPY") if not line.startswith("--from") for word in shlex.split(line)[:-1]]


def test_its_base_is_pinned_to_a_version_that_is_supported() -> None:
    """Python to the last number, slim, of a named release of Debian; both stages from it."""
    (base,) = said("ARG")
    found = re.fullmatch(r"PYTHON=python:(\d+\.\d+)\.\d+-slim-[a-z]+(@sha256:[0-9a-f]{64})?", base)
    assert found is not None
    assert f"Programming Language :: Python :: {found[1]}" in PROJECT["classifiers"]
    assert [line.split()[0] for line in said("FROM")] == ["${PYTHON}", "${PYTHON}"]


def test_it_runs_as_nobody() -> None:
    """By number, so that Kubernetes can see that it isn't root; signals reach the program; nothing asks it how it feels."""
    last = STEPS[max(index for index, (name, _) in enumerate(STEPS) if name == "FROM") :]
    assert ["USER", "65532:65532"] in last
    assert last[-2:] == [["ENTRYPOINT", '["mixpriv"]'], ["CMD", '["--help"]']]
    assert ["HEALTHCHECK", "NONE"] in last
    assert [name for name, _ in last[last.index(["USER", "65532:65532"]) :] if name in ("RUN", "COPY", "ADD")] == []


def test_it_takes_nothing_but_the_program() -> None:
    """Each file it copies is there, the ignore file lets these through and nothing else, and nothing is fetched by ADD."""
    assert said("ADD") == []
    assert [name for name in copied() if not (CHECKOUT / name).exists()] == []
    lines = [line for line in (CHECKOUT / ".dockerignore").read_text("utf-8").splitlines() if not line.startswith("#")]
    assert lines[0] == "*"
    assert {line[1:] for line in lines if line.startswith("!")} == set(copied())
    assert not {"tests", "examples", ".git", "."} & set(copied())


def test_it_holds_no_secret() -> None:
    """Neither as a variable nor as an argument: an image tells both to everybody."""
    names = [word.partition("=")[0] for line in (*said("ENV"), *said("ARG")) for word in shlex.split(line)]
    assert [name for name in names if re.search("TOKEN|SECRET|PASSWORD|_KEY|URL", name)] == []


def test_what_it_installs_is_pinned() -> None:
    """The versions of constraints.txt, as wheels, with the clients of every object store, and without a cache left behind."""
    (environment,) = [line for line in said("ENV") if "PIP" in line]
    assert shlex.split(environment) == ["PIP_NO_CACHE_DIR=1", "PIP_DISABLE_PIP_VERSION_CHECK=1", "PIP_CONSTRAINT=/build/constraints.txt"]
    (extras,) = re.findall(r"\[([a-z0-9,]+)\]", runs(TEXT)[0])
    assert {"s3", "gcs", "azure"} == set(extras.split(",")) <= set(PROJECT["optional-dependencies"])


@pytest.mark.engines
def test_its_steps_make_the_program(tmp_path: Path) -> None:
    """The commands of the first stage, run over the files that it copies, make a program that starts and can reach every store."""
    build, installed = tmp_path / "build", tmp_path / "mixpriv"
    build.mkdir()
    for name in copied():
        if (CHECKOUT / name).is_dir():
            shutil.copytree(CHECKOUT / name, build / name, ignore=shutil.ignore_patterns("__pycache__"))
        else:
            shutil.copy(CHECKOUT / name, build / name)
    venv.create(tmp_path / "image", with_pip=True)
    environment = {name: value for name, value in os.environ.items() if not name.startswith("PYTHON")}
    environment |= {"PATH": f"{tmp_path / 'image/bin'}:{os.environ['PATH']}", "HOME": str(tmp_path)}
    environment |= {name: value.replace("/build/", f"{build}/") for name, value in (word.split("=", 1) for word in shlex.split(said("ENV")[0]))}
    commands = runs(TEXT)[0].replace("/opt/mixpriv", str(installed))
    ran = subprocess.run(["sh", "-euc", commands], cwd=build, env=environment, capture_output=True, text=True, check=False)
    assert ran.returncode == 0, ran.stderr
    program = subprocess.run([installed / "bin/mixpriv", "version"], cwd=tmp_path, env=environment, capture_output=True, text=True, check=True)
    assert program.stdout.startswith("mixpriv ")
    for module in ("obstore.store", "mixpriv_reconcile.cli.no_ids"):
        subprocess.run([installed / "bin/python", "-c", f"import {module}"], cwd=tmp_path, env=environment, check=True)
    assert not (installed / "bin/pip").exists()
