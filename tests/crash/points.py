"""Points: the moments of a run, named so that they can be found again in the next run, and what kills it at one of them."""

from __future__ import annotations

import os
import random
import re
import signal
import threading
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path

from .disk import Disk
from .tracing import Operation

__all__ = ["HTTP", "WHENS", "Kill", "Point", "Watch"]

WHENS = ("before", "torn", "after")
"""A write can also be torn: half of it happens."""

HTTP = "http"


@dataclass(frozen=True, slots=True, order=True)
class Point:
    """The *ordinal*-th time (from 1) that the run does *operation* to *where*: a file, or `http` at a boundary of a route."""

    operation: str
    where: str
    ordinal: int

    def __str__(self) -> str:
        return f"{self.operation} {self.where} #{self.ordinal}"


@dataclass(frozen=True, slots=True)
class Kill:
    """At which point to die, on which side of it, and what becomes of the disk: `None` is nothing, for only the process dies.

    *power* "worst" keeps only what was synced; a number is the seed of a disk that kept some of the rest.
    """

    point: Point
    when: str
    power: str | int | None = None

    def __str__(self) -> str:
        return f"{self.when} {self.point}" + ("" if self.power is None else f", power cut ({self.power})")


@dataclass(slots=True)
class Watch:
    """A watcher of one run: counts its points, and kills it at *kill*. `seen` holds every point, `is_dead` whether it struck."""

    root: Path
    kill: Kill | None = None
    seen: list[Point] = field(default_factory=list)
    is_dead: bool = False
    _counts: Counter[tuple[str, str]] = field(default_factory=Counter)
    _lock: threading.Lock = field(default_factory=threading.Lock)
    _disk: Disk | None = None
    _pid: int = 0

    def __post_init__(self) -> None:
        if self.kill is not None and self.kill.power is not None:
            self._disk = Disk(self.root)

    def started(self, pid: int) -> None:
        self._pid = pid

    def give_up(self) -> None:
        """Kill a run that doesn't come to its end."""
        os.kill(self._pid, signal.SIGKILL)

    # Files: called by the tracer, in one thread

    def before(self, operation: Operation) -> bool:
        return self._strikes(self._counted(operation), "before")

    def tears(self, operation: Operation) -> bool:
        return self._is_at(self._latest(operation), "torn")

    def after(self, operation: Operation) -> bool:
        if self._disk is not None:
            self._disk.after(operation)
        point = self._latest(operation)
        return self._strikes(point, "after") or self._strikes(point, "torn")

    def _counted(self, operation: Operation) -> Point | None:
        where = self._where(operation)
        return None if where is None else self._next(operation.name, where)

    def _latest(self, operation: Operation) -> Point | None:
        where = self._where(operation)
        return None if where is None else Point(operation.name, where, self._counts[operation.name, where])

    def _where(self, operation: Operation) -> str | None:
        """The file's name below the workspace, chance taken out of it; None where it isn't the program's own."""
        path = operation.target or operation.path
        if not path.is_relative_to(self.root):
            return None
        name = str(path.relative_to(self.root))
        name = re.sub(r"#\d+$", "#", name)  # a file that has no name yet
        name = re.sub(r"(?<=export-)[0-9a-f-]{36}(?=\.zip)", "*", name)
        return re.sub(r"[0-9a-f]{64}|(?<=[./])[0-9a-f]{12}(?=\.tmp$)|(?<=/)[0-9a-f]{16}", "*", name)

    # HTTP: called by the gateway, in many threads

    def crossing(self, boundary: str, route: str) -> None:
        """Count a boundary; where it is the point to die at, kill the program and cut this connection off."""
        point = self._next(HTTP, f"{boundary} {route}".strip())
        if self._strikes(point, "at"):
            os.kill(self._pid, signal.SIGKILL)
        if self.is_dead:
            raise ConnectionAbortedError

    # Both

    def _next(self, operation: str, where: str) -> Point:
        with self._lock:
            self._counts[operation, where] += 1
            point = Point(operation, where, self._counts[operation, where])
            self.seen.append(point)
        return point

    def _is_at(self, point: Point | None, when: str) -> bool:
        return self.kill is not None and point == self.kill.point and when == self.kill.when

    def _strikes(self, point: Point | None, when: str) -> bool:
        if self.is_dead or not self._is_at(point, when):
            return False
        self.is_dead = True
        return True

    def cut_power(self) -> None:
        """Take from the disk what a power cut would, if one was asked for."""
        if self.is_dead and self._disk is not None and self.kill is not None:
            self._disk.cut(random.Random(self.kill.power) if isinstance(self.kill.power, int) else None)
