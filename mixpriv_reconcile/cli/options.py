"""Options that every command shares, accepted before or after the command's name."""

from __future__ import annotations

import re
import sys
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, TypeVar

import click

from mixpriv_reconcile.cli import offered
from mixpriv_reconcile.cli.choices import Choice
from mixpriv_reconcile.cli.reporting import REPORT, REPORT_FORMATS, Gathered, ReportTo
from mixpriv_reconcile.cli.terminal import has_color
from mixpriv_reconcile.errors import NotOffered, WrongUsage

__all__ = ["BARE_FORMATS", "DAYS", "DURATION", "FORMATS", "FORMATS_OF_STATUS", "Shared", "shared_options", "shared_options_of", "words_of"]

F = TypeVar("F", bound=Callable[..., Any])

FORMATS = ("text", "json", "markdown", "html")
"""What a command's `--format` shows and takes (contract §4); `status` has one more."""

FORMATS_OF_STATUS = (*FORMATS, "ics")

BARE_FORMATS = ("text", "json")
"""Of a command that prints somebody else's format: a script of a shell, the state's own bytes, variables."""

SECONDS = {"": 1, "s": 1, "m": 60, "h": 3600, "d": 86400}


class Duration(click.ParamType[float]):
    """`90`, `30s`, `5m`, `2h`, `7d`: seconds as a float."""

    name = "duration"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> float:
        if isinstance(value, float):
            return value
        match = re.fullmatch(r"([0-9]{1,9})([smhd]?)", str(value))
        if match is None:
            self.fail(f"{value!r} is no duration; write 30s, 5m, 2h or 7d", param, ctx)
        return float(match[1]) * SECONDS[match[2]]


DURATION = Duration()


class Days(click.ParamType[int]):
    """`7d`: whole days. A bare number is refused: elsewhere it means seconds, and a gate that looks no day ahead is always green."""

    name = "days"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> int:
        if isinstance(value, int):
            return value
        match = re.fullmatch(r"([0-9]{1,9})d", str(value))
        if match is None:
            self.fail(f"{value!r} is no number of days; write 7d", param, ctx)
        return int(match[1])


DAYS = Days()


class Format(Choice):
    """The formats of a command. Before its name nobody knows which command it will be: all are taken there, and `check` looks."""

    def __init__(self, shown: tuple[str, ...], taken: tuple[str, ...]) -> None:
        super().__init__(shown)
        self._taken = taken

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> str:
        if value in self._taken and (ctx is None or ctx.parent is None):
            return str(value)
        return super().convert(value, param, ctx)


@dataclass(frozen=True, slots=True)
class Shared:
    """What the shared options came to; a value given after the command wins over one before it."""

    chdir: str | None = None
    format: str | None = None
    report: tuple[ReportTo, ...] = ()
    target: tuple[str, ...] = ()
    no_color: bool = False
    lock_timeout: float | None = None
    parallelism: int | None = None
    sandbox: bool = False
    command: str = ""
    gathered: Gathered = field(default_factory=Gathered)

    def merged(self, given: dict[str, Any]) -> Shared:
        """These options with those *given* on top. The command at hand, which has them all, so tells which reports it is to write:
        what ends it from here on is in them. Raises `WrongUsage` for a report that can't be written.
        """
        changed = {name: value for name, value in given.items() if value not in (None, False, ())}
        for name in ("report", "target"):
            if name in changed:
                changed[name] = (*getattr(self, name), *changed[name])
        context = click.get_current_context(silent=True)
        if context is None or context.invoked_subcommand is not None:
            return replace(self, **changed)
        shared = replace(self, command=words_of(context), **changed)
        shared.gathered.begin(shared.command, shared.chdir, shared.format, no_color=shared.no_color, is_sandbox=shared.sandbox)
        shared.gathered.want(shared.report, shared.root)
        return shared

    def check(self, *, formats: tuple[str, ...] = FORMATS) -> None:
        """Raise `NotOffered` for a format that the command at hand doesn't have.

        *formats* are those that it has; one that isn't meant for it at all is `WrongUsage`.
        """
        if self.format not in (None, *formats):
            hint = f"use one of: {', '.join(formats)}"
            if self.format not in FORMATS:
                raise WrongUsage("MP0006", f"--format {self.format} is a format of `mixpriv status` alone", hint)
            raise NotOffered("MP0004", f"`mixpriv {self.command}` has no --format {self.format}", hint)
        self.gathered.shown_as = self.format if self.format in ("markdown", "html") else None

    @property
    def is_json(self) -> bool:
        return self.format == "json"

    @property
    def is_text(self) -> bool:
        """Whether standard output is for people on a terminal, and no document."""
        return self.format in (None, "text")

    @property
    def root(self) -> Path:
        try:
            root = Path(self.chdir) if self.chdir is not None else Path.cwd()
            if not root.is_dir():
                raise WrongUsage("MP0006", f"{self.chdir} is not a folder", "give the workspace's folder to -C")
            return root.resolve()
        except FileNotFoundError:
            raise WrongUsage("MP0534", "the current folder is gone", "go to the workspace, or give its folder to -C") from None

    def path(self, typed: str) -> Path:
        """The file or folder that was *typed*, below the folder of -C where one was given."""
        return Path(typed) if self.chdir is None else self.root / typed

    @property
    def has_color(self) -> bool:
        return has_color(sys.stdout, no_color=self.no_color)


def words_of(context: click.Context) -> str:
    """The command as it is typed after `mixpriv`, e.g. `state mv`; empty where there is none."""
    words: list[str] = []
    while context.parent is not None:
        words.insert(0, context.info_name or "")
        context = context.parent
    return " ".join(words)


def shared_options(function: F) -> F:
    """Give a command, or the group, the shared options."""
    return shared_options_of(FORMATS)(function)


def shared_options_of(formats: tuple[str, ...]) -> Callable[[F], F]:
    """The shared options for a command whose `--format` takes *formats*."""
    options: tuple[Callable[[F], F], ...] = (
        click.option("-C", "--chdir", metavar="DIR", shell_complete=offered.folders, help="Run as if started in DIR."),
        click.option("--format", type=Format(formats, FORMATS_OF_STATUS), help="Format of standard output.", show_choices=True),
        click.option(
            "--report",
            metavar="FORMAT=FILE",
            type=REPORT,
            multiple=True,
            shell_complete=offered.reports,
            help=f"Also write a report, however the command ends (repeatable): {', '.join(REPORT_FORMATS)}.",
        ),
        click.option(
            "--target",
            metavar="ADDRESS",
            multiple=True,
            shell_complete=offered.addresses(with_projects=True),
            help="Limit actions to ADDRESS (repeatable, globs).",
        ),
        click.option("--no-color", is_flag=True, help="No colour; NO_COLOR does the same."),
        click.option("--lock-timeout", type=DURATION, metavar="DURATION", help="Wait this long for the state's lock."),
        click.option("--parallelism", type=click.IntRange(1, 1000), metavar="N", help="Projects worked on at a time (default 100)."),
        click.option("--sandbox", is_flag=True, help="Against an embedded Mixpanel on loopback: no credentials, a state of its own."),
    )

    def decorated(function: F) -> F:
        for option in reversed(options):
            function = option(function)
        return function

    return decorated
