"""`mixpriv-no-ids`: e-mail addresses among the ids of files that are about to be committed.

Git keeps what it was given once. A manifest's `confirmed: {by: …}`, its comments and every file that is no source of ids may name
people whose job it is; ids name the others.
"""

from __future__ import annotations

import gzip
import io
import os
import posixpath
import subprocess
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from mixpriv_reconcile.errors import MixprivError, WrongUsage
from mixpriv_reconcile.ids.flaws import Flaw, shown_path
from mixpriv_reconcile.ids.globs import is_pattern, matches
from mixpriv_reconcile.ids.mail import mail_like
from mixpriv_reconcile.manifest.discovery import yaml_files
from mixpriv_reconcile.manifest.document import Document, IdList
from mixpriv_reconcile.manifest.events import read_events
from mixpriv_reconcile.manifest.likeness import is_manifest
from mixpriv_reconcile.manifest.read import LOOKS_LIKE_ONE
from mixpriv_reconcile.model.bounds import Bounds
from mixpriv_reconcile.model.diagnostics import Diagnostic, Severity, SourceSpan

__all__ = ["ALLOWED_HERE", "MOST_SHOWN", "committed_ids", "staged_content", "staged_files"]

ALLOWED_HERE = "mixpriv-no-ids: allow"
"""In a comment on the line of an id: this one is meant."""

MOST_SHOWN = 20
"""Findings in one file; they mostly share one cause."""

Content = Callable[[str], bytes]
"""The bytes of a file by its path below the root; raises `OSError`."""


@dataclass(frozen=True, slots=True)
class _Manifest:
    document: Document
    patterns: tuple[str, ...]


def committed_ids(root: Path, files: Sequence[str], content: Content, allowed_domains: Sequence[str] = ()) -> tuple[Diagnostic, ...]:
    """What is wrong in *files*, paths below *root*, as *content* has them.

    Those that are manifests are looked through, and those that a manifest, one of them or another below *root*, names as a source.
    """
    bounds = Bounds()
    allowed = tuple(domain.lower() for domain in allowed_domains)
    names = list(dict.fromkeys(posixpath.normpath(file) for file in files))
    found: list[Diagnostic] = []
    manifests: dict[str, _Manifest] = {}
    for name in names:
        if not name.endswith((".yaml", ".yml")):
            continue
        try:
            manifest = _manifest(name, content(name), bounds)
        except (OSError, UnicodeDecodeError) as error:
            found.append(_unread(name, _why(error)))
            continue
        if manifest is not None:
            manifests[name] = manifest
            found += _in_manifest(manifest.document, allowed)
    sources = _sources(root, manifests, bounds)
    for name in names:
        if name in sources and name not in manifests:
            try:
                found += _shown(_in_source(name, _text(name, content(name), bounds), allowed), name)
            except (OSError, EOFError, UnicodeDecodeError) as error:
                found.append(_unread(name, _why(error)))
    return tuple(found)


# Manifests


def _manifest(name: str, content: bytes, bounds: Bounds) -> _Manifest | None:
    """The manifest in *content*; None where it is other YAML. One that doesn't parse is of no values, and broken."""
    text = content.decode("utf-8").lstrip("\ufeff")
    if LOOKS_LIKE_ONE.search(text) is None:
        return None
    document = read_events(name, text, bounds)
    if not document.is_broken and not any(map(is_manifest, (document.values, *document.others))):
        return None
    base = posixpath.dirname(name)
    patterns = (posixpath.normpath(posixpath.join(base, one)) for one in _named(document.values))
    return _Manifest(document, tuple(one for one in patterns if not one.startswith(("/", ".."))))


def _values(value: Any) -> Iterator[Any]:
    """*value* and all that stands below it."""
    todo = [value]
    while todo:
        one = todo.pop()
        yield one
        if isinstance(one, dict):
            todo += reversed(one.values())
        elif isinstance(one, list):
            todo += reversed(one)


def _named(values: Any) -> Iterator[str]:
    """The paths and patterns that a manifest's `from:` name."""
    for one in _values(values):
        entries = one.get("from") if isinstance(one, dict) else None
        for entry in entries if isinstance(entries, list) else ():
            if isinstance(entry, dict) and isinstance(entry.get("file"), str):
                yield entry["file"]


def _in_manifest(document: Document, allowed: Sequence[str]) -> list[Diagnostic]:
    if document.is_broken:
        return [_unread(document.file, "it isn't valid YAML; `mixpriv validate` tells where")]
    lines = document.text.splitlines()
    spans = set()
    for one in (one for values in (document.values, *document.others) for one in _values(values) if isinstance(one, IdList)):
        for index in range(len(one.ids)):
            line, column = one.ids.lines[index], one.ids.columns[index]
            address = next(mail_like(one.ids[index].decode("utf-8", "replace"), allowed), None)
            if address is not None and not (line <= len(lines) and ALLOWED_HERE in lines[line - 1]):
                spans.add(SourceSpan(document.file, line, column))
    hint = f"move the ids to a file that git ignores, named under `from:`; where it names nobody, end the line with # {ALLOWED_HERE}"
    wrong = (Diagnostic("MP0680", Severity.ERROR, "an e-mail address stands where an id belongs", hint, span) for span in sorted(spans))
    return _shown(wrong, document.file)


# Sources


def _sources(root: Path, manifests: dict[str, _Manifest], bounds: Bounds) -> frozenset[str]:
    """The files that manifests below *root* name, those of *manifests* as these say it."""
    patterns = {pattern for manifest in manifests.values() for pattern in manifest.patterns}
    for name in yaml_files(root):
        if name not in manifests:
            try:
                manifest = _manifest(name, (root / name).read_bytes(), bounds)
            except (OSError, UnicodeDecodeError):  # not of this commit: `mixpriv validate` says what is wrong with it
                continue
            patterns.update(manifest.patterns if manifest is not None else ())
    found: set[str] = set()
    for pattern in patterns:
        try:
            found.update(matches(root, pattern) if is_pattern(pattern) else (pattern,))
        except Flaw:  # a folder outside
            continue
    return frozenset(found)


def _text(name: str, content: bytes, bounds: Bounds) -> str:
    if name.endswith(".gz"):
        with gzip.open(io.BytesIO(content)) as unpacked:
            content = unpacked.read(bounds.manifest_bytes)
    return content.decode("utf-8-sig")


def _in_source(name: str, text: str, allowed: Sequence[str]) -> Iterator[Diagnostic]:
    """In whatever column: a person's address beside an id is in git just as well."""
    hint = "take the file out of the commit (`git rm --cached`), let git ignore it, and let a pipeline step bring it"
    for number, line in enumerate(text.split("\n"), start=1):
        for start, length in mail_like(line, allowed):
            span = SourceSpan(name, number, start + 1, length)
            yield Diagnostic("MP0681", Severity.ERROR, "an e-mail address stands in a source of ids", hint, span)


# Diagnostics


def _shown(wrong: Iterator[Diagnostic], name: str) -> list[Diagnostic]:
    found = list(wrong)
    if len(found) <= MOST_SHOWN:
        return found
    more = f"{len(found) - MOST_SHOWN:,} more addresses in this file are not shown"
    return [*found[:MOST_SHOWN], Diagnostic("MP0684", Severity.NOTE, more, "they mostly share one cause", SourceSpan(name, 1, 1))]


def _unread(name: str, why: str) -> Diagnostic:
    hint = "correct it, or leave it out of the commit"
    return Diagnostic("MP0682", Severity.ERROR, f"this file can't be looked through: {why}", hint, SourceSpan(shown_path(name), 1, 1))


def _why(error: OSError | EOFError | UnicodeDecodeError) -> str:
    if isinstance(error, OSError) and error.errno:
        return os.strerror(error.errno)
    return "it isn't UTF-8" if isinstance(error, UnicodeDecodeError) else "it can't be unpacked"


# What git has staged


def staged_files(root: Path) -> tuple[str, ...]:
    """Paths, from *root*, of what git would commit and didn't have so before; raises `WrongUsage` where git tells none."""
    told = _git(root, "diff", "--cached", "--name-only", "--relative", "--no-renames", "--diff-filter=ACMT", "-z")
    return tuple(os.fsdecode(name) for name in told.split(b"\0") if name)


def staged_content(root: Path) -> Content:
    """The bytes of a file as git would commit them, whatever lies in the folder."""

    def content(name: str) -> bytes:
        try:
            return _git(root, "show", f":./{name}")
        except MixprivError as error:
            raise OSError(error.message) from None

    return content


def _git(root: Path, *arguments: str) -> bytes:
    try:
        return subprocess.run(["git", *arguments], cwd=root, capture_output=True, check=True).stdout
    except (OSError, subprocess.CalledProcessError):
        hint = "run it in a git repository, or name the files"
        raise WrongUsage("MP0683", "git doesn't tell what is staged here", hint) from None
