"""`comment.py` of the GitHub recipe: what it says on a pull request, and which approval it believes."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

import pytest

from mixpriv_reconcile.model.exit_codes import endings_of

from .github_server import REPOSITORY, GitHubServer
from .workflow_runs import CHECKOUT

SCRIPT = CHECKOUT / "examples" / "ci" / "github" / ".github" / "mixpriv" / "comment.py"
DIGEST, HEAD, MERGE = "d1" * 32 + "-667fc79438a0805051b3", "4" * 40, "5" * 40
WRITES = {"contents": "read", "pull-requests": "write"}


class Desk:
    """A pull request, and the script run about it."""

    def __init__(self, folder: Path, github: GitHubServer) -> None:
        self.folder, self.github = folder, github
        self.number = github.number()
        head = {"sha": HEAD, "repo": {"full_name": REPOSITORY}}
        github.pulls.append({"number": self.number, "head": head, "merged_at": "2026-11-27T12:00:00Z", "merge_commit_sha": MERGE})
        (folder / "event.json").write_text(json.dumps({"pull_request": {"number": self.number, "head": head}}))
        self.report = folder / "plan.md"
        self.report.write_text("# Plan\n\nErases 3 distinct ids.\n")

    def run(self, command: str, rights: Mapping[str, str] = WRITES, **more: str) -> subprocess.CompletedProcess[str]:
        (self.folder / "output").write_text("")
        environment = {
            "GITHUB_API_URL": self.github.origin,
            "GITHUB_REPOSITORY": REPOSITORY,
            "GITHUB_TOKEN": self.github.token(rights),
            "GITHUB_EVENT_NAME": "push",
            "GITHUB_EVENT_PATH": str(self.folder / "event.json"),
            "GITHUB_SHA": MERGE,
            "GITHUB_OUTPUT": str(self.folder / "output"),
            "GITHUB_SERVER_URL": "https://github.invalid",
            "GITHUB_RUN_ID": "7001",
            "GITHUB_WORKFLOW": "privacy plan",
            "MIXPRIV_DIGEST_KEY": "a key for recipes, long enough",
            "PLAN_OUTCOME": "success",
            "PLAN_DIGEST": DIGEST,
            "REPORT": str(self.report),
            "PATH": os.environ["PATH"],
            **more,
        }
        command_line = [sys.executable, "-B", str(SCRIPT), command]
        return subprocess.run(command_line, env=environment, capture_output=True, text=True, timeout=300)

    def planned(self, **more: str) -> None:
        ran = self.run("plan", **more)
        assert ran.returncode == 0, ran.stdout + ran.stderr

    @property
    def approved(self) -> str:
        """The digest that the apply gets, empty where there is none."""
        ran = self.run("approved")
        assert ran.returncode == 0, ran.stdout + ran.stderr
        outputs = dict(line.split("=", 1) for line in (self.folder / "output").read_text().splitlines())
        assert outputs["pull"] == str(self.number)
        return outputs["digest"]


@pytest.fixture
def desk(tmp_path: Path, github: GitHubServer) -> Desk:
    return Desk(tmp_path, github)


def test_an_approval_travels_in_the_comment(desk: Desk) -> None:
    """The digest in the plan's comment is what the apply gets, however many others comment before and after."""
    for number in range(5):
        desk.github.say(desk.number, "mona", f"A word, number {number}.")
    desk.planned()
    desk.planned(PLAN_DIGEST="e2" * 32)
    for number in range(5):
        desk.github.say(desk.number, "mona", f"Another word, number {number}.")
    assert desk.approved == "e2" * 32
    assert sum("<!-- mixpriv-recipe" in said for said in desk.github.said(desk.number)) == 1


def test_a_comment_of_somebody_else_approves_nothing(desk: Desk) -> None:
    """The same text, seal included, under another name is no approval; nor does it get in the way of the true one."""
    desk.planned()
    (comment,) = desk.github.comments
    desk.github.say(desk.number, "mallory", comment["body"].replace(DIGEST, "0" * 64))
    assert desk.approved == DIGEST
    comment["user"] = {"login": "mallory", "type": "User"}
    assert desk.approved == ""
    comment["user"] = {"login": "github-actions[bot]", "type": "User"}
    assert desk.approved == ""


@pytest.mark.parametrize(("pattern", "instead"), [("digest=[0-9a-f-]+", "digest=" + "0" * 64), ("seal=[0-9a-f]+", "seal=" + "0" * 64)])
def test_an_edited_comment_approves_nothing(desk: Desk, pattern: str, instead: str) -> None:
    """Whoever may edit the bot's comments can't make the seal for another digest."""
    desk.planned()
    (comment,) = desk.github.comments
    comment["body"] = re.sub(pattern, instead, comment["body"])
    assert desk.approved == ""


def test_a_seal_of_another_key_approves_nothing(desk: Desk) -> None:
    """Another job of the repository writes under the same name, and without the key it can't seal."""
    desk.planned(MIXPRIV_DIGEST_KEY="the key of somebody else altogether")
    assert desk.approved == ""


def test_a_seal_of_another_pull_request_approves_nothing(desk: Desk) -> None:
    """A sealed line that was true elsewhere is not true here."""
    desk.planned()
    (comment,) = desk.github.comments
    desk.github.comments.clear()
    desk.number = desk.github.pulls[0]["number"] = desk.github.number()
    desk.github.say(desk.number, "github-actions[bot]", comment["body"])
    assert desk.approved == ""


def test_a_commit_after_the_plan_approves_nothing(desk: Desk) -> None:
    """The plan of a commit before the last one is not what was merged."""
    desk.planned()
    desk.github.pulls[0]["head"]["sha"] = "6" * 40
    assert desk.approved == ""


@pytest.mark.parametrize("more", [{"PLAN_OUTCOME": "failure"}, {"PLAN_DIGEST": ""}], ids=str)
def test_a_plan_that_failed_takes_the_approval_back(desk: Desk, more: Mapping[str, str]) -> None:
    """The comment of a plan that ended badly replaces the one before, and approves nothing."""
    desk.planned()
    desk.planned(**more)
    assert desk.approved == ""
    assert len(desk.github.comments) == 1


def test_a_plan_without_a_report_says_so(desk: Desk) -> None:
    """A run that died before it could report gets a comment all the same."""
    desk.report.unlink()
    desk.planned(PLAN_OUTCOME="failure", PLAN_DIGEST="")
    assert "came to nothing" in desk.github.said(desk.number)[0]


def test_a_long_report_is_cut_at_a_line(desk: Desk) -> None:
    """More than GitHub takes is cut, the hidden line kept, and the comment says that it was cut."""
    desk.report.write_text("A line of a long report.\n" * 5000)
    desk.planned()
    (said,) = desk.github.said(desk.number)
    assert len(said) <= 65_536
    assert "cut here" in said
    assert desk.approved == DIGEST


def test_what_a_cut_leaves_open_is_closed(desk: Desk) -> None:
    """A cut within a folded part or a block of code ends both, so that what follows is seen."""
    desk.report.write_text("<details><summary>All</summary>\n\n```text\n" + "A line of a long report.\n" * 5000 + "```\n</details>\n")
    desk.planned()
    (said,) = desk.github.said(desk.number)
    assert len(said) <= 65_536
    assert re.search("\n```\n\n</details>\n\n… cut here", said)


def test_what_is_left_is_a_comment_of_its_own(desk: Desk) -> None:
    """After an apply that stopped, the plan of the rest stands whole beside its digest, whatever the apply's report holds; both are replaced later."""
    written = {"APPLY_REPORT": str(desk.report), "LEFT_REPORT": str(desk.folder / "left.md"), "GITHUB_STEP_SUMMARY": str(desk.folder / "summary")}
    told = {"LEFT_DIGEST": DIGEST, "DIGEST": DIGEST, "PULL": str(desk.number)}
    longest = "A line of the longest report there is.\n" * 1538
    assert 59_900 < len(longest) <= 60_000
    desk.report.write_text(f"{longest}END OF APPLY")
    (desk.folder / "left.md").write_text(f"{longest}END OF PLAN")
    assert desk.run("applied", APPLY_CODE="3", LEFT_CODE="2", **written, **told).returncode == 0
    left, said = desk.github.said(desk.number)
    assert left.index(f"`{DIGEST}`") < left.index("A line of")
    assert "END OF PLAN" in left
    assert "END OF APPLY" in said
    assert "in a comment of its own" in said
    assert "cut here" not in left + said

    (desk.folder / "left.md").unlink()
    assert desk.run("applied", APPLY_CODE="0", LEFT_CODE="", **written, **told | {"LEFT_DIGEST": ""}).returncode == 0
    left, said = desk.github.said(desk.number)
    assert "exactly the plan" in said
    assert "Nothing is left to be done." in left
    assert DIGEST not in left


def test_a_busy_github_is_asked_again(desk: Desk) -> None:
    """Answers of an overloaded server are waited out, where asking again can't say anything twice."""
    desk.github.busy = 2
    desk.planned()
    assert len(desk.github.comments) == 1


def test_a_missing_right_is_named(desk: Desk) -> None:
    """Without `pull-requests: write` the error says what was asked for and what to look at; the token is in no line of it."""
    ran = desk.run("plan", {"contents": "read", "pull-requests": "read"})
    assert ran.returncode == 1
    assert "::error::GitHub answered 403 to POST" in ran.stdout
    assert "permissions:" in ran.stdout
    assert "ghs_" not in ran.stdout + ran.stderr


@pytest.mark.parametrize(("left", "said"), [("2", "with its digest"), ("6", "No plan could be"), ("0", "nothing to apply")])
def test_a_look_is_no_missing_approval(desk: Desk, left: str, said: str) -> None:
    """Whoever starts the apply without a digest asked to see the plan: that is said, and the step goes well; a push without a plan is an error."""
    summary = desk.folder / "summary.md"
    none = str(desk.folder / "none.md")
    codes = {"APPLY_CODE": "", "LEFT_CODE": left, "LEFT_DIGEST": DIGEST, "APPLY_REPORT": none, "LEFT_REPORT": none, "PULL": "", "DIGEST": ""}
    ran = desk.run("applied", **codes, GITHUB_STEP_SUMMARY=str(summary), GITHUB_EVENT_NAME="workflow_dispatch")
    assert ran.returncode == 0, ran.stdout
    assert said in summary.read_text()
    assert "no approved plan" not in summary.read_text()
    pushed = desk.run("applied", **codes | {"LEFT_CODE": "2"}, GITHUB_STEP_SUMMARY=str(summary))
    assert pushed.returncode == 1
    assert "no approved plan" in summary.read_text()


def test_an_old_run_that_is_made_again_is_stopped(desk: Desk) -> None:
    """Once the branch has moved on, a run of an older commit says so, and plans nothing; on the same commit it may be made as often as one likes."""
    desk.planned()
    again = {"GITHUB_RUN_ATTEMPT": "2", "GITHUB_REF": "refs/heads/main"}
    desk.github.heads = {"heads/main": MERGE}
    assert desk.run("approved", **again).returncode == 0
    desk.github.heads = {"heads/main": "6" * 40}
    assert desk.run("approved", **again | {"GITHUB_RUN_ATTEMPT": "1"}).returncode == 0
    stopped = desk.run("approved", **again)
    assert stopped.returncode == 1
    assert "main has moved on" in stopped.stdout
    assert (desk.folder / "output").read_text() == ""


def test_a_typed_digest_is_one(desk: Desk) -> None:
    """What is typed by hand goes into a command line, so it is a digest or an error."""
    by_hand = {"GITHUB_EVENT_NAME": "workflow_dispatch"}
    assert desk.run("approved", **by_hand, TYPED_DIGEST=f" {DIGEST} ").returncode == 0
    assert (desk.folder / "output").read_text() == f"digest={DIGEST}\npull=\n"
    for wrong in (f"{DIGEST} --auto-approve", "-h", DIGEST[:63], f"{DIGEST}\npull=7"):
        ran = desk.run("approved", **by_hand, TYPED_DIGEST=wrong)
        assert ran.returncode == 1
        assert (desk.folder / "output").read_text() == ""


SENT = "Resources: 0 added, 0 changed, 0 destroyed. Mixpanel took 2 distinct ids for erasure."


@pytest.mark.parametrize("code", [str(code) for code in endings_of("apply") if code])
@pytest.mark.parametrize("left", ["0", "2", "6"])
def test_nothing_was_sent_is_what_the_report_says(desk: Desk, code: str, left: str) -> None:
    """An apply that lost the lock, or whose source changed, after it had sent something is told with what it sent."""
    written = {"APPLY_REPORT": str(desk.report), "LEFT_REPORT": str(desk.folder / "left.md")}
    told = {"APPLY_CODE": code, "LEFT_CODE": left, "LEFT_DIGEST": DIGEST, "DIGEST": DIGEST, "PULL": str(desk.number)}
    desk.report.write_text(SENT)
    desk.run("applied", GITHUB_STEP_SUMMARY=str(desk.folder / "summary"), **written, **told)
    *_, said = desk.github.said(desk.number)
    assert SENT in said
    assert "exit code" not in said, "each has its sentence"
    assert "othing was sent" not in said + (desk.folder / "summary").read_text()
    assert "an earlier run" not in said


def test_what_an_earlier_run_did_is_well(desk: Desk) -> None:
    """A digest that no longer fits because all of it was done before is no failure."""
    desk.report.write_text("Nothing was sent.")
    (desk.folder / "left.md").write_text("No changes.")
    written = {"APPLY_REPORT": str(desk.report), "LEFT_REPORT": str(desk.folder / "left.md"), "GITHUB_STEP_SUMMARY": str(desk.folder / "summary")}
    ran = desk.run("applied", APPLY_CODE="4", LEFT_CODE="0", LEFT_DIGEST=DIGEST, DIGEST=DIGEST, PULL=str(desk.number), **written)
    assert ran.returncode == 0
    assert "an earlier run did it" in desk.github.said(desk.number)[0]
