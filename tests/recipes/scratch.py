"""A user's repository made of a recipe: bare, with a clone to work in, pull requests, buckets, and the secrets of its environments."""

from __future__ import annotations

import itertools
import os
import shutil
import subprocess
import sys
import urllib.request
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import yaml
from contracts.engines import KEY_ID, SECRET, sent
from journeys.workspace import Server
from obstore.store import S3Store

from .github_server import REPOSITORY, GitHubServer
from .runner import Runner
from .workflow_runs import CHECKOUT, Event, Job

__all__ = ["PROJECT_TOKEN", "SECRETS", "Scratch"]

PROJECT_TOKEN = "project-token-canary-3e91"
SECRETS = {
    "MIXPRIV_DIGEST_KEY": "digest-key-canary-for-recipes-77ab",
    "MIXPANEL_GDPR_TOKEN": "bearer-canary-0b52d8",
    "MIXPANEL_WEB_EU_TOKEN": PROJECT_TOKEN,
}
ENVIRONMENTS = ("privacy-plan", "production", "privacy-nightly")
numbers = itertools.count(1)


class Scratch:
    """The repository, and everything around it that its jobs meet."""

    def __init__(self, folder: Path, github: GitHubServer, server: Server, storage: str) -> None:
        self.folder, self.github, self.server, self.storage = folder, github, server, storage
        self.bare, self.clone = folder / "origin.git", folder / "clone"
        number = f"{os.getpid()}-{next(numbers)}"
        self.buckets = {kind: f"acme-privacy-{kind}-{number}" for kind in ("state", "requests", "exports")}
        for bucket in self.buckets.values():
            sent(urllib.request.Request(f"{storage}/{bucket}", b"", {"Content-Type": ""}, method="PUT"))
        self.git("init", "--quiet", "--bare", "--initial-branch=main", str(self.bare), cwd=folder)
        self.git("clone", "--quiet", str(self.bare), str(self.clone), cwd=folder)
        shutil.copytree(CHECKOUT / "examples" / "ci" / "github", self.clone, dirs_exist_ok=True, ignore=shutil.ignore_patterns("__pycache__"))
        manifest = self.clone / "workspace.yaml"
        text = manifest.read_text("utf-8")
        assert "bucket: acme-privacy-state" in text
        place = f"bucket: {self.buckets['state']}\n    endpoint: {storage}"
        manifest.write_text(text.replace("bucket: acme-privacy-state", place), "utf-8")
        self.commit("The recipe, with the bucket of this repository")
        self.git("push", "--quiet", "origin", "HEAD:main")
        self.runner = Runner(
            folder, self.bare, github,
            {
                "PATH": os.environ["PATH"],
                **({"PYTHONPATH": os.path.abspath(os.environ["PYTHONPATH"])} if "PYTHONPATH" in os.environ else {}),
                **{f"MIXPRIV_URL_{region.upper()}": origin for region, origin in server.origins.items()},
                "MIXPRIV_LEASE_SECONDS": "6",
                "AWS_ENDPOINT_URL": storage,
                "RUNNER_AWS_KEY_ID": KEY_ID,
                "RUNNER_AWS_SECRET": SECRET,
            },
            dict.fromkeys(ENVIRONMENTS, SECRETS),
            {
                "PRIVACY_ROLE": "arn:aws:iam::111122223333:role/privacy",
                "AWS_REGION": "eu-central-1",
                "REQUESTS_BUCKET": self.buckets["requests"],
                "EXPORTS_BUCKET": self.buckets["exports"],
                "MIXPRIV_CODE_SCANNING": "true",
            },
        )  # fmt: skip
        self._put_programs()

    def _put_programs(self) -> None:
        programs = self.folder / "programs"
        programs.mkdir()
        aws = programs / "aws"
        aws.write_text(f'#!/bin/sh\nexec "{sys.executable}" "{Path(__file__).parent / "programs" / "aws.py"}" "$@"\n')
        aws.chmod(0o755)
        self.runner.machine = {**self.runner.machine, "PATH": f"{programs}{os.pathsep}{self.runner.machine['PATH']}"}

    # The repository

    def git(self, *words: str, cwd: Path | None = None) -> str:
        who = {f"GIT_{role}_{what}": value for role in ("AUTHOR", "COMMITTER") for what, value in (("NAME", "Mona"), ("EMAIL", "mona@example.com"))}
        environment = {"PATH": os.environ["PATH"], "HOME": str(self.folder), "GIT_CONFIG_NOSYSTEM": "1", **who}
        ran = subprocess.run(["git", *words], cwd=cwd or self.clone, env=environment, capture_output=True, text=True)
        assert ran.returncode == 0, ran.stderr
        return ran.stdout.strip()

    def commit(self, message: str) -> str:
        self.git("add", "--all")
        self.git("commit", "--quiet", "--message", message)
        return self.git("rev-parse", "HEAD")

    def declare(self, kind: str = "deletions", /, **requests: Mapping[str, Any]) -> None:
        """Let the manifest hold these requests."""
        file = self.clone / "projects" / "web-eu.yaml"
        document = yaml.safe_load(file.read_text("utf-8"))
        document["projects"]["web-eu"].setdefault(kind, {}).update(requests)
        file.write_text(yaml.safe_dump(document, sort_keys=False), "utf-8")

    def open_pull(self, branch: str, change: Callable[[], object], *, is_fork: bool = False) -> int:
        """A pull request with *change* on a branch of main, here or in a fork."""
        number = self.github.number()
        self.git("fetch", "--quiet", "origin")
        self.git("checkout", "--quiet", "-B", branch, "origin/main")
        repository = {"full_name": "stranger/privacy" if is_fork else REPOSITORY, "fork": is_fork}
        pull = {"number": number, "merged_at": None, "merge_commit_sha": None, "head": {"ref": branch, "repo": repository}}
        self.github.pulls.append(pull)
        return self.push_pull(number, change)

    def push_pull(self, number: int, change: Callable[[], object]) -> int:
        """One more commit, with *change*, onto the pull request."""
        pull = self.pull(number)
        self.git("checkout", "--quiet", pull["head"]["ref"])
        change()
        pull["head"]["sha"] = self.commit(f"What pull request {number} is about")
        self.git("push", "--quiet", "--force", "origin", f"HEAD:refs/pull/{number}/head")
        self.git("checkout", "--quiet", "--detach", "origin/main")
        self.git("merge", "--quiet", "--no-ff", "--message", f"Merge {number}", pull["head"]["sha"])
        self.git("push", "--quiet", "--force", "origin", f"HEAD:refs/pull/{number}/merge")
        return number

    def pull(self, number: int) -> dict[str, Any]:
        return next(pull for pull in self.github.pulls if pull["number"] == number)

    # What is run

    def planned(self, number: int) -> dict[str, Job]:
        """The jobs of the pull request's last commit."""
        pull = self.pull(number)
        is_fork = pull["head"]["repo"]["full_name"] != REPOSITORY
        document = {"action": "synchronize", "number": number, "pull_request": {key: pull[key] for key in ("number", "head")}}
        ref = f"refs/pull/{number}/merge"
        sha = self.git("rev-parse", ref, cwd=self.bare)
        return self.runner.run("privacy-plan.yml", Event("pull_request", ref, sha, document, is_from_fork=is_fork))

    def merge(self, number: int) -> None:
        """Squash the pull request into main, as its button does."""
        pull = self.pull(number)
        self.git("fetch", "--quiet", "origin")
        self.git("checkout", "--quiet", "--detach", "origin/main")
        self.git("merge", "--quiet", "--squash", pull["head"]["sha"])
        pull["merge_commit_sha"] = self.commit(f"Pull request {number}")
        self.git("push", "--quiet", "origin", "HEAD:refs/heads/main")
        pull["merged_at"] = "2026-11-27T12:00:00Z"

    def applied(self, **stopped: Callable[[], bool]) -> Job:
        """The job that a push to main starts, or its being run again; *stopped* as `Runner.run` takes it."""
        return self._on_main("privacy-apply.yml", "push", {}, **stopped)["apply"]

    def dispatched(self, **inputs: Any) -> Job:
        """`privacy apply`, run by hand."""
        return self._on_main("privacy-apply.yml", "workflow_dispatch", {"inputs": inputs})["apply"]

    def night(self) -> Job:
        return self._on_main("privacy-nightly.yml", "schedule", {})["nightly"]

    def confirmed(self, address: str) -> Job:
        return self._on_main("privacy-confirm.yml", "workflow_dispatch", {"inputs": {"address": address}})["confirm"]

    def _on_main(self, workflow: str, name: str, document: Mapping[str, Any], **stopped: Callable[[], bool]) -> dict[str, Job]:
        sha = self.git("rev-parse", "refs/heads/main", cwd=self.bare)
        return self.runner.run(workflow, Event(name, "refs/heads/main", sha, document), **stopped)

    # The buckets

    def bucket(self, kind: str) -> S3Store:
        origin = {"endpoint": self.storage, "client_options": {"allow_http": True}}
        return S3Store(self.buckets[kind], region="eu-central-1", access_key_id=KEY_ID, secret_access_key=SECRET, **origin)

    def put_ids(self, name: str, *ids: str) -> None:
        """Let the private bucket hold the ids of a request."""
        self.bucket("requests").put(f"{name}.csv", "\n".join(["distinct_id", *ids, ""]).encode())

    def stored(self, kind: str) -> dict[str, bytes]:
        """What lies in a bucket."""
        store = self.bucket(kind)
        return {meta["path"]: bytes(store.get(meta["path"]).bytes()) for chunk in store.list() for meta in chunk}
