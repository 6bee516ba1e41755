"""What the privacy workflows say on pull requests and issues, and how an approval travels from a pull request to the apply.

The plan's comment begins with a hidden line that holds the plan's digest, the commit it was planned for, and a seal: an HMAC that only
jobs with MIXPRIV_DIGEST_KEY can make. `apply --expect DIGEST` then carries out that plan or nothing. Needs Python 3.11 and nothing else.
"""

from __future__ import annotations

import hashlib
import hmac
import json
import os
import re
import sys
import time
from pathlib import Path
from typing import Any

from github_api import GitHub, Trouble, is_by_bot

PLANNED = "<!-- mixpriv-recipe:plan "
APPLIED = "<!-- mixpriv-recipe:applied "
ISSUE = "<!-- mixpriv-recipe:nightly "
LEFT = "<!-- mixpriv-recipe:left "
END = "-->"

ISSUE_TITLE = "Privacy requests: what is due, and what is left to apply"
DIGEST = re.compile(r"[0-9a-f]{64}(?:-[0-9a-f]{1,64})?")
"""What `mixpriv plan` prints: the SHA-256, and after a dash what tells `apply` which part of it moved."""

SEALED = re.compile(f"{re.escape(PLANNED)}head=([0-9a-f]{{40}}) digest=({DIGEST.pattern}) seal=([0-9a-f]{{64}}) {re.escape(END)}")

LOOKS = 3
"""How often a merge is looked for."""

ENDED = {
    "0": "Applied: exactly the plan that was approved.",
    "1": "The apply ended with an error. What was sent is remembered.",
    "3": "The apply stopped early, with work left. Nothing is lost, and what was sent is remembered.",
    "4": "What would be done now is no longer what was approved.",
    "5": "Another run holds the state's lock, or took it while the apply was running.",
    "6": "The policy refuses it.",
    "130": "The apply was interrupted. Nothing is lost, and what was sent is remembered.",
    "143": "The apply was interrupted. Nothing is lost, and what was sent is remembered.",
}
"""What to say of mixpriv's exit codes. A run may end with 4 or 5 after it has sent something: whether it has, its report says."""

NOTHING_SENT = "Nothing was sent."
"""What the report of an apply has where it didn't begin."""


def plan(github: GitHub) -> int:
    """Put the plan's report onto its pull request, instead of the one before; sealed where the plan ended well."""
    pull = event()["pull_request"]
    report = text_of("REPORT")
    digest = os.environ["PLAN_DIGEST"]
    first = f"{PLANNED}none {END}"
    if os.environ["PLAN_OUTCOME"] == "success" and DIGEST.fullmatch(digest):
        head = pull["head"]["sha"]
        first = f"{PLANNED}head={head} digest={digest} seal={seal(pull['number'], head, digest)} {END}"
    body = report or "**The plan came to nothing.** The log of the job says why."
    github.comment(pull["number"], PLANNED, f"{first}\n{body}\n\n{footer()}")
    return 0


def approved(github: GitHub) -> int:
    """Tell the next steps which `digest` was approved, and on which `pull`; both empty where there is none."""
    if is_outdated(github):
        return failed("main has moved on since this run: don't run it again, but the workflow privacy apply by hand, on main as it is now")
    typed = os.environ.get("TYPED_DIGEST", "").strip()
    if os.environ["GITHUB_EVENT_NAME"] == "workflow_dispatch":
        if typed and not DIGEST.fullmatch(typed):
            return failed("that is no digest: copy it whole, from the plan that you have read")
        return told(digest=typed, pull="")
    merged = merged_by(github, os.environ["GITHUB_SHA"])
    if not merged:
        notice("warning", "no merged pull request brought this commit, so nobody approved a plan for it")
        return told(digest="", pull="")
    pull = merged[-1]
    number, head = pull["number"], pull["head"]["sha"]
    for comment in github.written(number, PLANNED)[-1:]:  # what an older one says, a newer one took back
        found = SEALED.match(comment["body"])
        if found and found[1] == head and hmac.compare_digest(found[3], seal(number, head, found[2])):
            return told(digest=found[2], pull=str(number))
    notice("warning", f"pull request {number} has no plan that ended well for its last commit, {head[:12]}")
    return told(digest="", pull=str(number))


def is_outdated(github: GitHub) -> bool:
    """Whether this run is made again after its branch moved on: it would show and plan manifests that were changed meanwhile."""
    if os.environ.get("GITHUB_RUN_ATTEMPT", "1") == "1":
        return False
    branch = github.ask("GET", f"/git/ref/{os.environ['GITHUB_REF'].removeprefix('refs/')}")
    return bool(branch["object"]["sha"] != os.environ["GITHUB_SHA"])


def merged_by(github: GitHub, commit: str) -> list[Any]:
    """The pull request that *commit* merged; asked for more than once, since GitHub may know of the push before it knows of the merge."""
    for waited in range(LOOKS):
        time.sleep(waited)
        found = [one for one in github.all(f"/commits/{commit}/pulls") if one["merged_at"] and one["merge_commit_sha"] == commit]
        if found:
            return found
    return []


def applied(github: GitHub) -> int:
    """Say on the pull request what came of it, and in a comment of its own what is left; ends 1 where changes were not approved.

    Two comments, because the plan whose digest is to be approved must be there whole, and so must the report of what was sent.
    """
    code, left, digest = os.environ["APPLY_CODE"], os.environ["LEFT_CODE"], os.environ["DIGEST"]
    is_look = os.environ["GITHUB_EVENT_NAME"] == "workflow_dispatch" and not digest
    report = text_of("APPLY_REPORT")
    is_over = code == "4" and left == "0" and NOTHING_SENT in report
    if is_over:
        said = "There was nothing left to apply: an earlier run did it."
    elif code:
        said = ENDED.get(code, f"The apply ended with exit code {code}; what was sent is remembered.")
    elif digest:
        said = "Nothing was applied. The log of the job says why."
    elif left == "0":
        said = "There was nothing to apply."
    elif is_look:
        found = "The plan of this moment is above, with its digest." if left == "2" else "No plan could be; the log says why."
        said = f"A look, as asked for: nothing was applied. {found}"
    else:
        said = "Nothing was applied: there is no approved plan for this commit."
    lines = [f"{APPLIED}{END}", f"**{said}**", ""]
    if code and not is_over:
        lines += [report, ""]
    is_left = left not in ("", "0")
    if is_left:
        lines += ["What is left is in a comment of its own.", ""]
    if os.environ["PULL"]:
        pull = int(os.environ["PULL"])
        if is_left or github.written(pull, LEFT):
            # First, so that the plan is there also where the rest can't be said; what an earlier run left is taken back.
            github.comment(pull, LEFT, left_over("0" if code == "0" else left))
        github.comment(pull, APPLIED, "\n".join([*lines, footer()]))
    with Path(os.environ["GITHUB_STEP_SUMMARY"]).open("a", encoding="utf-8") as summary:
        summary.write(f"**{said}**\n")
    if code in ("", "4") and left != "0" and not is_look:
        return failed(said)
    return 0


def nightly(github: GitHub) -> int:
    """Keep one issue: open while something is due or left, with the status and the plan of what is left; closed when all is well."""
    status, left = os.environ["STATUS_CODE"], os.environ["LEFT_CODE"]
    is_well = status == "0" and left == "0"
    body = "\n".join([f"{ISSUE}{END}", text_of("STATUS_REPORT") or "**There is no status.** The log of the job says why.", "", footer()])
    issues = (one for one in github.all("/issues?state=open&creator=github-actions%5Bbot%5D") if "pull_request" not in one)
    issue = next((one for one in issues if is_by_bot(one) and (one["body"] or "").startswith(ISSUE)), None)
    if issue is None and is_well:
        return 0
    document = {"title": ISSUE_TITLE, "body": body}
    if issue is None:
        issue = github.ask("POST", "/issues", document)
    else:
        github.ask("PATCH", f"/issues/{issue['number']}", document | {"state": "closed" if is_well else "open"})
    if not is_well:
        github.comment(issue["number"], LEFT, left_over(left))
    return 0


def left_over(code: str) -> str:
    """The comment with the plan of what is left, which ended with *code*, and what to type to apply exactly it."""
    report = text_of("LEFT_REPORT")
    if code == "2":
        how = "This is left to be done. To apply exactly this, run the workflow *privacy apply* on the main branch by hand, with the digest"
        said = [how, "", f"`{os.environ['LEFT_DIGEST']}`", "", report]
    elif code == "0":
        said = [report or "Nothing is left to be done."]
    else:
        said = [report or "**There is no plan of what is left.** The log of the job says why."]
    return "\n".join([f"{LEFT}{END}", *said, "", footer()])


def seal(pull: int, head: str, digest: str) -> str:
    """What only a job that knows the key can have written beside *digest*."""
    key = hmac.digest(os.environ["MIXPRIV_DIGEST_KEY"].encode(), b"mixpriv recipe: approval of a plan", "sha256")
    said = "\n".join((os.environ["GITHUB_REPOSITORY"], str(pull), head, digest))
    return hmac.new(key, said.encode(), hashlib.sha256).hexdigest()


def footer() -> str:
    where = f"{os.environ['GITHUB_SERVER_URL']}/{os.environ['GITHUB_REPOSITORY']}/actions/runs/{os.environ['GITHUB_RUN_ID']}"
    return f"<sub>[The run]({where}) of `{os.environ['GITHUB_WORKFLOW']}`</sub>\n"


def event() -> Any:
    return json.loads(Path(os.environ["GITHUB_EVENT_PATH"]).read_text("utf-8"))


def text_of(variable: str) -> str:
    """The report whose path is in *variable*; empty where the run came to none."""
    path = Path(os.environ[variable])
    return path.read_text("utf-8").strip() if path.is_file() else ""


def told(**outputs: str) -> int:
    with Path(os.environ["GITHUB_OUTPUT"]).open("a", encoding="utf-8") as file:
        file.writelines(f"{name}={value}\n" for name, value in outputs.items())
    return 0


def notice(level: str, message: str) -> None:
    print(f"::{level}::{message}")


def failed(message: str) -> int:
    notice("error", message)
    return 1


COMMANDS = {"plan": plan, "approved": approved, "applied": applied, "nightly": nightly}

if __name__ == "__main__":
    try:
        sys.exit(COMMANDS[sys.argv[1]](GitHub()))
    except Trouble as trouble:
        sys.exit(failed(str(trouble)))
