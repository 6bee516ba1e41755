"""The state as the stages know it: loaded whole and verified, recovered from a journal, published in one step."""

from __future__ import annotations

import dataclasses
import hashlib
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from mixpriv_reconcile.codec import FORMAT_VERSION, as_filed, canonical, state_document, state_of
from mixpriv_reconcile.errors import StateDamaged, StateError, StateTooNew
from mixpriv_reconcile.ids.segments import Segment, decode, ids_in, merge, name
from mixpriv_reconcile.model.fold import fold
from mixpriv_reconcile.model.journal import Began, Entry
from mixpriv_reconcile.model.state import FEATURES, RequestRecord, Run, SegmentRef, State
from mixpriv_reconcile.ports import StateBackend, Stored
from mixpriv_reconcile.state.journal import entries_of, journal_of, recovery_of

__all__ = ["Loaded", "Store", "is_whole"]

MAX_SEGMENTS = 8
"""Segments of one request before they are merged into one: probing few large arrays is what keeps a plan fast."""

LAST_VERSION, MAX_FEATURES, MAX_FEATURE_LENGTH = 9_999, 20, 40
"""What a later version of the format may have, at most: its words are shown before any checksum vouches for them."""

MOST_LOOKS = 5
"""How often a state is read anew that looks damaged while it changes: a publication is over at the second look."""

UNREADABLE = (ValueError, TypeError, AttributeError, RecursionError)
"""What reading a document may raise that is JSON, or nearly, but no state."""

APART = (
    "put back the state that the journal belongs to; where that is lost, move the journal away and run `mixpriv plan`: the next apply "
    "sends the journal's batches again and adopts the tasks that a 409 names"
)

NO_STATE = State(lineage="", serial=0, tool_version="")


@dataclass(frozen=True, slots=True)
class Loaded:
    """What is remembered: the published state with its journal folded in. *version* is the document's, None where there is none.

    *recovered* counts the entries that a run left behind without publishing them; they are part of *state* already.
    """

    state: State
    version: str | None
    recovered: tuple[Entry, ...] = ()

    @property
    def exists(self) -> bool:
        return bool(self.state.lineage)


class Store:
    """Reads and publishes the state of one workspace through a backend. *on_published* is called with each state that was published."""

    def __init__(
        self,
        backend: StateBackend,
        *,
        recovery: Callable[[], str] = lambda: "restore it from your backup",
        on_published: Callable[[State], None] = lambda state: None,
    ) -> None:
        self._backend = backend
        self._recovery = recovery
        self._on_published = on_published
        self._read: tuple[str, State] | None = None  # the document's version and what it says
        self._verified: dict[str, Segment] = {}

    def load(self, *, with_ids: bool = True) -> Loaded:
        """The remembered state; with *with_ids* its segments are opened and verified.

        Raises `StateDamaged` and `StateTooNew`. A journal that was published already is passed over.
        """
        looks = 0
        while True:
            looks += 1
            # The journal first: if it is published in between, the document says so; the other way round its entries would be missed.
            journal = self._backend.read_journal()
            stored = self._backend.read()
            try:
                return self._loaded(stored, journal, with_ids)
            except StateDamaged:
                # A reader holds no lock: writers may have published meanwhile, and removed what the document read first names,
                # or the journal read first, which then belongs to a state that came before the document.
                if looks == MOST_LOOKS or (self._backend.read_journal(), self._backend.read()) == (journal, stored):
                    raise

    def _loaded(self, stored: Stored | None, journal: memoryview | None, with_ids: bool) -> Loaded:
        state = NO_STATE if stored is None else self._state(stored)
        if with_ids:
            state = dataclasses.replace(state, open_segments=self._opened(state))
        entries = () if journal is None else self._entries(journal)
        version = None if stored is None else stored.version
        if not entries:
            return Loaded(state, version)
        began = entries[0]
        assert isinstance(began, Began)
        if began.journal_id == state.last_journal:
            return Loaded(state, version)
        if (state.lineage and began.lineage != state.lineage) or began.serial != state.serial:
            raise StateDamaged(
                "MP0515",
                f"the journal continues serial {began.serial} of {began.lineage}, the state is at serial {state.serial} of "
                f"{state.lineage or 'nothing'}: one of them was replaced",
                APART,
            )
        try:
            return Loaded(fold(state, entries), version, entries)
        except (LookupError, ValueError):
            raise StateDamaged("MP0513", "the journal is damaged: it doesn't continue this state", APART) from None

    def _entries(self, journal: memoryview) -> tuple[Entry, ...]:
        return entries_of(journal, recovery_of(journal_of(self._backend.place, is_shared=self._backend.is_shared)))

    def drop_spent_journal(self) -> None:
        """Remove a journal that was published already, or that holds no whole entry; `load` passed it over."""
        if self._backend.read_journal() is not None:
            self._backend.remove_journal()

    def _state(self, stored: Stored) -> State:
        """What the document says; the same bytes are read once."""
        if self._read is None or self._read[0] != stored.version:
            self._read = (stored.version, _parsed(stored.content, self._recovery))
        return self._read[1]

    def _opened(self, state: State) -> Mapping[str, tuple[memoryview, memoryview]]:
        opened: dict[str, tuple[memoryview, memoryview]] = {}
        self._backend.fetch_segments(_named(state) - self._verified.keys())
        for address, record in state.requests.items():
            for reference in record.segments:
                try:
                    opened[reference.sha256] = self._segment(reference)
                except StateDamaged as damage:
                    without = (
                        f"; without a backup: mixpriv state rm {address}, after which the request is sent again and live tasks are adopted"
                    )
                    raise StateDamaged(damage.code, damage.message, damage.hint + without) from None
        return opened

    def _segment(self, reference: SegmentRef) -> tuple[memoryview, memoryview]:
        """The segment, verified; once a run, for it never changes and stays open."""
        segment = self._verified.get(reference.sha256)
        if segment is None:
            segment = decode(self._backend.read_segment(reference.sha256), expected_sha256=reference.sha256)
            self._verified[reference.sha256] = segment
        if segment.count != reference.count:
            raise StateDamaged(
                "MP0511",
                f"segment {reference.sha256[:12]} has {segment.count} ids where the state says {reference.count}",
                "restore the state and its segments from the same backup",
            )
        return segment.digests, segment.batches

    def publish(self, state: State, *, expected: str | None, now: datetime) -> None:
        """Make *state* the remembered one, its runs merged into segments; the journal is removed afterwards.

        Segments are durable before the document that names them; files that neither it nor its backup names go last. Nothing is read
        back: whoever reads it next verifies it, and a run that ends here would do so for nobody.
        """
        settled = self._settled(state)
        document = state_document(settled, written_at=now)
        self._backend.replace(_sealed(document), expected=expected)
        self._backend.remove_journal()
        named = _named(settled)
        self._backend.keep_segments(named | self._named_before(expected))
        self._verified = {sha256: segment for sha256, segment in self._verified.items() if sha256 in named}
        self._on_published(settled)

    def _named_before(self, expected: str | None) -> frozenset[str]:
        """The segments that the document before names, the version *expected*, which is the backup now."""
        if expected is not None and self._read is not None and self._read[0] == expected:
            return _named(self._read[1])
        return _named_in(self._backend.backup_content())

    def _settled(self, state: State) -> State:
        """*state* with each request's runs stored as a segment and named."""
        records = dict(state.records)
        for address, runs in _by_address(state.runs).items():
            record = records.get(address)
            if not isinstance(record, RequestRecord):
                continue
            newer = [(run.digests, run.batch) for run in runs]
            replaces_all = len(record.segments) >= MAX_SEGMENTS and _has_ids(state)
            older = [state.open_segments[segment.sha256] for segment in record.segments] if replaces_all else []
            parts = merge([*older, *newer])
            reference = SegmentRef(name(parts), ids_in(parts))
            self._backend.write_segment(reference.sha256, parts)
            records[address] = dataclasses.replace(record, segments=(reference,) if replaces_all else (*record.segments, reference))
        return dataclasses.replace(state, records=records, runs=())


def is_whole(content: bytes) -> bool:
    """Whether *content* is a state document, undamaged: one that can be put back."""
    try:
        _parsed(content, str)
    except StateError:
        return False
    return True


def _by_address(runs: tuple[Run, ...]) -> Mapping[str, list[Run]]:
    grouped: dict[str, list[Run]] = {}
    for run in runs:
        grouped.setdefault(run.address, []).append(run)
    return grouped


def _has_ids(state: State) -> bool:
    """Whether the segments that *state* names are open; without them it can be changed, but nothing be compared or merged."""
    return _named(state) <= state.open_segments.keys()


def _named(state: State) -> frozenset[str]:
    return frozenset(segment.sha256 for record in state.requests.values() for segment in record.segments)


def _named_in(content: bytes | None) -> frozenset[str]:
    """The segments that an older document names; an unreadable one names none."""
    if content is None:
        return frozenset()
    try:
        return _named(state_of(json.loads(content)))
    except UNREADABLE:
        return frozenset()


def _sealed(document: Mapping[str, Any]) -> bytes:
    """The document's bytes, with a checksum over its canonical form so that altered bytes are found."""
    sealed = {**document, "checksum": hashlib.sha256(canonical(document)).hexdigest()}
    return as_filed(sealed)


def _parsed(content: bytes, recovery: Callable[[], str]) -> State:
    try:
        document = json.loads(content)
    except UNREADABLE:
        raise StateDamaged("MP0510", "the state is torn or altered: it is no JSON document", recovery()) from None
    if not isinstance(document, dict) or not isinstance(document.get("format_version"), int):
        raise StateDamaged("MP0510", "the state is altered: it has no format version", recovery())
    try:
        _check_known(document)
        checksum = document.pop("checksum", None)
        if checksum != hashlib.sha256(canonical(document)).hexdigest():
            raise StateDamaged("MP0510", "the state is altered: its checksum doesn't fit", recovery())
        return state_of(document)
    except UNREADABLE:
        raise StateDamaged("MP0510", "the state is altered: it isn't what this format allows", recovery()) from None


def _check_known(document: Mapping[str, Any]) -> None:
    """Raise `StateTooNew` for what a later version wrote; `ValueError` for a version or feature that none will ever call so."""
    version, features = document["format_version"], document.get("features")
    unknown = sorted(set(map(_feature, features)) - FEATURES.keys()) if isinstance(features, list) else []
    if version > LAST_VERSION or len(unknown) > MAX_FEATURES:
        raise ValueError("no version of the format")
    if version > FORMAT_VERSION or unknown:
        raise StateTooNew(
            "MP0512",
            f"the state has format version {version}"
            + (f" and uses {', '.join(unknown)}" if unknown else "")
            + f"; this version of mixpriv reads {FORMAT_VERSION}",
            "use the version of mixpriv that wrote it, or a newer one",
        )


def _feature(name: object) -> str:
    """A feature's name, fit to be shown."""
    if not isinstance(name, str) or not name.isprintable() or not 0 < len(name) <= MAX_FEATURE_LENGTH:
        raise ValueError("no feature's name")
    return name
