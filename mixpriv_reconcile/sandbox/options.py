"""The options of a sandbox: where it keeps its store, whom it knows, and how it answers."""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from pathlib import Path
from types import MappingProxyType
from typing import Final, Literal, get_args

from mixpriv_reconcile.sandbox.faults import Fault

__all__ = ["DOMAINS", "REGIONS", "Dialect", "NotFound", "PaceBy", "Project", "Region", "SandboxOptions"]

Region = Literal["us", "eu", "in"]
Dialect = Literal["oas", "prose", "live"]
NotFound = Literal["http", "body"]
PaceBy = Literal["project", "token"]

REGIONS: Final[tuple[Region, ...]] = ("us", "eu", "in")

DOMAINS: Final = MappingProxyType[Region, str]({"us": "mixpanel.com", "eu": "eu.mixpanel.com", "in": "in.mixpanel.com"})
"""What `GET /api/app/me` calls the region of a project. Source: API §2.3, row 1."""

IDS_PER_REQUEST: Final = 2000
"""Most ids in one deletion or retrieval. Source: API §1.5 (guide, privacy overview)."""

LAST_FIRST_PORT: Final = 65_533
"""Highest port for the first of three ports in a row: 65,535 is the last that TCP has."""


@dataclass(frozen=True, slots=True)
class Project:
    """One project that the sandbox knows, with the region it lives in."""

    project_id: int
    token: str = field(repr=False)
    region: Region
    data_groups: int = 0

    @classmethod
    def parsed(cls, text: str) -> Project:
        """The project written as `ID:TOKEN:REGION[:GROUPS]`; ValueError where it isn't."""
        parts = text.split(":")
        if len(parts) not in (3, 4):
            raise ValueError(f"project {text!r}: expected ID:TOKEN:REGION[:GROUPS]")
        number, token, region = parts[:3]
        groups = parts[3] if len(parts) == 4 else "0"
        known = _region(region)
        if not _is_count(number) or not token or known is None or not _is_count(groups):
            raise ValueError(
                f"project {text!r}: expected ID:TOKEN:REGION[:GROUPS] with numbers for ID and "
                f"GROUPS and a region out of {', '.join(REGIONS)}"
            )
        return cls(int(number), token, known, int(groups))

    @property
    def ids_per_deletion(self) -> int:
        """Most ids in one deletion: floor(2000 / (data groups + 1)). Source: API §1.5."""
        return IDS_PER_REQUEST // (self.data_groups + 1)


@dataclass(frozen=True, slots=True)
class SandboxOptions:
    """Everything that can be set on a sandbox; the defaults act like the live service.

    `store` is a folder, made with mode 0700 where missing; None means a temporary one that is
    removed when the sandbox stops. `port` is the first of three in a row (us, eu, in), 0 any free ones.
    `speed` is virtual seconds per real second. `interval_seconds` is the least gap between the
    starts of two calls of one project (API §1.5: 1 request/second), or with `pace_by` "token" of one bearer. No `projects` means that every
    token is welcome, no `bearers` that every non-empty bearer is.
    """

    store: Path | None = None
    port: int = 0
    speed: float = 1.0
    interval_seconds: float = 1.0
    pace_by: PaceBy = "project"
    dialect: Dialect = "live"
    echoes_ids: bool = True
    not_found: NotFound = "http"
    projects: tuple[Project, ...] = ()
    bearers: tuple[str, ...] = field(default=(), repr=False)
    ineligible: tuple[str, ...] = field(default=(), repr=False)
    faults: tuple[str, ...] = ()
    reset: bool = False

    def __post_init__(self) -> None:
        """Raises ValueError with every wrong option named, one to a line."""
        wrong = []
        if not 0 <= self.port <= LAST_FIRST_PORT:
            wrong.append(f"port {self.port}: expected 0 to {LAST_FIRST_PORT}")
        if not (math.isfinite(self.speed) and self.speed > 0):
            wrong.append(f"speed {self.speed}: expected a number above 0")
        if not (math.isfinite(self.interval_seconds) and self.interval_seconds >= 0):
            wrong.append(f"interval {self.interval_seconds}: expected seconds, 0 or more")
        if self.pace_by not in get_args(PaceBy):
            wrong.append(f"pace-by {self.pace_by!r}: expected {', '.join(get_args(PaceBy))}")
        if self.dialect not in get_args(Dialect):
            wrong.append(f"dialect {self.dialect!r}: expected {', '.join(get_args(Dialect))}")
        if self.not_found not in get_args(NotFound):
            wrong.append(f"not-found {self.not_found!r}: expected {', '.join(get_args(NotFound))}")
        for what, values in (
            ("token", [project.token for project in self.projects]),
            ("id", [project.project_id for project in self.projects]),
        ):
            if len(set(values)) < len(values):
                wrong.append(f"projects: two of them have the same {what}")
        for spec in self.faults:
            try:
                Fault.parsed(spec)
            except ValueError as error:
                wrong.append(str(error))
        if wrong:
            raise ValueError("\n".join(wrong))


def _region(text: str) -> Region | None:
    return next((region for region in REGIONS if region == text.lower()), None)


def _is_count(text: str) -> bool:
    return text.isascii() and text.isdecimal()
