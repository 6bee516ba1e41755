"""GitLab's jobs as its runner runs them, as far as the recipe goes: rules, variables, a fresh folder, artifacts, exit codes that are allowed.

What the recipe doesn't use isn't here, and an unknown keyword of a job fails. Images are stood for by commands of their names.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import yaml

__all__ = ["Job", "Pipeline", "commands_of_the_image", "holds"]

KEYWORDS = frozenset(
    {"stage", "rules", "script", "artifacts", "needs", "environment", "resource_group", "interruptible", "timeout", "allow_failure"}
)
NO_JOBS = frozenset({"stages", "workflow", "default", "variables"})
COMPARISON = re.compile(r"""\$(\w+)(?:\s*(==|!=)\s*(?:"([^"]*)"|\$(\w+)))?""")


def holds(condition: str, variables: Mapping[str, str]) -> bool:
    """Whether a rule's `if` holds: comparisons of variables, alone or joined by `&&` and `||`."""
    return any(all(_compared(one.strip(), variables) for one in some.split("&&")) for some in condition.split("||"))


def _compared(text: str, variables: Mapping[str, str]) -> bool:
    found = COMPARISON.fullmatch(text)
    assert found is not None, f"a condition of another form: {text}"
    name, operator, literal, other = found.groups()
    value = variables.get(name)
    if operator is None:
        return bool(value)
    return (value == (variables.get(other) if other else literal)) is (operator == "==")


def commands_of_the_image(folder: Path) -> Path:
    """A folder of the commands that the image has beside a system's own."""
    folder.mkdir()
    for name, module in {"mixpriv": "mixpriv_reconcile", "mixpriv-no-ids": "mixpriv_reconcile.cli.no_ids", "python3": ""}.items():
        command = folder / name
        command.write_text(f'#!/bin/sh\nexec {sys.executable} {f"-m {module} " if module else ""}"$@"\n')
        command.chmod(0o755)
    return folder


@dataclass(frozen=True)
class Job:
    """How a job ended. *status* as GitLab shows it; *kept* are the artifacts by path, *reports* the path of each."""

    name: str
    status: str
    code: int
    printed: str
    kept: Mapping[str, str] = field(repr=False)
    reports: Mapping[str, str] = field(repr=False)
    folder: Path = field(repr=False)


@dataclass
class Pipeline:
    """One pipeline over the files in *repository*: its jobs, in turn, with what each hands on.

    *variables* every job gets, *protected* those on the default branch alone; *predefined* is what GitLab says of the pipeline.
    """

    repository: Path
    work: Path
    predefined: Mapping[str, str]
    variables: Mapping[str, str]
    protected: Mapping[str, str]
    path: str
    ended: dict[str, Job] = field(default_factory=dict)
    waiting: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.file: Mapping[str, Any] = yaml.safe_load((self.repository / ".gitlab-ci.yml").read_text("utf-8"))
        self.jobs: Mapping[str, Mapping[str, Any]] = {name: job for name, job in self.file.items() if name not in NO_JOBS}
        for name, job in self.jobs.items():
            assert set(job) <= KEYWORDS, f"{name} has keywords that are not played: {set(job) - KEYWORDS}"

    @property
    def given(self) -> dict[str, str]:
        """All that is known before a job adds its own; what is set for the project wins over what the file says."""
        is_protected = self.predefined.get("CI_COMMIT_BRANCH") == self.predefined["CI_DEFAULT_BRANCH"]
        return {**self.file["variables"], **self.variables, **(self.protected if is_protected else {}), **self.predefined}

    def rule(self, name: str) -> Mapping[str, Any] | None:
        """The first of a job's rules that holds."""
        return next((rule for rule in self.jobs[name]["rules"] if holds(rule["if"], self.given)), None)

    def run(self) -> Pipeline:
        """Run every job that needs no hand, stage by stage; after a failure of what it needs, or of a stage before, only what asks for it."""
        assert any(holds(rule["if"], self.given) for rule in self.file["workflow"]["rules"]), "no pipeline is made"
        has_failed = False
        for stage in self.file["stages"]:
            for name, job in self.jobs.items():
                rule = self.rule(name)
                if job["stage"] != stage or rule is None:
                    continue
                needed = [one for one in job.get("needs", ()) if self.rule(one) is not None]
                is_held = has_failed if "needs" not in job else any(self._has_failed(one) for one in needed)
                if is_held and rule.get("when") != "always":
                    continue
                if rule.get("when") == "manual":
                    self.waiting.append(name)
                else:
                    self.play(name)
            has_failed = any(job.status == "failed" for job in self.ended.values())
        return self

    def _has_failed(self, name: str) -> bool:
        """Whether a job failed, or never ran."""
        return name not in self.ended or self.ended[name].status == "failed"

    def play(self, name: str) -> Job:
        """Run one job in a fresh folder: the repository's files, and the artifacts of the jobs it needs, or of all before it."""
        job, rule = self.jobs[name], self.rule(name)
        assert rule is not None
        before = [self.ended[one] for one in job.get("needs", list(self.ended)) if one in self.ended]
        folder = self.work / f"{len(list(self.work.iterdir()))}-{name}"
        shutil.copytree(self.repository, folder)
        for one in before:
            for path, content in one.kept.items():
                (folder / path).write_text(content, "utf-8")
        handed = dict(line.split("=", 1) for one in before if "dotenv" in one.reports for line in one.reports["dotenv"].splitlines())
        variables = {**handed, **rule.get("variables", {}), **self.given, "CI_JOB_NAME": name, "CI_PROJECT_DIR": str(folder)}
        ran = _run(job["script"], folder, variables, self.path)
        is_allowed = ran.returncode in job.get("allow_failure", {}).get("exit_codes", ())
        status = "success" if ran.returncode == 0 else "warning" if is_allowed else "failed"
        kept, reports = _artifacts(job.get("artifacts", {}), folder, has_failed=ran.returncode != 0)
        self.ended[name] = Job(name, status, ran.returncode, ran.stdout, kept, reports, folder)
        return self.ended[name]


def _run(script: Sequence[str], folder: Path, variables: Mapping[str, str], path: str) -> subprocess.CompletedProcess[str]:
    """The lines in one shell, as the runner's bash has them: the first that fails ends the job with its code."""
    own = {"PATH": path, "HOME": str(folder.parent), "XDG_RUNTIME_DIR": str(folder.parent), "CI": "true", "GITLAB_CI": "true"}
    if "PYTHONPATH" in os.environ:
        own["PYTHONPATH"] = os.path.abspath(os.environ["PYTHONPATH"])
    return subprocess.run(
        ["bash", "-eo", "pipefail", "-c", "\n".join(script)],
        cwd=folder, env=own | dict(variables), stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
        encoding="utf-8", timeout=300, check=False,
    )  # fmt: skip


def _artifacts(wanted: Mapping[str, Any], folder: Path, *, has_failed: bool) -> tuple[dict[str, str], dict[str, str]]:
    """What is uploaded: reports always, the paths as `when` says."""
    paths = wanted.get("paths", ()) if wanted.get("when") == "always" or not has_failed else ()
    kept = {path: (folder / path).read_text("utf-8") for path in paths if (folder / path).exists()}
    reports = {kind: (folder / path).read_text("utf-8") for kind, path in wanted.get("reports", {}).items() if (folder / path).exists()}
    return kept, reports


