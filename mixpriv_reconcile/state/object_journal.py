"""The journal in an object store: one object an append, in a folder for each epoch of the lock; sealed where its holder was put out.

An append creates the next object, and nothing else may be there. Who takes a lock over creates that object first, with a seal in it: a
holder who was only stopped, and wakes, can add nothing any more, whatever he believes.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Final

from mixpriv_reconcile.errors import StateDamaged, StateError
from mixpriv_reconcile.state.object_store import Found, Objects, Version
from mixpriv_reconcile.state.object_trouble import AGAIN

__all__ = ["SEAL", "Sealed", "append", "logged", "name_of", "remove", "seal", "whole"]

FOLDER: Final = "journal"
NAME: Final = re.compile(rf"{FOLDER}/([0-9]{{12}})/([0-9]{{8}})")

SEAL: Final = b"mixpriv: sealed\n"
"""A seal is told by its size, which a listing gives. No record is as short: its frame and checks alone take 24 bytes."""

LOOKS: Final = 4
"""How often a journal is read anew that changes while it is read."""


class Sealed(Exception):
    """The log was sealed: its holder was put out."""


def name_of(epoch: int, number: int) -> str:
    return f"{FOLDER}/{epoch:012d}/{number:08d}"


@dataclass(frozen=True, slots=True)
class Log:
    """The numbers of one epoch's objects, ascending: all of them, and those that hold records."""

    numbers: tuple[int, ...]
    records: tuple[int, ...]

    @property
    def is_sealed(self) -> bool:
        return self.numbers != self.records


def logged(objects: Objects) -> Mapping[int, Log]:
    """The logs of all epochs, ascending; what is no name of ours is passed over."""
    epochs: dict[int, dict[int, int]] = {}
    for name, size in objects.sizes(FOLDER).items():
        if parts := NAME.fullmatch(name):
            epochs.setdefault(int(parts[1]), {})[int(parts[2])] = size
    return {
        epoch: Log(tuple(sorted(sizes)), tuple(sorted(number for number, size in sizes.items() if size != len(SEAL))))
        for epoch, sizes in sorted(epochs.items())
    }


NOTHING: Final = Log((), ())


def append(objects: Objects, epoch: int, number: int, record: bytes, place: str) -> None:
    """Store *record* as the *number*th of its epoch (from 0), durably; raises `Sealed` where the epoch's log was closed."""
    if len(record) == len(SEAL):
        raise ValueError("a record as long as a seal would be taken for one")
    outcome = objects.create(name_of(epoch, number), record)
    if isinstance(outcome, Version):
        return
    if _is_seal(outcome):
        raise Sealed
    raise StateError(
        "MP0514",
        f"{name_of(epoch, number)} in {place} was written by somebody else meanwhile; it was left as it is",
        "run the same command again; the journal there is carried on",
    )


def seal(objects: Objects, epochs: Iterable[int]) -> None:
    """Close the logs of *epochs*: nothing can be added to them from now on."""
    there = logged(objects)
    for epoch in epochs:
        log = there.get(epoch, NOTHING)
        number, is_open = (log.numbers[-1] + 1 if log.numbers else 0), not log.is_sealed
        while is_open:
            outcome = objects.create(name_of(epoch, number), SEAL)
            is_open = not isinstance(outcome, Version) and not _is_seal(outcome)
            number += 1  # where it is still open, its holder lives, and was faster


def whole(objects: Objects, place: str) -> bytes | None:
    """The journal, None where there is none: that of the latest epoch which has a beginning. Raises `StateDamaged` for a gap in it."""
    for look in range(LOOKS):
        parts = _parts(objects, place, is_last=look == LOOKS - 1)
        if parts is not None:
            return b"".join(parts) if parts else None
    raise StateError("MP0560", f"the journal in {place} changes while it is read", AGAIN)


def _parts(objects: Objects, place: str, *, is_last: bool) -> list[bytes | memoryview] | None:
    """Its records; none where there is no journal, None where it changed meanwhile: it is being removed, from its beginning on."""
    for epoch, log in reversed(tuple(logged(objects).items())):
        if 0 not in log.records:
            continue  # what is left of one that was removed, or sealed before it began
        found = objects.get_all([name_of(epoch, number) for number in log.records])
        gap = next((expected for expected, number in enumerate(log.numbers) if expected != number), None)
        if gap is not None or None in found:
            if not is_last or found[0] is None:
                return None
            raise _gap(epoch, gap if gap is not None else log.records[found.index(None)], place)
        return [each.content for each in found if each is not None]
    return []


def remove(objects: Objects, up_to: int) -> None:
    """Remove every journal of an epoch up to *up_to*, and what is left of others; seals stay.

    The beginning goes first: what then remains is no journal for anybody.
    """
    for epoch, log in logged(objects).items():
        if epoch > up_to:
            continue
        names = [name_of(epoch, number) for number in log.records]
        if 0 in log.records:
            objects.remove([names.pop(0)])
        objects.remove(names)


def _is_seal(found: Found) -> bool:
    return found.bytes_are(SEAL)


def _gap(epoch: int, number: int, place: str) -> StateDamaged:
    return StateDamaged(
        "MP0513",
        f"the journal is damaged: {name_of(epoch, number)} is missing from {place}",
        "restore that object, from an older version if the storage keeps them; or move the folder journal/ there away and run "
        "`mixpriv plan`; the next apply then sends those batches again and adopts the tasks that a 409 names",
    )
