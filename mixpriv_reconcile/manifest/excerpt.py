"""The source line of a finding, with everything masked that isn't known to be harmless.

Shown are keys and values that `shapes` lets through, and the punctuation between scalars. All else on the line, comments
included, is masked character by character, so that the caret still points at the right place; so is what can't be parsed.

With ids (`--show-ids`), scalars are shown, too, that stand where an id belongs, and nowhere else: by their place alone an id is told
from a secret.
"""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from functools import cache
from typing import Any

import yaml

from mixpriv_reconcile.manifest.document import Document
from mixpriv_reconcile.manifest.lines import lines_of
from mixpriv_reconcile.manifest.shapes import Node, child_of, has_shape, root_node
from mixpriv_reconcile.manifest.stream import events_of

__all__ = ["excerpts"]

MASK = "•"
PUNCTUATION = frozenset("-{}[],:?")
LEADING_KEY = re.compile(r"[ \t]*(?:- +)?([a-z_]+:)(?= |\Z)")
STARTS = frozenset({yaml.MappingStartEvent, yaml.SequenceStartEvent})
ID_KEYS = frozenset({"distinct_ids", "allow_placeholder_ids"})
ENDS = frozenset({yaml.MappingEndEvent, yaml.SequenceEndEvent})
LONGEST = 10_000
"""Characters of a line that is shown; a longer one is a list of ids, of which a window would be all mask."""

Segment = tuple[int, int, bool]
"""Columns from 0, first and behind the last, and whether all of it is shown or only punctuation."""


@dataclass(slots=True)
class _Level:
    """A mapping or sequence around the event at hand; with *has_ids* one whose scalars are ids."""

    node: Node
    values: Any
    is_mapping: bool
    has_ids: bool = False
    key: str | None = None
    inner: Node = None


@dataclass(slots=True)
class _Walk:
    """Follows the events of a document, and keeps what may be shown of the wanted lines."""

    lines: list[str]
    shown: dict[int, list[Segment]]
    wanted: list[int]
    values: Any
    depth: int
    with_ids: bool = False
    stack: list[_Level] = field(default_factory=list)
    end: tuple[int, int] = (0, 0)

    def run(self, text: str) -> None:
        try:
            for event in events_of(text):
                start, end = event.start_mark, event.end_mark
                self._punctuation((start.line, start.column))
                self._step(event)
                self.end = max(self.end, (end.line, end.column))
                if start.line > self.wanted[-1] or len(self.stack) > self.depth:
                    return
        except yaml.YAMLError:
            return  # what comes after the place where parsing ends stays masked

    def _step(self, event: Any) -> None:
        kind = type(event)
        if kind in STARTS:
            has_ids = self._awaits_ids and kind is yaml.SequenceStartEvent
            node, values, _ = self._next(None)
            self.stack.append(_Level(node, values, kind is yaml.MappingStartEvent, has_ids))
            if event.anchor is None and event.tag is None:
                self._keep(event, whole=False)
        elif kind in ENDS:
            self.stack.pop()
            self._keep(event, whole=False)
        elif kind is yaml.DocumentStartEvent:
            self._keep(event, whole=False)
        elif kind is yaml.AliasEvent:
            self._next(None)
        elif kind is yaml.ScalarEvent:
            self._scalar(event)

    def _scalar(self, event: Any) -> None:
        is_id = self.with_ids and (self._awaits_ids or (bool(self.stack) and self.stack[-1].has_ids))
        node, _, is_key = self._next(event.value)
        start, end = event.start_mark, event.end_mark
        if start.line + 1 not in self.shown or start.line != end.line or event.anchor is not None or event.tag is not None:
            return
        written = self.lines[start.line][start.column : end.column]
        is_harmless = (is_key and written == event.value) if is_key is not None else has_shape(node, written)
        if is_id or is_harmless:
            self._keep(event, whole=True)

    @property
    def _awaits_ids(self) -> bool:
        """Whether a list of ids belongs where the next node stands; unknown places have none, whatever their keys are called."""
        level = self.stack[-1] if self.stack else None
        if level is None or level.key not in ID_KEYS or level.inner is None:
            return False
        return level.inner.get("type") == "array"  # and no request of that name

    def _next(self, key: str | None) -> tuple[Node, Any, bool | None]:
        """Schema and value of the node that comes, and, where it is a key, whether it is harmless."""
        if not self.stack:
            return root_node(), self.values, None
        level = self.stack[-1]
        if not level.is_mapping:
            return child_of(level.node, 0)[0], None, None
        if level.key is None:
            level.key = key if key is not None else ""
            value = level.values.get(level.key) if isinstance(level.values, dict) else None
            level.inner, is_harmless = child_of(level.node, level.key, value)
            return None, None, is_harmless
        value = level.values.get(level.key) if isinstance(level.values, dict) else None
        level.key = None
        return level.inner, value, None

    def _punctuation(self, start: tuple[int, int]) -> None:
        """Between two events stand only punctuation, blanks and comments."""
        line, column = self.end
        if start[0] < self.wanted[0] or start <= self.end:
            return
        at = bisect_left(self.wanted, line)
        while at < len(self.wanted) and self.wanted[at] <= start[0]:
            here = self.wanted[at]
            text = self.lines[here]
            first, last = column if here == line else 0, start[1] if here == start[0] else len(text)
            comment = text.find("#", first, last)
            self.shown[here + 1].append((first, last if comment < 0 else comment, False))
            at += 1

    def _keep(self, event: Any, *, whole: bool) -> None:
        start, end = event.start_mark, event.end_mark
        if start.line == end.line and start.line + 1 in self.shown:
            self.shown[start.line + 1].append((start.column, end.column, whole))


def excerpts(document: Document, wanted: Collection[int], depth: int, *, with_ids: bool = False) -> Mapping[int, str]:
    """The masked text of each of the *wanted* lines (counted from 1) that can be shown; *depth* bounds the nesting.

    What stands where an id belongs is masked, too, but *with_ids*.
    """
    lines = lines_of(document.text)
    shown: dict[int, list[Segment]] = {line: [] for line in wanted if 0 < line <= len(lines) and len(lines[line - 1]) <= LONGEST}
    if shown:
        walk = _Walk(lines, shown, sorted(line - 1 for line in shown), document.values, depth, with_ids)
        walk.run(document.text)
    return {line: _masked(lines[line - 1], segments) for line, segments in shown.items()}


def _masked(line: str, segments: list[Segment]) -> str:
    masked = [MASK] * len(line)
    leading = LEADING_KEY.match(line)
    if leading is not None and leading[1].removesuffix(":") in _known_words():
        segments = [*segments, (*leading.span(1), True)]
    for start, end, whole in segments:
        for at in range(start, min(end, len(line))):
            if whole or line[at] in PUNCTUATION or line[at] in " \t":
                masked[at] = line[at]
    for at in range(len(line) - len(line.lstrip(" \t"))):
        masked[at] = line[at]
    return "".join(masked)


@cache
def _known_words() -> frozenset[str]:
    """Every key that the schema knows anywhere: one that begins a line is shown wherever it stands."""
    return frozenset(_words_of(root_node()))


def _words_of(schema: Any) -> set[str]:
    if isinstance(schema, list):
        return {word for item in schema for word in _words_of(item)}
    if not isinstance(schema, dict):
        return set()
    named = schema.get("properties")
    words = set(named) if isinstance(named, dict) else set()
    return words | {word for item in schema.values() for word in _words_of(item)}
