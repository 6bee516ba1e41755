"""One YAML file, read: its plain values, the place of each, its id lists, and what is wrong with it as YAML."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, NamedTuple, TypeAlias

from mixpriv_reconcile.model.diagnostics import Severity, SourceSpan
from mixpriv_reconcile.model.ids import InlineIds

__all__ = ["Document", "Flaw", "IdList", "Path", "Place"]

Path: TypeAlias = tuple[str | int, ...]
"""Keys and list positions from the top of a document."""


class Place(NamedTuple):
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
    """Something wrong with the YAML itself; with *is_syntax* the file doesn't parse."""

    code: str
    message: str
    hint: str
    place: Place
    severity: Severity = Severity.ERROR
    is_syntax: bool = False


@dataclass(slots=True)
class Document:
    """The content of one file. *values* is None where it couldn't be read to its end; *others* are further documents in it, each with the
    same text and flaws.

    *doubled* are the paths of keys that stand there twice, of which *values* have the first; *spoiled* those of values that aren't what is
    written there, because of a flaw, and *lacking* those of mappings from which a flaw set something aside.
    """

    file: str
    text: str = field(repr=False)
    values: Any = field(default=None, repr=False)
    others: list[Document] = field(default_factory=list, repr=False)
    keys: dict[Path, Place] = field(default_factory=dict, repr=False)
    places: dict[Path, Place] = field(default_factory=dict, repr=False)
    flaws: list[Flaw] = field(default_factory=list)
    doubled: set[Path] = field(default_factory=set, repr=False)
    spoiled: set[Path] = field(default_factory=set, repr=False)
    lacking: set[Path] = field(default_factory=set, repr=False)
    is_broken: bool = False

    def span(self, path: Path, *, key: bool = False) -> SourceSpan:
        """The place of the value (or, with *key*, of its key) at *path*; what an alias stands for is where the alias is."""
        place = self.keys.get(path) if key else None
        while place is None and path not in self.places and path:
            path = path[:-1]
        return SourceSpan(self.file, *(place or self.places.get(path) or Place(1, 1)))
