"""Whether a place may take a state that is moved to it: nothing is there, or a copy of the same that was not used since."""

from __future__ import annotations

import contextlib
import dataclasses
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from mixpriv_reconcile.errors import StateDamaged, StateError, StateTooNew
from mixpriv_reconcile.model.journal import Began
from mixpriv_reconcile.model.state import State
from mixpriv_reconcile.ports import StateBackend
from mixpriv_reconcile.state import Loaded, Store, entries_of

__all__ = ["Found", "Kept", "cleared"]

AWAY = "move what is there away, or choose another place"


@dataclass(frozen=True, slots=True)
class Kept:
    """All that is kept at a place: what it comes to, and its bytes. *journal* is one that wasn't published, else None."""

    state: State = field(repr=False)
    content: bytes | None = field(repr=False)
    segments: Mapping[str, memoryview] = field(repr=False)
    journal: bytes | None = field(repr=False)


@dataclass(frozen=True, slots=True)
class Found:
    """What the destination has already. *version* is that of the document that is to be replaced, None where there is none."""

    version: str | None
    has_document: bool
    has_journal: bool


def cleared(kept: Kept, new: StateBackend, place: str) -> Found:
    """What is at the destination *new*, called *place*, of what is *kept*; raises `StateError` where it has anything else.

    A journal that a copy, or a run that published it, left behind is removed. Both locks are held.
    """
    with _destination(place):
        stored, journal = new.read(), new.read_journal()
        if stored is None and new.backup_content() is not None:
            raise StateError("MP0575", "its document is gone and that document's backup is still there: a state was lost there", AWAY)
        if journal is not None and kept.journal is not None and bytes(journal) == kept.journal and stored is None:
            return Found(None, has_document=False, has_journal=True)
        if stored is None:
            _check_leftover(kept, journal)
            if journal is not None:
                new.remove_journal()
            return Found(None, has_document=False, has_journal=False)
        there = Store(new, recovery=new.recovery).load(with_ids=False)
        has_journal = bool(there.recovered) and kept.journal is not None and journal is not None and bytes(journal) == kept.journal
        is_copy = stored.content == kept.content
        if not is_copy and (there.recovered or not _is_earlier_look(there.state, kept.state)):
            raise _other(there, kept)
        if there.recovered and not has_journal:
            raise StateError(
                "MP0575",
                f"a run that was not finished went on there from serial {there.state.serial} of lineage {there.state.lineage}, "
                "of which nothing is known here",
                f"it is the newer one: use it, or {AWAY}",
            )
        if journal is not None and not has_journal:
            new.remove_journal()
        return Found(stored.version, has_document=is_copy, has_journal=has_journal)


@contextlib.contextmanager
def _destination(place: str) -> Iterator[None]:
    """Say of an error that it is about the destination: the source's files may have the same names."""
    try:
        yield
    except (StateDamaged, StateTooNew) as error:
        raise type(error)(error.code, f"{place}, where the state is to go: {error.message}", AWAY) from None
    except StateError as error:
        if error.code != "MP0575":
            raise
        raise StateError(error.code, f"{place} can't take the state: {error.message}; nothing was moved", error.hint) from None


def _check_leftover(kept: Kept, journal: memoryview | None) -> None:
    """Raise `StateError` for a journal without a document that no interrupted copy of *kept* left behind."""
    entries = () if journal is None else entries_of(journal)
    if not entries:
        return  # cut off in its first record: nothing was ever done by it
    began = entries[0]
    assert isinstance(began, Began)
    if began.journal_id != kept.state.last_journal or began.lineage != kept.state.lineage:
        raise StateError(
            "MP0575",
            f"it has the journal of a run that was not finished, of serial {began.serial} of lineage {began.lineage}; here is serial "
            f"{kept.state.serial} of {kept.state.lineage}",
            AWAY,
        )


def _is_earlier_look(there: State, here: State) -> bool:
    """Whether they differ at most in how open tasks looked when they were asked for, and in what saves reading."""
    same = _without_looks(there) == _without_looks(here)
    return same and there.tasks.keys() == here.tasks.keys()


def _without_looks(state: State) -> State:
    return dataclasses.replace(state, last_journal=None, tool_version="", sources=(), policy=None, manifests=(), projects={}, tasks={})


def _other(there: Loaded, kept: Kept) -> StateError:
    """What to raise for a document that is none of ours, or another one of ours."""
    ours, theirs = kept.state, there.state
    if ours.lineage != theirs.lineage:
        return StateError(
            "MP0575", f"it has serial {theirs.serial} of lineage {theirs.lineage}, and here is serial {ours.serial} of {ours.lineage}", AWAY
        )
    if theirs.serial > ours.serial:
        hint = f"use that one, or {AWAY}; what was submitted there would be forgotten"
    else:
        hint = f"{AWAY}: mixpriv never writes over a state"
    return StateError(
        "MP0575", f"it has serial {theirs.serial} of lineage {theirs.lineage}, and here is serial {ours.serial} of the same", hint
    )
