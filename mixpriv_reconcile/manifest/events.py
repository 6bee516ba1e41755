"""From libyaml's event stream to plain values: faster than any loader, and every position is kept.

Mapping keys are strings as written. Ids are taken as written, whatever they look like, and packed as they come. Nothing
recurses, so depth is bounded by a rule and not by a crash.
"""

from __future__ import annotations

from array import array
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import yaml

from mixpriv_reconcile.manifest.aliases import IDS_A_VALUE, Anchored, Repeats
from mixpriv_reconcile.manifest.document import Document, Flaw, IdList, Path, Place
from mixpriv_reconcile.manifest.scalars import resolved
from mixpriv_reconcile.manifest.stream import events_of
from mixpriv_reconcile.manifest.syntax import syntax_flaw
from mixpriv_reconcile.manifest.tabs import Tabs
from mixpriv_reconcile.model.bounds import Bounds
from mixpriv_reconcile.model.diagnostics import Severity
from mixpriv_reconcile.model.ids import InlineIds

__all__ = ["read_events"]

ID_KEY = "distinct_ids"
AS_WRITTEN = "allow_placeholder_ids"
"""The other list whose scalars are ids, `0` and `null` among them; it is short and kept as text."""

PLAIN_TAGS = frozenset({None, "!", "tag:yaml.org,2002:str", "tag:yaml.org,2002:map", "tag:yaml.org,2002:seq"})


class _Stop(Exception):
    """The document is beyond a bound; there is no use in reading on."""


@dataclass(slots=True)
class _Frame:
    """A mapping or sequence while it grows.

    Without *is_kept* it stands below something that was refused. *skips* is a refused key whose value comes next.
    *is_key*: the node stands where a key should. *uses* counts the alias uses below it, *size* the values, *height* the levels; those
    of aliases' targets are included.
    """

    values: dict[str, Any] | list[Any]
    path: Path
    anchor: str | None
    is_kept: bool
    is_key: bool
    key: str | None = None
    skips: str | None = None
    uses: int = 0
    size: int = 0
    height: int = 1

    @property
    def awaits_key(self) -> bool:
        return self.key is None and self.skips is None and isinstance(self.values, dict)


@dataclass(slots=True)
class _Ids:
    """An id list while it grows; *depth* counts the collections that wrongly stand in it."""

    place: Place
    anchor: str | None
    depth: int = 0
    blob: bytearray = field(default_factory=bytearray, repr=False)
    ends: array[int] = field(default_factory=lambda: array("Q"))
    lines: array[int] = field(default_factory=lambda: array("I"))
    columns: array[int] = field(default_factory=lambda: array("I"))


def read_events(file: str, text: str, bounds: Bounds) -> Document:
    """The document in *text*. Flaws of the YAML are in it; nothing is raised for them."""
    document = Document(file, text)
    try:
        _Reader(document, bounds).run()
    except yaml.YAMLError as error:
        document.is_broken = True
        document.flaws.append(syntax_flaw(error, text))
    except _Stop:
        document.is_broken = True
    return document


class _Reader:
    def __init__(self, document: Document, bounds: Bounds) -> None:
        self._first = self._document = document
        self._bounds = bounds
        self._stack: list[_Frame] = []
        self._ids: _Ids | None = None
        self._anchors: dict[str, Anchored] = {}
        self._repeats = Repeats(bounds)
        self._documents = 0

    def run(self) -> None:
        takers = {
            yaml.ScalarEvent: self._scalar,
            yaml.MappingStartEvent: self._open,
            yaml.SequenceStartEvent: self._open,
            yaml.MappingEndEvent: self._close,
            yaml.SequenceEndEvent: self._close,
            yaml.AliasEvent: self._alias,
            yaml.DocumentStartEvent: self._start_document,
        }
        tabs = Tabs(self._document) if "\t" in self._document.text else None
        events = events_of(self._document.text)
        for event in events:
            if tabs is not None:
                tabs.look_before(event)
            taker = takers.get(type(event))
            if taker is not None:
                taker(event)
            if self._ids is not None and tabs is None and self._ids.depth == 0:
                event = self._take_plain_ids(self._ids, events)
                if event is not None:
                    takers[type(event)](event)

    def _start_document(self, event: Any) -> None:
        self._documents += 1
        self._anchors.clear()
        if self._documents == 2:
            self._flaw("MP0106", "a manifest is one document", "put what follows `---` into a file of its own", _place(event))
        if self._documents > 1:
            self._document = Document(self._first.file, self._first.text, flaws=self._first.flaws)
            self._first.others.append(self._document)

    # Nodes

    def _scalar(self, event: Any) -> None:
        if event.tag not in PLAIN_TAGS:
            self._flaw("MP0109", "tags aren't used in manifests", "leave the tag out", _place(event))
            self._spoil(self._stack[-1] if self._stack else None)
        anchor = event.anchor
        if self._ids is not None:
            self._anchors.pop(anchor, None)  # an id's text isn't kept, and an older anchor of this name doesn't count any more
            if self._ids.depth == 0:
                self._take_id(self._ids, event)
            return
        frame = self._stack[-1] if self._stack else None
        if frame is not None and frame.awaits_key:
            self._anchors.pop(anchor, None)
            self._key(frame, event)
            return
        is_plain = not event.style and event.tag is None  # libyaml says "" for plain
        value = resolved(event.value) if is_plain and not _is_as_written(frame) else event.value
        if anchor is not None:
            self._anchors[anchor] = Anchored(value)
        place = _place(event)
        if not event.value and event.start_mark.index == event.end_mark.index:
            place = self._place_of_nothing(frame, place)
        self._put(value, place)

    def _take_plain_ids(self, ids: _Ids, events: Iterator[Any]) -> Any:
        """Take ids as long as they are what nearly all are, text on one line without anchor and tag; the event that is something else.

        A list may have a million of them, so nothing is called for each that needn't be.
        """
        blob, ends, lines, columns, size = ids.blob, ids.ends, ids.lines, ids.columns, len(ids.blob)
        scalar: Any = yaml.ScalarEvent
        for event in events:
            if type(event) is not scalar:
                return event
            value, mark = event.value, event.start_mark
            if event.anchor is not None or event.tag is not None or not value or event.end_mark.line != mark.line:
                return event
            encoded = value.encode()
            blob += encoded
            size += len(encoded)
            ends.append(size)
            lines.append(mark.line + 1)
            columns.append(mark.column + 1)
        return None

    def _take_id(self, ids: _Ids, event: Any) -> None:
        value, mark = event.value, event.start_mark
        is_nothing = not value and mark.index == event.end_mark.index
        ids.blob += value.encode()
        ids.ends.append(len(ids.blob))
        ids.lines.append(mark.line + 1)
        ids.columns.append(max(1, mark.column + (not is_nothing)))  # where there is nothing, its dash is shown
        if "\n" in value if event.style in ("|", ">") else event.end_mark.line != mark.line:
            message = "this distinct id stands on several lines, so YAML changes it or ends it with a line break"
            hint = "write it on one line; in double quotes \\n is a line break that is meant"
            self._flaw("MP0117", message, hint, _place(event), Severity.WARNING)

    def _place_of_nothing(self, frame: _Frame | None, place: Place) -> Place:
        """Where an empty value is shown: at its key, or at its dash."""
        if frame is None or frame.skips is not None:
            return place
        if frame.key is not None:
            return self._document.keys.get((*frame.path, frame.key), place)
        return Place(place.line, max(1, place.column - 1))

    def _key(self, frame: _Frame, event: Any) -> None:
        key = event.value
        assert isinstance(frame.values, dict)
        if key == "<<":
            hint = "write the values out, or use an alias for a whole value"
            self._flaw("MP0108", "merge keys (`<<`) aren't used in manifests", hint, _place(event))
            self._spoil(frame, of_value=False)
            frame.skips = key
        elif key in frame.values:
            first = self._document.keys.get((*frame.path, key))
            where = f"; the first is on line {first.line}" if first is not None and frame.is_kept else ""
            self._flaw("MP0107", f"this key stands here a second time{where}", "keep one of the two", _place(event))
            if frame.is_kept:
                self._document.doubled.add((*frame.path, key))
            frame.skips = key
        else:
            frame.key = key
            if frame.is_kept:
                self._document.keys[(*frame.path, key)] = _place(event)

    def _open(self, event: Any) -> None:
        place = _place(event, 1)
        ids = self._ids
        if len(self._stack) + (ids.depth + 1 if ids else 0) >= self._bounds.depth:
            hint = f"write it flatter, or set {Bounds.variable('depth')}"
            self._flaw("MP0102", f"nested deeper than {self._bounds.depth} levels", hint, place)
            raise _Stop
        if event.tag not in PLAIN_TAGS:
            self._flaw("MP0109", "tags aren't used in manifests", "leave the tag out", place)
        if ids is not None:
            if ids.depth == 0:
                self._flaw("MP0110", "a distinct id is a scalar", "write one id an item; quote it if it begins with [ or {", place)
            ids.depth += 1
            return
        parent = self._stack[-1] if self._stack else None
        path: Path = ()
        is_kept, is_key = True, False
        if parent is not None:
            is_key = parent.awaits_key
            is_kept = parent.is_kept and parent.skips is None and not is_key
            path = (*parent.path, len(parent.values) if parent.key is None else parent.key) if is_kept else ()
        if is_key:
            self._flaw("MP0108", "a key must be a scalar", "write a name; a value in braces needs quotes", place)
            self._spoil(parent, of_value=False)
        if is_kept:
            self._document.places[path] = place
        is_mapping = isinstance(event, yaml.MappingStartEvent)
        if not is_mapping and parent is not None and ID_KEY in (parent.key, parent.skips):
            self._ids = _Ids(place, event.anchor)
            return
        self._stack.append(_Frame({} if is_mapping else [], path, event.anchor, is_kept, is_key))

    def _close(self, event: Any) -> None:
        if self._ids is not None:
            if self._ids.depth:
                self._ids.depth -= 1
                return
            grown, self._ids = self._ids, None
            value = IdList(InlineIds(self._document.file, bytes(grown.blob), grown.ends, grown.lines, grown.columns))
            if grown.anchor is not None:
                self._anchors[grown.anchor] = Anchored(value, size=len(grown.ends) // IDS_A_VALUE, height=1)
            self._put(value, grown.place)
            return
        frame = self._stack.pop()
        if frame.anchor is not None:
            self._anchors[frame.anchor] = Anchored(frame.values, frame.uses, frame.size, frame.height)
        if self._stack:
            self._stack[-1].uses += frame.uses
            self._stack[-1].size += frame.size
            self._stack[-1].height = max(self._stack[-1].height, frame.height + 1)
        if frame.is_key:
            self._stack[-1].skips = ""
        else:
            self._put(frame.values, None)

    def _alias(self, event: Any) -> None:
        place = _place(event)
        frame = self._stack[-1] if self._stack else None
        if event.anchor not in self._anchors:
            hint = "define it with & first; what is an id, or holds this place itself, has no anchor"
            self._flaw("MP0111", "this alias has no anchor before it", hint, place)
            self._spoil(frame)
        target = self._anchors.get(event.anchor, Anchored(None))
        value = target.value
        beyond = self._repeats.add(target, len(self._stack), place)
        if beyond is not None:
            self._document.flaws.append(beyond)
            raise _Stop
        if frame is not None:
            frame.uses += 1 + target.uses
            frame.size += target.size
            frame.height = max(frame.height, target.height + 1)
        if self._ids is not None:
            if self._ids.depth == 0:
                self._flaw("MP0112", "an alias can't be an id", "write the id", place)
        elif frame is not None and frame.awaits_key:
            self._flaw("MP0108", "an alias can't be a key", "write a name", place)
            self._spoil(frame, of_value=False)
            frame.skips = ""
        else:
            if _is_as_written(frame) or isinstance(value, IdList) != (frame is not None and frame.key == ID_KEY):
                value = self._unfit_alias(frame, value, place)
            self._put(value, place)

    def _unfit_alias(self, frame: _Frame | None, value: Any, place: Place) -> Any:
        """An id list where none belongs, or something else where ids do: their text was taken another way."""
        if frame is not None and frame.key == ID_KEY and not isinstance(value, list):
            return value  # the schema says that it is no list
        message = "this alias takes ids to a place for something else, or something else to a place for ids"
        self._flaw("MP0112", message, "write the values out", place)
        self._spoil(frame)
        return [] if isinstance(value, list) else value

    # Where a value goes

    def _put(self, value: Any, place: Place | None) -> None:
        places = self._document.places
        if not self._stack:
            self._document.values = value
            places[()] = place or places.get((), Place(1, 1))
            return
        frame = self._stack[-1]
        frame.size += 1
        if isinstance(frame.values, list):
            if place is not None and frame.is_kept:
                places[(*frame.path, len(frame.values))] = place
            frame.values.append(value)
        elif frame.skips is not None:
            frame.skips = None
        else:
            assert frame.key is not None
            if place is not None and frame.is_kept:
                places[(*frame.path, frame.key)] = place
            frame.values[frame.key] = value
            frame.key = None

    def _spoil(self, frame: _Frame | None, *, of_value: bool = True) -> None:
        """Note that the value which comes in *frame* isn't what is written there, or else that the mapping lacks something."""
        if frame is None or not frame.is_kept or frame.skips is not None:
            return
        if not of_value:
            self._document.lacking.add(frame.path)
        elif isinstance(frame.values, list):
            self._document.spoiled.add((*frame.path, len(frame.values)))
        elif frame.key is not None:
            self._document.spoiled.add((*frame.path, frame.key))

    def _flaw(self, code: str, message: str, hint: str, place: Place, severity: Severity = Severity.ERROR) -> None:
        self._document.flaws.append(Flaw(code, message, hint, place, severity))


def _is_as_written(frame: _Frame | None) -> bool:
    return frame is not None and bool(frame.path) and frame.path[-1] == AS_WRITTEN and isinstance(frame.values, list)


def _place(event: Any, length: int | None = None) -> Place:
    start, end = event.start_mark, event.end_mark
    if length is None:
        length = max(1, end.column - start.column) if end.line == start.line else 1
    return Place(start.line + 1, start.column + 1, length)
