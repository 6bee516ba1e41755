"""The cases, in the order in which they are measured. Each takes a `Bench` and gives rows and figures."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from bench import Bench, Row
from goals import Figure

from cases import applying, fleets, known, peers, planning, starting

__all__ = ["CASES", "Case"]

Case = Callable[[Bench], Iterator[Row | Figure]]

CASES: dict[str, Case] = {
    "startup": starting.startup,
    "small": starting.small,
    "inline": starting.inline,
    "projects": fleets.projects,
    "first-plan": planning.first_plan,
    "known-plan": known.known_plan,
    "apply": applying.apply,
    "terraform": peers.terraform,
}
