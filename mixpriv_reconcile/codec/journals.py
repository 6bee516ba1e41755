"""Journal entries ↔ JSON; their digests travel beside it as bytes."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from mixpriv_reconcile.codec.documents import checked_address, typed
from mixpriv_reconcile.codec.states import check_kind, recorded
from mixpriv_reconcile.model import journal as entries
from mixpriv_reconcile.model.ids import DIGEST_BYTES
from mixpriv_reconcile.model.plain import plain
from mixpriv_reconcile.model.state import LINEAGE, MOST_NEXT_BATCH, MOST_SERIAL

__all__ = ["ENTRIES", "entry_document", "entry_of", "is_readable"]

ENTRIES: Mapping[str, type[entries.Entry]] = {
    "began": entries.Began,
    "put": entries.Put,
    "put_request": entries.PutRequestEntry,
    "intended": entries.Intended,
    "acknowledged": entries.Acknowledged,
    "unsettled": entries.Unsettled,
    "polled": entries.Polled,
    "cancel_accepted": entries.CancelAccepted,
    "learned_cap": entries.LearnedCap,
    "forgot": entries.Forgot,
}
ENTRY_NAMES = {cls: name for name, cls in ENTRIES.items()}


def is_readable(entry: entries.Entry) -> bool:
    """Whether *entry*, and the state that comes of it, can be read again: only then may it be written, and what it announces be done."""
    match entry:
        case entries.Began():
            return entry.serial < MOST_SERIAL and LINEAGE.fullmatch(entry.lineage) is not None
        case entries.Intended():
            return entry.batch < MOST_NEXT_BATCH
        case entries.PutRequestEntry():
            return entry.record.next_batch <= MOST_NEXT_BATCH
        case _:
            return True


def entry_document(entry: entries.Entry) -> dict[str, Any]:
    """One journal entry as JSON, its digests aside (they travel beside it as bytes)."""
    return {"entry": ENTRY_NAMES[type(entry)], **plain(entry)}


def entry_of(document: Any, digests: memoryview) -> entries.Entry:
    """The entry that *document* spells, with the *digests* that came beside it."""
    name = document.get("entry") if isinstance(document, dict) else None
    cls = ENTRIES.get(name) if isinstance(name, str) else None
    if cls is None:
        raise ValueError("not a journal entry")
    facts = {key: value for key, value in document.items() if key != "entry"}
    if cls is entries.Put:
        if not isinstance(facts.get("address"), str):
            raise ValueError("not a Put")
        return entries.Put(facts["address"], recorded(facts["address"], facts.get("record")))
    if cls is entries.Intended:
        known = typed({**facts, "digests": None}, _IntendedFacts)
        checked_address(known.address)
        intent = entries.Intended(known.address, known.batch, known.attempt, known.count, known.sha256, known.at, digests)
        if not is_readable(intent) or len(digests) % DIGEST_BYTES:
            raise ValueError("not an Intended")
        return intent
    entry = typed(facts, cls)
    if isinstance(entry, entries.PutRequestEntry):
        check_kind(entry.address, entry.record)
    if not is_readable(entry):
        raise ValueError(f"not a {cls.__name__}")
    return entry


@dataclasses.dataclass(frozen=True, slots=True)
class _IntendedFacts:
    address: str
    batch: int
    attempt: int
    count: int
    sha256: str
    at: datetime
    digests: None = None
