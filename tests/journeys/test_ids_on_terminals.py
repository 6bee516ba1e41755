"""`--show-ids`: a person at a terminal sees whom a change concerns; nobody and nothing else does."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

from mixpriv_reconcile.errors import SourceMoved
from mixpriv_reconcile.model.plan import PlanOptions
from mixpriv_reconcile.pipeline.clock import SystemClock
from mixpriv_reconcile.pipeline.plan import plan
from mixpriv_reconcile.pipeline.setting import Setting

from . import canaries
from .terminals import at_terminal
from .workspace import Server, Workspace, ago

REPORTS = ("json", "markdown", "html", "gitlab", "junit", "sarif", "github")


def under(shown: str, address: str) -> list[str]:
    """The ids that are listed under the change at *address*, and what is said below them."""
    (block,) = [block for block in shown.split("\n\n") if block.startswith(f"  # {address} ")]
    _, found, listed = block.partition("\n      distinct ids       ")
    return [line.strip() for line in listed.split("\n")] if found else []


def with_all_kinds(workspace: Workspace) -> None:
    """A deletion from two places, a retrieval and an opt-out list."""
    (workspace.root / "ids.csv").write_text("name,distinct_id\nZoë,user-csv-1\nJo,user-csv-2\n", "utf-8")
    request = workspace.deletion(["user-inline"]) | {"from": [{"file": "ids.csv", "column": "distinct_id"}]}
    web = workspace.project("web", r1=request)
    web["retrievals"] = {"q1": workspace.deletion(["user-asking"]) | {"disclosure": "data", "download_to": "exports"}}
    web["opt_outs"] = {"distinct_ids": ["user-out"], "write_to": "out.json"}
    workspace.write()


def test_a_reviewer_sees_whom_a_plan_concerns(workspace: Workspace, server: Server) -> None:
    """Under each change stand the ids that it erases, exports or opts out, from the manifest and from files; nobody else's name does."""
    with_all_kinds(workspace)
    seen = at_terminal(workspace, "plan", "--show-ids")
    assert seen.code == 0
    assert sorted(under(seen.shown, "web.deletions.r1")) == ["user-csv-1", "user-csv-2", "user-inline"]
    assert under(seen.shown, "web.retrievals.q1") == ["user-asking"]
    assert under(seen.shown, "web.opt_outs") == ["user-out"]
    assert "Zoë" not in seen.shown
    assert "Plan: 3 to add, 0 to change, 1 to destroy." in seen.shown
    assert server.calls() == []


def test_without_the_option_a_terminal_shows_no_id(workspace: Workspace) -> None:
    """A plan at a terminal is the same as ever, but for the ids, and its digest is the same."""
    with_all_kinds(workspace)
    bare, shown = at_terminal(workspace, "plan").shown, at_terminal(workspace, "plan", "--show-ids").shown
    assert "user-" not in bare
    assert set(bare.splitlines()) < set(shown.splitlines())


def test_of_many_ids_twenty_are_shown_and_the_others_counted(workspace: Workspace) -> None:
    """Of 4,223 ids in four files and the manifest 20 are shown, those that are sent first, and it is said where the others are."""
    every = [f"user-{number}" for number in range(4222)]
    for number in range(4):
        (workspace.root / f"ids-{number}.txt").write_text("\n".join(every[number::4]) + "\n")
    workspace.manifest["workspace"]["limits"]["distinct_ids_per_request"] = 13
    workspace.project("web", r1=workspace.deletion(["user-inline"]) | {"from": [{"file": "ids-*.txt"}]})
    shown = under(at_terminal(workspace, "plan", "--show-ids").shown, "web.deletions.r1")
    assert len(set(shown[:20]) & {*every, "user-inline"}) == 20
    assert " ".join(shown[20:]) == "… and 4,203 more; they are in privacy.yaml, ids-0.txt, ids-1.txt and 2 more files"


def test_the_ids_are_those_that_are_sent(workspace: Workspace, server: Server) -> None:
    """`apply --show-ids` shows them before it asks; a no sends nothing, and the number typed sends exactly these, in this order."""
    workspace.project("web", r1=[f"user-{number}" for number in range(5)])
    no = at_terminal(workspace, "apply", "--show-ids", answers=(("To apply this plan", "no"),))
    assert no.code == 1
    assert server.calls("POST") == []
    plan, _, after = no.shown.partition("To apply this plan, type")
    listed = under(plan, "web.deletions.r1")
    assert "user-" not in after
    yes = at_terminal(workspace, "apply", "--show-ids", answers=(("To apply this plan", "5"),))
    assert yes.code == 0
    assert under(yes.shown, "web.deletions.r1") == listed
    assert [one for task in server.tasks() for one in task["distinct_ids"]] == listed


def test_a_saved_plan_is_shown_with_its_ids_when_it_is_applied(workspace: Workspace, server: Server) -> None:
    """The file holds none; `apply FILE --show-ids` reads them from the sources."""
    workspace.project("web", r1=["user-1"])
    assert at_terminal(workspace, "plan", "--show-ids", "--out", "saved.plan").code == 0
    assert "user-1" not in (workspace.root / "saved.plan").read_text()
    assert "No such option" in at_terminal(workspace, "show", "saved.plan", "--show-ids").shown
    seen = at_terminal(workspace, "apply", "saved.plan", "--show-ids")
    assert under(seen.shown, "web.deletions.r1") == ["user-1"]
    assert len(server.tasks()) == 1


def test_withdrawn_ids_cant_be_shown(workspace: Workspace) -> None:
    """Of ids that left the manifest there are digests alone, which is said; those sent again in their place are shown."""
    workspace.project("web", r1=["user-1", "user-2"])
    workspace.apply()
    workspace.declare("web.r1", ["user-2"])
    listed = under(at_terminal(workspace, "plan", "--show-ids").shown, "web.deletions.r1")
    assert listed[0] == "user-2"
    assert re.sub(" +", " ", " ".join(listed[1:])) == (
        "not shown 1 distinct id withdrawn: its digest alone is kept, so it can't be shown"
    )
    workspace.declare("web.r1", None)
    shown = at_terminal(workspace, "plan", "--show-ids").shown
    assert "2 distinct ids withdrawn: their digests alone are kept" in shown
    assert "user-" not in shown


@pytest.mark.parametrize("command", ["plan", "apply", "validate"])
def test_it_is_refused_where_what_is_shown_would_be_kept(workspace: Workspace, server: Server, command: str) -> None:
    """A pipe, a redirected stream, CI and another format end 1 with MP0012 before anything is read, at a terminal or not."""
    workspace.project("web", r1=["user-1"])["residency"] = "mars"  # which whoever reads the manifest would tell
    workspace.write()
    before = sorted(workspace.files())
    assert "error[MP0012]" in workspace.run(command, "--show-ids", code=1).err
    for variables in ({"CI": "true"}, {"CI": "1"}):
        assert "error[MP0012]" in at_terminal(workspace, command, "--show-ids", **variables).shown
    for form in ("json", "markdown", "html"):
        refused = at_terminal(workspace, command, "--show-ids", "--format", form)
        assert refused.code == 1
        assert "MP0012" in refused.shown
        assert "MP0204" not in refused.shown
    outside = workspace.root.parent / "out.txt"
    with outside.open("wb") as file:
        seen = at_terminal(workspace, command, "--show-ids", stderr=file)
        assert seen.code == 1
    assert "error[MP0012]" in outside.read_text()
    if command != "validate":  # whose ids go to standard error alone
        with outside.open("wb") as file:
            assert "error[MP0012]" in at_terminal(workspace, command, "--show-ids", stdout=file).shown
        assert outside.read_text() == ""
    assert sorted(workspace.files()) == before
    assert server.calls() == []


@pytest.mark.parametrize("command", ["status", "show", "refresh", "endpoints", "state list"])
def test_other_commands_dont_have_it(workspace: Workspace, command: str) -> None:
    """Where there is no id to show the option isn't known, and the commands that have it say so in their help."""
    workspace.project("web")
    assert "No such option" in workspace.run(*command.split(), "--show-ids", code=1).err
    assert "--show-ids" not in workspace.run(*command.split(), "--help").out
    for one in ("plan", "apply", "validate"):
        assert "--show-ids" in workspace.run(one, "--help").out


def test_nothing_but_the_terminal_has_them(workspace: Workspace, server: Server) -> None:
    """Reports of every format, a saved plan, the state and all that the program keeps hold no id, and the terminal holds no secret."""
    canaries.declared(workspace)
    reports = [f"--report={form}=run-{form}.txt" for form in REPORTS]
    shown = ""
    for command in (
        ("validate", "--show-ids"),
        ("plan", "--show-ids", "--out", "saved.plan"),
        ("apply", "saved.plan", "--show-ids", "--wait", "0s"),
        ("plan", "--show-ids"),
    ):
        seen = at_terminal(workspace, *command, *reports)
        assert seen.code == 0, seen.shown
        canaries.check(workspace)
        shown += seen.shown
    assert canaries.INLINE[0] in shown
    assert canaries.PACKED[0] in shown
    assert [] == [secret for secret in canaries.SECRETS if secret in shown]
    assert len(server.tasks()) > 0


def test_reports_of_findings_hold_no_id(workspace: Workspace) -> None:
    """A finding that shows its line, or its id, on the terminal is in every report without them."""
    (workspace.root / "ids.txt").write_text("canary-" + "x" * 1100 + "\n")
    workspace.project("web", r1=workspace.deletion(["canary-inline-" + "y" * 1100]) | {"from": [{"file": "ids.txt"}]})
    reports = [f"--report={form}=run-{form}.txt" for form in REPORTS]
    for _ in range(2):
        for command in ("validate", "plan"):
            seen = at_terminal(workspace, command, "--show-ids", *reports)
            assert seen.code == 1
            assert "canary" in seen.shown
            assert {path.name for path in workspace.files() if b"canary" in path.read_bytes()} <= {"privacy.yaml", "ids.txt"}
        document = json.loads((workspace.root / "run-json.txt").read_text())
        assert {"MP0413", "MP0201"} & {found["code"] for found in document["diagnostics"]}
        workspace.manifest["projects"]["web"]["deletions"]["r1"] = {"distinct_ids": "canary-1", "recieved": "x"}
        workspace.write()


MANIFEST = """\
version: 1
projects:
  web:
    id: 1
    residency: eu
    token: token-canary-literal
    deletions:
      r1: {recieved: 1, distinct_ids: [person-17, "person 18"]}  # in-comment
      distinct_ids: token-canary-2
      r2: {compliance: gdpr, distinct_ids: &user-anchor user-19, unknown: [token-canary-3]}
  shop: {id: 2, residency: eu, token: token-canary-4, deletions: {r3: {wrong: 1, distinct_ids: [user-20]}}}
"""


@pytest.mark.parametrize("command", ["validate", "plan"])
def test_findings_show_ids_and_mask_the_rest(workspace: Workspace, command: str) -> None:
    """In the line of a finding the scalars are shown that stand where ids belong; secrets, comments and unknown values stay masked."""
    (workspace.root / "privacy.yaml").write_text(MANIFEST)
    masked = at_terminal(workspace, command).shown
    assert "user-" not in masked.replace("e.g. [user-17, user-18]", "")
    shown = at_terminal(workspace, command, "--show-ids").shown
    assert 'distinct_ids: [person-17, "person 18"]' in shown
    assert "distinct_ids: [user-20]" in shown
    assert "person" not in masked
    for hidden in ("canary", "in-comment", "anchor", "user-19"):
        assert hidden not in shown
    assert shown.count("•") < masked.count("•")


def test_what_cant_be_parsed_stays_masked(workspace: Workspace) -> None:
    """Where it isn't known what stands where, nothing is told from a secret."""
    (workspace.root / "privacy.yaml").write_text(MANIFEST.replace("[person-17", "]person-17"))
    seen = at_terminal(workspace, "validate", "--show-ids")
    assert seen.code == 1
    assert "error[" in seen.shown
    assert "person-17" not in seen.shown
    assert "canary" not in seen.shown


def test_an_id_that_a_finding_is_about_is_shown(workspace: Workspace) -> None:
    """An id in a file that is refused is shown below the finding, cut; the rest of its row isn't."""
    long = "long-id-" + "x" * 2000
    (workspace.root / "ids.csv").write_text(f"name,distinct_id\nZoë,{long}\nJo,ok\n", "utf-8")
    workspace.project("web", r1=workspace.deletion([]) | {"from": [{"file": "ids.csv", "column": "distinct_id"}]})
    seen = at_terminal(workspace, "validate", "--show-ids")
    assert f"  distinct id: {long[:200]}… (cut)\n" in seen.shown
    assert "Zoë" not in seen.shown
    assert "long-id" not in at_terminal(workspace, "validate").shown


def test_no_id_steers_the_terminal(workspace: Workspace) -> None:
    """Escape sequences, line ends, marks of direction and what nobody sees are shown by their numbers, in plans and in findings."""
    nasty = ["\x1b[2J\x1b[31mred", "one\rtwo", "\u202eliame", "a\u200bb", "\x9b31m", "bell\x07", "tab\there", "::error::x", "Plan: 0 to add"]
    (workspace.root / "ids.ndjson").write_text("".join(json.dumps({"id": one}) + "\n" for one in [*nasty, "line\nbreak"]))
    workspace.project("web", r1=workspace.deletion([]) | {"from": [{"file": "ids.ndjson", "field": "id"}]})
    shown = at_terminal(workspace, "plan", "--show-ids").shown
    assert not [char for char in shown if not char.isprintable() and char != "\n"]
    assert '"\\u{1b}[2J\\u{1b}[31mred"' in shown
    assert {'"line\\u{a}break"', '"\\u{202e}liame"', '"a\\u{200b}b"'} <= set(under(shown, "web.deletions.r1"))
    assert len(under(shown, "web.deletions.r1")) == 10
    workspace.manifest["projects"]["web"]["deletions"]["r1"] = {"distinct_ids": ["\x1b[2J\u202e"], "recieved": "x"}
    workspace.write()
    text = (workspace.root / "privacy.yaml").read_text("utf-8")
    (workspace.root / "privacy.yaml").write_text(text.replace('\\u202E', "\u202e"), "utf-8")
    found = at_terminal(workspace, "validate", "--show-ids").shown
    assert not [char for char in found if not char.isprintable() and char != "\n"]


def test_a_long_id_passes_for_no_line_of_ours(workspace: Workspace) -> None:
    """An id that fills the terminal's line goes on below its own beginning, and not at the edge, whatever it says there."""
    workspace.project("web", r1=["x" * 55 + " " * 25 + "Plan: 0 to destroy.", "語" * 60 + "Plan: 0 to destroy."])
    shown = at_terminal(workspace, "plan", "--show-ids").shown
    (block,) = [block for block in shown.split("\n\n") if block.startswith("  # web.deletions.r1 ")]
    listed = block.partition("\n      distinct ids")[2].splitlines()
    assert len(listed) > 4
    assert all(line.startswith(" " * 25) for line in listed[1:])
    assert all(len(line) + line.count("語") <= 80 for line in listed[1:])


class Meddling(SystemClock):
    """A clock in whose every look the source changes."""

    def __init__(self, source: Path) -> None:
        self._source, self._looks = source, 0

    def now(self):  # type: ignore[no-untyped-def]
        self._looks += 1
        self._source.write_text(f"user-{self._looks:04}\n")
        return super().now()


def test_a_source_that_changes_meanwhile_shows_nobody(workspace: Workspace) -> None:
    """Where a file no longer holds the ids that were planned, none is shown: it is refused, as an apply refuses it."""
    workspace.project("web", r1=workspace.deletion([]) | {"from": [{"file": "ids.txt"}], "received": ago(5)})
    (workspace.root / "ids.txt").write_text("user-0000\n")
    clock = Meddling(workspace.root / "ids.txt")
    with pytest.raises(SourceMoved) as refused:
        plan(Setting(workspace.root, workspace.environment, clock, show_ids=True), PlanOptions())
    assert refused.value.code == "MP0441"
