"""Every recipe of the repository, found by where it lies: what each file is for which platform, and the shell in it."""

from __future__ import annotations

import shutil
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

__all__ = ["CHECKOUT", "Shell", "found", "kind_of", "program", "shells"]

CHECKOUT = Path(__file__).parents[2]
RECIPES = CHECKOUT / "examples/ci"


def found() -> list[Path]:
    """The YAML files of all recipes, hidden ones too, and those at the top that other platforms read."""
    tops = [*CHECKOUT.glob("*.yml"), CHECKOUT / ".pre-commit-hooks.yaml"]
    return sorted([*tops, *(path for ending in ("yml", "yaml") for path in RECIPES.rglob(f"*.{ending}"))])


def kind_of(path: Path) -> str:
    """What *path* is: `workflow` or `action` of GitHub, `gitlab`, `kubernetes`, `kustomization`, `hooks`, `manifest`; else fails."""
    if path.name in (".gitlab-ci.yml", ".pre-commit-hooks.yaml"):
        return {".gitlab-ci.yml": "gitlab", ".pre-commit-hooks.yaml": "hooks"}[path.name]
    if path.parts[-3:-1] == (".github", "workflows"):
        return "workflow"
    documents = [one for one in yaml.safe_load_all(path.read_text("utf-8")) if one is not None]
    if path.stem == "action" and "runs" in documents[0]:
        return "action"
    if all("kind" in one and "apiVersion" in one for one in documents):
        return "kustomization" if documents[0]["kind"] == "Kustomization" else "kubernetes"
    assert documents[0].get("version") == 1, f"{path.relative_to(CHECKOUT)} is a file of no platform that is checked"
    assert {"workspace", "projects"} & set(documents[0]), f"{path.relative_to(CHECKOUT)} is no manifest"
    return "manifest"


@dataclass(frozen=True, slots=True)
class Shell:
    """Lines that a platform gives to a shell: of which file, where in it, and in which dialect, `sh` or `bash`."""

    path: Path
    where: str
    dialect: str
    text: str

    def __str__(self) -> str:
        return f"{self.path.relative_to(CHECKOUT)}:{self.where}"


def shells() -> Iterator[Shell]:
    """All shell there is in recipes, in scripts beside them, and in the Dockerfile."""
    for path in found():
        for document in yaml.safe_load_all(path.read_text("utf-8")):
            yield from _SHELLS.get(kind_of(path), _none)(path, document)
    for path in sorted(RECIPES.rglob("*.sh")):
        text = path.read_text("utf-8")
        yield Shell(path, "all", "bash" if "bash" in text.partition("\n")[0] else "sh", text)
    yield Shell(CHECKOUT / "Dockerfile", "RUN", "sh", "\n".join(runs((CHECKOUT / "Dockerfile").read_text("utf-8"))))


def runs(dockerfile: str) -> list[str]:
    """The commands of each RUN, in order."""
    lines = dockerfile.replace("\\\n", " ").splitlines()
    return [line.removeprefix("RUN ") for line in lines if line.startswith("RUN ")]


def _none(path: Path, document: Any) -> Iterator[Shell]:
    yield from ()


def _of_workflow(path: Path, document: Any) -> Iterator[Shell]:
    for name, job in document["jobs"].items():
        yield from _of_steps(path, name, job.get("steps", []))


def _of_action(path: Path, document: Any) -> Iterator[Shell]:
    yield from _of_steps(path, "runs", document["runs"].get("steps", []))


def _of_steps(path: Path, name: str, steps: Any) -> Iterator[Shell]:
    for number, step in enumerate(steps, start=1):
        if step.get("shell", "bash") in ("bash", "sh") and "run" in step:
            yield Shell(path, f"{name}.{number}", step.get("shell", "bash"), step["run"])


def _of_gitlab(path: Path, document: Any) -> Iterator[Shell]:
    for name, job in document.items():
        for key in ("before_script", "script", "after_script"):
            if isinstance(job, dict) and key in job:
                yield Shell(path, f"{name}.{key}", "bash", "\n".join(job[key]))


def _of_kubernetes(path: Path, document: Any) -> Iterator[Shell]:
    todo = [document]
    while todo:
        one = todo.pop()
        if isinstance(one, dict):
            command = one.get("command")
            if isinstance(command, list) and command[0] in ("sh", "bash", "/bin/sh", "/bin/bash") and command[-1].endswith("c"):
                yield Shell(path, one["name"], command[0].rpartition("/")[2], one["args"][0])
            todo += one.values()
        elif isinstance(one, list):
            todo += one


_SHELLS = {"workflow": _of_workflow, "action": _of_action, "gitlab": _of_gitlab, "kubernetes": _of_kubernetes}


def program(name: str, *arguments: str, folder: Path = CHECKOUT, given: str = "", **more: Any) -> subprocess.CompletedProcess[str]:
    """A run of another program, installed beside Python or on the path; fails, with how to get it, where it isn't there."""
    beside = Path(sys.executable).with_name(name)
    path = str(beside) if beside.exists() else shutil.which(name)
    assert path is not None, f"{name} isn't there: run this with `make test-engines`; shellcheck comes from the system's packages"
    return subprocess.run(
        [path, *arguments], cwd=folder, input=given, capture_output=True, text=True, encoding="utf-8", timeout=300, check=False, **more
    )
