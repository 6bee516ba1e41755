"""`--report FORMAT=FILE`: what a run has to report is gathered while it runs, and written when its exit code is known."""

from __future__ import annotations

import contextlib
import os
import sys
import time
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from mixpriv_reconcile import __version__
from mixpriv_reconcile.cli.bugs import output_trouble, trouble_of
from mixpriv_reconcile.cli.choices import did_you_mean
from mixpriv_reconcile.cli.report_files import check_file, is_stream, write_file
from mixpriv_reconcile.errors import Interrupted, MixprivError, WrongUsage
from mixpriv_reconcile.model.exit_codes import strongest
from mixpriv_reconcile.render.reports import REPORT_FORMATS, report_text

if TYPE_CHECKING:
    from mixpriv_reconcile.model.diagnostics import Diagnostic
    from mixpriv_reconcile.model.events import Event, Finished
    from mixpriv_reconcile.model.journal import Polled
    from mixpriv_reconcile.model.page import Page
    from mixpriv_reconcile.model.plan import Plan
    from mixpriv_reconcile.model.report import Happened, Report
    from mixpriv_reconcile.model.state import State
    from mixpriv_reconcile.model.status import StatusReport
    from mixpriv_reconcile.ports import EventSink

__all__ = ["REPORT", "REPORT_FORMATS", "Gathered", "Recorded", "ReportTo"]

FOR_THE_RUNNER = "github"
"""The format that GitHub's runner reads from the log, and from files of its own: of it alone the file may be `-`, standard error."""


@dataclass(frozen=True, slots=True)
class ReportTo:
    """A report that was asked for: its format, and the file as it was typed, or `-` for standard error."""

    format: str
    file: str

    def __str__(self) -> str:
        return f"{self.format}={self.file}"


class _ReportType(click.ParamType[ReportTo]):
    name = "report"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> ReportTo:
        if isinstance(value, ReportTo):
            return value
        name, equals, file = str(value).partition("=")
        if name not in REPORT_FORMATS:
            meant = did_you_mean(name, REPORT_FORMATS)
            self.fail(f"{name!r} is no format of a report; one of: {', '.join(REPORT_FORMATS)}.{meant}", param, ctx)
        if not equals or not file:
            self.fail(f"{value!r} names no file; write {name}=FILE", param, ctx)
        if file == "-" and name != FOR_THE_RUNNER:
            self.fail(f"{value!r} names no file; only {FOR_THE_RUNNER}=- goes to standard error", param, ctx)
        return ReportTo(name, file)


REPORT = _ReportType()


@dataclass(slots=True)
class Gathered:
    """What the command that runs has to report so far; filled as it becomes known. One of it lives for one run of the program.

    It outlives the command, so that it tells also how what ends the run is to be printed: in the *format* of standard output, and with
    *no_color*. *wanted* are reports with the paths to write, None for standard error; see `model.report.Report` for the rest.
    """

    command: str = ""
    """Empty until click has understood which it is."""
    format: str | None = None
    no_color: bool = False
    wanted: tuple[tuple[ReportTo, Path | None], ...] = ()
    why: str = ""
    findings: dict[Diagnostic, None] = field(default_factory=dict)
    """Each once, in the order they were found."""
    plan: Plan | None = None
    status: StatusReport | None = None
    happened: list[Happened] = field(default_factory=list)
    polled: list[Polled] = field(default_factory=list)
    saved_to: str | None = None
    chdir: str | None = None
    root: Path | None = None
    due_within_days: int | None = None
    sandbox: bool = False
    started: float = field(default_factory=time.monotonic)
    state: State | None = None
    apply_running: Mapping[str, str] | None = None
    page: Page | None = None
    shown_as: str | None = None
    """The format in which standard output gets what a report holds; gathered for it, too."""
    has_events: bool = False
    """Whether an apply has begun to print events, so that nothing else may stand among them."""
    _last: tuple[EventSink, Finished] | None = None
    _made: Report | None = None
    _texts: dict[str, str] = field(default_factory=dict)
    """What *_made* is in each format that was asked for."""

    def begin(self, command: str, chdir: str | None, format: str | None, *, no_color: bool, is_sandbox: bool) -> None:
        """Remember what the options of *command* came to that say how it is told of."""
        self.command, self.chdir, self.format, self.no_color, self.sandbox = command, chdir, format, no_color, is_sandbox

    def want(self, reports: Sequence[ReportTo], root: Path) -> None:
        """Remember which reports the command is to write, into files relative to *root*.

        Raises the first `WrongUsage` where some can't be; those that can are then written all the same, and tell it.
        """
        self.root = root
        asked = tuple((one, None if one.file == "-" else root / one.file) for one in reports)
        files = Counter(os.path.realpath(path) for _, path in asked if path is not None)
        wrong: list[MixprivError] = []
        for one, path in asked:
            try:
                if path is not None:
                    check_file(path, str(one), root)
                    if files[os.path.realpath(path)] > 1:
                        raise WrongUsage("MP0006", "two reports would be written to one file", "give each --report a file of its own")
                if one.format == FOR_THE_RUNNER:
                    _check_runner(reports)
            except MixprivError as error:
                wrong.append(error)
            else:
                self.wanted += ((one, path),)
        if wrong:
            raise wrong[0]

    def keep_from(self, path: Path, option: str) -> None:
        """Raise `WrongUsage` where a report would go to *path*, which *option* names for something else; that report isn't written then."""
        taken = [wanted for wanted in self.wanted if wanted[1] is not None and os.path.realpath(wanted[1]) == os.path.realpath(path)]
        if taken:
            self.wanted = tuple(wanted for wanted in self.wanted if wanted not in taken)
            raise WrongUsage("MP0006", f"{option} and --report {taken[0][0]} name one file", f"give {option} and --report a file each")

    def found(self, findings: Sequence[Diagnostic]) -> None:
        """Take in *findings*, each once."""
        self.findings |= dict.fromkeys(findings)

    def failed(self, error: MixprivError) -> None:
        """Take in what *error* says; it is why the run ends, whatever had gone well before."""
        from mixpriv_reconcile.cli.output import findings_of

        self.found(findings_of(error))
        self.why = error.summary

    def ends(self, sink: EventSink, last: Finished) -> None:
        """Keep the *last* event for *sink* until the exit code is known for sure."""
        self._last = (sink, last)

    def end(self, exit_code: int, why: str = "") -> None:
        """Tell the last event, if one waits, with the *exit_code* that the program ends with; *why*, where it isn't what was meant."""
        if self._last is None:
            return
        sink, last = self._last
        self._last = None
        sink.emit(last if exit_code == last.exit_code else replace(last, exit_code=exit_code, why=why or last.why))

    def write(self, exit_code: int, *, in_a_hurry: bool = False) -> tuple[int, tuple[MixprivError, ...]]:
        """The code that the run ends with after every report that was wanted is written, and what kept some from being made or written.

        That keeps none of the others, and they tell it: a file that can be replaced is written again, and what is written once, a stream
        or what the runner reads, comes after the files. *in_a_hurry* the runner's come before a stream, which may have no reader.
        """
        files = [each for each in self.wanted if each[0].format != FOR_THE_RUNNER and each[1] is not None and not is_stream(each[1])]
        once = [each for each in self.wanted if each not in files]
        once.sort(key=lambda each: (each[0].format == FOR_THE_RUNNER) != in_a_hurry)
        troubles: list[MixprivError] = []
        code = self._written(files, exit_code, troubles)
        if troubles:
            code = self._written(files, code, troubles)
        known = len(troubles)
        for each in once:
            self.wanted = tuple(other for other in self.wanted if other != each)
            code = self._written([each], code, troubles)
        if len(troubles) > known:
            code = self._written(files, code, troubles)
        self.wanted = ()
        return code, tuple(troubles)

    def _written(self, wanted: list[tuple[ReportTo, Path | None]], exit_code: int, troubles: list[MixprivError]) -> int:
        """Write what is *wanted*, and leave in it what could be, or may be the next time; the code after that."""
        code = exit_code
        for one, path in tuple(wanted):
            try:
                self._write(one, path, exit_code)
            except Exception as error:  # a bug in one format takes no other with it, nor the exit code
                trouble = trouble_of(error)
                if not isinstance(trouble, Interrupted):
                    wanted.remove((one, path))
                code = self._take_trouble(trouble, code)
                troubles.append(trouble)
        return code

    def _take_trouble(self, trouble: MixprivError, code: int) -> int:
        """The exit code after *trouble* with a report: it is why the run ends where it would have ended with another *code*."""
        why, ends = self.why, strongest((code, trouble.exit_code))
        with contextlib.suppress(MemoryError):
            self.failed(trouble)
        if ends == code:
            self.why = why
        return ends

    def _write(self, one: ReportTo, path: Path | None, exit_code: int) -> None:
        text = self.text(one.format, exit_code)
        if one.format == FOR_THE_RUNNER:
            from mixpriv_reconcile.cli.github_files import write_files

            write_files(self.report(exit_code), lambda: self.text("markdown", exit_code))
        if path is None:
            _to_the_log(text)
        else:
            write_file(path, str(one), text.encode(), self.root or Path.cwd())

    def text(self, name: str, exit_code: int) -> str:
        """The report in the format *name*; kept, for standard output and a file may be to have the same."""
        run = self.report(exit_code)
        if name not in self._texts:
            if name == "sarif" and self.root is not None and any(found.span is None for found in run.findings):
                from mixpriv_reconcile.cli.placing import manifest_in

                run = replace(run, manifest=manifest_in(self.root))
            self._texts[name] = report_text(name, run)
        return self._texts[name]

    def report(self, exit_code: int) -> Report:
        """What there is to report of a run that ends with *exit_code*: the same as before, its time included, where nothing came to it."""
        from mixpriv_reconcile.model.report import Report

        of_plan = (*self.plan.diagnostics, *self.plan.refusals) if self.plan is not None else ()
        made = Report(
            command=self.command,
            tool_version=__version__,
            at=datetime.now(UTC),
            exit_code=exit_code,
            why=self.why or ("done" if exit_code == 0 else f"ended with code {exit_code}"),
            findings=self._open(tuple(dict.fromkeys((*of_plan, *self.findings)))),
            plan=self.plan,
            status=self.status,
            happened=tuple(self.happened),
            polled=tuple(self.polled),
            saved_to=self.saved_to,
            chdir=self.chdir,
            folder=_folder(self.root),
            due_within_days=self.due_within_days,
            sandbox=self.sandbox,
            seconds=time.monotonic() - self.started,
            state=self.state,
            apply_running=self.apply_running,
            page=self.page,
        )
        if self._made is None or replace(made, at=self._made.at, seconds=self._made.seconds) != self._made:
            self._made, self._texts = made, {}
        return self._made

    def _open(self, findings: tuple[Diagnostic, ...]) -> tuple[Diagnostic, ...]:
        """*findings* without those of the plan that this run, an apply, has settled."""
        if self.plan is None or not self.happened:
            return findings
        from mixpriv_reconcile.model.events import ApplyComplete
        from mixpriv_reconcile.plan import still_open

        complete = {happened.event.address for happened in self.happened if isinstance(happened.event, ApplyComplete)}
        return still_open(findings, self.plan, complete)


class Recorded:
    """An event sink that keeps what an apply did for the reports, and passes everything on."""

    def __init__(self, sink: EventSink, gathered: Gathered) -> None:
        self._sink = sink
        self._gathered = gathered

    def emit(self, event: Event) -> None:
        from mixpriv_reconcile.model.events import ApplyComplete, ApplyErrored, ApplyStart, BatchSent, ChangeSummary, DiagnosticRaised
        from mixpriv_reconcile.model.report import Happened

        if self._gathered.wanted or self._gathered.shown_as:
            match event:
                case DiagnosticRaised(found):
                    self._gathered.found((found,))
                case ApplyStart() | BatchSent() | ApplyComplete() | ApplyErrored() | ChangeSummary(operation="apply"):
                    self._gathered.happened.append(Happened(datetime.now(UTC), event))
                case _:
                    pass
        self._sink.emit(event)


def _check_runner(reports: Sequence[ReportTo]) -> None:
    """Raise `WrongUsage` where the one of *reports* for GitHub's runner can't be: there is another, or a file of the runner's is amiss."""
    if sum(one.format == FOR_THE_RUNNER for one in reports) > 1:
        raise WrongUsage("MP0006", "a step has one summary and one set of outputs", f"give one --report {FOR_THE_RUNNER}=…")
    from mixpriv_reconcile.cli.github_files import check_files

    check_files()


def _to_the_log(text: str) -> None:
    """Write *text*, whole lines, to standard error. What standard output still holds back goes first: no half line of it comes after."""
    with contextlib.suppress(OSError):  # whoever ends the program finds out, too, and says so
        sys.stdout.flush()
    try:
        sys.stderr.write(text)
        sys.stderr.flush()
    except OSError as error:
        raise output_trouble(error) from error


def _folder(root: Path | None) -> str:
    """The way from the repository's root, where a CI system tells it, or else from here, to *root*; empty where there is none."""
    if root is None:
        return ""
    start = Path(os.environ.get("GITHUB_WORKSPACE") or os.environ.get("CI_PROJECT_DIR") or Path.cwd()).resolve()
    if root == start or not root.is_relative_to(start):
        return ""
    return f"{root.relative_to(start).as_posix()}/"
