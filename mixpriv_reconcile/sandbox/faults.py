"""Faults: which calls go wrong, and how.

`METHOD[:KIND][@N[-M]][/every]=ACTION[:ARG]`, e.g. `POST@2=503`, `GET=500`, `DELETE@1=reset-after`.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final, Literal

from mixpriv_reconcile.sandbox.actions import (
    ACTIONS,
    Action,
    HiddenIds,
    JobStatus,
    NamedConflict,
    OnTheWire,
    RefusedIds,
    RefusedSize,
    StaleConflict,
    action_parsed,
)

__all__ = ["Fault", "FaultPlan", "Kind", "Place"]

Kind = Literal["deletion", "retrieval"]

Place = Literal["deletion", "retrieval", "export"]
"""Where a call goes: to one of the two collections, or to a finished export."""

_PLACES: Final[dict[str, Place]] = {"deletions": "deletion", "retrievals": "retrieval", "exports": "export"}

_SHAPE: Final = re.compile(
    r"(?P<method>[A-Za-z]+)(:(?P<kind>[a-z]+))?"
    r"(@(?P<first>\d+)(?P<range>-(?P<last>\d+)?)?)?(/(?P<every>\d+))?=(?P<action>.+)",
    re.ASCII | re.DOTALL,
)


@dataclass(frozen=True, slots=True)
class Fault:
    """One rule; without `place` it concerns both collections, and no export.

    `first` and `last` are ordinals of matching calls, counted from 1, both included; `last` None means no end. In that range every
    `every`-th call is hit, beginning with `first`.
    """

    spec: str
    method: str
    place: Place | None
    first: int
    last: int | None
    every: int
    action: Action

    @classmethod
    def parsed(cls, spec: str) -> Fault:
        """The rule that *spec* writes down; ValueError names the spec and what is accepted."""
        try:
            return _parsed(spec)
        except ValueError as error:
            raise ValueError(
                f"fault {spec!r}: {error}; expected METHOD[:KIND][@N[-M]][/every]=ACTION[:ARG], "
                "METHOD one of POST, GET, DELETE, ANY, KIND deletions, retrievals or exports, "
                f"ACTION one of {ACTIONS}"
            ) from None

    def concerns(self, method: str, place: Place) -> bool:
        """Whether such a call counts for this rule at all."""
        return self.method in ("ANY", method) and (self.place == place or (self.place is None and place != "export"))

    def hits(self, ordinal: int) -> bool:
        """Whether the rule strikes its *ordinal*-th call, counted from 1."""
        if ordinal < self.first or (self.last is not None and ordinal > self.last):
            return False
        return (ordinal - self.first) % self.every == 0


class FaultPlan:
    """The rules in force, each with its own count of calls since the rule was added."""

    def __init__(self, specs: tuple[str, ...] = ()) -> None:
        self._rules = [Fault.parsed(spec) for spec in specs]
        self._counts = [0] * len(self._rules)

    @property
    def specs(self) -> tuple[str, ...]:
        """The rules as they were written, oldest first."""
        return tuple(rule.spec for rule in self._rules)

    def add(self, spec: str) -> None:
        """Puts one more rule in force, after the others; ValueError where it can't be read."""
        self._rules.append(Fault.parsed(spec))
        self._counts.append(0)

    def clear(self) -> None:
        """Ends all faults."""
        self._rules.clear()
        self._counts.clear()

    def struck(self, method: str, place: Place) -> Fault | None:
        """The first rule that strikes this call. Counts the call, so ask once for each."""
        found = None
        for index, rule in enumerate(self._rules):
            if not rule.concerns(method, place):
                continue
            self._counts[index] += 1
            if found is None and rule.hits(self._counts[index]):
                found = rule
        return found


def _parsed(spec: str) -> Fault:
    shape = _SHAPE.fullmatch(spec)
    if shape is None:
        raise ValueError("not of the right form")
    method = shape["method"].upper()
    if method not in ("POST", "GET", "DELETE", "ANY"):
        raise ValueError(f"unknown method {shape['method']!r}")
    if shape["kind"] is not None and shape["kind"] not in _PLACES:
        raise ValueError(f"unknown kind {shape['kind']!r}")
    every = 1 if shape["every"] is None else int(shape["every"])
    first, last = _ordinals(shape, every)
    if first < 1 or every < 1 or (last is not None and last < first):
        raise ValueError("calls are counted from 1, upwards")
    action = action_parsed(shape["action"])
    if isinstance(action, JobStatus) and method not in ("GET", "ANY"):
        raise ValueError("a job status can only be answered to GET")
    if isinstance(action, HiddenIds) and method not in ("GET", "ANY"):
        raise ValueError("ids can only be hidden on GET")
    if isinstance(action, NamedConflict | StaleConflict) and method != "POST":
        raise ValueError("a conflict that names tasks can only be answered to POST")
    if isinstance(action, RefusedIds | RefusedSize) and method not in ("POST", "ANY"):
        raise ValueError("ids can only be refused on POST")
    place = None if shape["kind"] is None else _PLACES[shape["kind"]]
    if place == "export" and not (method in ("GET", "ANY") and isinstance(action, OnTheWire)):
        raise ValueError("an export is only got, and nothing is in it that could be changed")
    return Fault(spec, method, place, first, last, every, action)


def _ordinals(shape: re.Match[str], every: int) -> tuple[int, int | None]:
    """`@3` is the third call only; `@3-5` a range; `@3-` and `@3/2` go on for ever.

    `/2` alone means the second, the fourth, and so on, so it begins with the second.
    """
    if shape["first"] is None:
        return every, None
    first = int(shape["first"])
    if shape["last"] is not None:
        return first, int(shape["last"])
    return first, None if shape["range"] or shape["every"] else first
