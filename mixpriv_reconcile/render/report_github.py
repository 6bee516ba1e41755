"""A run for GitHub Actions: annotations at the lines they are about, the step's summary, and its outputs."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import replace

from mixpriv_reconcile.model.diagnostics import Diagnostic, Severity
from mixpriv_reconcile.model.events import ApplyErrored
from mixpriv_reconcile.model.exit_codes import ending
from mixpriv_reconcile.model.report import Report
from mixpriv_reconcile.model.wording import counted
from mixpriv_reconcile.render.apply_done import account
from mixpriv_reconcile.render.event_words import batches_left, sentence
from mixpriv_reconcile.render.github_outputs import named_values
from mixpriv_reconcile.render.look import printable
from mixpriv_reconcile.render.placed import in_repository, placed

__all__ = ["MOST_OF_A_KIND", "SUMMARY_BYTES", "outputs", "report", "summary"]

MOST_OF_A_KIND = 10
"""Annotations of one kind that a step shows: the runner drops the others without a word.

Source: docs.github.com/rest/checks/runs ("10 warning annotations and 10 error annotations per step"); `_maxCountPerIssueType` of
actions/runner.
"""

MOST_CHARACTERS = 4000
"""Of an annotation's text; the runner cuts at 4,096. Source: `_maxIssueMessageLength` of actions/runner."""

SUMMARY_BYTES = 2**20
"""What a step may write into its summary: with one byte more GitHub shows none of it.

Source: docs.github.com/actions/reference/workflow-commands-for-github-actions#step-isolation-and-limits.
"""

WORDS = {Severity.ERROR: "error", Severity.WARNING: "warning", Severity.NOTE: "notice"}


def report(run: Report) -> str:
    """The annotations, a line each: `::error file=…,line=…,col=…,endColumn=…,title=MPnnnn::message`; empty where there is nothing to say.

    Errors come first. Of each kind there are as many as GitHub shows, and one that says how many more there are.
    """
    told = [*_findings(run)]
    left = Counter[str]()
    shown = []
    for severity, word in WORDS.items():
        of_kind = [one for one in told if one.severity is severity]
        most = MOST_OF_A_KIND - 1 if severity is Severity.NOTE else MOST_OF_A_KIND  # one place is kept for those that are left out
        shown += of_kind[:most]
        left[word] = len(of_kind) - most
    more = [counted(count, f"more {word}") for word, count in left.items() if count > 0]
    if more:
        message = f"GitHub shows {MOST_OF_A_KIND} of a kind. There are {' and '.join(more)}: see the log, or another report of this run."
        shown.append(Diagnostic("", Severity.NOTE, message))
    return "".join(_annotation(one, run.called) for one in shown)


def summary(run: Report, markdown: str, room_bytes: int = SUMMARY_BYTES) -> str:
    """The report in *markdown* for the step's summary; where *room_bytes* don't hold it, one sentence; where not even that fits, nothing.
    """
    text = markdown + "\n"
    if len(text.encode()) <= room_bytes:
        return text
    short = f"`{run.called}` ended with {run.exit_code}. This step's summary has no room for its report.\n\n"
    return short if len(short.encode()) <= room_bytes else ""


def outputs(run: Report, delimiter: str) -> str:
    """The step's outputs, as the runner reads them; *delimiter*, which nobody can have foreseen, ends values of several lines.

    Every value is printable: no text of a user's can begin a line of its own, for a value that has line ends stands between delimiters.
    """
    return "".join(
        f"{name}<<{delimiter}\n{value}\n{delimiter}\n" if "\n" in value else f"{name}={value}\n" for name, value in named_values(run)
    )


def _findings(run: Report) -> Iterator[Diagnostic]:
    """What there is to say, heaviest first: addresses that an apply could not finish, the findings, and else why the run failed.

    A finding of the apply's own about such an address says why it isn't finished: it then tells what is left, too, and the address has no
    annotation besides. What the plan found of it is about something else.
    """
    of_plan = {*run.plan.diagnostics, *run.plan.refusals} if run.plan is not None else set()
    left = {event.address: event for event in account(run).errored}
    is_left = bool(left)
    findings = []
    for found in run.findings:
        is_why = found.address in left and found.severity is not Severity.NOTE and found not in of_plan
        lines = batches_left(left.pop(found.address)) if is_why else ()
        findings.append(replace(found, message="\n".join([found.message, *lines])))
    yield from _unfinished(run, left.values())
    yield from placed(replace(run, findings=tuple(findings)))
    if not ending(run.exit_code).is_fine and not is_left and not any(found.is_error for found in findings):
        yield Diagnostic("", _severity(run), f"{run.why} (exit code {run.exit_code})")


def _unfinished(run: Report, left: Iterable[ApplyErrored]) -> Iterator[Diagnostic]:
    """What the apply said it could not finish. Of other addresses that are left there is no more to say than how the run ended."""
    sources = {str(change.address): change.source for change in run.plan.changes} if run.plan is not None else {}
    severity = _severity(run)
    for event in left:
        span = in_repository(sources.get(event.address), run.folder)
        yield Diagnostic("", severity, "\n".join([sentence(event), *batches_left(event)]), "", span, event.address)


def _severity(run: Report) -> Severity:
    """Of what isn't finished: where the next run goes on by itself, nobody has to act."""
    return Severity.WARNING if ending(run.exit_code).is_early else Severity.ERROR


def _annotation(found: Diagnostic, called: str) -> str:
    where = {}
    if found.span is not None:
        where = {
            "file": found.span.file,
            "line": str(found.span.line),
            "col": str(found.span.column),
            "endColumn": str(found.span.column + max(found.span.length, 1)),
        }
    properties = where | {"title": found.code or called}
    listed = ",".join(f"{name}={_property(value)}" for name, value in properties.items())
    text = "\n".join(printable(line) for line in _message(found).splitlines())
    if len(text) > MOST_CHARACTERS:
        text = f"{text[:MOST_CHARACTERS]}…"
    return f"::{WORDS[found.severity]} {listed}::{_data(text)}\n"


def _message(found: Diagnostic) -> str:
    head = f"{found.address}: " if found.address and found.address not in found.message else ""
    return head + found.message + (f"\n\nhint: {found.hint}" if found.hint else "")


def _data(text: str) -> str:
    """*text* as the runner reads it back. Source: `escapeData` of actions/toolkit, `UnescapeData` of actions/runner."""
    return text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _property(text: str) -> str:
    """The same for a property, which a comma would end, and the command a second `::`. Source: `escapeProperty` of actions/toolkit."""
    return _data(printable(text)).replace(":", "%3A").replace(",", "%2C")
