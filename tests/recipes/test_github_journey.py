"""The recipe for GitHub Actions, from the first pull request to the nightly look: each job in a fresh folder, with nothing but what it fetches."""

from __future__ import annotations

import re
import subprocess
import threading
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from .scratch import PROJECT_TOKEN, SECRETS, Scratch

pytestmark = pytest.mark.stores

IDS = ("person-canary-1", "person-canary-2", "person-canary-3")


def request(name: str, days_ago: int = 3, compliance: str = "ccpa") -> dict[str, Any]:
    """A deletion whose ids come from the private bucket."""
    received = (datetime.now(UTC).date() - timedelta(days=days_ago)).isoformat()
    return {"compliance": compliance, "received": received, "from": [{"file": f"../requests/{name}.csv", "column": "distinct_id"}]}


def sent(scratch: Scratch) -> list[str]:
    """Every id that Mixpanel was asked to erase, as often as it was."""
    return sorted(one for task in scratch.server.tasks() for one in task["distinct_ids"])


def digest_in(comment: str) -> str:
    """The digest that a plan's comment holds for the apply."""
    found = re.match("<!-- mixpriv-recipe:plan head=[0-9a-f]{40} digest=([0-9a-f]{64}-[0-9a-f]+) seal=[0-9a-f]{64} -->\n", comment)
    assert found, comment
    return found[1]


@pytest.fixture
def begun(scratch: Scratch) -> Scratch:
    """A repository whose first apply, by hand, has made the state."""
    look = scratch.dispatched()
    assert look.result == "success", look.log
    first = scratch.dispatched(digest=look["See what is left"].outputs["digest"], first=True)
    assert first.result == "success", first.log
    return scratch


def test_from_pull_request_to_nightly_status(begun: Scratch) -> None:
    """A request is planned, commented, changed, merged, applied once, and watched until its deadline."""
    begun.put_ids("2026-11", *IDS[:2])
    pull = begun.open_pull("november", lambda: begun.declare(**{"2026-11": request("2026-11")}))
    jobs = begun.planned(pull)
    assert {name: job.result for name, job in jobs.items()} == dict.fromkeys(("validate", "code-scanning", "plan"), "success"), jobs["plan"].log
    (said,) = begun.github.said(pull)
    assert "web-eu.deletions.2026-11" in said
    assert "Erases 2 distinct ids" in said
    assert jobs["plan"]["Plan"].outputs["digest"] == digest_in(said)
    assert "Erases 2 distinct ids" in jobs["plan"].summary
    assert begun.server.calls() == []

    begun.put_ids("2026-11", *IDS)
    begun.push_pull(pull, lambda: begun.declare(**{"2026-11": request("2026-11", days_ago=4)}))
    begun.planned(pull)
    (said_later,) = begun.github.said(pull)
    assert "Erases 3 distinct ids" in said_later
    assert digest_in(said_later) != digest_in(said)

    begun.merge(pull)
    applied = begun.applied()
    assert applied.result == "success", applied.log
    assert sent(begun) == sorted(IDS)
    assert "exactly the plan that was approved" in begun.github.said(pull)[-1]

    night = begun.night()
    assert night.result == "success", night.log
    assert begun.github.issues == []
    begun.server.force("SUCCESS")
    assert begun.night().result == "success"
    assert "succeeded" in begun.runner.jobs[-1]["Status"].log

    begun.put_ids("late", "person-canary-late")
    late = begun.open_pull("late", lambda: begun.declare(late=request("late", days_ago=25, compliance="gdpr")))
    begun.planned(late)
    begun.merge(late)
    assert begun.applied().result == "success"
    night = begun.night()
    assert night.result == "failure"
    assert night["Status"].exit_code == 7
    (issue,) = begun.github.issues
    assert "web-eu.deletions.late" in issue["body"]
    begun.server.force("SUCCESS")
    assert begun.night().result == "success"
    assert [one["state"] for one in begun.github.issues] == ["closed"]
    no_traces(begun)


def no_traces(scratch: Scratch) -> None:
    """No distinct id, token or key in what git, comments, issues, logs, summaries, outputs or the state hold."""
    objects = scratch.git("cat-file", "--batch-all-objects", "--batch-check=%(objectname)", cwd=scratch.bare).split()
    held = [subprocess.run(["git", "cat-file", "-p", name], cwd=scratch.bare, capture_output=True, check=True).stdout for name in objects]
    held += [repr((scratch.github.comments, scratch.github.issues)).encode()]
    held += [*scratch.stored("state").values()]
    held += [file.read_bytes() for job in scratch.runner.jobs for file in (job.folder / "temp").rglob("*") if file.is_file()]
    text = b"\n".join(held)
    assert all(sign in text for sign in (b"max_deletions", b"mixpriv-recipe:applied", b"lineage", b"exit-code=")), "all of it was looked at"
    assert [one for one in ("person-canary", PROJECT_TOKEN, *SECRETS.values(), "ghs_") if one.encode() in text] == []


def test_an_apply_that_is_run_again_finds_nothing_to_do(begun: Scratch) -> None:
    """The job run a second time sends nothing, and says so."""
    merged(begun, "november", *IDS)
    assert begun.applied().result == "success"
    calls = len(begun.server.calls("POST"))
    again = begun.applied()
    assert again.result == "success", again.log
    assert "nothing left to apply" in again.summary
    assert len(begun.server.calls("POST")) == calls


def merged(scratch: Scratch, name: str, *ids: str) -> int:
    """A pull request for *ids*, planned and merged; its number."""
    scratch.put_ids(name, *ids)
    pull = scratch.open_pull(name, lambda: scratch.declare(**{name: request(name)}))
    planned = scratch.planned(pull)["plan"]
    assert planned.result == "success", planned.log
    scratch.merge(pull)
    return pull


def test_ids_that_moved_after_the_approval_are_not_sent(begun: Scratch) -> None:
    """Where the private bucket holds other ids than were approved, the apply ends 4, nothing is sent, and the pull request says how to go on."""
    pull = merged(begun, "november", *IDS[:2])
    begun.put_ids("november", *IDS)
    applied = begun.applied()
    assert applied.result == "failure"
    assert applied["Apply"].outputs["exit-code"] == "4"
    assert begun.server.calls("POST") == []
    _, shown, said = begun.github.said(pull)
    assert "no longer what was approved" in said
    assert "Erases 3 distinct ids" in shown
    left = applied["See what is left"].outputs["digest"]
    assert f"`{left}`" in shown
    assert begun.dispatched(digest=left).result == "success"
    assert sent(begun) == sorted(IDS)
    no_traces(begun)


def test_a_manifest_that_moved_after_the_approval_is_not_applied(begun: Scratch) -> None:
    """What else came to main since then is nothing that the pull request's plan showed."""
    begun.put_ids("first", *IDS)
    manifest = begun.clone / "workspace.yaml"
    lower = manifest.read_text("utf-8").replace("max_deletions: 500", "max_deletions: 400")
    first = begun.open_pull("first", lambda: begun.declare(first=request("first")))
    second = begun.open_pull("second", lambda: manifest.write_text(lower, "utf-8"))
    for pull in (first, second):
        assert begun.planned(pull)["plan"].result == "success"
    begun.merge(first)
    begun.merge(second)
    applied = begun.applied()
    assert applied["Apply"].outputs["exit-code"] == "4"
    assert begun.server.calls("POST") == []


def test_a_fork_gets_no_secret_and_approves_nothing(begun: Scratch) -> None:
    """A fork's pull request is validated without sources, secrets or a comment; merged, it is shown and not applied, but by hand with the digest."""
    begun.put_ids("theirs", *IDS)
    pull = begun.open_pull("stranger", lambda: begun.declare(theirs={"compliance": "gdpp"}), is_fork=True)
    assert begun.planned(pull)["validate"].result == "failure"
    begun.push_pull(pull, lambda: begun.declare(theirs=request("theirs")))
    jobs = begun.planned(pull)
    assert {name: job.result for name, job in jobs.items()} == {"validate": "success", "code-scanning": "skipped", "plan": "skipped"}
    assert begun.github.said(pull) == []
    begun.merge(pull)
    applied = begun.applied()
    assert applied.result == "failure"
    assert begun.server.calls("POST") == []
    shown, said = begun.github.said(pull)
    assert "no approved plan" in said
    assert "Erases 3 distinct ids" in shown
    assert begun.dispatched(digest=applied["See what is left"].outputs["digest"]).result == "success"
    assert sent(begun) == sorted(IDS)


def test_a_plan_that_the_policy_refuses_is_still_commented(begun: Scratch) -> None:
    """More ids than the policy allows: the job fails with 6, the comment shows the plan, and it approves nothing."""
    begun.put_ids("many", *(f"person-canary-{number}" for number in range(501)))
    pull = begun.open_pull("many", lambda: begun.declare(many=request("many")))
    planned = begun.planned(pull)["plan"]
    assert planned.result == "failure"
    assert planned["Plan"].exit_code == 6
    (said,) = begun.github.said(pull)
    assert "MP0602" in said
    assert "seal=" not in said
    begun.merge(pull)
    assert begun.applied().result == "failure"
    assert begun.server.calls("POST") == []


def test_a_killed_apply_is_resumed(begun: Scratch) -> None:
    """The runner vanishes while the second batch is on its way; the next job sees what is left, and with its digest nobody is left out or erased twice."""
    limits = "workspace:\n  limits: {distinct_ids_per_request: 2}\n"
    manifest = begun.clone / "workspace.yaml"
    begun.put_ids("november", *IDS)

    def change() -> None:
        begun.declare(november=request("november"))
        manifest.write_text(manifest.read_text("utf-8").replace("workspace:\n", limits), "utf-8")

    pull = begun.open_pull("november", change)
    assert begun.planned(pull)["plan"].result == "success"
    begun.merge(pull)
    begun.server.fault("POST@2=hang")
    assert begun.applied(killed_when=lambda: bool(begun.server.struck("POST@2=hang"))).result == "failure"
    begun.server.heal()
    again = begun.applied()
    assert again["Apply"].outputs["exit-code"] == "4"
    assert "Erases 1 distinct id " in begun.github.said(pull)[-2]
    resumed = begun.dispatched(digest=again["See what is left"].outputs["digest"])
    assert resumed.result == "success", resumed.log
    assert sorted(one for _, one in begun.server.ids_in_live_tasks()) == sorted(IDS)
    no_traces(begun)


def test_a_cancelled_apply_says_what_it_sent(begun: Scratch) -> None:
    """Whoever presses Cancel stops the apply after the call in flight, and finds on the pull request what was sent."""
    pull = merged(begun, "november", *IDS)
    held = "POST:deletions@1=hold"
    begun.server.fault(held)

    def cancelled() -> bool:
        struck = bool(begun.server.struck(held))
        if struck:
            threading.Timer(1.0, begun.server.release).start()  # once the signal has been handed on
        return struck

    applied = begun.applied(cancelled_when=cancelled)
    assert (applied.result, applied["Apply"].outputs["exit-code"]) == ("cancelled", "130"), applied.log
    assert applied["See what is left"].outcome == "skipped"
    said = begun.github.said(pull)[-1]
    assert "The apply was interrupted." in said
    assert "took 3 distinct ids" in said
    begun.server.heal()
    again = begun.applied()
    assert "nothing left to apply" in again.summary, again.log
    assert sent(begun) == sorted(IDS)


def test_a_push_without_a_pull_request_is_not_applied(begun: Scratch) -> None:
    """What came to main past every pull request is shown, and the job fails; a commit that changes nothing is fine."""
    begun.put_ids("november", *IDS)
    begun.git("fetch", "--quiet", "origin")
    begun.git("checkout", "--quiet", "--detach", "origin/main")
    (begun.clone / "NOTES.md").write_text("A note.\n")
    begun.commit("A note")
    begun.git("push", "--quiet", "origin", "HEAD:main")
    assert begun.applied().result == "success"
    begun.declare(november=request("november"))
    begun.commit("Past every pull request")
    begun.git("push", "--quiet", "origin", "HEAD:main")
    applied = begun.applied()
    assert applied.result == "failure"
    assert "Erases 3 distinct ids" in applied.summary
    assert begun.server.calls("POST") == []


def test_an_export_goes_to_private_storage(begun: Scratch) -> None:
    """An access request: the night says that an export is ready, the apply puts it into the private bucket and nowhere else, a person confirms."""
    begun.put_ids("dsar-1", IDS[0])
    wanted = request("dsar-1") | {"disclosure": "data", "download_to": "../exports/dsar-1"}
    pull = begun.open_pull("dsar", lambda: begun.declare("retrievals", **{"dsar-1": wanted}))
    assert begun.planned(pull)["plan"].result == "success"
    begun.merge(pull)
    assert begun.applied().result == "success"
    begun.server.force("SUCCESS")
    night = begun.night()
    assert night.result == "success", night.log
    assert "MP0820" in night.log
    (issue,) = begun.github.issues
    (left,) = begun.github.said(issue["number"])
    digest = night["See what is left"].outputs["digest"]
    assert f"`{digest}`" in left

    fetched = begun.dispatched(digest=digest)
    assert fetched.result == "success", fetched.log
    (name,) = begun.stored("exports")
    assert name.startswith("dsar-1/")
    assert begun.confirmed("web-eu.retrievals.dsar-1").result == "success"
    assert begun.night().result == "success"
    assert [one["state"] for one in begun.github.issues] == ["closed"]
    no_traces(begun)
