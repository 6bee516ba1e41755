"""The recipe for GitLab, played: merge request, merge, apply by hand, night; each job in a fresh folder, the state in GitLab."""

from __future__ import annotations

import contextlib
import json
import os
import re
import shutil
import subprocess
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import httpx
import obstore
import pytest
from contracts import http_serving
from contracts.engines import BUCKET, KEY_ID, SECRET, Engine
from journeys.workspace import Server, ago
from obstore.store import S3Store

from . import gitlab_notes
from .gitlab_jobs import Pipeline, commands_of_the_image, holds
from .gitlab_notes import BOT, STRANGER, Notes

RECIPE = Path(__file__).parents[2] / "examples/ci/gitlab"
JOB_TOKEN = "job-token-canary"
SECRETS = ("bearer-canary-9f27c1", "project-token-canary", JOB_TOKEN, gitlab_notes.TOKEN, "a key for recipes, long enough")


class GitLab:
    """A project with the recipe in it, and the pipelines that its events start."""

    def __init__(self, root: Path, origin: str, server: Server, notes: Notes, exports: Engine) -> None:
        self.server, self.notes, self.origin = server, notes, origin
        keys = {"access_key_id": KEY_ID, "secret_access_key": SECRET}
        where = {"endpoint": f"http://127.0.0.1:{exports.port}", "client_options": {"allow_http": True}}
        self.bucket = S3Store(BUCKET, region="us-east-1", **keys, **where)
        self.repository, self.work = root / "repository", root / "work"
        self.work.mkdir()
        shutil.copytree(RECIPE, self.repository)
        self.edit("workspace.yaml", "https://gitlab.example.com", origin)
        self.edit("workspace.yaml", "issued: 2026-11-02", f"issued: {ago(20)}")
        self.edit("projects/web-eu.yaml", "received: 2026-11-20", f"received: {ago(3)}")
        self.path = f"{commands_of_the_image(root / 'image')}:{os.environ['PATH']}"
        self.variables = {"CI_JOB_TOKEN": JOB_TOKEN, "MIXPRIV_DIGEST_KEY": SECRETS[4], "MIXPRIV_NOTE_TOKEN": gitlab_notes.TOKEN}
        self.protected = {
            "MIXPANEL_GDPR_TOKEN": SECRETS[0],
            "MIXPANEL_WEB_EU_TOKEN": SECRETS[1],
            "EXPORTS_BUCKET": BUCKET,
            "AWS_ENDPOINT_URL": f"http://127.0.0.1:{exports.port}",
            "AWS_ALLOW_HTTP": "true",
            "AWS_REGION": "us-east-1",
            **exports.environment,
            **{f"MIXPRIV_URL_{region.upper()}": origin for region, origin in server.origins.items()},
        }
        self.all: list[Pipeline] = []

    @contextlib.contextmanager
    def locked(self) -> Iterator[None]:
        """The state's lock, held by a run of somebody else."""
        address = f"{self.origin}/api/v4/projects/7/terraform/state/privacy/lock"
        lock = dict.fromkeys(("Operation", "Info", "Who", "Version", "Path"), "") | {"ID": "5f3b1c52", "Created": "2026-11-27T12:00:00Z"}
        with httpx.Client(auth=("gitlab-ci-token", JOB_TOKEN), trust_env=False, timeout=60) as http:
            http.post(address, json=lock).raise_for_status()
            yield
            http.request("DELETE", address, json=lock).raise_for_status()

    def stored(self) -> list[httpx.Response]:
        """What the bucket tells of each export."""
        paths = [meta["path"] for chunk in self.bucket.list() for meta in chunk]
        return [httpx.get(obstore.sign(self.bucket, "GET", path, timedelta(minutes=1)), trust_env=False, timeout=60) for path in paths]

    def edit(self, name: str, old: str, new: str) -> None:
        text = (self.repository / name).read_text("utf-8")
        assert old in text
        (self.repository / name).write_text(text.replace(old, new), "utf-8")

    def merge_request(self, source: str = "acme/privacy") -> Pipeline:
        """A push to a merge request; one from a fork runs in the fork's project, which has no variables of this one."""
        predefined = {
            "CI_PIPELINE_SOURCE": "merge_request_event",
            "CI_MERGE_REQUEST_IID": "5",
            "CI_MERGE_REQUEST_PROJECT_ID": "7",
            "CI_MERGE_REQUEST_PROJECT_PATH": "acme/privacy",
            "CI_MERGE_REQUEST_SOURCE_PROJECT_PATH": source,
            "CI_API_V4_URL": self.notes.url,
        }
        return self._pipeline(predefined, {} if source != "acme/privacy" else self.variables)

    def push(self, **variables: str) -> Pipeline:
        """A merge to the default branch, or a pipeline started there by hand, with *variables*."""
        return self._pipeline({"CI_PIPELINE_SOURCE": "push", "CI_COMMIT_BRANCH": "main"}, self.variables | variables)

    def confirmed(self, address: str) -> Pipeline:
        """A pipeline that a person starts on the website, to say that an export is handed over."""
        return self._pipeline({"CI_PIPELINE_SOURCE": "web", "CI_COMMIT_BRANCH": "main", "GITLAB_USER_LOGIN": "mona"}, self.variables | {"CONFIRM": address})

    def night(self) -> Pipeline:
        return self._pipeline({"CI_PIPELINE_SOURCE": "schedule", "CI_COMMIT_BRANCH": "main"}, self.variables)

    def _pipeline(self, predefined: dict[str, str], variables: dict[str, str]) -> Pipeline:
        predefined |= {"CI_DEFAULT_BRANCH": "main", "CI_PIPELINE_URL": "https://gitlab.example.com/acme/privacy/-/pipelines/1"}
        self.all.append(Pipeline(self.repository, self.work, predefined, variables, self.protected, self.path))
        return self.all[-1].run()


@pytest.fixture
def gitlab(tmp_path: Path, server: Server, storage: Engine) -> Iterator[GitLab]:
    credentials = ("--credentials", f"gitlab-ci-token:{JOB_TOKEN}")
    with http_serving.serving("gitlab", *credentials) as origin, gitlab_notes.serving("projects/7/merge_requests/5/notes") as notes:
        yield GitLab(tmp_path, origin, server, notes, storage)


def ended(pipeline: Pipeline) -> dict[str, str]:
    return {name: job.status for name, job in pipeline.ended.items()}


def test_from_merge_request_to_proof(gitlab: GitLab) -> None:
    """A merge request shows its plan in one note; merged, exactly that plan is applied by hand; at night deadlines are looked at."""
    proposed = gitlab.merge_request()
    assert ended(proposed) == {"validate": "success", "plan": "success", "note": "success"}
    assert json.loads(proposed.ended["plan"].reports["terraform"]) == {"create": 2, "update": 0, "delete": 1}
    assert "PLANNED_DIGEST=" in proposed.ended["plan"].reports["dotenv"]
    assert len(gitlab.notes.of(BOT)) == 1
    assert gitlab.server.calls() == []

    gitlab.edit("requests/2026-11.csv", "user-100023,4708\n", "user-100023,4708\nuser-100042,4709\n")
    gitlab.notes.write(STRANGER, gitlab.notes.of(BOT)[0])
    gitlab.notes.notes.reverse()  # what somebody else wrote with the same marker stands first, and is left alone
    gitlab.merge_request()
    (note,) = gitlab.notes.of(BOT)
    assert len(gitlab.notes.notes) == 2
    assert note != gitlab.notes.of(STRANGER)[0]
    assert "4 distinct ids" in note

    merged = gitlab.push(FIRST_APPLY="1")
    assert ended(merged) == {"validate": "success", "plan": "success"}
    assert merged.waiting == ["apply"]
    assert merged.ended["plan"].reports["dotenv"].strip().removeprefix("PLANNED_DIGEST=") in note  # nothing moved since the note
    applied = merged.play("apply")
    assert (applied.status, applied.code) == ("success", 0), applied.printed
    assert sorted(sorted(task["distinct_ids"]) for task in gitlab.server.tasks()) == [
        ["user-100017", "user-100018", "user-100023", "user-100042"],
        ["user-104711"],
    ]

    night = gitlab.night()
    assert ended(night) == {"nightly": "success"}, night.ended["nightly"].printed

    gitlab.server.force("SUCCESS")
    assert "MP0820" in gitlab.night().ended["nightly"].printed  # an export is ready
    fetched = gitlab.push()
    applied = fetched.play("apply")
    assert applied.status == "success", applied.printed
    assert "stored web-eu.retrievals.dsar-4711" in applied.printed
    assert list((applied.folder / "exports").rglob("*.zip")) == []
    assert {one.headers["x-amz-server-side-encryption"] for one in gitlab.stored()} == {"aws:kms"}
    assert "No changes." not in gitlab.push().ended["plan"].printed  # stored isn't handed over: that a person says
    confirmed = gitlab.confirmed("web-eu.retrievals.dsar-4711")
    assert confirmed.ended["confirm"].status == "success", confirmed.ended["confirm"].printed
    again = gitlab.push()
    assert "No changes." in again.ended["plan"].printed
    assert again.play("apply").status == "success"
    assert len(gitlab.server.calls("POST")) == 2
    nobody_told(gitlab)


def test_ids_that_are_kept_out_of_git_are_not_missed(gitlab: GitLab) -> None:
    """Without a CSV in the repository `validate` looks through the manifests; an address among their ids still fails it."""
    shutil.rmtree(gitlab.repository / "requests")
    checked = gitlab.merge_request().ended["validate"]
    assert (checked.status, "2 manifests and 0 sources" in checked.printed) == ("success", True), checked.printed
    gitlab.edit("projects/web-eu.yaml", "[user-104711]", "[somebody@example.net]")
    checked = gitlab.merge_request().ended["validate"]
    assert (checked.status, "MP0680" in checked.printed) == ("failed", True), checked.printed


def nobody_told(gitlab: GitLab) -> None:
    """No log, note or artifact of any job has a secret or an id."""
    texts = [note["body"] for note in gitlab.notes.notes]
    for pipeline in gitlab.all:
        for job in pipeline.ended.values():
            texts += [job.printed, *job.kept.values(), *job.reports.values()]
    told = "\n".join(texts)
    assert [secret for secret in SECRETS if secret in told] == []
    assert re.findall(r"user-1\d{5}", told) == []


def test_a_refused_plan_replaces_the_note_before(gitlab: GitLab) -> None:
    """A push whose plan is refused by policy, is no plan at all, or isn't reached puts that in the place of the plan that was shown before."""
    gitlab.merge_request()
    assert "Digest" in gitlab.notes.of(BOT)[0] or "--expect" in gitlab.notes.of(BOT)[0]
    gitlab.edit("workspace.yaml", "max_deletions: 500", "max_deletions: 1")
    refused = gitlab.merge_request()
    assert ended(refused) == {"validate": "success", "plan": "failed", "note": "success"}
    assert refused.ended["plan"].code == 6
    (note,) = gitlab.notes.of(BOT)
    assert "MP0602" in note
    assert "PLANNED_DIGEST=" in refused.ended["plan"].reports["dotenv"]
    gitlab.edit("projects/web-eu.yaml", "compliance: gdpr", "compliance: gdpp")
    assert ended(gitlab.merge_request()) == {"validate": "failed", "note": "success"}
    (note,) = gitlab.notes.of(BOT)
    assert "There is no plan for this commit." in note
    gitlab.edit("projects/web-eu.yaml", "compliance: gdpp", "compliance: gdpr")
    gitlab.edit("workspace.yaml", "max_deletions: 1", "max_deletions: 500")
    gitlab.merge_request()
    (note,) = gitlab.notes.of(BOT)
    assert "There is no plan for this commit." not in note


def test_a_note_that_cant_be_written_says_why(gitlab: GitLab) -> None:
    """A wrong token and a server that isn't there are told in one line, without the token."""
    gitlab.variables["MIXPRIV_NOTE_TOKEN"] = "expired-token-canary"
    wrong = gitlab.merge_request().ended["note"]
    assert (wrong.code, wrong.printed.startswith("GitLab answered 401 to GET user; is MIXPRIV_NOTE_TOKEN")) == (1, True), wrong.printed
    gitlab.notes.url = "http://127.0.0.1:9"
    away = gitlab.merge_request().ended["note"]
    assert (away.code, away.printed.startswith("GitLab can't be asked for user: ")) == (1, True), away.printed
    assert "expired-token-canary" not in wrong.printed + away.printed


def test_an_export_that_cant_be_stored_fails_the_apply(gitlab: GitLab) -> None:
    """The job doesn't hide what the apply came to, and says in one line that the bucket took nothing."""
    gitlab.push(FIRST_APPLY="1").play("apply")
    gitlab.server.force("SUCCESS")
    gitlab.night()
    gitlab.protected["EXPORTS_BUCKET"] = "no-such-bucket-of-ours"
    ran = gitlab.push().play("apply")
    assert (ran.status, ran.code) == ("failed", 1), ran.printed
    assert "exports can't be stored; the next apply fetches them again" in ran.printed
    assert "Traceback" not in ran.printed


def test_a_held_lock_at_night_still_shows_the_status(gitlab: GitLab) -> None:
    """Where another run holds the state, the job ends 5, and the status of what is known is there."""
    gitlab.push(FIRST_APPLY="1").play("apply")
    gitlab.edit(".gitlab-ci.yml", "mixpriv refresh --lock-timeout 5m", "mixpriv refresh --lock-timeout 1s")
    with gitlab.locked():
        night = gitlab.night().ended["nightly"]
    assert (night.status, night.code) == ("failed", 5), night.printed
    assert "status.md" in night.kept


def test_exports_key_and_state_are_left_out_of_git(tmp_path: Path) -> None:
    """git ignores the folder of exports, the key, both states and what the program keeps for itself."""
    subprocess.run(["git", "init", "--quiet", str(tmp_path)], check=True)
    shutil.copy(RECIPE / ".gitignore", tmp_path)
    kept = ["exports/web-eu/dsar-1/a.zip", "mixpriv.key", "mixpriv.state.json", "mixpriv.sandbox.state.d/x", ".mixpriv/sandbox/x"]
    ran = subprocess.run(["git", "check-ignore", *kept], cwd=tmp_path, capture_output=True, text=True, check=True)
    assert ran.stdout.split() == kept


def test_a_fork_gets_validate_alone(gitlab: GitLab) -> None:
    """A merge request from a fork has no secret and needs none: its manifests are validated, and nothing else runs."""
    pipeline = gitlab.merge_request("mallory/privacy")
    assert ended(pipeline) == {"validate": "success"}
    assert gitlab.notes.notes == []


def test_what_moved_since_the_plan_isnt_applied(gitlab: GitLab) -> None:
    """Where another apply came between, the job ends 4 and sends nothing more."""
    first, second = gitlab.push(FIRST_APPLY="1"), gitlab.push()
    assert first.play("apply").status == "success"
    sent = len(gitlab.server.calls("POST"))
    late = second.play("apply")
    assert (late.status, late.code) == ("failed", 4), late.printed
    assert len(gitlab.server.calls("POST")) == sent


def test_a_lost_state_isnt_begun_anew(gitlab: GitLab) -> None:
    """Without FIRST_APPLY no new state is made: a lost one would mean that everybody is erased again."""
    pipeline = gitlab.push()
    ran = pipeline.play("apply")
    assert (ran.status, ran.code) == ("failed", 1), ran.printed
    assert gitlab.server.tasks() == []


def test_work_left_is_a_warning(gitlab: GitLab) -> None:
    """An apply that Mixpanel keeps waiting, or whose batch is in doubt, ends 3: the job warns, its report is there, and nothing is lost."""
    gitlab.server.fault("POST:deletions@1=500")
    ran = gitlab.push(FIRST_APPLY="1").play("apply")
    assert (ran.status, ran.code) == ("warning", 3), ran.printed
    assert "apply.md" in ran.kept
    assert "<testsuite" in ran.reports["junit"]


def test_an_address_among_ids_stops_the_merge_request(gitlab: GitLab) -> None:
    """An id that is an e-mail address ends the first job, which doesn't repeat it."""
    gitlab.edit("requests/2026-11.csv", "user-100023", "somebody@example.net")
    pipeline = gitlab.merge_request()
    assert ended(pipeline) == {"validate": "failed", "note": "success"}
    assert "requests/2026-11.csv:4:1: error[MP0681]" in pipeline.ended["validate"].printed
    assert "somebody" not in pipeline.ended["validate"].printed


def test_a_request_that_is_due_fails_the_night(gitlab: GitLab) -> None:
    """What is unsent so late that it can't be done in time ends 7, with the report of it."""
    pipeline = gitlab.push(FIRST_APPLY="1")
    gitlab.server.fault("POST:deletions@1=500")
    pipeline.play("apply")
    gitlab.server.heal()
    night = gitlab.night()
    assert (night.ended["nightly"].status, night.ended["nightly"].code) == ("failed", 7)
    assert "status.md" in night.ended["nightly"].kept


@pytest.mark.parametrize(
    ("condition", "expected"),
    [('$A == "x"', True), ('$A != "x"', False), ("$A == $B", False), ("$A", True), ("$C", False), ('$C == "x" || $A && $B != $A', True)],
)
def test_rules_are_read_as_gitlab_reads_them(condition: str, expected: bool) -> None:
    """Comparisons with words and variables, `&&` before `||`."""
    assert expected is holds(condition, {"A": "x", "B": "y"})
