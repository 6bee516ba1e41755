"""Who has the lock on a server of Terraform's protocol, as the server tells it, and whether he is dead."""

from __future__ import annotations

import json
import secrets as randomness
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from mixpriv_reconcile import __version__
from mixpriv_reconcile.errors import StateLocked
from mixpriv_reconcile.model.lease import Lease
from mixpriv_reconcile.ports import Holder
from mixpriv_reconcile.state.holders import locked_by
from mixpriv_reconcile.state.http_document import Document, shown
from mixpriv_reconcile.state.http_times import seconds_of
from mixpriv_reconcile.state.leased import seconds_now

__all__ = ["Rival", "Watch", "is_over", "lasts_seconds", "lock_facts", "look_name", "name_of", "rival_in"]

PREFIX = "mixpriv-"
"""What the ids of our locks begin with on the server: others, Terraform's among them, are never taken over."""

LOOK = PREFIX + "look-"
"""A lock that is taken for a moment to see whose it is, and given back at once where it was free."""

QUIET_SHARE = 1 / 6
"""Of the lease: the longest time between two writes of one who lives. In between he only asks the server whose the lock is."""

MARGIN_SECONDS = 2.0
"""Added before somebody is taken for dead: the `Date` header tells whole seconds, and is read twice."""


def lasts_seconds(lease: Lease) -> float:
    """How long others wait after the last write of one who holds the lock under *lease*."""
    return lease.seconds * (1 + QUIET_SHARE)


def name_of(lock_id: str) -> str:
    """What the lock *lock_id* is called on the server."""
    return PREFIX + lock_id


def look_name() -> str:
    return LOOK + randomness.token_hex(8)


def lock_facts(name: str, who: Mapping[str, str], now: float | None) -> Mapping[str, str]:
    """What the server is told with a lock, in Terraform's words; GitLab wants all of them. *now* is the server's time, if it is known."""
    created = datetime.now(UTC) if now is None else datetime.fromtimestamp(now, UTC)
    return {
        "ID": name,
        "Operation": who.get("command", "mixpriv"),
        "Info": "",
        "Who": f"{who.get('who', '')}@{who.get('host', '')}",
        "Version": f"mixpriv {__version__}",
        "Created": created.isoformat().replace("+00:00", "Z"),
        "Path": "",
    }


@dataclass(frozen=True, slots=True)
class Rival:
    """Who has the lock: its id on the server, empty where that isn't told; who took it, and when by the server's account."""

    name: str
    who: str
    created: float | None

    @property
    def is_ours(self) -> bool:
        """Whether it is a mixpriv's: of this workspace, for the document is."""
        return self.name.startswith(PREFIX)

    @property
    def is_look(self) -> bool:
        return self.name.startswith(LOOK)

    def holder(self, document: Document) -> Holder:
        """The holder, from the document where he has written there, from the lock's own facts else."""
        lease = document.lease
        if lease is not None and name_of(lease.holder.lock_id) == self.name:
            return lease.holder
        since = "unknown" if self.created is None else datetime.fromtimestamp(self.created, UTC).isoformat(timespec="seconds")
        return Holder(self.name.removeprefix(PREFIX), self.who or "unknown", "unknown", 0, since, "unknown")

    def locked(self, document: Document) -> StateLocked:
        """What to raise where it has the lock."""
        if self.is_ours:
            lease = document.lease
            return locked_by(self.holder(document), lease_seconds=None if lease is None else lease.seconds)
        what = f"{self.name} of {self.who or 'unknown'}" if self.name else "unknown, for the server doesn't tell its id"
        return StateLocked(
            "MP0567",
            f"the state is locked, and not by mixpriv: the lock is {what}; such a lock is never taken over",
            "wait with --lock-timeout 5m; if nobody can be using it any more, give it back where it was taken, or at the server",
        )


def rival_in(body: bytes) -> Rival:
    """The holder that a refusal names."""
    try:
        facts: Any = json.loads(body)
        name, who, created = (facts.get(field) for field in ("ID", "Who", "Created"))
    except (ValueError, AttributeError, RecursionError):
        return Rival("", "", None)
    return Rival(shown(name) if isinstance(name, str) else "", shown(who) if isinstance(who, str) else "", _seconds_of(created))


class Watch:
    """Whether the lock's holder is dead, by the server's clock; or, where that says nothing, by how long one has looked on."""

    def __init__(self, lease: Lease) -> None:
        self._seconds = lasts_seconds(lease)
        self._seen: tuple[str, str] | None = None
        self._since = 0.0

    def is_dead(self, rival: Rival, document: Document, date: float | None) -> bool:
        """Whether *rival* is a mixpriv that has given no sign of life for as long as its lease lasts; *date* is the server's time."""
        if not rival.is_ours:
            return False
        seconds, told = self._seconds, rival.created
        lease = document.lease
        if lease is not None and name_of(lease.holder.lock_id) == rival.name:
            seconds, told = lease.seconds, lease.at
        sign = (rival.name, document.write)
        if sign != self._seen:
            self._seen, self._since = sign, seconds_now()
        return is_over(told, seconds, date) or seconds_now() - self._since > seconds + MARGIN_SECONDS


def is_over(told: float | None, seconds: float, date: float | None) -> bool:
    """Whether what was told at *told* is over, *seconds* later, at *date*; both by the server's clock."""
    return told is not None and date is not None and date - told > seconds + MARGIN_SECONDS


def _seconds_of(created: object) -> float | None:
    try:
        return seconds_of(datetime.fromisoformat(created)) if isinstance(created, str) else None
    except ValueError:
        return None
