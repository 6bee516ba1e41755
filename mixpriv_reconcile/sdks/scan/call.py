"""Calls in code: where they stand and what is given to them, read from blanked code, so that no bracket in a text counts."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice

from mixpriv_reconcile.sdks.scan.lexer import Literal, Source

__all__ = ["MAX_CALLS", "Call", "Item", "behind", "calls", "items", "object_at", "resolved", "statement"]

OPENING, CLOSING = "([{", ")]}"
LONGEST = 20_000
"""Characters of a call that are looked at; what is longer is no call that configures something."""

MAX_CALLS = 200
"""Calls of one name in a file that are looked at: nobody sets up so many SDKs, and each of them takes time."""

NAMED = re.compile(r"\s*(?P<name>[@:$]?[A-Za-z_][\w.-]*)[ \t]*(?P<mark>=>|:(?![:=])|=(?![=>~]))\s*")
QUOTED_NAME = re.compile(r"\s*(?P<mark>=>|:)\s*")
OWN = re.compile(r"(?:this|self|cls|Self|static|[A-Z]\w*)\b|@")
"""What a constant's name of this file begins with, where it has several parts."""

BEFORE = r"[ \t]*(?:[\w<>\[\]*&.]+[ \t]+[*&]?){0,6}[$@]{0,2}(?:(?:this|self|cls)\.)?"
TYPE = r"(?:[ \t]*:[ \t]*[\w<>\[\]?., |]{1,60}?)?"
"""What may stand on a line around the name that is given a value: modifiers and types."""

IDENTIFIER = re.compile(r"[@$]?[A-Za-z_][\w$]*(?:(?:\.|::|->|\?\.)[A-Za-z_]\w*)*[!]?")


@dataclass(frozen=True, slots=True)
class Item:
    """One argument, or one entry of a mapping: its name where it has one, and where its value stands."""

    name: str
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Call:
    """A call whose name begins at *start*; *opened* is its bracket, *closed* the one that closes it."""

    start: int
    opened: int
    closed: int
    arguments: tuple[Item, ...]

    def named(self, *names: str) -> Item | None:
        """The argument of one of these names."""
        return next((item for item in self.arguments if item.name in names), None)

    @property
    def positional(self) -> tuple[Item, ...]:
        return tuple(item for item in self.arguments if not item.name)


def calls(source: Source, pattern: str) -> Iterator[Call]:
    """Every call whose name matches *pattern*, which is a regular expression that ends before the bracket."""
    for found in islice(re.finditer(rf"(?<![\w$])(?:{pattern})\s*(?=\()", source.code), MAX_CALLS):
        call = _call(source, found.start(), found.end())
        if call is not None:
            yield call


def _call(source: Source, start: int, opened: int) -> Call | None:
    closed = behind(source, opened)
    return Call(start, opened, closed, items(source, opened, closed)) if closed is not None else None


def behind(source: Source, opened: int) -> int | None:
    """The offset of the bracket that closes the one at *opened*."""
    level = 0
    for found in re.compile(r"[()\[\]{}]").finditer(source.code, opened, opened + LONGEST):
        level += 1 if found[0] in OPENING else -1
        if level == 0:
            return found.start()
    return None


def items(source: Source, opened: int, closed: int) -> tuple[Item, ...]:
    """What stands between two brackets, by commas."""
    found, level, start = [], 0, opened + 1
    for mark in re.compile(r"[()\[\]{},]").finditer(source.code, opened + 1, closed):
        if mark[0] in OPENING:
            level += 1
        elif mark[0] in CLOSING:
            level -= 1
        elif level == 0:
            found.append(_item(source, start, mark.start()))
            start = mark.end()
    found.append(_item(source, start, closed))
    return tuple(item for item in found if item.start < item.end)


def _item(source: Source, start: int, end: int) -> Item:
    while start < end and source.code[start].isspace():
        start += 1
    while start < end and source.code[end - 1].isspace():
        end -= 1
    quoted = source.starts.get(start)
    if quoted is not None and quoted.outer_end < end:
        mark = QUOTED_NAME.match(source.code, quoted.outer_end, end)
        if mark is not None:
            return Item(quoted.text, mark.end(), end)
    named = NAMED.match(source.code, start, end)
    if named is not None:
        return Item(named["name"].lstrip("@:$"), named.end(), end)
    return Item("", start, end)


def object_at(source: Source, item: Item) -> tuple[Item, ...] | None:
    """The entries of the mapping that *item* is, written out or by the name of one; None where it can't be known."""
    at = _mapping_start(source, item.start, item.end)
    if at is None:
        at = _assigned(source, item.start, item.end, r"(?:new\s+)?(?:array\s*)?[\[{(]")
        at = at if at is None or source.code[at] in "[{" else source.code.find("(", at)
    if at is None:
        return None
    closed = behind(source, at)
    return items(source, at, closed) if closed is not None else None


def _mapping_start(source: Source, start: int, end: int) -> int | None:
    found = re.compile(r"\s*(?:array\s*\(|[\[{])").match(source.code, start, end)
    return None if found is None else found.end() - 1


def resolved(source: Source, item: Item) -> Literal | None:
    """The text that *item* is, written out or by the name of a constant of this file; None where it can't be known."""
    literal = source.literal(item.start, item.end)
    if literal is not None:
        return literal
    at = _assigned(source, item.start, item.end, r"")
    return _literal_from(source, at) if at is not None else None


def _literal_from(source: Source, at: int) -> Literal | None:
    """The text that begins at *at*, if the statement ends behind it."""
    literal = source.starts.get(at)
    if literal is None:
        return None
    rest = source.code[literal.outer_end : source.line_at(literal.outer_end)[1]].strip()
    return literal if rest.rstrip(";") in ("", ".freeze", "as const") else None


def _assigned(source: Source, start: int, end: int, pattern: str) -> int | None:
    """Where the value of the name at *start* up to *end* begins, if this file gives it one, once, and it begins like *pattern*."""
    name = source.code[start:end].strip()
    parts = re.split(r"\.|::|->", name)
    if IDENTIFIER.fullmatch(name) is None or (len(parts) > 1 and not OWN.match(name)):
        return None  # a field of something from elsewhere
    last = re.escape(parts[-1].lstrip("$@"))
    found = list(islice(re.finditer(rf"(?m)^{BEFORE}{last}\b{TYPE}[ \t]*(?::=|=(?![=>]))\s*", source.code), MAX_CALLS))
    if source.family == "python":  # there a name given within brackets is an argument's
        found = [one for one in found if _level(source, one.start()) == 0]
    if len(found) != 1:
        return None
    at = found[0].end()
    return at if not pattern or re.compile(pattern).match(source.code, at) else None


def _level(source: Source, at: int) -> int:
    """Brackets that are open at *at*."""
    return sum(source.code.count(mark, 0, at) for mark in OPENING) - sum(source.code.count(mark, 0, at) for mark in CLOSING)


def statement(source: Source, at: int) -> int:
    """Where the statement that goes on at *at* ends: at its semicolon, or its line end outside of brackets."""
    level = 0
    for found in re.compile(r"[()\[\]{};\n]").finditer(source.code, at, at + LONGEST):
        if found[0] in OPENING:
            level += 1
        elif found[0] in CLOSING:
            level -= 1
            if level < 0:
                return found.start()
        elif level <= 0 and (found[0] == ";" or not re.compile(r"\s*[.?&]").match(source.code, found.end())):
            return found.start()
    return min(len(source.code), at + LONGEST)
