"""One YAML file, read: its plain values, the place of each, its id lists, and what is wrong with it as YAML."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, TypeAlias

from mixpriv_reconcile.model.diagnostics import SourceSpan
from mixpriv_reconcile.model.ids import InlineIds

__all__ = ["Document", "Flaw", "IdList", "Path", "Place"]

Path: TypeAlias = tuple[str | int, ...]
"""Keys and list positions from the top of a document."""


@dataclass(frozen=True, slots=True)
class Place:
    """Where something stands: line and column from 1, length in characters."""

    line: int
    column: int
    length: int = 1


class IdList(list[Any]):
    """What stands for an inline id list among the plain values: empty to everybody but `ids`."""

    __slots__ = ("ids",)

    def __init__(self, ids: InlineIds) -> None:
        super().__init__()
        self.ids = ids


@dataclass(frozen=True, slots=True)
class Flaw:
    """Something wrong with the YAML itself."""

    code: str
    message: str
    hint: str
    place: Place


@dataclass(slots=True)
class Document:
    """The content of one file. *values* is None where it couldn't be read to its end."""

    file: str
    lines: list[str]
    values: Any = None
    keys: dict[Path, Place] = field(default_factory=dict)
    places: dict[Path, Place] = field(default_factory=dict)
    flaws: list[Flaw] = field(default_factory=list)
    is_broken: bool = False

    def span(self, path: Path, *, key: bool = False) -> SourceSpan:
        """The place of the value (or, with *key*, of its key) at *path*; what an alias stands for is where the alias is."""
        table = self.keys if key else self.places
        while path and path not in table:
            path, table = path[:-1], self.places
        place = table.get(path, Place(1, 1))
        return SourceSpan(self.file, place.line, place.column, place.length)
