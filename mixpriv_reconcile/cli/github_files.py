"""The files that GitHub's runner names in a step's environment, and reads when the step is over: its summary and its outputs."""

from __future__ import annotations

import os
import secrets
import stat
from collections.abc import Callable
from dataclasses import replace
from typing import TYPE_CHECKING

from mixpriv_reconcile.errors import WrongUsage
from mixpriv_reconcile.model.exit_codes import strongest

if TYPE_CHECKING:
    from mixpriv_reconcile.model.report import Report

__all__ = ["check_files", "write_files"]

SUMMARY = "GITHUB_STEP_SUMMARY"
OUTPUT = "GITHUB_OUTPUT"


def check_files() -> None:
    """Raise `WrongUsage` where the environment names a file that can't be appended to: said before anything is done."""
    for variable in (SUMMARY, OUTPUT):
        if path := os.environ.get(variable):
            os.close(_opened(variable, path))


def write_files(run: Report, markdown: Callable[[], str]) -> None:
    """Append the summary, which *markdown* makes, and the outputs of *run* to the files that there are.

    Raises `WrongUsage` for the first that can't be written.
    """
    from mixpriv_reconcile.render.report_github import SUMMARY_BYTES, outputs, summary

    troubles = []
    for variable in (SUMMARY, OUTPUT):
        path = os.environ.get(variable)
        if not path:
            continue
        try:
            descriptor = _opened(variable, path)
            try:
                before = _ended_line(descriptor)
                text = outputs(run, f"mixpriv-{secrets.token_hex(16)}") if variable == OUTPUT else ""
                if variable == SUMMARY:
                    text = summary(run, markdown(), SUMMARY_BYTES - _size(descriptor) - len(before))
                if text:
                    _append(descriptor, variable, (before + text).encode())
            finally:
                os.close(descriptor)
        except WrongUsage as error:
            troubles.append(error)
            run = replace(run, exit_code=strongest((run.exit_code, error.exit_code)))  # the outputs come after the summary, and tell it
    if troubles:
        raise troubles[0]


def _opened(variable: str, path: str) -> int:
    """A descriptor that appends to *path*, and can look at its end; never waits, as it would for the reader of a FIFO."""
    try:
        return os.open(path, os.O_RDWR | os.O_APPEND | os.O_CREAT | os.O_CLOEXEC | os.O_NONBLOCK, 0o666)
    except OSError as error:
        raise _trouble(variable, error) from error


def _size(descriptor: int) -> int:
    """Bytes in a regular file; 0 of anything else, whose reader is not the runner."""
    found = os.fstat(descriptor)
    return found.st_size if stat.S_ISREG(found.st_mode) else 0


def _ended_line(descriptor: int) -> str:
    """What ends the line that somebody left open at the file's end: else the first of ours would be part of it."""
    size = _size(descriptor)
    return "\n" if size and os.pread(descriptor, 1, size - 1) != b"\n" else ""


def _append(descriptor: int, variable: str, content: bytes) -> None:
    rest = memoryview(content)
    try:
        while rest:
            rest = rest[os.write(descriptor, rest) :]
    except OSError as error:
        raise _trouble(variable, error) from error


def _trouble(variable: str, error: OSError) -> WrongUsage:
    reason = os.strerror(error.errno or 0)
    return WrongUsage("MP0013", f"can't write the file that {variable} names: {reason}", f"correct {variable}, or unset it to do without")
