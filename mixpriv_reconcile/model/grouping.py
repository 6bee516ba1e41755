"""Things of the same project together, in their order."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Protocol, TypeVar

__all__ = ["by_project"]


class _OfAProject(Protocol):
    @property
    def project(self) -> str: ...


T = TypeVar("T", bound=_OfAProject)


def by_project(things: Iterable[T]) -> Mapping[str, Sequence[T]]:
    """*things* by their project's name, projects in the order in which they first come."""
    grouped: dict[str, list[T]] = {}
    for thing in things:
        grouped.setdefault(thing.project, []).append(thing)
    return grouped
