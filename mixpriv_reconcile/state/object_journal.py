"""The journal in an object store: one object an append, in a folder for each epoch of the lock; sealed where its holder was put out.

An append creates the next object, and nothing else may be there. Who takes a lock over creates that object first, with a seal in it: a
holder who was only stopped, and wakes, can add nothing any more, whatever he believes.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Final

from mixpriv_reconcile.errors import StateDamaged, StateError
from mixpriv_reconcile.state.object_store import Found, Objects, Version
from mixpriv_reconcile.state.object_trouble import AGAIN

__all__ = ["SEAL", "Sealed", "append", "logged", "name_of", "remove", "seal", "whole"]

FOLDER: Final = "journal"
NAME: Final = re.compile(rf"{FOLDER}/([0-9]{{12}})/([0-9]{{8}})")

SEAL: Final = b"mixpriv: sealed\n"
"""No record of a journal begins like this."""

LOOKS: Final = 4
"""How often a journal is read anew that changes while it is read."""


class Sealed(Exception):
    """The log was sealed: its holder was put out."""


def name_of(epoch: int, number: int) -> str:
    return f"{FOLDER}/{epoch:012d}/{number:08d}"


def logged(objects: Objects) -> Mapping[int, tuple[int, ...]]:
    """The numbers of the objects of each epoch, ascending; what is no name of ours is passed over."""
    epochs: dict[int, list[int]] = {}
    for name in objects.names(FOLDER):
        if parts := NAME.fullmatch(name):
            epochs.setdefault(int(parts[1]), []).append(int(parts[2]))
    return {epoch: tuple(sorted(numbers)) for epoch, numbers in sorted(epochs.items())}


def append(objects: Objects, epoch: int, number: int, record: bytes, place: str) -> None:
    """Store *record* as the *number*th of its epoch (from 0), durably; raises `Sealed` where the epoch's log was closed."""
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
        numbers = there.get(epoch, ())
        last = objects.get(name_of(epoch, numbers[-1])) if numbers else None
        number = numbers[-1] + 1 if numbers else 0
        while last is None or not _is_seal(last):
            outcome = objects.create(name_of(epoch, number), SEAL)
            if isinstance(outcome, Version):
                break
            last, number = outcome, number + 1  # its holder lives, and was faster


def whole(objects: Objects, place: str) -> bytes | None:
    """The journal, None where there is none: that of the latest epoch which has a beginning. Raises `StateDamaged` for a gap in it."""
    for look in range(LOOKS):
        parts = _parts(objects, place, is_last=look == LOOKS - 1)
        if parts is not None:
            return b"".join(parts) if parts else None
    raise StateError("MP0560", f"the journal in {place} changes while it is read", AGAIN)


def _parts(objects: Objects, place: str, *, is_last: bool) -> list[bytes | memoryview] | None:
    """Its records; none where there is no journal, None where it changed meanwhile: it is being removed, from its beginning on."""
    for epoch, numbers in reversed(tuple(logged(objects).items())):
        if numbers[0]:
            continue  # what is left of one that was removed
        first = objects.get(name_of(epoch, 0))
        if first is None:
            return None
        if _is_seal(first):
            continue
        found = (first, *objects.get_all([name_of(epoch, number) for number in numbers[1:]]))
        gap = next((expected for expected, number in enumerate(numbers) if expected != number), None)
        if gap is not None or None in found:
            if not is_last:
                return None
            raise _gap(epoch, gap if gap is not None else numbers[found.index(None)], place)
        return [each.content for each in found if each is not None and not _is_seal(each)]
    return []


def remove(objects: Objects, up_to: int) -> None:
    """Remove every journal of an epoch up to *up_to*, and what is left of others; seals stay.

    The beginning goes first: what then remains is no journal for anybody.
    """
    for epoch, numbers in logged(objects).items():
        if epoch > up_to:
            continue
        names = [name_of(epoch, number) for number in numbers]
        last = objects.get(names[-1])
        if last is not None and _is_seal(last):
            names.pop()
        if names and not numbers[0]:
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
