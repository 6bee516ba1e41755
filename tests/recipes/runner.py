"""A runner of GitHub Actions, as far as the recipes go: each job in a fresh folder, its steps one after the other.

What isn't built here, a key of a step, an expression or somebody else's action, is an error: nothing of a recipe is passed over.
"""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from .expressions import Known, filled, holds
from .github_server import REPOSITORY, GitHubServer
from .workflow_runs import CHECKOUT, Event, Job, Step, loaded

__all__ = ["Runner", "heeding_signals"]

HERE = Path(__file__).parent
PATIENCE_SECONDS = 300

ACTIONS = {
    "actions/checkout": "checkout",
    "actions/setup-python": "setup_python",
    "aws-actions/configure-aws-credentials": "configure_aws_credentials",
    "github/codeql-action/upload-sarif": "upload_sarif",
}
"""Others' actions, and the script here that does the same."""

OURS = "example-org/mixpriv-reconcile"
WORKFLOW_KEYS = {"name", "on", "permissions", "concurrency", "jobs"}
JOB_KEYS = {"if", "needs", "runs-on", "timeout-minutes", "environment", "permissions", "steps"}
STEP_KEYS = {"name", "id", "if", "uses", "with", "env", "run", "shell", "working-directory"}


class Runner:
    """Runs workflows of the repository at *origin*. *machine* is what its machines' environment holds; secrets belong to an environment."""

    def __init__(
        self, folder: Path, origin: Path, github: GitHubServer, machine: Mapping[str, str],
        secrets: Mapping[str, Mapping[str, str]], variables: Mapping[str, str],
    ) -> None:  # fmt: skip
        self.folder, self.origin, self.github, self.machine = folder, origin, github, machine
        self.secrets, self.variables = secrets, variables
        self.jobs: list[Job] = []

    def run(
        self, workflow: str, event: Event, killed_when: Callable[[], bool] | None = None, cancelled_when: Callable[[], bool] | None = None
    ) -> dict[str, Job]:
        """All jobs of the workflow as it stands in the commit.

        As soon as *killed_when* says so, the machine is gone; with *cancelled_when* somebody has cancelled the run.
        """
        shown = subprocess.run(
            ["git", "show", f"{event.sha}:.github/workflows/{workflow}"], cwd=self.origin, check=True, capture_output=True, text=True
        )
        document = loaded(shown.stdout)
        assert set(document) <= WORKFLOW_KEYS, f"not built: {set(document) - WORKFLOW_KEYS}"
        assert event.name in document["on"], f"{workflow} isn't started by {event.name}"
        done: dict[str, Job] = {}
        for name, job in document["jobs"].items():
            assert set(job) <= JOB_KEYS, f"not built: {set(job) - JOB_KEYS}"
            running = _RunningJob(self, document, name, job, event, killed_when)
            running.cancelled_when = cancelled_when
            needed = [job["needs"]] if isinstance(job.get("needs"), str) else job.get("needs", [])
            running.has_failed_needs = any(done[one].result != "success" for one in needed)
            done[name] = running.run()
            self.jobs.append(done[name])
        return done


class _RunningJob:
    def __init__(
        self, runner: Runner, workflow: Any, name: str, job: Any, event: Event, killed_when: Callable[[], bool] | None
    ) -> None:
        self.runner, self.workflow, self.name, self.job, self.event, self.killed_when = runner, workflow, name, job, event, killed_when
        self.known_failed = self.has_failed_needs = self.is_killed = self.is_cancelled = False
        self.cancelled_when: Callable[[], bool] | None = None
        self.count = 0
        self.steps: dict[str, dict[str, Any]] = {}
        self.env: dict[str, str] = {}
        self.path: list[str] = []
        self.done = Job("skipped", runner.folder / f"job-{len(runner.jobs) + 1}-{name}")
        rights: Mapping[str, str] = job["permissions"]
        self.rights = dict.fromkeys(rights, "read") if event.is_from_fork else dict(rights)
        secrets = {} if event.is_from_fork else runner.secrets.get(job.get("environment", ""), {})
        known = {one for of in runner.secrets.values() for one in of}
        self.contexts: dict[str, Any] = {
            "github": {
                "event": event.document, "event_name": event.name, "ref": event.ref, "sha": event.sha, "actor": event.actor,
                "repository": REPOSITORY, "token": runner.github.token(self.rights), "workflow": workflow["name"],
            },
            "inputs": event.document.get("inputs", {}),
            "vars": lambda one: runner.variables.get(one),
            "secrets": lambda one: secrets.get(one) if one in known else _unknown(one),
            "runner": {"temp": str(self.done.folder / "temp")},
            "steps": self.steps,
        }  # fmt: skip

    def run(self) -> Job:
        if not holds(self.job.get("if"), Known(self.contexts, has_failed=self.has_failed_needs)):
            return self.done
        for folder in ("work", "temp", "home"):
            (self.done.folder / folder).mkdir(parents=True)
        (self.done.folder / "event.json").write_text(json.dumps(self.event.document), "utf-8")
        for step in self.job["steps"]:
            self._step(step)
            if self.is_killed:
                break
        self.done.result = "cancelled" if self.is_cancelled else "failure" if self.known_failed or self.is_killed else "success"
        return self.done

    def _step(self, step: Any) -> None:
        assert set(step) <= STEP_KEYS, f"not built: {set(step) - STEP_KEYS}"
        made = Step(step.get("name") or step["uses"].partition("@")[0], "skipped")
        self.done.steps.append(made)
        known = self._known(self.contexts)
        if holds(step.get("if"), known):
            env = {name: filled(value, known) for name, value in step.get("env", {}).items()}
            if "run" in step:
                self._run(made, step, self.contexts, env)
            else:
                self._use(made, step["uses"], {name: filled(value, known) for name, value in step.get("with", {}).items()}, env)
            self.known_failed = self.known_failed or made.outcome == "failure"
        if "id" in step:
            self.steps[step["id"]] = {"outcome": made.outcome, "outputs": _outputs(step, made)}

    def _use(self, made: Step, uses: str, given: Mapping[str, str], env: Mapping[str, str]) -> None:
        action, _, commit = uses.partition("@")
        assert re.fullmatch("[0-9a-f]{40}", commit), f"{uses} isn't pinned to a commit"
        if action == OURS:
            self._use_ours(made, given, env)
            return
        assert action in ACTIONS, f"nothing here does what {action} does"
        inputs = {f"INPUT_{name.upper()}": value for name, value in given.items()}
        self._execute(made, [sys.executable, str(HERE / "actions" / f"{ACTIONS[action]}.py")], {**env, **inputs}, ".")

    def _use_ours(self, made: Step, given: Mapping[str, str], env: Mapping[str, str]) -> None:
        """`action.yml`, step by step; its step `install` is done by the script of that name."""
        action = loaded((CHECKOUT / "action.yml").read_text("utf-8"))
        assert set(given) <= set(action["inputs"]), f"no inputs of the action: {set(given) - set(action['inputs'])}"
        inputs = {name: given.get(name, declared["default"]) for name, declared in action["inputs"].items()}
        steps: dict[str, Any] = {one["id"]: {"outputs": {}} for one in action["runs"]["steps"]}
        github = self.contexts["github"] | {"action_path": str(CHECKOUT)}
        contexts = self.contexts | {"inputs": inputs, "steps": steps, "github": github}
        made.outcome = "success"
        for step in action["runs"]["steps"]:
            inner = Step(step["id"], "skipped")
            known = Known(contexts)
            if holds(step.get("if"), known):
                own = {**env, **{name: filled(value, known) for name, value in step["env"].items()}}
                if step["id"] != "install":
                    self._run(inner, step, contexts, own)
                elif not (self.done.folder / "temp" / "mixpriv" / "bin" / "mixpriv").exists():
                    self._execute(inner, [sys.executable, str(HERE / "actions" / "install_mixpriv.py")], own, ".")
            made.log += inner.log
            made.exit_code = inner.exit_code
            steps[step["id"]] = {"outcome": inner.outcome, "outputs": inner.outputs}
            if inner.outcome == "failure":
                made.outcome = "failure"
                break
        # Each is a text then, empty where the step inside had none; of an action that is skipped there are none at all.
        made.outputs = {name: filled(one["value"], Known(contexts)) for name, one in action["outputs"].items()}

    def _run(self, made: Step, step: Any, contexts: Mapping[str, Any], env: Mapping[str, str]) -> None:
        known = self._known(contexts)
        script = self.done.folder / "temp" / f"{self.count:02}.sh"
        script.write_text(filled(step["run"], known), "utf-8")
        # As the runner starts them: https://docs.github.com/actions/reference/workflows-and-actions/workflow-syntax, `shell`.
        shell = {None: ["bash", "-e"], "bash": ["bash", "--noprofile", "--norc", "-eo", "pipefail"]}[step.get("shell")]
        self._execute(made, [*shell, str(script)], env, filled(step.get("working-directory", "."), known))

    def _execute(self, made: Step, command: list[str], env: Mapping[str, str], where: str) -> None:
        self.count += 1
        temp = self.done.folder / "temp"
        files = {name: temp / f"{self.count:02}.{name}" for name in ("output", "env", "path", "summary")}
        for file in files.values():
            file.touch()
        log = temp / f"{self.count:02}.log"
        variables = {**self._machine(files), **self.env, **env}
        with log.open("w") as out:
            running = subprocess.Popen(
                command, cwd=self.done.folder / "work" / where, env=variables, start_new_session=True,
                stdin=subprocess.DEVNULL, stdout=out, stderr=subprocess.STDOUT, preexec_fn=heeding_signals,
            )  # fmt: skip
            end = time.monotonic() + PATIENCE_SECONDS
            while running.poll() is None and not self.is_killed:
                self.is_killed = self.killed_when is not None and self.killed_when()
                if not self.is_cancelled and self.cancelled_when is not None and self.cancelled_when():
                    self.is_cancelled = True
                    running.send_signal(signal.SIGINT)  # the step's entry process alone: docs.github.com, "Workflow cancellation reference"
                assert time.monotonic() < end, f"{made.name} is stuck:\n{log.read_text('utf-8')}"
                time.sleep(0.02)
        if running.poll() is None:
            os.killpg(running.pid, signal.SIGKILL)
        made.exit_code = running.wait()
        made.outcome = "success" if made.exit_code == 0 else "failure"
        made.log += log.read_text("utf-8")
        made.outputs |= dict(_named(files["output"]))
        self.env |= dict(_named(files["env"]))
        self.path = [*reversed(files["path"].read_text("utf-8").split()), *self.path]

    def _machine(self, files: Mapping[str, Path]) -> dict[str, str]:
        github = self.contexts["github"]
        folder = self.done.folder
        token = {"ACTIONS_ID_TOKEN_REQUEST_TOKEN": "an-identity"} if self.rights.get("id-token") == "write" else {}
        return {
            **self.runner.machine,
            **token,
            "PATH": os.pathsep.join([*self.path, self.runner.machine["PATH"]]),
            "HOME": str(folder / "home"),
            "CI": "true",
            "GITHUB_ACTIONS": "true",
            "GITHUB_ACTOR": github["actor"],
            "GITHUB_TRIGGERING_ACTOR": self.event.triggering_actor or github["actor"],
            "GITHUB_API_URL": self.runner.github.origin,
            "GITHUB_SERVER_URL": "https://github.invalid",
            "GITHUB_EVENT_NAME": self.event.name,
            "GITHUB_EVENT_PATH": str(folder / "event.json"),
            "GITHUB_REF": self.event.ref,
            "GITHUB_REPOSITORY": REPOSITORY,
            "GITHUB_RUN_ID": "7001",
            "GITHUB_SHA": self.event.sha,
            "GITHUB_WORKFLOW": github["workflow"],
            "GITHUB_WORKSPACE": str(folder / "work"),
            "GITHUB_OUTPUT": str(files["output"]),
            "GITHUB_ENV": str(files["env"]),
            "GITHUB_PATH": str(files["path"]),
            "GITHUB_STEP_SUMMARY": str(files["summary"]),
            "RUNNER_TEMP": str(folder / "temp"),
            "RUNNER_ORIGIN": str(self.runner.origin),
            "RUNNER_RIGHTS": " ".join(f"{name}:{level}" for name, level in self.rights.items()),
        }

    def _known(self, contexts: Mapping[str, Any]) -> Known:
        return Known(contexts, has_failed=self.known_failed, is_cancelled=self.is_cancelled)


def heeding_signals() -> None:
    """For a shell about to start: none can trap a signal that was ignored when it was started, as SIGINT is in what a shell has in the
    background."""
    signal.signal(signal.SIGINT, signal.SIG_DFL)


def _outputs(step: Any, made: Step) -> Callable[[str], str | None]:
    """What a step tells the next ones. What it hasn't told is null; one that its action has no word of is an error."""
    names = loaded((CHECKOUT / "action.yml").read_text("utf-8"))["outputs"] if step.get("uses", "").startswith(f"{OURS}@") else None

    def output(name: str) -> str | None:
        assert names is None or name in names, f"action.yml has no output {name}"
        return made.outputs.get(name)

    return output


def _unknown(secret: str) -> str:
    raise AssertionError(f"no environment has a secret {secret}")


def _named(file: Path) -> list[tuple[str, str]]:
    """The `name=value` and `name<<END` of an environment file."""
    found, lines = [], iter(file.read_text("utf-8").splitlines())
    for line in lines:
        name, sign, rest = re.fullmatch(r"([\w-]+)(=|<<)(.*)", line).groups()  # type: ignore[union-attr]
        if sign == "<<":
            held = []
            while (inner := next(lines)) != rest:
                held.append(inner)
            rest = "\n".join(held)
        found.append((name, rest))
    return found
