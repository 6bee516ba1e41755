"""`from:` entries → the files they name: found, inside the workspace, regular, and of a known format. Nothing is opened here."""

from __future__ import annotations

import enum
import os
import posixpath
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from mixpriv_reconcile.ids.files import location
from mixpriv_reconcile.ids.flaws import Flaw, shown_path
from mixpriv_reconcile.ids.globs import is_pattern, matches
from mixpriv_reconcile.ids.guarded import NOTHING_GUARDED, Guarded
from mixpriv_reconcile.model.diagnostics import Diagnostic, Severity
from mixpriv_reconcile.model.ids import SourceEntry

__all__ = ["Format", "IdFile", "expand"]


class Format(enum.Enum):
    """How ids stand in a file."""

    TEXT = "text"  # one a line
    CSV = "csv"  # in the column of a name
    NDJSON = "ndjson"  # in the field of a name, one object a line


_FORMATS = {".txt": Format.TEXT, ".csv": Format.CSV, ".ndjson": Format.NDJSON, ".jsonl": Format.NDJSON}


@dataclass(frozen=True, slots=True)
class IdFile:
    """One file of ids: its path relative to the workspace, POSIX; *selector* is the CSV column or the NDJSON field."""

    path: str
    format: Format
    gzip: bool
    selector: str | None
    entry: SourceEntry


def expand(
    root: Path, entries: Sequence[SourceEntry], guarded: Guarded = NOTHING_GUARDED
) -> tuple[tuple[IdFile, ...], tuple[Diagnostic, ...]]:
    """The files that *entries* name, entry by entry, each entry's sorted by path; and what is wrong, at the entry's place.

    A file that several entries name with the same column or field comes once, for the first of them. One that is *guarded* is an error.
    """
    files: dict[tuple[str, str | None], IdFile] = {}
    diagnostics: list[Diagnostic] = []
    for entry in entries:
        try:
            paths = _paths(root, entry)
        except Flaw as flaw:
            diagnostics.append(_diagnostic(flaw, entry))
            continue
        for path in paths:
            try:
                real = location(root, path)
                guarded.check(root, path, real)
                if not entry.is_whole:
                    continue
                file = _id_file(path, real, entry)
            except Flaw as flaw:
                diagnostics.append(_diagnostic(flaw, entry))
            else:
                files.setdefault((real, file.selector), file)
    return tuple(files.values()), tuple(diagnostics)


def _paths(root: Path, entry: SourceEntry) -> list[str]:
    shown = shown_path(entry.pattern)
    if not entry.pattern or "\0" in entry.pattern:
        raise Flaw("MP0401", "the path of a source is empty or holds a NUL", "write the path of a file, relative to this manifest")
    if entry.pattern.startswith("/"):
        raise Flaw("MP0403", f"{shown} is an absolute path", "write it relative to this manifest; sources stay inside the workspace")
    pattern = _joined(entry.base, entry.pattern)
    if pattern == ".." or pattern.startswith("../"):
        raise Flaw("MP0403", f"{shown} leaves the workspace", "move the file into the workspace")
    if not is_pattern(pattern):
        if not os.path.lexists(root / pattern):
            raise Flaw(
                "MP0401",
                f"{shown} does not exist",
                "check the path, which is relative to this manifest, or run the step that brings the file",
            )
        return [pattern]
    found = matches(root, pattern)
    if not found:
        raise Flaw("MP0402", f"{shown} matches no file", "check the pattern, which is relative to this manifest")
    return found


def _joined(base: str, pattern: str) -> str:
    """*pattern* below *base*, without `.` and `..`."""
    return posixpath.normpath(posixpath.join(base, pattern))


def _id_file(path: str, real: str, entry: SourceEntry) -> IdFile:
    shown = shown_path(path)
    if not _is_text(path):
        raise Flaw("MP0409", f"the name of {shown} is not UTF-8", "rename the file")
    form, gzip = _format(path)
    if form is None:
        raise Flaw("MP0405", f"{shown} has no extension of a known format", "use .csv, .txt, .ndjson or .jsonl, each with .gz or without")
    # A link's own name says nothing of what it leads to: `ids.txt` may lead to `.env`.
    if _format(real) != (form, gzip):
        hint = "give both names the same extension, or put the file itself there"
        raise Flaw("MP0444", f"{shown} is a link to a file whose extension is another one", hint)
    return IdFile(path, form, gzip, _selector(shown, form, entry), entry)


def _format(path: str) -> tuple[Format | None, bool]:
    """The format that a file's extension says, None where it says none, and whether it is packed."""
    stem, extension = posixpath.splitext(path.lower())
    gzip = extension == ".gz"
    return _FORMATS.get(posixpath.splitext(stem)[1] if gzip else extension), gzip


def _selector(shown: str, form: Format, entry: SourceEntry) -> str | None:
    wanted = {Format.TEXT: None, Format.CSV: "column", Format.NDJSON: "field"}[form]
    given = {"column": entry.column, "field": entry.field}
    for key, value in given.items():
        if value is not None and key != wanted:
            raise Flaw(
                "MP0407",
                f"{shown} is {form.value}, which has no `{key}`",
                f"remove `{key}:`" + (f" and write `{wanted}:`" if wanted else ""),
            )
    if wanted is None:
        return None
    value = given[wanted]
    if value is None:
        raise Flaw(
            "MP0406", f"{shown} is {form.value} and needs a `{wanted}`", f"name the {wanted} that holds the ids: `{wanted}: distinct_id`"
        )
    return value


def _is_text(path: str) -> bool:
    try:
        path.encode()
    except UnicodeEncodeError:
        return False
    return True


def _diagnostic(flaw: Flaw, entry: SourceEntry) -> Diagnostic:
    return Diagnostic(flaw.code, Severity.ERROR, flaw.message, flaw.hint, entry.span)
