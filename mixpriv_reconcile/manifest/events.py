"""From libyaml's event stream to plain values: faster than any loader, and every position is kept.

Mapping keys are strings as written. Plain scalars follow YAML 1.2's core rules (`no` is a string, dates stay text); ids are
taken as written, whatever they look like. Nothing recurses, so depth is bounded by a rule and not by a crash.
"""

from __future__ import annotations

import re
from array import array
from dataclasses import dataclass, field
from typing import Any

import yaml
from yaml.cyaml import CParser  # type: ignore[attr-defined]

from mixpriv_reconcile.manifest.document import Document, Flaw, IdList, Path, Place
from mixpriv_reconcile.model.bounds import Bounds
from mixpriv_reconcile.model.ids import InlineIds

__all__ = ["read_events"]

ID_KEY = "distinct_ids"
STRING_TAG = "tag:yaml.org,2002:str"
NULLS = frozenset({"", "~", "null", "Null", "NULL"})
TRUE = frozenset({"true", "True", "TRUE"})
FALSE = frozenset({"false", "False", "FALSE"})
WHOLE = re.compile(r"[-+]?(?:0|[1-9][0-9]{0,17})")
FRACTION = re.compile(r"[-+]?(?:0|[1-9][0-9]{0,17})\.[0-9]{1,18}(?:[eE][-+]?[0-9]{1,2})?")
TAB_INDENT = re.compile(r" *\t")


class _Stop(Exception):
    """The document is beyond a bound; there is no use in reading on."""


@dataclass(slots=True)
class _Ids:
    """An id list while it grows."""

    place: Place
    anchor: str | None
    blob: bytearray = field(default_factory=bytearray)
    ends: array[int] = field(default_factory=lambda: array("Q"))
    lines: array[int] = field(default_factory=lambda: array("I"))
    columns: array[int] = field(default_factory=lambda: array("I"))


@dataclass(slots=True)
class _Frame:
    """A mapping or sequence while it grows. *uses* counts the alias uses below it, those of aliases' targets included."""

    values: dict[str, Any] | list[Any]
    path: Path
    anchor: str | None
    key: str | None = None
    skips: bool = False
    uses: int = 0


def read_events(file: str, text: str, bounds: Bounds) -> Document:
    """The document in *text*. Flaws of the YAML are in it; nothing is raised for them."""
    document = Document(file, text.splitlines())
    reader = _Reader(document, bounds)
    try:
        reader.run(text)
    except yaml.YAMLError as error:
        document.is_broken = True
        document.flaws.append(_syntax_flaw(error, document.lines))
    except _Stop:
        document.is_broken = True
    return document


class _Reader:
    def __init__(self, document: Document, bounds: Bounds) -> None:
        self._document = document
        self._bounds = bounds
        self._stack: list[_Frame] = []
        self._ids: _Ids | None = None
        self._ids_depth = 0
        self._anchors: dict[str, tuple[Any, int]] = {}
        self._uses = 0
        self._documents = 0

    def run(self, text: str) -> None:
        parser = CParser(text)
        try:
            while not isinstance(event := parser.get_event(), yaml.StreamEndEvent):
                self._take(event)
        finally:
            parser.dispose()
        for number, line in enumerate(self._document.lines, start=1):
            if TAB_INDENT.match(line) and line.strip():
                self._flaw("MP0105", "a tab stands where YAML wants spaces", "indent with spaces", Place(number, line.index("\t") + 1))

    def _take(self, event: Any) -> None:
        if isinstance(event, yaml.ScalarEvent):
            self._scalar(event)
        elif isinstance(event, (yaml.MappingStartEvent, yaml.SequenceStartEvent)):
            self._open(event)
        elif isinstance(event, (yaml.MappingEndEvent, yaml.SequenceEndEvent)):
            self._close()
        elif isinstance(event, yaml.AliasEvent):
            self._alias(event)
        elif isinstance(event, yaml.DocumentStartEvent):
            self._documents += 1
            if self._documents > 1:
                self._flaw("MP0106", "a manifest is one document", "put what follows `---` into a file of its own", _place(event))
                raise _Stop

    # Nodes

    def _scalar(self, event: Any) -> None:
        place = _place(event)
        if event.tag is not None and event.tag not in (STRING_TAG, "!"):
            self._flaw("MP0109", "tags aren't used in manifests", "leave the tag out", place)
        if self._ids is not None:
            if self._ids_depth == 0:
                self._ids.blob += event.value.encode("utf-8", "surrogatepass")
                self._ids.ends.append(len(self._ids.blob))
                self._ids.lines.append(place.line)
                self._ids.columns.append(place.column)
            return
        frame = self._stack[-1] if self._stack else None
        if frame is not None and isinstance(frame.values, dict) and frame.key is None and not frame.skips:
            self._key(frame, event.value, place)
            return
        is_plain = event.style in (None, "") and event.tag is None  # the C parser says "" for plain
        value = _resolved(event.value) if is_plain else event.value
        if event.anchor is not None:
            self._anchors[event.anchor] = (value, 0)
        self._put(value, place)

    def _key(self, frame: _Frame, key: str, place: Place) -> None:
        path = (*frame.path, key)
        assert isinstance(frame.values, dict)
        if key == "<<":
            self._flaw("MP0108", "merge keys (`<<`) aren't used in manifests", "write the values out, or use an alias for a whole value", place)
            frame.skips = True
        elif key in frame.values:
            first = self._document.keys[path]
            self._flaw("MP0107", f"this key stands here a second time; the first is on line {first.line}", "keep one of the two", place)
            frame.skips = True
        else:
            frame.key = key
            self._document.keys[path] = place

    def _open(self, event: Any) -> None:
        place = _place(event, 1)
        if event.tag is not None and event.tag not in ("!", "tag:yaml.org,2002:map", "tag:yaml.org,2002:seq"):
            self._flaw("MP0109", "tags aren't used in manifests", "leave the tag out", place)
        if self._ids is not None:
            if self._ids_depth == 0:
                self._flaw("MP0110", "a distinct id is a scalar", "write one id an item", place)
            self._ids_depth += 1
            self._check_depth(place)
            return
        self._check_depth(place)
        path = self._next_path()
        if self._awaits_key():
            self._flaw("MP0108", "a key must be a scalar", "write a name", place)
            raise _Stop
        is_mapping = isinstance(event, yaml.MappingStartEvent)
        if not is_mapping and path and path[-1] == ID_KEY and self._keeps():
            self._document.places.setdefault(path, place)
            self._ids = _Ids(place, event.anchor)
            return
        if self._keeps():
            self._document.places.setdefault(path, place)
        self._stack.append(_Frame({} if is_mapping else [], path, event.anchor))

    def _close(self) -> None:
        if self._ids is not None:
            if self._ids_depth:
                self._ids_depth -= 1
                return
            grown, self._ids = self._ids, None
            packed = InlineIds(self._document.file, bytes(grown.blob), grown.ends, grown.lines, grown.columns)
            value = IdList(packed)
            if grown.anchor is not None:
                self._anchors[grown.anchor] = (value, 0)
            self._put(value, grown.place)
            return
        frame = self._stack.pop()
        if frame.anchor is not None:
            self._anchors[frame.anchor] = (frame.values, frame.uses)
        if self._stack:
            self._stack[-1].uses += frame.uses
        self._put(frame.values, None)

    def _alias(self, event: Any) -> None:
        place = _place(event)
        if event.anchor not in self._anchors:
            self._flaw("MP0111", "this alias has no anchor before it", "define it with & first", place)
            value, below = None, 0
        else:
            value, below = self._anchors[event.anchor]
        self._uses += 1 + below
        if self._uses > self._bounds.alias_uses:
            variable = Bounds.variable("alias_uses")
            self._flaw("MP0103", f"aliases are used more than {self._bounds.alias_uses:,} times", f"write the values out, or set {variable}", place)
            raise _Stop
        if self._stack:
            self._stack[-1].uses += 1 + below
        if self._ids is not None:
            if self._ids_depth == 0 and isinstance(value, (dict, list)):
                self._flaw("MP0110", "a distinct id is a scalar", "write one id an item", place)
            elif self._ids_depth == 0:
                self._flaw("MP0112", "an alias can't be an id: its text isn't kept", "write the id", place)
            return
        frame = self._stack[-1] if self._stack else None
        if frame is not None and isinstance(frame.values, dict) and frame.key is None and not frame.skips:
            self._flaw("MP0108", "an alias can't be a key", "write a name", place)
            frame.skips = True
            return
        self._put(value, place)

    # Where a value goes

    def _put(self, value: Any, place: Place | None) -> None:
        if not self._stack:
            self._document.values = value
            if place is not None:
                self._document.places[()] = place
            return
        frame = self._stack[-1]
        if isinstance(frame.values, list):
            if place is not None:
                self._document.places[(*frame.path, len(frame.values))] = place
            frame.values.append(value)
        elif frame.skips:
            frame.skips = False
        else:
            assert frame.key is not None
            if place is not None:
                self._document.places[(*frame.path, frame.key)] = place
            frame.values[frame.key] = value
            frame.key = None

    def _next_path(self) -> Path:
        if not self._stack:
            return ()
        frame = self._stack[-1]
        if isinstance(frame.values, list):
            return (*frame.path, len(frame.values))
        return (*frame.path, frame.key if frame.key is not None else "")

    def _awaits_key(self) -> bool:
        if not self._stack:
            return False
        frame = self._stack[-1]
        return isinstance(frame.values, dict) and frame.key is None and not frame.skips

    def _keeps(self) -> bool:
        """Whether what comes next is kept: the value of a key that is refused isn't."""
        return not any(frame.skips for frame in self._stack)

    def _check_depth(self, place: Place) -> None:
        if len(self._stack) + self._ids_depth >= self._bounds.depth:
            self._flaw("MP0102", f"nested deeper than {self._bounds.depth} levels", "write it flatter", place)
            raise _Stop

    def _flaw(self, code: str, message: str, hint: str, place: Place) -> None:
        self._document.flaws.append(Flaw(code, message, hint, place))


def _place(event: Any, length: int | None = None) -> Place:
    start, end = event.start_mark, event.end_mark
    if length is None:
        length = max(1, end.column - start.column) if end.line == start.line else 1
    return Place(start.line + 1, start.column + 1, length)


def _resolved(text: str) -> Any:
    """A plain scalar's value by YAML 1.2's core rules, without octal, hexadecimal, infinities and dates."""
    if text in NULLS:
        return None
    if text in TRUE:
        return True
    if text in FALSE:
        return False
    if WHOLE.fullmatch(text):
        return int(text)
    if FRACTION.fullmatch(text):
        return float(text)
    return text


def _syntax_flaw(error: yaml.YAMLError, lines: list[str]) -> Flaw:
    """What libyaml stumbled over. Its own words never quote the file; only they are passed on."""
    mark = getattr(error, "problem_mark", None)
    line, column = (mark.line + 1, mark.column + 1) if mark is not None else (1, 1)
    shown = lines[line - 1] if 0 < line <= len(lines) else ""
    if "\t" in shown[: column + 1]:
        return Flaw("MP0105", "a tab stands where YAML wants spaces", "indent with spaces", Place(line, shown.index("\t") + 1))
    problem = getattr(error, "problem", None)
    words = problem if isinstance(problem, str) and problem.isascii() and "'" not in problem else "it is malformed here"
    return Flaw("MP0104", f"this isn't YAML: {words}", "look at the indentation, quotes and colons of this line and the one before", Place(line, column))
