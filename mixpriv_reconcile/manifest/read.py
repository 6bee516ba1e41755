"""A workspace's manifests, all of them, to one desired state; or everything that is wrong with them, in one run."""

from __future__ import annotations

import os
import re
import stat
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from pathlib import Path as FilePath

from mixpriv_reconcile.manifest.discovery import yaml_files
from mixpriv_reconcile.manifest.document import Document
from mixpriv_reconcile.manifest.events import read_events
from mixpriv_reconcile.manifest.merge import Checked, merged
from mixpriv_reconcile.manifest.problems import problems
from mixpriv_reconcile.manifest.report import Report
from mixpriv_reconcile.model.bounds import Bounds
from mixpriv_reconcile.model.diagnostics import Diagnostic, Severity, SourceSpan
from mixpriv_reconcile.model.resource import DesiredState

__all__ = ["Reading", "read_workspace"]

LOOKS_LIKE_ONE = re.compile(r"^(?:projects|workspace)\s*:", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Reading:
    """*desired* is None where any diagnostic is an error; *diagnostics* are sorted by file, line and column."""

    desired: DesiredState | None
    diagnostics: tuple[Diagnostic, ...]


def read_workspace(
    root: FilePath, *, today: Callable[[str], date], bounds: Bounds, remembered_files: frozenset[str] = frozenset()
) -> Reading:
    """What the manifests below *root* ask for.

    *today* tells the day in a time zone. *remembered_files* gave something to the state before, so that a broken one among them
    is an error. Id files are not opened.
    """
    return _Reader(root, today, bounds, remembered_files).read()


class _Reader:
    def __init__(self, root: FilePath, today: Callable[[str], date], bounds: Bounds, remembered: frozenset[str]) -> None:
        self._root = root
        self._today = today
        self._bounds = bounds
        self._remembered = remembered
        self._texts: dict[str, str] = {}
        self._report = Report()

    def read(self) -> Reading:
        documents = [document for file in yaml_files(self._root) if (document := self._document(file)) is not None]
        if not documents and not self._report.has_errors:
            hint = "run `mixpriv init`, or give the workspace's folder to -C"
            self._report.finding(Diagnostic("MP0101", Severity.ERROR, "there is no manifest in this folder", hint))
        checked = [self._checked(document) for document in documents]
        desired = merged(checked, self._today, self._report)
        return Reading(None if self._report.has_errors else desired, self._report.diagnostics(self._texts))

    def _checked(self, document: Document) -> Checked:
        """The document, with the places that the schema doesn't allow."""
        bad = set()
        for code, message, hint, path, key in problems(document.values):
            self._report(code, Severity.ERROR, message, hint, document, path, key=key)
            bad.add(path)
        return Checked(document, frozenset(bad))

    def _document(self, file: str) -> Document | None:
        """The manifest in *file*, or None where it is none or can't be read; then that was reported, if it matters."""
        text = self._text(file)
        if text is None:
            return None
        document = read_events(file, text, self._bounds)
        is_meant = LOOKS_LIKE_ONE.search(text) is not None or file in self._remembered
        if document.is_broken:
            severity = Severity.ERROR if is_meant else Severity.WARNING
            if is_meant or any(flaw.code in ("MP0104", "MP0105") for flaw in document.flaws):
                self._report_flaws(document, severity)
            return None
        values = document.values
        if not isinstance(values, dict) or not ({"workspace", "projects"} & values.keys()):
            return None
        if values.get("version") != 1 or isinstance(values.get("version"), bool):
            self._report_version(document)
            return None
        self._report_flaws(document, Severity.ERROR)
        return document

    def _text(self, file: str) -> str | None:
        path = self._root / file
        try:
            descriptor = os.open(path, os.O_RDONLY | os.O_CLOEXEC | os.O_NONBLOCK)
            with os.fdopen(descriptor, "rb") as opened:
                facts = os.fstat(opened.fileno())
                if not stat.S_ISREG(facts.st_mode):
                    self._unreadable(file, "it is no regular file")
                    return None
                content = opened.read(self._bounds.manifest_bytes + 1)
        except OSError as error:
            self._unreadable(file, os.strerror(error.errno) if error.errno else "it can't be opened")
            return None
        head = content[:4096].decode("utf-8", "replace")
        is_meant = LOOKS_LIKE_ONE.search(head) is not None or file in self._remembered
        if len(content) > self._bounds.manifest_bytes:
            if is_meant:
                hint = f"put the ids into files under `from:`, or set {Bounds.variable('manifest_bytes')}"
                message = f"this manifest is larger than {self._bounds.manifest_bytes:,} bytes"
                self._report.at("MP0113", Severity.ERROR, message, hint, SourceSpan(file, 1, 1))
            return None
        if not self._is_within(path):
            self._unreadable(file, "it is a symbolic link that leaves the workspace")
            return None
        try:
            text = content.decode("utf-8-sig")
        except UnicodeDecodeError as error:
            before = content[: error.start].decode("utf-8", "replace")
            span = SourceSpan(file, before.count("\n") + 1, len(before) - before.rfind("\n"))
            severity = Severity.ERROR if is_meant else Severity.WARNING
            self._report.at("MP0114", severity, "this file isn't UTF-8 from here on", "save it as UTF-8", span)
            return None
        self._texts[file] = text
        return text

    def _is_within(self, path: FilePath) -> bool:
        return path.resolve().is_relative_to(self._root.resolve())

    def _unreadable(self, file: str, why: str) -> None:
        severity = Severity.ERROR if file in self._remembered else Severity.WARNING
        self._report.at("MP0115", severity, f"this file can't be read: {why}", "correct it, or name it in .mixprivignore", SourceSpan(file, 1, 1))

    def _report_flaws(self, document: Document, severity: Severity) -> None:
        for flaw in document.flaws:
            span = SourceSpan(document.file, flaw.place.line, flaw.place.column, flaw.place.length)
            self._report.at(flaw.code, severity, flaw.message, flaw.hint, span)

    def _report_version(self, document: Document) -> None:
        """A file that looks like a manifest of another version, or of none, is named; other YAML is left alone."""
        projects = document.values.get("projects")
        listed = projects.values() if isinstance(projects, dict) else ()
        smells = any(isinstance(project, dict) and {"residency", "deletions"} & project.keys() for project in listed)
        if "version" in document.values and (smells or isinstance(document.values.get("workspace"), dict)):
            message, hint = "this version of mixpriv reads `version: 1`", "write `version: 1`"
            self._report("MP0208", Severity.ERROR if smells else Severity.WARNING, message, hint, document, ("version",))
        elif smells:
            message = "this file looks like a manifest and isn't read: it has no `version: 1`"
            self._report("MP0116", Severity.WARNING, message, "add `version: 1` at the top, or name it in .mixprivignore", document, ())

