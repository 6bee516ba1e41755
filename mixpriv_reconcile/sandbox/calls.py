"""Calls: what a client sent, and what the sandbox wrote down about it."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

from mixpriv_reconcile.sandbox.faults import Kind
from mixpriv_reconcile.sandbox.options import Region

__all__ = ["Call", "LoggedCall", "Route"]

Route = Literal["deletions", "retrievals", "download", "me"]


@dataclass(frozen=True, slots=True)
class Call:
    """One request to the GDPR API. `arrived_at` is when its headers were read, in seconds since 1970.

    `tracking_id` is None for the collection; `is_slashless` marks the collection's path without its slash.
    """

    method: str
    kind: Kind
    tracking_id: str | None
    is_slashless: bool
    region: Region
    origin: str
    path: str
    query: str = field(repr=False)
    project_token: str = field(repr=False)
    authorization: str = field(repr=False)
    body: bytes = field(repr=False)
    arrived_at: float


@dataclass(frozen=True, slots=True)
class LoggedCall:
    """One line of the call log. `status` is None where the client got no answer.

    `id_count` is the number of ids in the request's body; `authorization` is the scheme only.
    """

    at: float
    region: Region
    method: str
    route: Route
    project_token: str = field(repr=False)
    tracking_id: str | None
    status: int | None
    id_count: int
    authorization: str | None
    fault: str | None
    number: int = 0
