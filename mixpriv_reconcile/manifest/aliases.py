"""How much aliases repeat: a few lines can stand for billions of values, so all that they stand for is counted."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from mixpriv_reconcile.manifest.document import Flaw, Place
from mixpriv_reconcile.model.bounds import Bounds

__all__ = ["IDS_A_VALUE", "Anchored", "Repeats"]

IDS_A_VALUE = 100
"""Ids that an alias repeats at the cost of one other value: they are packed."""


@dataclass(frozen=True, slots=True)
class Anchored:
    """What an anchor marks, and how much an alias to it repeats: alias uses, values, levels of nesting."""

    value: Any
    uses: int = 0
    size: int = 0
    height: int = 0


class Repeats:
    """Counts what all aliases of one document repeat together."""

    __slots__ = ("_bounds", "_uses", "_values")

    def __init__(self, bounds: Bounds) -> None:
        self._bounds = bounds
        self._uses = self._values = 0

    def add(self, target: Anchored, depth: int, place: Place) -> Flaw | None:
        """Count a use of *target* below *depth* levels; what is wrong where that is beyond a bound."""
        bounds = self._bounds
        self._uses += 1 + target.uses
        self._values += target.size
        if self._uses > bounds.alias_uses:
            hint = f"write the values out, or set {Bounds.variable('alias_uses')}"
            return Flaw("MP0103", f"aliases are used more than {bounds.alias_uses:,} times", hint, place)
        if self._values > bounds.alias_values:
            hint = f"repeat less, put long lists of ids into files under `from:`, or set {Bounds.variable('alias_values')}"
            return Flaw("MP0119", f"aliases repeat more than {bounds.alias_values:,} values", hint, place)
        if depth + target.height > bounds.depth:
            hint = f"write it flatter, or set {Bounds.variable('depth')}"
            return Flaw("MP0102", f"nested deeper than {bounds.depth} levels, with what this alias stands for", hint, place)
        return None
