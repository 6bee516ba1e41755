"""A document after the schema has seen it: its values without what the schema refused, so that the rest can be checked too."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from mixpriv_reconcile.manifest.document import Document, Path
from mixpriv_reconcile.manifest.problems import Problem, problems

__all__ = ["Checked", "checked"]


@dataclass(frozen=True, slots=True)
class Checked:
    """A document and what is wrong with it. *values* lack what was refused; what was missing is still missing."""

    document: Document
    values: Mapping[str, Any]
    problems: tuple[Problem, ...]

    def has_problem(self, *path: str | int) -> bool:
        """Whether something at or below *path* was refused or is missing."""
        return any(problem.path[: len(path)] == path for problem in self.problems)

    def block(self, *path: str) -> Mapping[str, Any]:
        """The mapping at *path*, empty where there is none."""
        value: Any = self.values
        for key in path:
            value = value.get(key) if isinstance(value, dict) else None
        return value if isinstance(value, dict) else {}


def checked(document: Document) -> Checked:
    """*document*, held against the schema."""
    found = tuple(problems(document.values))
    values = document.values
    for problem in found:
        if problem.is_bad:
            values = _without(values, problem.path)
    return Checked(document, values if isinstance(values, dict) else {}, found)


def _without(value: Any, path: Path) -> Any:
    """*value* without what stands at *path*; the containers on the way are copied, for an alias may share them.

    Lists keep their length, so that positions stay right: a refused item becomes an empty mapping.
    """
    if not path:
        return {}
    key, below = path[0], path[1:]
    if isinstance(value, dict) and key in value:
        kept = {name: item for name, item in value.items() if below or name != key}
        if below:
            kept[str(key)] = _without(value[key], below)
        return kept
    if isinstance(value, list) and isinstance(key, int) and key < len(value):
        return [*value[:key], _without(value[key], below), *value[key + 1 :]]
    return value
