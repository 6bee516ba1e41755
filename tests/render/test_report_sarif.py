"""Findings as SARIF: for code scanning, at lines of files, each recognised again when lines move."""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Iterator

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from model.building import PLANS

from mixpriv_reconcile.explain import codes
from mixpriv_reconcile.model.diagnostics import Diagnostic, Severity, SourceSpan
from mixpriv_reconcile.model.plan import Change, Plan
from mixpriv_reconcile.model.report import Report
from mixpriv_reconcile.render.report_sarif import MOST_BYTES, MOST_RESULTS, report

from .golden import assert_golden
from .orders import ORDERS, STEERING, is_harmless
from .runs import EVERY, INVALID, LEAK, PLAN, REFUSED_PLAN, SMALL_PLAN, WRONG, planned, run
from .samples import SMALL
from .sarif import read


def places(of: Report) -> list[tuple[str, int]]:
    found = [result["locations"][0]["physicalLocation"] for result in read(report(of))["results"]]
    return [(place["artifactLocation"]["uri"], place["region"]["startLine"]) for place in found]


def prints(of: Report) -> list[str]:
    return [result["partialFingerprints"]["primaryLocationLineHash"] for result in read(report(of))["results"]]


@pytest.mark.parametrize("name", EVERY)
def test_each_run_is_a_log(name: str) -> None:
    """The log of each kind of run holds to the schema, and to what GitHub asks for."""
    document = json.loads(report(EVERY[name]))
    read(report(EVERY[name]))
    driver = document["runs"][0]["tool"]["driver"]
    driver["rules"] = [rule["id"] for rule in driver["rules"]]  # what they say is their page's, and tested below
    assert_golden(f"sarif-{name}.json", json.dumps(document, indent=2) + "\n")


def test_a_finding_is_at_its_place_in_the_repository() -> None:
    """The URI leads from the repository's root, percent-encoded; columns count characters, the last one is the one behind."""
    wrong, leak = read(report(INVALID))["results"]
    assert (wrong["ruleId"], wrong["level"], leak["level"]) == ("MP0301", "error", "warning")
    assert wrong["locations"][0]["physicalLocation"] == {
        "artifactLocation": {"uri": "privacy/manifests/eu.yaml", "uriBaseId": "%SRCROOT%"},
        "region": {"startLine": 8, "startColumn": 16, "endLine": 8, "endColumn": 20},
    }
    assert places(INVALID)[1] == ("privacy/web/src/a%20b%2Cc.ts", 3)
    assert read(report(INVALID))["columnKind"] == "unicodeCodePoints"


def test_every_code_is_a_rule_with_its_page() -> None:
    """Each code of the program has a title, a first paragraph and a page that fit into a rule."""
    found = tuple(Diagnostic(code, Severity.NOTE, "x") for code in codes())
    rules = read(report(run("plan", findings=found)))["tool"]["driver"]["rules"]
    assert [rule["id"] for rule in rules] == [*codes()]
    assert all(rule["shortDescription"]["text"] != rule["id"] for rule in rules)
    assert all(rule["help"]["markdown"].startswith(f"# {rule['id']}") for rule in rules)


def test_a_finding_without_a_place_has_one() -> None:
    """GitHub refuses a result without a location: it is where the plan has the address, else its project, else at a manifest."""
    about = "web-eu.deletions.2026-11-forgotten"
    found = [Diagnostic("MP0650", Severity.NOTE, "x", address=address) for address in (about, "web-eu.opt_outs", "app.sso", "")]
    of = dataclasses.replace(SMALL_PLAN, findings=tuple(found), manifest="workspace.yaml", folder="privacy/")
    here, manifest = ("privacy/manifests/eu.yaml", 12), ("privacy/workspace.yaml", 1)
    assert places(of) == [here, here, manifest, manifest]
    outside = Diagnostic("MP1001", Severity.NOTE, "x", span=SourceSpan("/etc/a.ts", 3, 1))
    assert places(run("sdk check", findings=(outside,), manifest="workspace.yaml")) == [("workspace.yaml", 1)]


class Walked(tuple[Change, ...]):
    """Changes that count how often they are walked through."""

    walks = 0

    def __iter__(self) -> Iterator[Change]:
        self.walks += 1
        return super().__iter__()


def test_places_take_as_many_walks_through_a_plan_whatever_was_found() -> None:
    """A plan of very many changes is walked through as often for a thousand findings without a place as for one."""
    walks = []
    for count in (1, 1000):
        changes = Walked(SMALL.changes)
        found = tuple(Diagnostic("MP0650", Severity.NOTE, "x", address=f"web-{number}.sso") for number in range(count))
        of = dataclasses.replace(SMALL_PLAN, plan=dataclasses.replace(SMALL, changes=changes), findings=found)
        assert len(places(of)) == count
        walks.append(changes.walks)
    assert walks[0] == walks[1]


def test_a_finding_is_recognised_when_lines_move() -> None:
    """The fingerprint is that of code, address and file, and doesn't change with lines and numbers; a second one alike has its own."""
    moved = dataclasses.replace(WRONG, span=SourceSpan("manifests/eu.yaml", 99, 3), message="other numbers")
    assert prints(dataclasses.replace(INVALID, findings=(WRONG, LEAK))) == prints(dataclasses.replace(INVALID, findings=(moved, LEAK)))
    first, second = prints(run("plan", findings=(WRONG, moved)))
    assert (first.partition(":")[0], first[-2:], second[-2:]) == (second.partition(":")[0], ":1", ":2")
    elsewhere = dataclasses.replace(WRONG, span=SourceSpan("manifests/us.yaml", 8, 16, 4))
    assert prints(run("plan", findings=(elsewhere,)))[0] != first


@pytest.mark.parametrize(("exit_code", "is_fine"), [(0, True), (1, False), (2, True), (3, False), (6, True), (7, True), (130, False)])
def test_how_the_run_ended(exit_code: int, is_fine: bool) -> None:
    """The invocation has the exit code and why; findings of a check are no failure to run."""
    (invocation,) = read(report(run("plan", exit_code, "because")))["invocations"]
    assert (invocation["executionSuccessful"], invocation["exitCode"], invocation["exitCodeDescription"]) == (is_fine, exit_code, "because")


def test_there_are_as_many_as_github_shows() -> None:
    """Of very many findings the heaviest are kept, and a notification says how many are left out."""
    notes = [Diagnostic("MP0650", Severity.NOTE, f"{number}") for number in range(MOST_RESULTS + 7)]
    told = read(report(run("plan", findings=(*notes, WRONG))))
    assert len(told["results"]) == MOST_RESULTS
    assert told["results"][0]["ruleId"] == "MP0301"
    (notification,) = told["invocations"][0]["toolExecutionNotifications"]
    assert notification["message"]["text"].startswith("8 findings left out")


def test_a_log_fits_into_what_github_takes() -> None:
    """Long messages don't make the file larger than GitHub takes."""
    found = tuple(Diagnostic("MP0650", Severity.ERROR, f"{number}" + "ж" * 4000) for number in range(1000))
    told = report(run("plan", 1, findings=found))
    assert len(told.encode()) < 10_000_000
    left_out = read(told)["invocations"][0]["toolExecutionNotifications"]
    assert f"{1000 - len(read(told)['results'])} findings left out" in left_out[0]["message"]["text"]
    assert MOST_BYTES < 10_000_000


HOSTILE = st.lists(st.sampled_from([*ORDERS, *STEERING, "a", " ", "%", "/", "..", "\\", "?", "#", ":", '"', "\n"]), min_size=1, max_size=6).map("".join)


@settings(deadline=None, derandomize=True)
@given(HOSTILE | st.text())
def test_any_text_is_a_log(text: str) -> None:
    """Whatever stands in a finding or is the name of a file: it holds to the schema, and steers nothing."""
    found = Diagnostic("MP0001", Severity.ERROR, text, text, SourceSpan(text, 3, 1), text, text)
    shown = report(run("plan", 1, text, findings=(found,), folder="a/"))
    read(shown)
    assert is_harmless(shown)


@settings(deadline=None, derandomize=True, max_examples=100)
@given(PLANS)
def test_any_plan_is_a_log(plan: Plan) -> None:
    """Each finding of a plan is a result."""
    of = planned(plan)
    assert len(read(report(of))["results"]) == len(of.findings)


def test_what_a_plan_found_is_there() -> None:
    """Warnings, notes and refusals of a plan are results, heaviest first."""
    assert [result["ruleId"] for result in read(report(REFUSED_PLAN))["results"]] == ["MP0602", "MP0613"]
    assert places(PLAN)[0] == ("manifests/us.yaml", 31)
