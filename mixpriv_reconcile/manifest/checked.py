"""A document after the schema has seen it: its values without what the schema refused, so that the rest can be checked too."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any

from mixpriv_reconcile.manifest.document import Document, Path
from mixpriv_reconcile.manifest.problems import Problem, problems

__all__ = ["Checked", "checked"]


@dataclass(frozen=True, slots=True)
class Checked:
    """A document and what is wrong with it.

    *values* lack what was refused; what was missing is still missing. *marked* are the paths of problems, and all above them; *words* those
    of keys that may be there under a name that isn't known, `""` standing for every key beside it.
    """

    document: Document
    values: Mapping[str, Any]
    problems: tuple[Problem, ...]
    marked: frozenset[Path]
    words: frozenset[Path] = frozenset()

    def has_problem(self, *path: str | int) -> bool:
        """Whether something at or below *path* was refused, set aside or is missing."""
        return path in self.marked

    def is_unsure(self, *path: str | int) -> bool:
        """Whether what *values* have at *path*, be it nothing, may not be what was meant: something at, above or below it was refused,
        stands there twice, or is there by a name that isn't known."""
        if not self.marked:  # nearly always
            return False
        values: Any = self.values
        for length, key in enumerate(path, start=1):
            here, above = path[:length], path[: length - 1]
            if here in self.document.doubled or here in self.document.spoiled:
                return True
            if isinstance(values, list) and isinstance(key, int):
                values = values[key] if key < len(values) else None
            elif isinstance(values, dict) and key in values:
                values = values[key]
            else:
                return here in self.marked or above in self.document.lacking or not self.words.isdisjoint({here, (*above, "")})
        return self.has_problem(*path)

    def block(self, *path: str) -> Mapping[str, Any]:
        """The mapping at *path*, empty where there is none."""
        value: Any = self.values
        for key in path:
            value = value.get(key) if isinstance(value, dict) else None
        return value if isinstance(value, dict) else {}


def checked(document: Document) -> Checked:
    """*document*, held against the schema. What a flaw of its YAML spoiled isn't reported a second time."""
    found = tuple(problems(document.values))
    values = _without(document.values, [problem.path for problem in found if problem.is_bad])
    wrong = (*(problem.path for problem in found), *document.doubled, *document.spoiled, *document.lacking)
    marked = frozenset(path[:length] for path in wrong for length in range(len(path) + 1))
    words = frozenset((*problem.path[:-1], problem.word) for problem in found if problem.code == "MP0201")
    told = tuple(problem for problem in found if problem.path not in (document.spoiled if problem.is_bad else document.lacking))
    return Checked(document, values if isinstance(values, dict) else {}, told, marked, words)


def _without(value: Any, refused: Collection[Path]) -> Any:
    """*value* without what stands at the paths *refused*; containers on the way are copied, for an alias may share them.

    Lists keep their length, so that positions stay right: a refused item becomes an empty mapping.
    """
    if not refused:
        return value
    if () in refused:
        return {}
    below: dict[str | int, list[Path]] = {}
    for path in refused:
        below.setdefault(path[0], []).append(path[1:])
    if isinstance(value, dict):
        return {key: _without(item, below.get(key, ())) for key, item in value.items() if () not in below.get(key, ())}
    if isinstance(value, list):
        return [_without(item, below.get(number, ())) for number, item in enumerate(value)]
    return value
