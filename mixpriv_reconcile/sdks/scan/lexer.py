"""From a source's text to code and texts: comments and the contents of strings are blanked, offsets stay what they are.

It knows as much of each language as it takes not to mistake a comment for code or a `//` in a URL for a comment, and never fails: what it
can't make sense of, it reads as code.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from dataclasses import dataclass, field
from functools import cache

from mixpriv_reconcile.sdks.scan.syntax import SYNTAXES, Quote, Syntax

__all__ = ["HOLE", "Literal", "Source", "lexed"]

HOLE = "\0"
"""Stands in a text for each character of code inside of it, whose value can't be known."""

MAX_DEPTH = 12
"""Texts in the holes of texts; deeper ones are read as text."""

BEFORE_REGEX = frozenset("(,=:[!&|?{;+*%~^>\n")
"""Behind these a slash begins a regular expression in JavaScript and Ruby; `<` is not among them, for JSX closes its tags with `</`."""

REGEX = re.compile(r"/(?![*/\s])(?:[^\\/\[\n]|\\.|\[(?:[^\]\\\n]|\\.){0,200}\]){1,400}/[a-z]{0,8}")
WORD = re.compile(r"""[^\s"'<>=,;`(){}\[\]]+""")
CONFIG_COMMENT = re.compile(r"(?m)(?:^|(?<=\s))#[^\n]*")
STATEMENT_START = re.compile(r"(?:^|\n)[ \t]*$")


@dataclass(frozen=True, slots=True)
class Literal:
    """A text: *text* is its content, holes as `HOLE`; it stands at *start* up to *end*, its quotes at *outer_start* up to *outer_end*."""

    outer_start: int
    start: int
    end: int
    outer_end: int
    text: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class Source:
    """A file: its *text*, the same as *code* with comments and contents of texts blanked, and the *literals* in order."""

    file: str
    family: str
    text: str = field(repr=False)
    code: str = field(repr=False)
    literals: tuple[Literal, ...] = field(repr=False)
    starts: dict[int, Literal] = field(repr=False)
    line_starts: tuple[int, ...] = field(repr=False)

    def place(self, at: int) -> tuple[int, int]:
        """Line and column, counted from 1 in characters, of offset *at*."""
        line = bisect_right(self.line_starts, at)
        return line, at - self.line_starts[line - 1] + 1

    def line_at(self, at: int) -> tuple[int, int]:
        """Where the line that holds offset *at* begins and ends, its line end left out."""
        line = bisect_right(self.line_starts, at)
        end = self.line_starts[line] - 1 if line < len(self.line_starts) else len(self.text)
        return self.line_starts[line - 1], end - (self.text[end - 1 : end] == "\r")

    def literal(self, start: int, end: int) -> Literal | None:
        """The literal that is all there is between *start* and *end*, blanks aside; None where something else stands there."""
        while start < end and self.code[start].isspace():
            start += 1
        while start < end and self.code[end - 1].isspace():
            end -= 1
        found = self.starts.get(start)
        return found if found is not None and found.outer_end == end else None

    def is_code(self, at: int) -> bool:
        """Whether offset *at* lies in code, neither in a comment nor in a text."""
        return self.code[at] == self.text[at]


def lexed(file: str, text: str, family: str) -> Source:
    """*text* of a file of *family*, one of `SYNTAXES`."""
    lexer = _Lexer(text, SYNTAXES[family])
    if SYNTAXES[family].words:
        lexer.words()
    else:
        lexer.code(0, None, 0)
    literals = tuple(literal for _, literal in sorted(lexer.found.items()))
    line_starts = (0, *(found.end() for found in re.finditer("\n", text)))
    return Source(file, family, text, "".join(lexer.out), literals, lexer.found, line_starts)


@cache
def _starts(family: Syntax) -> re.Pattern[str]:
    """What begins something else than code."""
    comments = [re.escape(mark) for mark in (*(opened for opened, _ in family.block_comments), *family.line_comments)]
    quotes = "|".join(re.escape(quote.open) for quote in family.quotes)
    prefix = f"(?:{family.prefix})?" if family.prefix else ""
    parts = [f"(?P<comment>{'|'.join(comments)})"]
    if quotes:
        parts.append(f"(?P<text>{prefix}(?P<quote>{quotes}))")
    if family.heredocs:
        parts.insert(0, f"(?P<heredoc>{family.heredocs})")
    if family.regexes:
        parts.append("(?P<regex>/)")
    parts.append(r"(?P<brace>[{}()])")
    return re.compile("|".join(parts))


class _Lexer:
    def __init__(self, text: str, syntax: Syntax) -> None:
        self._text = text
        self._syntax = syntax
        self._quotes = {quote.open: quote for quote in syntax.quotes}
        self._is_broken = False
        self._open_heredocs = 0
        self.out = list(text)
        self.found: dict[int, Literal] = {}

    def code(self, at: int, closer: str | None, depth: int) -> int:
        """Read code from *at* on, up to *closer* where there is one, or the end; the offset behind it."""
        text, pattern = self._text, _starts(self._syntax)
        opener = {"}": "{", ")": "("}.get(closer or "")
        level = 0
        while (found := pattern.search(text, at)) is not None:
            at = found.end()
            match found.lastgroup:
                case "brace":
                    if found[0] == opener:
                        level += 1
                    elif found[0] == closer:
                        if level == 0:
                            return at
                        level -= 1
                case "comment":
                    at = self._comment(found)
                case "regex":
                    at = self._regex(found.start())
                case "text" | "quote":
                    at = self._string(found.start(), found["quote"], found.start("quote"), depth)
                case _:
                    at = self._heredoc(found)
        return len(text)

    def words(self) -> None:
        """Each run of characters that could be a host of Mixpanel's, quoted or not, is a text of its own; lists of packages hold few."""
        for opened, closed in self._syntax.block_comments:
            at = 0
            while (start := self._text.find(opened, at)) >= 0:
                end = self._text.find(closed, start)
                at = len(self._text) if end < 0 else end + len(closed)
                self._blank(start, at)
        code = "".join(self.out)
        if not self._syntax.quotes:
            for found in CONFIG_COMMENT.finditer(code):
                self._blank(*found.span())
            code = "".join(self.out)
        for found in WORD.finditer(code):
            if "mixpanel" not in found[0] and "mixpanel" not in found[0].lower():
                continue
            self._add(Literal(found.start(), *found.span(), found.end(), found[0]))

    # Pieces

    def _comment(self, found: re.Match[str]) -> int:
        closed = dict(self._syntax.block_comments).get(found[0])
        if closed is None:
            end = self._text.find("\n", found.start())
            end = len(self._text) if end < 0 else end
        elif self._syntax.nested_comments:
            end = self._nested_end(found.end(), found[0], closed)
        else:
            end = self._text.find(closed, found.end())
            end = len(self._text) if end < 0 else end + len(closed)
        self._blank(found.start(), end)
        return end

    def _nested_end(self, at: int, opened: str, closed: str) -> int:
        level = 1
        for found in re.compile(f"{re.escape(opened)}|{re.escape(closed)}").finditer(self._text, at):
            level += 1 if found[0] == opened else -1
            if level == 0:
                return found.end()
        return len(self._text)

    def _regex(self, start: int) -> int:
        before = "".join(self.out[max(0, start - 80) : start]).rstrip(" \t")[-1:]
        found = REGEX.match(self._text, start) if not before or before in BEFORE_REGEX else None
        if found is None:
            return start + 1
        self._blank(start + 1, found.end())  # its first slash stays, so that what follows it is seen to follow something
        return found.end()

    def _string(self, outer: int, opened: str, at: int, depth: int) -> int:
        """A text whose prefix begins at *outer* and whose quote stands at *at*; the offset behind it."""
        quote = self._quotes[opened]
        start = at + len(opened)
        prefix = self._text[outer:at].lower()
        is_raw = "r" in prefix
        has_holes = quote.hole is not None and (not self._syntax.docstrings or "f" in prefix) and depth < MAX_DEPTH and not self._is_broken
        holes: list[tuple[int, int]] = []
        here = start
        while here < len(self._text):
            if quote.hole is not None and has_holes and self._text.startswith(quote.hole[0], here):
                if self._syntax.docstrings and self._text.startswith("{{", here):
                    here += 2
                    continue
                behind = self.code(here + len(quote.hole[0]), quote.hole[1], depth + 1)
                holes.append((here, behind))
                here = behind
            elif self._text.startswith(quote.close, here):
                self._keep(outer, start, here, here + len(quote.close), holes, quote)
                return here + len(quote.close)
            elif self._text[here] == "\\" and quote.escapes and not (is_raw and self._text[here + 1 : here + 2] not in "\"'"):
                here += 2
            elif self._text[here] == "\n" and not quote.multiline:
                return start  # an apostrophe in the text of a page, not a quote
            else:
                here = self._onward(here, quote)
        self._is_broken = True  # reading the holes of a text without end again and again would take for ever
        return start

    def _onward(self, here: int, quote: Quote) -> int:
        """The next offset at which something may happen inside a text."""
        stops = [re.escape(quote.close[0]), r"\\", "\n"]
        if quote.hole is not None:
            stops.append(re.escape(quote.hole[0][0]))
        found = _compiled(f"[{''.join(stops)}]").search(self._text, here + 1)
        return len(self._text) if found is None else found.start()

    def _keep(self, outer: int, start: int, end: int, behind: int, holes: list[tuple[int, int]], quote: Quote) -> None:
        if self._syntax.docstrings and quote.multiline and STATEMENT_START.search("".join(self.out[max(0, outer - 80) : outer])):
            self._blank(outer, behind)
            return
        content = list(self._text[start:end])
        for first, last in holes:
            content[first - start : last - start] = HOLE * (last - first)
        text = "".join(content)
        if quote.simple_hole:
            text = _compiled(re.escape(quote.simple_hole) + r"[A-Za-z_][\w.]*").sub(lambda name: HOLE * len(name[0]), text)
        self._add(Literal(outer, start, end, behind, text))
        at = start
        for first, last in (*holes, (end, end)):
            self._blank(at, first)
            at = last

    def _heredoc(self, found: re.Match[str]) -> int:
        if self._open_heredocs > MAX_DEPTH:
            return found.end()
        start = self._text.find("\n", found.end()) + 1
        closing = re.compile(rf"(?m)^[ \t]*{re.escape(found['name'])}\b").search(self._text, start) if start else None
        if closing is None:
            self._open_heredocs += 1  # more of them are no heredocs, and looking for their ends takes time
            return found.end()
        self._add(Literal(start, start, closing.start(), closing.start(), self._text[start : closing.start()]))
        self._blank(start, closing.end())
        return closing.end()  # what else stands on the opening line, `.strip)` mostly, is not looked at

    def _add(self, literal: Literal) -> None:
        self.found[literal.outer_start] = literal

    def _blank(self, start: int, end: int) -> None:
        for at in range(start, min(end, len(self.out))):
            if self.out[at] != "\n":
                self.out[at] = " "


@cache
def _compiled(pattern: str) -> re.Pattern[str]:
    return re.compile(pattern)

