"""What weighs most of what a page has no room for: what can't be undone is left out last."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, TypeVar

__all__ = ["heaviest"]

T = TypeVar("T")


def heaviest(things: Sequence[T], most: int, weight: Callable[[T], Any]) -> tuple[T, ...]:
    """The *most* of *things* that *weight* sorts first, in the order in which they were."""
    if len(things) <= most:
        return tuple(things)
    chosen = sorted(range(len(things)), key=lambda index: (weight(things[index]), index))[:most]
    return tuple(things[index] for index in sorted(chosen))
