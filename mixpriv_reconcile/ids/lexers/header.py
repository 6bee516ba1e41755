"""The header of a CSV file: which column is meant. Where a file lacks its header the first row holds ids, so cells aren't shown lightly."""

from __future__ import annotations

import re

from mixpriv_reconcile.ids.flaws import Flaw

__all__ = ["column_number", "no_header"]

_SHOWN = 8

# words that columns are named with; a cell made of these alone is no one's id
_WORDS = frozenset(
    re.findall(
        r"\w+",
        "account address at city comment country created customer date day deleted department device distinct email external "
        "field first from guid hash id identifier ids key last mail member mixpanel mp name note number of on phone plan platform "
        "profile reason received ref reference region request requested source state status subject ticket time timestamp to "
        "token type updated user username users uuid when year zip",
    )
)


def column_number(cells: list[bytes], column: str) -> int:
    """The number, from 0, of the one column that is named *column*, letter by letter."""
    places = [number for number, cell in enumerate(cells) if cell == column.encode("utf-8", "surrogatepass")]
    if len(places) == 1:
        return places[0]
    if places:
        raise Flaw("MP0423", f"the header names the column {column!r} {len(places)} times", "give each column a name of its own")
    names = [name for name in (cell.decode("utf-8", "replace") for cell in cells) if _is_name(name, column)]
    if names:
        hint = "the header has " + ", ".join(repr(name) for name in names[:_SHOWN])
    elif len(cells) == 1 and b";" in cells[0]:
        hint = "the fields seem to be divided by semicolons; write the file with commas"
    else:
        hint = "the first row must name the columns"
    raise Flaw("MP0422", f"the header has no column {column!r}", hint)


def no_header() -> Flaw:
    return Flaw("MP0422", "the file is empty; a CSV file starts with a row that names its columns", "write the header row")


def _is_name(cell: str, wanted: str) -> bool:
    """Whether *cell* can be shown: it is the wanted name in another spelling, or made of words that name columns."""
    if not cell.isprintable() or len(cell) > 64:
        return False
    if _letters(cell) and _letters(cell) == _letters(wanted):
        return True
    words = re.findall(r"[A-Z]?[a-z]+|[A-Z]+", cell)
    return bool(words) and re.fullmatch(r"[$A-Za-z _-]+", cell) is not None and all(word.lower() in _WORDS for word in words)


def _letters(name: str) -> str:
    return "".join(character for character in name.casefold() if character.isalnum())
