"""A run as tests: a case for each address, request, task or file, red where somebody has to act."""

from __future__ import annotations

import dataclasses

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from model.building import PLANS

from mixpriv_reconcile.model.diagnostics import Diagnostic, Severity, SourceSpan
from mixpriv_reconcile.model.plan import Plan
from mixpriv_reconcile.render.look import printable
from mixpriv_reconcile.render.report_junit import report

from .golden import assert_golden
from .junit import Seen, read
from .orders import ORDERS, STEERING, is_harmless
from .runs import CONFLICTING_PLAN, EVERY, INVALID, LEAK, PLAN, REFRESHED, REFUSED_PLAN, STATUS_RUN, STOPPED, WRONG, planned, run


def outcomes(cases: list[Seen]) -> dict[str, str]:
    return {case.name: case.outcome for case in cases}


@pytest.mark.parametrize("name", EVERY)
def test_each_run_as_tests(name: str) -> None:
    """The XML of each kind of run, whole, and as strict readers take it."""
    assert read(report(EVERY[name]))
    assert_golden(f"junit-{name}.xml", report(EVERY[name]))


@pytest.mark.parametrize("name", EVERY)
def test_red_means_that_the_run_failed(name: str) -> None:
    """There is a failure exactly where the run ended as it should not; but a task that failed is one whatever the run says."""
    has_failure = "failure" in outcomes(read(report(EVERY[name]))).values()
    assert has_failure is (EVERY[name].exit_code not in (0, 2) or name == "refresh")


def test_a_plan_with_warnings_is_green() -> None:
    """Warnings and notes are told in the output of the case that they are about."""
    cases = {case.name: case for case in read(report(PLAN))}
    assert {"passed"} == {case.outcome for case in cases.values()}
    about = cases["web-us.deletions.2026-10-forgotten"]
    assert "warning[MP0613]" in about.out
    assert "manifests/us.yaml:31:7" in about.out
    assert about.suite == "web-us"


def test_conflicts_and_refusals_are_failures() -> None:
    """A conflict fails at its address, a refusal of the whole plan under the program's own name."""
    assert outcomes(read(report(CONFLICTING_PLAN)))["web-eu.residency"] == "failure"
    assert outcomes(read(report(REFUSED_PLAN)))["MP0602"] == "failure"


def test_findings_of_files_are_told_by_file() -> None:
    """`validate` has a case for each file and code; no line is in a name, so that the next run's is the same case."""
    cases = {(case.suite, case.name): case for case in read(report(INVALID))}
    assert cases["privacy/manifests/eu.yaml", "MP0301"].outcome == "failure"
    assert "privacy/manifests/eu.yaml:8:16: error[MP0301]" in cases["privacy/manifests/eu.yaml", "MP0301"].failure
    assert cases["privacy/web/src/a b,c.ts", "MP1001"].outcome == "passed"

    moved = dataclasses.replace(WRONG, span=SourceSpan("manifests/eu.yaml", 99, 1))
    after = read(report(dataclasses.replace(INVALID, findings=(LEAK, moved, WRONG))))
    assert {(case.suite, case.name) for case in after} == set(cases)


def test_a_leak_fails_the_check_for_leaks() -> None:
    """`sdk check` ends 7 for a warning, and its case is red."""
    assert outcomes(read(report(run("sdk check", 7, "1 warning", findings=(LEAK,)))))["MP1001"] == "failure"


def test_requests_that_press_are_red() -> None:
    """Of the requests those fail that are late or due within the days that were asked for; without days those that are late."""
    late = {"web-eu.deletions.2026-10-late"}
    assert late == {case.name for case in read(report(STATUS_RUN)) if case.outcome == "failure" and case.suite != "mixpriv"}
    relaxed = dataclasses.replace(STATUS_RUN, exit_code=0, findings=(), due_within_days=None)
    assert late == {case.name for case in read(report(relaxed)) if case.outcome == "failure"}
    far = {case.name for case in read(report(dataclasses.replace(STATUS_RUN, due_within_days=60))) if case.outcome == "failure"}
    assert "web-us.deletions.2026-11" in far


def test_an_apply_says_what_it_left() -> None:
    """An address is done, has batches left (with the counts), or wasn't begun."""
    cases = {case.name: case for case in read(report(STOPPED))}
    assert cases["web-eu.residency"].outcome == "passed"
    left = cases["web-eu.deletions.2026-11-forgotten"]
    assert left.outcome == "failure"
    assert "batches 2 to 3, 2,321 distinct ids: not sent" in left.failure
    assert cases["web-us.deletions.2026-10-forgotten"].outcome == "skipped"


def test_tasks_that_were_looked_at() -> None:
    """A task that failed at Mixpanel is red, others are not."""
    found = outcomes(read(report(REFRESHED)))
    assert (found["task 1234567890"], found["task 1234567891"]) == ("passed", "failure")


def test_there_always_is_a_case() -> None:
    """Jenkins fails a step that finds no test: a run without any finding is one case."""
    assert [("mixpriv validate", "passed")] == [*outcomes(read(report(run("validate")))).items()]


def test_a_case_with_very_many_findings_is_cut() -> None:
    """Of one case's findings so many are told as people read, and the rest is counted."""
    found = tuple(Diagnostic("MP0401", Severity.ERROR, "no id", span=SourceSpan("ids.csv", line, 1)) for line in range(1, 301))
    (case,) = (case for case in read(report(run("validate", 1, findings=found))) if case.name == "MP0401")
    assert case.failure.endswith("… and 100 more")


HOSTILE = st.lists(st.sampled_from([*ORDERS, *STEERING, "a", " ", "]]>", "<x/>", "&amp;", '"', "\ufffe", "\ufffd", "\n\n"]), min_size=1).map("".join)


@settings(deadline=None, derandomize=True)
@given(HOSTILE | st.text())
def test_any_text_is_xml(text: str) -> None:
    """Characters that XML 1.0 can't hold are replaced; no text opens an element, steers a terminal or gives an order."""
    found = Diagnostic("MP0001", Severity.ERROR, text, text, SourceSpan(f"a{text}", 3, 1), text, text)
    loose = Diagnostic("MP0002", Severity.WARNING, text, text, None, text)
    for command in ("plan", "validate"):
        shown = report(run(command, 1, text, findings=(found, loose), saved_to=text))
        assert read(shown)
        assert is_harmless(shown)


@settings(deadline=None, derandomize=True, max_examples=100)
@given(PLANS)
def test_any_plan_is_xml(plan: Plan) -> None:
    """Each address of a plan with something to do is a case."""
    names = {case.name for case in read(report(planned(plan)))}
    assert {printable(" ".join(str(change.address).split())) for change in plan.pending} <= names
