"""`mixpriv-no-ids`: e-mail addresses among the ids of files that are about to be committed.

Git keeps what it was given once. A manifest's `confirmed: {by: …}`, its comments and every file that is no source of ids may name
people whose job it is; ids name the others.
"""

from __future__ import annotations

import codecs
import dataclasses
import os
import posixpath
import re
from bisect import bisect_left
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import Any

from mixpriv_reconcile.ids.flaws import Flaw, shown_path
from mixpriv_reconcile.ids.globs import is_pattern, matches
from mixpriv_reconcile.ids.gz import gunzip
from mixpriv_reconcile.ids.mail import mail_like
from mixpriv_reconcile.manifest.discovery import yaml_files
from mixpriv_reconcile.manifest.document import Document, IdList
from mixpriv_reconcile.manifest.events import read_events
from mixpriv_reconcile.manifest.likeness import is_manifest
from mixpriv_reconcile.manifest.read import LOOKS_LIKE_ONE
from mixpriv_reconcile.model.bounds import Bounds
from mixpriv_reconcile.model.diagnostics import Diagnostic, Severity, SourceSpan
from mixpriv_reconcile.pipeline.committed_files import Content, content_of

__all__ = ["ALLOWED_HERE", "MOST_SHOWN", "Looked", "committed_ids", "not_files"]

ALLOWED_HERE = "mixpriv-no-ids: allow"
"""In a comment on the line of an id: this one is meant."""

MOST_SHOWN = 20
"""Findings in one file; they mostly share one cause."""

PIECE_BYTES = 2**20
"""A source is unpacked and cut into lines in pieces of this size: its ids are never all there as text."""

LONGEST_LINE = 2**24
"""Characters; a packed line is read whole, and 200 times what was packed would be too much at once. A record may have 1 MiB."""

ESCAPED = re.compile(r"\\u([0-9a-fA-F]{4})")
"""A character as JSON may write it, in six."""

PLACEHOLDERS = "allow_placeholder_ids"

NAMES = ("projects", "workspace")
"""At the top of every manifest stands one of these; in a quoted key it may be written with escapes."""


@dataclass(frozen=True, slots=True)
class _Manifest:
    document: Document
    patterns: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Looked:
    """What was found, in how many manifests and sources; *passed_over* are the files that are neither."""

    found: tuple[Diagnostic, ...]
    manifests: int
    sources: int
    passed_over: int


def not_files(root: Path, names: Sequence[str]) -> dict[str, Diagnostic]:
    """By name, an error for each of *names*, paths from *root*, that is a folder or isn't there: nothing in it would be looked through."""
    hint = "name the files themselves, or give --staged for what git has staged"
    found = {}
    for name in names:
        path = root / name
        if path.is_dir() or not os.path.lexists(path):
            why = "it is a folder" if path.is_dir() else "there is no such file"
            found[name] = dataclasses.replace(_unread(name, why), hint=hint)
    return found


def committed_ids(
    root: Path, files: Sequence[str], content: Content, allowed_domains: Sequence[str] = (), tracked: Collection[str] = ()
) -> Looked:
    """What is wrong in *files*, paths below *root*, as *content* has them.

    Those that are manifests are looked through, and those that a manifest, one of them or another below *root*, names as a source. Of
    the sources that manifests among *files* name, those are looked through that git has, *tracked*, though they aren't in *files*:
    a manifest may begin to name what was no source when it was committed.
    """
    bounds = Bounds()
    allowed = tuple(domain.lower() for domain in allowed_domains)
    names = list(dict.fromkeys(posixpath.normpath(file) for file in files))  # those outside of *root* are absolute
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
    listed = [name for name in names if name in sources and name not in manifests]
    besides = sorted(_matched(root, _patterns(manifests)).intersection(tracked).difference(names))
    for name in (*listed, *besides):
        try:
            found += _shown(_in_source(name, _lines(name, content(name), bounds), allowed), name)
        except (OSError, Flaw, UnicodeDecodeError) as error:
            found.append(_unread(name, _why(error)))
    return Looked(tuple(found), len(manifests), len(listed) + len(besides), len(names) - len(manifests) - len(listed))


# Manifests


def _manifest(name: str, content: bytes, bounds: Bounds) -> _Manifest | None:
    """The manifest in *content*; None where it is other YAML. One that doesn't parse is of no values, and broken."""
    text = content.decode("utf-8").lstrip("\ufeff")
    if not any(one in text for one in NAMES) and "\\" not in text:
        return None
    document = read_events(name, text, bounds)
    if LOOKS_LIKE_ONE.search(text) is None if document.is_broken else not any(map(is_manifest, (document.values, *document.others))):
        return None
    base = posixpath.dirname(name)
    patterns = (posixpath.normpath(posixpath.join(base, one)) for one in _named(document.values))
    return _Manifest(document, tuple(one for one in patterns if one != ".." and not one.startswith("../")))


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


def _ids(document: Document) -> Iterator[tuple[int, int, str]]:
    """Each id in the manifest, with its line and column; an entry of `allow_placeholder_ids` is one too."""
    for one in (one for values in (document.values, *document.others) for one in _values(values)):
        if isinstance(one, IdList):
            for index in range(len(one.ids)):
                yield one.ids.lines[index], one.ids.columns[index], one.ids[index].decode("utf-8", "replace")
    for path, place in document.places.items():
        if len(path) > 1 and path[-2] == PLACEHOLDERS:
            value = document.values
            for key in path:
                value = value[key]
            yield place.line, place.column, str(value)


def _in_manifest(document: Document, allowed: Sequence[str]) -> list[Diagnostic]:
    if document.is_broken:
        return [_unread(document.file, "it isn't valid YAML; `mixpriv validate` tells where")]
    lines = document.text.splitlines()
    spans = set()
    for line, column, text in _ids(document):
        if any(mail_like(text, allowed)) and not (line <= len(lines) and ALLOWED_HERE in lines[line - 1]):
            spans.add(SourceSpan(document.file, line, column))
    hint = f"move the ids to a file that git ignores, named under `from:`; where it names nobody, end the line with # {ALLOWED_HERE}"
    wrong = (Diagnostic("MP0680", Severity.ERROR, "an e-mail address stands where an id belongs", hint, span) for span in sorted(spans))
    found = _shown(wrong, document.file)
    if any(flaw.severity is Severity.ERROR for flaw in document.flaws):
        found.append(_unread(document.file, "parts of it aren't read as they are written; `mixpriv validate` tells which"))
    return found


# Sources


def _sources(root: Path, manifests: dict[str, _Manifest], bounds: Bounds) -> frozenset[str]:
    """The files that manifests below *root* name, those of *manifests* as these say it."""
    patterns = _patterns(manifests)
    for name in yaml_files(root):
        if name not in manifests:
            try:
                manifest = _manifest(name, content_of(root / name), bounds)
            except (OSError, UnicodeDecodeError):  # not of this commit: `mixpriv validate` says what is wrong with it
                continue
            patterns.update(manifest.patterns if manifest is not None else ())
    return _matched(root, patterns)


def _patterns(manifests: Mapping[str, _Manifest]) -> set[str]:
    return {pattern for manifest in manifests.values() for pattern in manifest.patterns}


def _matched(root: Path, patterns: Iterable[str]) -> frozenset[str]:
    """The files below *root* that *patterns* name; those without wildcards whether they are there or not."""
    found: set[str] = set()
    for pattern in patterns:
        try:
            found.update(matches(root, pattern) if is_pattern(pattern) else (pattern,))
        except Flaw:  # a folder outside
            continue
    return frozenset(found)


def _lines(name: str, content: bytes, bounds: Bounds) -> Iterator[str]:
    """The lines of a source, unpacked to its very end; raises `Flaw` where that can't be, and `UnicodeDecodeError`."""
    pieces: Iterator[bytes] = (content[at : at + PIECE_BYTES] for at in range(0, len(content), PIECE_BYTES))
    is_packed = name.lower().endswith(".gz")
    if is_packed:
        pieces = gunzip(pieces, name, ratio=bounds.gzip_ratio, size=PIECE_BYTES)
    decoder = codecs.getincrementaldecoder("utf-8-sig")()
    rest: list[str] = []
    for piece in pieces:
        *whole, last = decoder.decode(piece).split("\n")
        if whole:
            yield "".join((*rest, whole[0]))
            yield from whole[1:]
            rest.clear()
        rest.append(last)
        if is_packed and len(rest) > LONGEST_LINE // PIECE_BYTES:
            raise Flaw("MP0682", f"it has a line of more than {LONGEST_LINE:,} bytes")
    yield "".join((*rest, decoder.decode(b"", final=True)))


def _in_source(name: str, lines: Iterator[str], allowed: Sequence[str]) -> Iterator[Diagnostic]:
    """In whatever column: a person's address beside an id is in git just as well."""
    hint = "take the file out of the commit (`git rm --cached`), let git ignore it, and let a pipeline step bring it"
    for number, line in enumerate(lines, start=1):
        for start, length in _found(line, allowed):
            span = SourceSpan(name, number, start + 1, length)
            yield Diagnostic("MP0681", Severity.ERROR, "an e-mail address stands in a source of ids", hint, span)


def _found(line: str, allowed: Sequence[str]) -> Iterator[tuple[int, int]]:
    """Where addresses stand in *line*, those too that JSON writes with escapes."""
    escapes = [found.start() for found in ESCAPED.finditer(line)]
    if not escapes:
        yield from mail_like(line, allowed)
        return
    # Five characters fewer for each escape: from a place in the plain text to that in the line.
    ends = [start - 5 * before for before, start in enumerate(escapes)]
    for start, length in mail_like(ESCAPED.sub(lambda found: chr(int(found[1], 16)), line), allowed):
        first = start + 5 * bisect_left(ends, start)
        yield first, start + length + 5 * bisect_left(ends, start + length) - first


# Diagnostics


def _shown(wrong: Iterator[Diagnostic], name: str) -> list[Diagnostic]:
    found = list(islice(wrong, MOST_SHOWN))
    left_out = sum(1 for _ in wrong)
    if not left_out:
        return found
    more = f"{left_out:,} more addresses in this file are not shown"
    return [*found, Diagnostic("MP0684", Severity.NOTE, more, "they mostly share one cause", SourceSpan(name, 1, 1))]


def _unread(name: str, why: str) -> Diagnostic:
    hint = "correct it, or leave it out of the commit"
    return Diagnostic("MP0682", Severity.ERROR, f"this file can't be looked through: {why}", hint, SourceSpan(shown_path(name), 1, 1))


def _why(error: OSError | Flaw | UnicodeDecodeError) -> str:
    match error:
        case OSError():
            return os.strerror(error.errno) if error.errno else "it can't be opened"
        case Flaw(code="MP0682"):
            return error.message
        case Flaw(code="MP0437"):
            return "it unpacks to far more than its size"
        case Flaw():
            return "it can't be unpacked"
    return "it isn't UTF-8"
