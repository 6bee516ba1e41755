"""A command line that isn't understood: the reports that it asks for are written all the same, and the word that was meant is named."""

from __future__ import annotations

import json

import pytest

from .workspace import Ended, Server, Workspace

WRONG = {
    "plan --no-such": "plan",
    "plan --no-such=1": "plan",
    "plan one-too-many": "plan",
    "plan --format yaml": "plan",
    "plan --sandbox=1": "plan",
    "plan --refresh-budget soon": "plan",
    "confirm web.sso": "confirm",
    "apply --no-such": "apply",
    "state mv one": "state mv",
    "state lst": "state",
    "sdk --sdk cobol": "sdk",
    "sdk check": "sdk check",
    "pln": "",
    "--no-such plan": "plan",
    "--no-such of-nothing plan": "plan",
    "--format yaml status": "status",
}
"""What is typed, and the command that it is taken for."""

REPORTS = {"json": "run.json", "markdown": "run.md", "html": "run.html", "gitlab": "run.counts", "junit": "run.xml", "sarif": "run.sarif", "github": "run.txt"}


def reported(workspace: Workspace, *arguments: str) -> list[str]:
    """The codes in the JSON report of a run of the program, which has to end 1."""
    workspace.run(*arguments, code=1)
    return [found["code"] for found in json.loads((workspace.root / "run.json").read_text())["diagnostics"]]


@pytest.mark.parametrize("typed", WRONG)
@pytest.mark.parametrize("is_first", [True, False], ids=["before", "after"])
def test_wrong_usage_is_reported(workspace: Workspace, server: Server, typed: str, is_first: bool) -> None:
    """An unknown option or command, a missing argument, a wrong value: the run ends 1, and its report says what standard error says."""
    reports = ["--report", "json=run.json", "--report=markdown=run.md"]
    ended = workspace.run(*(reports if is_first else []), *typed.split(), *([] if is_first else reports), code=1)
    assert ended.out == ""
    [found] = json.loads((workspace.root / "run.json").read_text())["diagnostics"]
    assert found["code"] == "MP0006"
    assert found["message"] in ended.err
    assert (workspace.root / "run.md").read_text().splitlines()[2].startswith(f"**`{f'mixpriv {WRONG[typed]}'.strip()}`: ")
    assert server.calls() == []


def test_every_format_reports_wrong_usage(workspace: Workspace) -> None:
    """Whatever the format, its report is written, and each that tells findings has this one; of counts there are none."""
    ended = workspace.run("pln", *(f"--report={name}={file}" for name, file in REPORTS.items()), code=1)
    assert "Did you mean 'plan'?" in ended.err
    texts = {name: (workspace.root / file).read_text() for name, file in REPORTS.items()}
    assert texts.pop("gitlab") == "{}\n"
    assert [name for name, text in texts.items() if "MP0006" not in text or "No such command" not in text] == []
    assert '<testsuite name="mixpriv"' in texts["junit"]
    assert "?." not in texts["markdown"] + texts["html"]


def test_json_of_wrong_usage_is_told_and_reported(workspace: Workspace) -> None:
    """With `--format json` the document on standard output and the one in the file are the same."""
    ended = workspace.run("plan", "--no-such", "--format", "json", "--report", "json=run.json", code=1)
    assert ended.document == json.loads((workspace.root / "run.json").read_text())


def test_an_argument_too_many_is_in_no_document(workspace: Workspace) -> None:
    """What stands on the command line where nothing is expected could be a distinct id: no report and no JSON repeats it."""
    typed = ("web.deletions.r1", "0f8fad5b", "canary.person@example.com", "canary (2)")
    reports = [f"--report={name}={file}" for name, file in REPORTS.items()]
    ended = workspace.run("import", *typed, "--format", "json", *reports, code=1)
    assert ended.document["diagnostics"][0]["message"] == "Got unexpected extra arguments"
    assert [file for file in REPORTS.values() if "canary" in (workspace.root / file).read_text()] == []
    assert "canary" not in ended.both


def test_an_apply_that_isnt_understood_has_its_own_report(workspace: Workspace, server: Server) -> None:
    """Its report is an apply's, of one that did nothing; the events tell the same."""
    ended = workspace.run("--no-such", "apply", "--format=json", "--report=json=run.json", code=1)
    document = json.loads((workspace.root / "run.json").read_text())
    assert ("apply", 1, ended.events[-1]["why"]) == (document["command"], document["exit_code"], document["why"])
    assert server.calls() == []


@pytest.mark.parametrize("wrong", ["mardown=x", "json", "json=", "json=-", "json=no/such.json", "json=privacy.yaml", "json=run.json", "github=-"])
def test_a_wrong_report_keeps_no_other_from_being_written(workspace: Workspace, wrong: str) -> None:
    """Where one `--report` is what's wrong, the others say so, and only they are written."""
    workspace.project("web")
    before = (workspace.root / "privacy.yaml").read_bytes()
    names = {path.name for path in workspace.root.iterdir()}
    more = ["--report=github=-"] if wrong == "github=-" else ["--report=json=run.json"] if wrong == "json=run.json" else []
    ended = workspace.run("plan", "--report", wrong, *more, "--report=junit=run.xml", code=1)
    assert "(exit code 1)" in (workspace.root / "run.xml").read_text()
    assert {path.name for path in workspace.root.iterdir()} - names <= {"run.xml", ".mixpriv"}
    assert (workspace.root / "privacy.yaml").read_bytes() == before
    assert "::error" not in ended.err


def test_a_report_without_a_value_is_missed_alone(workspace: Workspace) -> None:
    """A `--report` at the end, without its file, is wrong usage that the one before it reports."""
    assert reported(workspace, "plan", "--report", "json=run.json", "--report") == ["MP0006"]


def test_files_are_found_where_the_line_says(workspace: Workspace) -> None:
    """Files of reports are relative to the folder of `-C`, wherever it stands; what is another option's value is no report."""
    folder = workspace.root / "below"
    folder.mkdir()
    workspace.run("plan", "--no-such", "-C", "below", "--out", "--report=json=none.json", "--report", "json=run.json", code=1)
    assert {path.name for path in folder.iterdir()} == {"run.json"}
    workspace.run("plan", "--no-such", "--", "--report", "json=none.json", code=1)
    assert not (workspace.root / "none.json").exists()
    workspace.run("plan", "--no-such", "-C", "nowhere", "--report", "json=none.json", code=1)
    assert not (workspace.root / "none.json").exists()


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("pln", "plan"),
        ("statsu", "status"),
        ("state lst", "list"),
        ("state pul", "pull"),
        ("plan --format mardown", "markdown"),
        ("--format htm plan", "html"),
        ("status --format icl", "ics"),
        ("plan --report mardown=x", "markdown"),
        ("schema manifst", "manifest"),
        ("completion bsh", "bash"),
        ("sdk --sdk javscript", "javascript"),
        ("plan --detailed-exitcod", "--detailed-exitcode"),
    ],
)
def test_a_mistyped_word_is_told_the_nearest(workspace: Workspace, typed: str, meant: str) -> None:
    """Whoever mistypes a command, an option, a format or another word to choose from is told the one that was meant."""
    assert f"Did you mean '{meant}'?" in said(workspace.run(*typed.split(), code=1))


def test_what_resembles_nothing_has_no_suggestion(workspace: Workspace) -> None:
    """A word that is near to none is refused without a guess."""
    for typed in ("qqqqq", "plan --format qqqqq", "plan --report qqqqq=x", "schema qqqqq"):
        assert "Did you mean" not in said(workspace.run(*typed.split(), code=1))


def said(ended: Ended) -> str:
    """Standard error as one line."""
    return " ".join(ended.err.split())
