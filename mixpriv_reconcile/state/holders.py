"""Who holds a lock: read from what was written down, and told to those who have to wait."""

from __future__ import annotations

import json
import shlex

from mixpriv_reconcile.errors import LockLost, StateError, StateLocked
from mixpriv_reconcile.ports import Holder

__all__ = ["check_whose", "locked_by", "lost_lock", "parsed_holder"]


def parsed_holder(content: bytes | str) -> Holder | None:
    """The holder that a lock's JSON names, None where it names none."""
    try:
        facts = json.loads(content)
        return Holder(
            str(facts["lock_id"]), str(facts["who"]), str(facts["host"]), int(facts["pid"]), str(facts["since"]), str(facts["command"])
        )
    except (ValueError, TypeError, KeyError, OverflowError, RecursionError):
        return None


def locked_by(holder: Holder | None, *, lease_seconds: float | None = None) -> StateLocked:
    """What to raise where *holder* has the lock; *lease_seconds* is how long it lasts at most without a sign of life."""
    if holder is None:
        return StateLocked("MP0521", "the state is locked", "try again, or wait with --lock-timeout 5m")
    ends = "" if lease_seconds is None else f"; its lock runs out {lease_seconds:.0f} s after its last sign of life"
    return StateLocked(
        "MP0521",
        f"the state is locked by {holder.who} on {holder.host} (pid {holder.pid}, `{holder.command}`) since {holder.since}{ends}",
        f"wait with --lock-timeout 5m; if that process can't be alive any more: mixpriv unlock {shlex.quote(holder.lock_id)}",
    )


def lost_lock(lock_id: str) -> LockLost:
    """What to raise where the lock *lock_id*, which was ours, is somebody else's or nobody's."""
    return LockLost(
        "MP0522",
        f"the lock {lock_id} is no longer ours: somebody unlocked it; nothing more is sent or written",
        "run `mixpriv plan` to see where things stand",
    )


def check_whose(holder: Holder | None, lock_id: str) -> Holder:
    """The *holder* if the lock *lock_id* is its own; raises `StateError` where nobody holds it, or somebody else."""
    if holder is None:
        raise StateError("MP0523", "the state isn't locked", "")
    if holder.lock_id != lock_id:
        raise StateError("MP0524", f"the lock's id is {holder.lock_id}, not {lock_id}", f"mixpriv unlock {shlex.quote(holder.lock_id)}")
    return holder
