"""A comment on a change request: the hidden marker by which it is found again, and what is left out where it grows too long."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from urllib.parse import quote

from mixpriv_reconcile.model.wording import counted

__all__ = ["MOST_BYTES", "Part", "comment", "folded", "marker"]

MOST_BYTES = 60_000
"""Of a comment in UTF-8, which are at least as many as characters, however those are counted. GitHub takes 65,536 characters, GitLab
1,000,000 (their documentation, 2026); a bot's own words must fit as well."""

MOST_IN_MARKER = 400
"""Bytes of one value of the marker; a longer one is told by its hash."""


@dataclass(frozen=True, slots=True)
class Part:
    """Lines of one sort, of which as many are shown as there is room for.

    The part of the least *rank* is filled first, and cut last: where one has no room for all of its *items*, none of a higher rank has
    any. *count* is how many *items* there are, called *noun*. *before* and *after* stand around them. *below* has for each of them, in
    the same order, more lines, which go below it. *then* has items of the same noun that weigh less and stand after these.
    """

    rank: int
    count: int
    items: Iterable[str]
    noun: str
    plural: str = ""
    before: str = ""
    after: str = ""
    below: Part | None = None
    then: Part | None = None


def marker(name: str, folder: str, **attributes: str | int | bool | None) -> str:
    """`<!-- mixpriv:NAME folder="…" … -->`: what comes before the other *attributes* is the same in every run of one workspace.

    Values are quoted as in a URL, `--` included, so that nothing ends the comment. None leaves one out.
    """
    given = {"folder": folder, **attributes}
    words = [f'{key}="{_quoted(value)}"' for key, value in given.items() if value is not None]
    return f"<!-- mixpriv:{name} {' '.join(words)} -->"


def _quoted(value: str | int | bool) -> str:
    said = str(value).lower() if isinstance(value, bool) else str(value)
    quoted = quote(said, safe="/", errors="replace").replace("--", "-%2D").replace("--", "-%2D")
    if len(quoted) <= MOST_IN_MARKER:
        return quoted
    return f"sha256:{hashlib.sha256(said.encode(errors='replace')).hexdigest()}"


def folded(summary: str, rank: int, count: int, items: Iterable[str], noun: str, plural: str = "", below: Part | None = None) -> Part:
    """A part behind a triangle; *summary* is ours, and says what is in it."""
    before = f"<details><summary>{summary}</summary>\n\n"
    return Part(rank, count, items, noun, plural, before, "\n\n</details>", below)


def comment(top: Sequence[str], parts: Sequence[Part], bottom: Sequence[str] = (), most_bytes: int = MOST_BYTES) -> str:
    """The paragraphs of *top*, which are never cut, the *parts* in their order, and the paragraphs of *bottom*."""
    parts = [part for part in parts if part.count or (part.then is not None and part.then.count)]
    fixed = "\n\n".join([*top, *(part.before + part.after + _left_out(part, part.count) for part in _every(parts)), *bottom])
    room = most_bytes - _size(fixed) - 8 * (len(parts) + 2)  # a paragraph's ends, around what is shown and what is said of the rest
    shown: dict[int, list[str]] = {}
    for part in sorted(_every(parts), key=lambda part: part.rank):
        lines = shown[part.rank] = []
        for item in part.items if room > 0 else ():
            room -= _size(item) + 1
            if room < 0:
                break
            lines.append(item)
    blocks = [*top, *(_block(part, shown) for part in parts), *bottom]
    return "\n\n".join(block for block in blocks if block) + "\n"


def _every(parts: Iterable[Part]) -> Iterator[Part]:
    for part in parts:
        yield part
        yield from (other for other in (part.below, part.then) if other is not None)


def _block(part: Part, shown: dict[int, list[str]]) -> str:
    lines = shown[part.rank]
    more = list(shown[part.below.rank]) if part.below is not None else []
    both = [f"{line}\n{more[index]}" if index < len(more) and more[index] else line for index, line in enumerate(lines)]
    left_out = part.count - len(lines)
    if part.then is not None:
        both += shown[part.then.rank]
        left_out += part.then.count - len(shown[part.then.rank])
    said = [_left_out(part, left_out)]
    if part.below is not None and lines:
        said.append(_left_out(part.below, len(lines) - len(more)))
    rest = "\n".join(one for one in said if one)
    if not both:
        return rest
    return part.before + "\n".join(both) + (f"\n\n{rest}" if rest else "") + part.after


def _left_out(part: Part, count: int) -> str:
    return f"… and {counted(count, part.noun, part.plural)} more, left out here (`--report json=FILE` has all).  " if count > 0 else ""


def _size(text: str) -> int:
    return len(text.encode())
