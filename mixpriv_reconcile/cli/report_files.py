"""Where a report goes: a new file, an earlier report, or a stream (a FIFO, `/dev/stderr`, `>(…)`). No other file is replaced."""

from __future__ import annotations

import contextlib
import os
import re
import stat
import sys
from pathlib import Path

from mixpriv_reconcile.errors import StateError, WrongUsage

__all__ = ["check_file", "is_stream", "write_file"]

HEAD_BYTES = 2**16
"""Of a file that are looked at to tell whether it is a report; every mark of ours stands before that."""

OF_OTHERS = (".yaml", ".yml", ".key", ".lock", ".backup", ".state.json")
"""Endings of what a report must not be, even where there is nothing yet."""

REPORTS = re.compile(
    rb"<!-- mixpriv:"  # markdown
    rb"|<!DOCTYPE html>.*?\xc2\xb7 mixpriv</title>"
    rb'|<\?xml version="1\.0" encoding="UTF-8"\?>\n<testsuites name="mixpriv"'
    rb'|\{\n  "\$schema": "[^"]*sarif.*?"driver": \{\s*"name": "mixpriv"'
    # Of JSON the state and a saved plan are told apart by their indentation: one blank, and two in what is printed.
    rb'|\{\n  "format_version": [0-9]+,\n  "(?:tool_version|today|apply_running)": '
    rb'|\{\n  "diagnostics": \['
    rb'|\{\}\n\Z|\{"create": [0-9]+, "update": [0-9]+, "delete": [0-9]+\}\n\Z'  # gitlab
    rb"|::(?:error|warning|notice) ",  # github
    re.DOTALL,
)
"""How each format begins."""


def check_file(path: Path, typed: str, root: Path) -> None:
    """Raise `WrongUsage` where the report that was asked for as *typed* can't go to *path*, or would replace what is no report of ours."""
    if _leads_out(path, root):
        raise _refused(typed, "its folder is a symbolic link that leaves the workspace", "name the folder that it leads to")
    if path.name.lower().endswith(OF_OTHERS):
        raise _refused(typed, "a manifest, the state or a key could have this name", "give it another ending")
    try:
        if not path.parent.is_dir():
            raise _refused(typed, "there is no folder for the file", "make the folder first")
        found = _facts(path)
        if found is None or _is_stream(path, found):
            return
        if stat.S_ISDIR(found.st_mode):
            raise _refused(typed, "that is a folder", "name a file in it")
        if not stat.S_ISREG(found.st_mode):
            raise _refused(typed, "that is no file", "name a file, or a FIFO")
        if path.is_symlink():
            raise _refused(typed, "that is a symbolic link, which isn't followed", "name the file that it leads to, or another")
        with path.open("rb") as file:
            head = file.read(HEAD_BYTES)
    except OSError as error:
        raise _trouble(typed, error) from error
    if head and REPORTS.match(head) is None:
        raise _refused(typed, "there is a file that is no report of mixpriv's", "name another file, or remove that one first")


def is_stream(path: Path) -> bool:
    """Whether what is written to *path* can't be written again in its place."""
    with contextlib.suppress(OSError):
        found = _facts(path)
        return found is not None and _is_stream(path, found)
    return False


def write_file(path: Path, typed: str, content: bytes, root: Path) -> None:
    """Write *content*: the file is whole then, or as it was before; a stream gets as much as it takes. `WrongUsage` where it fails."""
    from mixpriv_reconcile.state.files import write_atomically

    try:
        found = _facts(path)
        if found is not None and _is_stream(path, found):
            _pour(path, found, content)
            return
        # Looked at once more: the command may have made its state there, or a plan.
        write_atomically(path, [content], before_rename=lambda: check_file(path, typed, root), mode=0o666)
    except StateError as error:
        raise WrongUsage("MP0011", f"--report {typed}: {error.message}", error.hint) from error
    except OSError as error:
        raise _trouble(typed, error) from error


def _leads_out(path: Path, root: Path) -> bool:
    """Whether the way to *path* goes through a link that lies below *root*, the workspace, or the current folder, and leaves that.

    Such a link may be anybody's who brought it with a commit; those above (`/tmp` is one on some systems) are the machine's.
    """
    parents, folders = Path(os.path.normpath(path)).parents, {root}
    with contextlib.suppress(FileNotFoundError):  # with -C, the current folder may be gone
        folders.add(Path.cwd())
    return any(
        parent.is_relative_to(here) and parent.is_symlink() and not parent.resolve().is_relative_to(here)
        for here in folders
        for parent in parents
        if parent != here
    )


def _facts(path: Path) -> os.stat_result | None:
    """What is at *path*, links followed; None where nothing is, but `OSError` for a link to nothing."""
    try:
        return path.stat()
    except FileNotFoundError:
        if path.is_symlink():
            raise
        return None


def _is_stream(path: Path, found: os.stat_result) -> bool:
    """Whether a report is written into what is *found*, rather than in its place: a FIFO, a terminal, `/dev/null`, an output of our own."""
    if stat.S_ISFIFO(found.st_mode) or stat.S_ISCHR(found.st_mode):
        return True
    # `/dev/stderr` is a link, and may lead to a file or a socket.
    return _own(found) is not None and (path.is_symlink() or not stat.S_ISREG(found.st_mode))


def _own(found: os.stat_result) -> int | None:
    """The descriptor of standard output or standard error, where that is what is *found*."""
    for descriptor in (1, 2):
        with contextlib.suppress(OSError):
            if os.path.samestat(found, os.fstat(descriptor)):
                return descriptor
    return None


def _pour(path: Path, found: os.stat_result, content: bytes) -> None:
    """Write into a stream; waits for the reader of a FIFO."""
    from mixpriv_reconcile.state.files import write_all

    own = _own(found)
    if own is not None:
        for stream in (sys.stdout, sys.stderr):
            stream.flush()  # no half line of ours comes after
        write_all(own, content)
        return
    descriptor = os.open(path, os.O_WRONLY | os.O_CLOEXEC | os.O_NOCTTY)
    try:
        write_all(descriptor, content)
    finally:
        os.close(descriptor)


def _refused(typed: str, why: str, hint: str) -> WrongUsage:
    return WrongUsage("MP0011", f"--report {typed}: {why}", hint)


def _trouble(typed: str, error: OSError) -> WrongUsage:
    reason = os.strerror(error.errno) if error.errno else type(error).__name__
    return _refused(typed, f"can't write it: {reason}", "name another file, or see to this one, then run the same command again")
