"""A workspace's manifests, all of them, to one desired state; or everything that is wrong with them, in one run."""

from __future__ import annotations

import codecs
import gc
import os
import re
import stat
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path as FilePath
from typing import BinaryIO

from mixpriv_reconcile.manifest.checked import checked
from mixpriv_reconcile.manifest.discovery import IGNORE_FILE, yaml_files
from mixpriv_reconcile.manifest.document import Document
from mixpriv_reconcile.manifest.events import read_events
from mixpriv_reconcile.manifest.likeness import is_manifest, is_near_one, is_old_one
from mixpriv_reconcile.manifest.lines import Lines
from mixpriv_reconcile.manifest.merge import merged
from mixpriv_reconcile.manifest.report import Report
from mixpriv_reconcile.manifest.understood import Part
from mixpriv_reconcile.model.bounds import Bounds
from mixpriv_reconcile.model.diagnostics import Diagnostic, Severity, SourceSpan
from mixpriv_reconcile.model.resource import DesiredState

__all__ = ["LOOKS_LIKE_ONE", "Reading", "read_workspace"]

LOOKS_LIKE_ONE = re.compile("(?:\\A\ufeff?|[\n\r\x85\u2028\u2029])(?:projects|workspace)[ \t]*:")
"""A text with such a line is meant to be a manifest, even where it doesn't parse (contract §1)."""

PIECE = 2**20
BOM = "\ufeff"


@dataclass(frozen=True, slots=True)
class Reading:
    """*desired* is None where any diagnostic is an error; *diagnostics* are sorted by file, line and column.

    *parts* are what was understood, errors or not: the workspace first.
    """

    desired: DesiredState | None
    diagnostics: tuple[Diagnostic, ...]
    parts: tuple[Part, ...] = field(repr=False)


def read_workspace(
    root: FilePath,
    *,
    today: Callable[[str], date],
    bounds: Bounds,
    remembered_files: frozenset[str] = frozenset(),
    show_ids: bool = False,
) -> Reading:
    """What the manifests below *root* ask for.

    *today* tells the day in a time zone. *remembered_files* gave something to the state before, so that a broken one among them
    is an error. Id files are not opened. With *show_ids* the findings have their lines with the ids in them, too.
    """
    with _collector_paused():
        return _Reader(root, today, bounds, remembered_files, Report(show_ids=show_ids)).read()


@contextmanager
def _collector_paused() -> Iterator[None]:
    """Reading makes many small values and no cycles; looking for cycles among them would double its time."""
    was_enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_enabled:
            gc.enable()


def _content(opened: BinaryIO, at_most: int) -> bytes:
    """What is left of a file, up to a number of bytes; asked for in pieces, because memory for all of them is set aside at once."""
    pieces = []
    while at_most > 0 and (piece := opened.read(min(at_most, PIECE))):
        pieces.append(piece)
        at_most -= len(piece)
    return b"".join(pieces)


class _Reader:
    def __init__(
        self, root: FilePath, today: Callable[[str], date], bounds: Bounds, remembered: frozenset[str], report: Report
    ) -> None:
        self._root = root
        self._real_root = root.resolve()
        self._today = today
        self._bounds = bounds
        self._remembered = remembered
        self._report = report
        self._has_lost = False

    def read(self) -> Reading:
        documents = [document for file in yaml_files(self._root, self._unlisted) for document in self._documents(file)]
        if not documents and not self._report.has_errors:
            hint = "run `mixpriv init`, or give the workspace's folder to -C"
            self._report.finding(Diagnostic("MP0101", Severity.ERROR, "there is no manifest in this folder", hint))
        parts = merged([checked(document) for document in documents], self._today, self._report, is_whole=not self._has_lost)
        desired = None if self._report.has_errors else parts[0].desired
        return Reading(desired, self._report.diagnostics(self._bounds.depth), parts)

    def _documents(self, file: str) -> list[Document]:
        """The manifest in *file*, each where there wrongly are several; none where it can't be read: that was reported, if it matters."""
        had_errors = self._report.errors
        document = self._document(file)
        every = [] if document is None else [document, *document.others]
        found = [one for one in every if is_manifest(one.values)]
        if len(found) < len(every) or (document is None and self._report.errors > had_errors):
            self._has_lost = True
        return found

    def _document(self, file: str) -> Document | None:
        """The first document in *file*; None where none there is a manifest, or it can't be read: that was reported, if it matters."""
        text = self._text(file)
        if text is None:
            return None
        document = read_events(file, text, self._bounds)
        if document.is_broken:
            self._report_broken(document)
        elif any(is_manifest(one.values) for one in (document, *document.others)):
            self._report_flaws(document)
            return document
        elif is_old_one(document.values):
            message, hint = "this version of mixpriv reads `version: 1`", "write `version: 1`, without quotes"
            self._report.error("MP0208", message, hint, document, ("version",))
        elif is_near_one(document.values):
            message = "this file looks like a manifest and isn't read"
            hint = "at its top stand `version: 1` and `workspace:` or `projects:`; or name it in .mixprivignore"
            self._report.warning("MP0116", message, hint, document, ())
        return None

    # From file to text

    def _text(self, file: str) -> str | None:
        """The text of *file* without a BOM, or None where it can't be had; then that was reported, if it matters."""
        content = self._content(file)
        if content is None:
            return None
        if len(content) > self._bounds.manifest_bytes:
            if self._is_meant(file, content.decode("utf-8", "replace")):
                hint = f"put the ids into files under `from:`, or set {Bounds.variable('manifest_bytes')}"
                message = f"this manifest is larger than {self._bounds.manifest_bytes:,} bytes"
                self._report.at("MP0113", Severity.ERROR, message, hint, SourceSpan(file, 1, 1))
            return None
        try:
            return content.decode("utf-8").lstrip(BOM)
        except UnicodeDecodeError as error:
            is_utf16 = content.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE))
            readable = content.decode("utf-16" if is_utf16 else "utf-8", "replace")
            before = content[: error.start].decode("utf-8").lstrip(BOM)
            message = "this file is UTF-16" if is_utf16 else "this file isn't UTF-8 from here on"
            severity = Severity.ERROR if self._is_meant(file, readable) else Severity.WARNING
            self._report.at("MP0114", severity, message, "save it as UTF-8", SourceSpan(file, *Lines(before).at(len(before))))
            return None

    def _content(self, file: str) -> bytes | None:
        """The bytes of *file*, at most one more than the bound; None where it can't be read, which was reported."""
        path = self._root / file
        try:
            file.encode()
        except UnicodeEncodeError:
            self._unreadable(os.fsencode(file).decode("utf-8", "replace"), "its name isn't UTF-8")
            return None
        try:
            if not FilePath(os.path.realpath(path)).is_relative_to(self._real_root):
                self._unreadable(file, "it is a symbolic link that leaves the workspace")
                return None
            descriptor = os.open(path, os.O_RDONLY | os.O_CLOEXEC | os.O_NONBLOCK)
            with os.fdopen(descriptor, "rb") as opened:
                if stat.S_ISREG(os.fstat(opened.fileno()).st_mode):
                    return _content(opened, self._bounds.manifest_bytes + 1)
            self._unreadable(file, "it is no regular file")
        except OSError as error:
            self._unreadable(file, os.strerror(error.errno) if error.errno else "it can't be opened")
        except RecursionError:  # the library follows links by calling itself
            self._unreadable(file, "it is a chain of too many symbolic links")
        return None

    def _is_meant(self, file: str, text: str) -> bool:
        return file in self._remembered or LOOKS_LIKE_ONE.search(text) is not None

    # Reports

    def _unlisted(self, path: str, line: int, why: str) -> None:
        """A folder that can't be listed may hold manifests; a line of the ignore file may have been meant to hide some."""
        if path == IGNORE_FILE:
            hint = "see the manual of gitignore for patterns" if line else "make it readable, or remove it"
            message = why if line else f"this file can't be read: {why}"
            self._report.at("MP0118", Severity.ERROR, message, hint, SourceSpan(path, max(line, 1), 1))
            return
        is_remembered = any(file.startswith(f"{path}/") for file in self._remembered)
        severity = Severity.ERROR if is_remembered or path == "." else Severity.WARNING
        self._has_lost = self._has_lost or severity is Severity.ERROR
        shown = os.fsencode(path).decode("utf-8", "replace")
        hint = "make it readable, or name it in .mixprivignore"
        self._report.at("MP0115", severity, f"this folder can't be read: {why}", hint, SourceSpan(shown, 1, 1))

    def _unreadable(self, file: str, why: str) -> None:
        severity = Severity.ERROR if file in self._remembered else Severity.WARNING
        hint = "correct it, or name it in .mixprivignore"
        self._report.at("MP0115", severity, f"this file can't be read: {why}", hint, SourceSpan(file, 1, 1))

    def _report_broken(self, document: Document) -> None:
        """A manifest that doesn't parse or is beyond a bound is an error; of other YAML only that it doesn't parse is said."""
        if self._is_meant(document.file, document.text):
            self._report_flaws(document)
            return
        for flaw in document.flaws:
            if flaw.is_syntax:
                self._report.flaw(flaw, document, Severity.WARNING)

    def _report_flaws(self, document: Document) -> None:
        for flaw in document.flaws:
            self._report.flaw(flaw, document, flaw.severity)
