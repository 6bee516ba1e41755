"""Reports of an apply, a refresh, the memory and a failure, as comment, page and document."""

from __future__ import annotations

import dataclasses
import json
import re
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from mixpriv_reconcile.model.diagnostics import Diagnostic, Severity, SourceSpan
from mixpriv_reconcile.model.events import ApplyComplete, ApplyErrored, BatchesLeft, BatchSent
from mixpriv_reconcile.model.journal import Polled
from mixpriv_reconcile.model.page import Code, Facts, Heading, Items, Page, Section, Sentence, Table
from mixpriv_reconcile.model.report import Happened, Report
from mixpriv_reconcile.render.junit_cases import cases_of
from mixpriv_reconcile.render.report_github import outputs
from mixpriv_reconcile.render.report_markdown import report as markdown_report
from mixpriv_reconcile.render.reports import REPORT_FORMATS, report_text

from . import junit, sarif
from .actions_runner import commands, outputs_of
from .golden import assert_golden
from .markup import read
from .orders import is_harmless
from .samples import BY_HAND, FORGOTTEN, IN_DOUBT, MORNING, RICH, STATE, STATUS, TOO_MANY, plan_of_changes
from .test_events import ADDRESS, LEFT
from .test_schemas import checked

HOSTILE = ["<!-- mixpriv:apply x -->", "--> @a", "</details>", "a | b", "`x", "**", "\n- x", "::error::x", "https://x.example", "\x1b[31m", "<script>"]


def run(command: str, exit_code: int = 0, why: str = "done", **more: Any) -> Report:
    return Report(command, "1.2.3", MORNING, exit_code, why, **more)


def events(*happened: Any) -> tuple[Happened, ...]:
    return tuple(Happened(MORNING + timedelta(seconds=number), event) for number, event in enumerate(happened))


STOPPED = run(
    "apply",
    3,
    "stopped early: 9,997,000 distinct ids left and 1 batch in doubt; nothing is lost, run again",
    plan=RICH,
    findings=(*RICH.diagnostics, Diagnostic("MP0803", Severity.WARNING, "left undone", "run `mixpriv apply` again", address=ADDRESS)),
    happened=events(
        ApplyComplete("web-eu.residency", "create", 0),
        BatchSent(ADDRESS, 1, 2000, "acknowledged", "1234567890", "PENDING"),
        BatchSent(ADDRESS, 2, 2000, "in_doubt"),
        BatchSent(ADDRESS, 3, 321, "acknowledged", "1234567891", "PENDING"),
        ApplyErrored(ADDRESS, "the run ended first", 9_997_000, LEFT, 2, 999),
    ),
)
REFUSED = run("apply", 6, "refused by policy", plan=RICH, findings=(TOO_MANY,))
SEEN = run("refresh", polled=tuple(Polled(1, str(number), status, MORNING) for number, status in enumerate(["SUCCESS", "PENDING", "SUCCESS"])))


def told(text: str, times: int = 1) -> Page:
    """A page in which *text* stands everywhere."""
    blocks = (Sentence(text), Heading(text), Items((text, text) * times, text), Facts(((text, (text, text)),) * times), Table((text, text), ((text, text),) * times), Code(text))
    return Page("", (Section(text, blocks), Section("", blocks)))


TOLD = told("words")
RUNS = {
    "apply stopped": STOPPED,
    "apply refused": REFUSED,
    "apply failed": run("apply", 1, "the manifest is invalid", findings=(TOO_MANY, IN_DOUBT)),
    "apply done": run("apply", plan=plan_of_changes([FORGOTTEN, BY_HAND]), happened=events(ApplyComplete(ADDRESS, "delete", 4321))),
    "init": run("init", page=TOLD),
    "endpoints": run("endpoints", page=dataclasses.replace(TOLD, title="Hosts")),
    "state show": run("state show", 1, "the output is full", page=dataclasses.replace(TOLD, title="An address"), findings=(TOO_MANY,)),
    "": run("", 1, "no such command", findings=(TOO_MANY,)),
    "apply of nothing": run("apply", why="no changes", plan=plan_of_changes([])),
    "refresh": SEEN,
    "refresh of nothing": run("refresh", 5, "the state is locked"),
    "show": run("show", state=STATE, apply_running={"who": "ops", "host": "h"}),
    "status": run("status", status=STATUS),
    "validate": run("validate", why="The manifests are valid."),
    "check": run("sdk check", 7, "Checked 2 files: 1 error.", findings=(TOO_MANY,)),
}


def test_an_apply_that_stopped_early() -> None:
    """How it ended, what is left, what was done, what stands to be done; the plan is folded."""
    assert_golden("apply-stopped.md", markdown_report(STOPPED))
    assert_golden("apply-stopped.html", report_text("html", STOPPED).partition("</style>")[2])


def test_an_apply_as_proof() -> None:
    """The document has each batch with Mixpanel's task and the time, and what is left."""
    document = json.loads(report_text("json", STOPPED))
    assert_golden("apply-stopped.json", json.dumps(document | {"plan": document["plan"]["digest"]}, indent=2) + "\n")


@pytest.mark.parametrize("name", [name for name, ended in RUNS.items() if ended.command == "apply"])
def test_every_report_of_an_apply_counts_alike(name: str) -> None:
    """What is done, and which addresses are left, is the same in the document, the comment, the outputs and the test cases."""
    ended = RUNS[name]
    document = json.loads(report_text("json", ended))
    left, done = [one["address"] for one in document["left"]], document["summary"]
    given = outputs_of(outputs(ended, "end"))
    assert (len(left), done) == (int(given["unfinished"]), {"add": int(given["added"]), "change": int(given["changed"]), "destroy": int(given["destroyed"])})
    comment = markdown_report(ended)
    assert f"{done['add']:,} added, {done['change']:,} changed, {done['destroy']:,} destroyed" in comment or not ended.happened
    assert left == re.findall(r"(?m)^- `(.+?)`: ", comment.partition("What is left, by address:")[2].partition("<details>")[0])
    by_hand = {str(BY_HAND.address)}
    cases = {case.name for case in cases_of(ended) if case.skipped or any(said.startswith(case.name) for said in case.failed)}
    assert set(left) == cases - by_hand


def test_what_an_apply_never_came_to_is_left() -> None:
    """An apply that was refused leaves all that was planned, but not what a person does."""
    left = [event["address"] for event in json.loads(report_text("json", REFUSED))["left"]]
    planned = sorted(RICH.pending, key=lambda change: change.weight)
    assert [str(change.address) for change in planned if change.kind != "sso"] == left
    assert "Nothing was sent." in markdown_report(REFUSED)
    assert "By hand (1)" in markdown_report(REFUSED)


@pytest.mark.parametrize(
    ("code", "said"),
    [(1, "Settle what ended it"), (3, "again: nothing is lost"), (4, "what moved"), (5, "--lock-timeout"), (6, "policy"), (130, "again: nothing is lost"), (143, "With --expect, run mixpriv plan --sandbox")],
)
def test_every_ending_tells_what_to_do(code: int, said: str) -> None:
    """Whatever ended an apply, comment and page say what stands to be done, in the sandbox with commands for it."""
    ended = dataclasses.replace(STOPPED, exit_code=code, sandbox=True)
    assert said in markdown_report(ended).replace("`", "")
    assert said in report_text("html", ended).replace("<code>", "").replace("</code>", "")
    assert "`mixpriv apply`" not in markdown_report(ended)


@pytest.mark.parametrize("code", [1, 3, 4, 5, 6, 130, 143])
def test_nothing_was_sent_is_said_only_where_it_is_so(code: int) -> None:
    """Whatever code ends an apply: `Nothing was sent.` stands in its reports where no call was begun, and never beside a batch."""
    unanswered = events(ApplyErrored(ADDRESS, "the lock was lost", 5))
    for happened, is_so in ((), True), (STOPPED.happened, False), (unanswered, False):
        ended = dataclasses.replace(STOPPED, exit_code=code, happened=happened)
        assert is_so == ("Nothing was sent." in markdown_report(ended))
        assert is_so == ("Nothing was sent." in report_text("html", ended))


def test_a_refresh() -> None:
    """Tasks by their status, those that are still open first."""
    assert "| PENDING | 1 |\n| SUCCESS | 2 |" in markdown_report(SEEN)


def test_a_failure_is_told_with_its_places() -> None:
    """A command that fails has a comment too: why, and each finding at its file and line, errors first."""
    found = Diagnostic("MP0201", Severity.ERROR, "unknown key", "did you mean `id`?", SourceSpan("eu.yaml", 3, 7))
    shown = markdown_report(run("validate", 1, "the workspace is invalid", findings=(IN_DOUBT, found), folder="privacy/"))
    assert shown.startswith('<!-- mixpriv:validate folder="privacy/" sandbox="false" exit="1" -->\n')
    assert "**`mixpriv validate`: The workspace is invalid.** Exit code 1.\n\n- **error MP0201** at `privacy/eu.yaml:3:7`: unknown key" in shown


@pytest.mark.parametrize("name", RUNS)
def test_every_report_is_sound(name: str) -> None:
    """A comment has its marker, a page is whole HTML, an apply's and a refresh's document keep to their schemas."""
    command = RUNS[name].command
    assert markdown_report(RUNS[name]).startswith(f"<!-- mixpriv:{'state' if name == 'show' else command.replace(' ', '-') or 'mixpriv'} folder=")
    assert [] == read(report_text("html", RUNS[name])).errors
    document = json.loads(report_text("json", RUNS[name]))
    schema = {"apply": "apply", "refresh": "refresh", "status": "status", "validate": "diagnostics", "sdk check": "diagnostics"}.get(command)
    assert schema is None or [] == checked(schema, document)


@settings(deadline=None, derandomize=True, max_examples=60)
@given(st.sampled_from(sorted(RUNS)), st.lists(st.sampled_from(HOSTILE), max_size=4).map("".join), st.sampled_from([1, 40]))
@example("apply stopped", "".join(HOSTILE), 400)
def test_no_text_breaks_a_report(name: str, text: str, times: int) -> None:
    """Whatever stands in addresses, reasons, statuses and findings, and however much: no markup, no second marker, never too long."""
    text = text * times
    finding = Diagnostic(text, Severity.WARNING, text, text, SourceSpan(text, 1, 1), text)
    left = ApplyErrored(text, text, 5, (BatchesLeft(1, 1, 1, 5, text, text),) * 5)
    hostile = dataclasses.replace(
        RUNS[name],
        why=text,
        folder=text,
        findings=(*(finding,) * 60, *(dataclasses.replace(finding, severity=Severity.ERROR),) * 20),
        happened=events(BatchSent(text, 1, 5, text, text, text), ApplyComplete(f"{text}x", text, 1), *(dataclasses.replace(left, address=f"{text}{number}") for number in range(10))),
        page=RUNS[name].page and dataclasses.replace(told(text, 100), title=RUNS[name].page.title and text),
        polled=tuple(Polled(1, text, f"{text}{number}", MORNING) for number in range(100)),
    )
    shown = markdown_report(hostile)
    assert len(shown.encode()) <= 60_000
    assert 1 == shown.count("<!-- mixpriv:")
    assert shown.count("<details>") == shown.count("</details>")
    assert is_harmless(shown)
    page = report_text("html", hostile)
    assert [] == read(page).errors
    assert "<script" not in page


def test_every_format_takes_every_run() -> None:
    """No format fails for a run that came to something else, and each report is whole: what reads its format takes it."""
    readers: dict[str, Callable[[str], object]] = {
        "json": json.loads,
        "markdown": lambda text: text.index("<!-- mixpriv:"),
        "html": lambda text: read(text).errors and pytest.fail(text),
        "gitlab": json.loads,
        "junit": junit.read,
        "sarif": sarif.read,
        "github": lambda text: len(commands(text)) == len(text.splitlines()) or pytest.fail(text),
    }
    assert readers.keys() == set(REPORT_FORMATS)
    for ended in RUNS.values():
        for name, taken_by in readers.items():
            taken_by(report_text(name, ended))
