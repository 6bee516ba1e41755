"""A run for GitHub Actions: annotations where a reviewer sees them, a summary that fits, outputs that only the program names."""

from __future__ import annotations

import dataclasses

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from model.building import PLANS

from mixpriv_reconcile.model.diagnostics import Diagnostic, Severity, SourceSpan
from mixpriv_reconcile.model.plan import Plan
from mixpriv_reconcile.render.report_github import MOST_OF_A_KIND, SUMMARY_BYTES, outputs, report, summary
from mixpriv_reconcile.render.reports import report_text

from .actions_runner import Command, commands, outputs_of
from .golden import assert_golden
from .orders import ORDERS, STEERING
from .runs import EVERY, INVALID, PLAN, REFUSED_PLAN, STATUS_RUN, STOPPED, planned, run
from .samples import RICH, SMALL, plan_of_changes

DELIMITER = "mixpriv-0000"


@pytest.mark.parametrize("name", EVERY)
def test_what_each_run_tells_the_runner(name: str) -> None:
    """The annotations and the outputs of each kind of run."""
    assert_golden(f"github-{name}.txt", report(EVERY[name]))
    assert_golden(f"github-{name}.outputs.txt", outputs(EVERY[name], DELIMITER))


def test_an_annotation_is_at_its_line_of_the_repository() -> None:
    """File, line and columns are those of the finding, the file as the repository names it; errors come first."""
    wrong, leak = commands(report(INVALID))
    assert wrong == Command(
        "error",
        {"file": "privacy/manifests/eu.yaml", "line": "8", "col": "16", "endColumn": "20", "title": "MP0301"},
        "projects.web-eu.residency: mars is no region\n\nhint: write us, eu or in",
    )
    assert leak.name == "warning"
    assert leak.properties["file"] == "privacy/web/src/a b,c.ts"


def test_a_finding_about_an_address_is_where_the_plan_found_it() -> None:
    """A finding without a place of its own is annotated at the address's key; one about nothing in the repository has no place."""
    found = Diagnostic("MP0650", Severity.WARNING, "look", address="web-eu.deletions.2026-11-forgotten")
    (placed,) = commands(report(planned(plan_of_changes(SMALL.changes, [found]))))
    assert (placed.properties["file"], placed.properties["line"]) == ("manifests/eu.yaml", "12")
    for file in ("../web/a.ts", "/etc/a.yaml", ".."):
        outside = Diagnostic("MP0650", Severity.WARNING, "look", span=SourceSpan(file, 1, 1))
        (told,) = commands(report(run("plan", findings=(outside,))))
        assert told.properties == {"title": "MP0650"}


def test_a_folder_of_the_workspace_leads_up_and_down() -> None:
    """A source beside the workspace, but in the repository, is named without dots."""
    found = Diagnostic("MP1001", Severity.WARNING, "look", span=SourceSpan("../web/a.ts", 1, 1))
    (told,) = commands(report(run("plan", findings=(found,), folder="privacy/eu/")))
    assert told.properties["file"] == "privacy/web/a.ts"


def test_what_an_apply_left_is_annotated() -> None:
    """An address that isn't finished is told at its line with what became of its batches; stopping early is a warning."""
    first = commands(report(STOPPED))[0]
    assert (first.name, first.properties["line"]) == ("warning", "12")
    assert "batches 2 to 3, 2,321 distinct ids: not sent" in first.data


def test_an_address_that_a_finding_names_is_annotated_once() -> None:
    """What the apply found of an address that isn't finished tells what is left of it; what the plan found of it stands by itself."""
    address = "web-eu.deletions.2026-11-forgotten"
    undone = Diagnostic("MP0803", Severity.WARNING, "left undone: 2,321 of 2,321 distinct ids (interrupted)", address=address)
    stopped = dataclasses.replace(STOPPED, exit_code=143, findings=(*STOPPED.findings, undone, Diagnostic("MP0002", Severity.ERROR, "interrupted")))
    told = commands(report(stopped))
    assert [one.properties["title"] for one in told if one.name == "error"] == ["MP0002"]
    (one,) = (one for one in told if "2,321 distinct ids: not sent" in one.data)
    assert (one.name, one.properties["title"], one.properties["line"]) == ("warning", "MP0803", "12")


@pytest.mark.parametrize(("exit_code", "expected"), [(0, []), (2, []), (3, ["warning"]), (4, ["error"]), (130, ["error"])])
def test_a_run_that_failed_without_a_finding_says_why(exit_code: int, expected: list[str]) -> None:
    """Where nothing else is told of a run that failed, why it did is; a run that went well is silent."""
    assert expected == [told.name for told in commands(report(run("plan", exit_code, "the sky fell")))]


def test_there_are_as_many_as_github_shows() -> None:
    """Ten of a kind are shown, and the last one says how many more there are."""
    found = [Diagnostic("MP0650", severity, f"{number}") for severity in reversed(Severity) for number in range(13)]
    told = commands(report(run("plan", 1, findings=tuple(found))))
    assert [one.name for one in told] == ["error"] * MOST_OF_A_KIND + ["warning"] * MOST_OF_A_KIND + ["notice"] * MOST_OF_A_KIND
    assert "3 more errors and 3 more warnings and 4 more notices" in told[-1].data


def test_a_long_message_is_cut() -> None:
    """The runner takes 4,096 characters of an annotation."""
    (told,) = commands(report(run("plan", 1, findings=(Diagnostic("MP0001", Severity.ERROR, "x" * 9000),))))
    assert len(told.data) <= 4096
    assert told.data.endswith("…")


HOSTILE = st.lists(
    st.sampled_from([*ORDERS, *STEERING, "a", " ", ",", "=", ":", "%", "%0A", "%3A%3A", "\n", "\r\n", "exit_code=0", "x<<y", DELIMITER]),
    min_size=1,
    max_size=6,
).map("".join)


@settings(deadline=None, derandomize=True)
@given(HOSTILE)
def test_no_text_adds_an_annotation_or_an_output(text: str) -> None:
    """Whatever a file, an address, a message, a target or a name is called: there are the annotations and outputs that there should be."""
    found = Diagnostic("MP0001", Severity.ERROR, f"x{text}", text, SourceSpan(f"a/{text}", 3, 1), text, text)
    hostile = run("plan", 1, text, findings=(found,), plan=RICH, saved_to=text)
    told = commands(report(hostile))
    assert [one.name for one in told] == ["error"]
    assert set(told[0].properties) <= {"file", "line", "col", "endColumn", "title"}
    assert told[0].properties["title"] == "MP0001"

    expected = set(outputs_of(outputs(PLAN, DELIMITER)))
    given_out = outputs(hostile, "mixpriv-unforeseen")
    assert set(outputs_of(given_out)) == expected
    assert outputs_of(given_out)["exit_code"] == "1"
    assert [] == commands(given_out)


@settings(deadline=None, derandomize=True, max_examples=100)
@given(PLANS)
def test_any_plan_is_told_harmlessly(plan: Plan) -> None:
    """Of any plan there are annotations, and nothing else."""
    assert {one.name for one in commands(report(planned(plan)))} <= {"error", "warning", "notice"}
    assert outputs_of(outputs(planned(plan), DELIMITER))["digest"]


def test_the_outputs_of_a_plan() -> None:
    """Numbers, true or false, a day: what a later step asks for."""
    found = outputs_of(outputs(REFUSED_PLAN, DELIMITER))
    assert found["exit_code"] == "6"
    assert found["outcome"] == "refused by policy"
    assert found["has_changes"] == "true"
    assert (found["add"], found["change"], found["destroy"], found["erases"]) == ("0", "0", "2", "6339")
    assert found["next_deadline"] == "2026-12-03"


def test_the_outputs_of_a_status() -> None:
    """How many requests are unfinished, press and are overdue."""
    found = outputs_of(outputs(STATUS_RUN, DELIMITER))
    assert (found["requests_unfinished"], found["requests_overdue"], found["next_deadline"]) == ("3", "1", "2026-11-05")


def test_a_value_of_several_lines_stays_one_value() -> None:
    """Line ends in a sentence neither end the value nor begin another."""
    found = outputs_of(outputs(run("plan", 1, "first\nexit_code=0\r\nlast"), DELIMITER))
    assert (found["outcome"], found["exit_code"]) == ("first\nexit_code=0\nlast", "1")


def test_the_summary_fits_into_what_a_step_has() -> None:
    """The summary is the report in Markdown; where there is no room left for it, a sentence says so, or nothing."""
    markdown = report_text("markdown", PLAN)
    whole = summary(PLAN, markdown)
    assert whole.startswith("# Plan") or "Plan: " in whole
    assert len(whole.encode()) < SUMMARY_BYTES
    assert "no room" in summary(PLAN, markdown, len(whole.encode()) - 1)
    assert summary(PLAN, markdown, 10) == ""
    assert summary(PLAN, markdown, len(whole.encode())) == whole == f"{markdown}\n"
