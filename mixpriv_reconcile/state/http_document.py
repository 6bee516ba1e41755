"""The one JSON document that holds a whole state on a server of Terraform's protocol. `docs/reference/formats.md` has its fields."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Final

import msgspec

from mixpriv_reconcile.errors import StateDamaged, StateError, StateTooNew
from mixpriv_reconcile.ids.segments import HEADER_BYTES
from mixpriv_reconcile.model.ids import DIGEST_BYTES
from mixpriv_reconcile.model.journal import Intended
from mixpriv_reconcile.model.wording import people
from mixpriv_reconcile.ports import Holder
from mixpriv_reconcile.state.http_times import seconds_of
from mixpriv_reconcile.state.journal import entries_of

__all__ = ["MOST_IDS", "NO_DOCUMENT", "Document", "LeaseRecord", "check_ids", "check_remembered", "encoded", "parsed", "shown"]

MOST_IDS: Final = 200_000
"""Most distinct ids, by digest, that a state and its journal may name: each write carries all of them, 5 MiB by then."""

VERSION = 1
LAST_SERIAL = 2**31 - 1
"""Highest serial: GitLab keeps it in a column of four bytes. Source: gitlabhq/gitlabhq, table terraform_state_versions."""

ROW_BYTES = DIGEST_BYTES + 4
SHOWN_CHARACTERS = 120


@dataclass(frozen=True, slots=True)
class LeaseRecord:
    """Who holds the lock, and when it was told last: *at*, by the server's clock; it is over *seconds* later."""

    holder: Holder
    seconds: float
    at: float | None


@dataclass(frozen=True, slots=True)
class Document:
    """All that is stored. *write* names the write that made it; *serial* rises with each of them."""

    serial: int = 0
    write: str = ""
    lease: LeaseRecord | None = None
    state: bytes | None = field(default=None, repr=False)
    backup: bytes | None = field(default=None, repr=False)
    segments: Mapping[str, bytes] = field(default_factory=dict, repr=False)
    journal: bytes | None = field(default=None, repr=False)


NO_DOCUMENT = Document()


class _Lease(msgspec.Struct, kw_only=True):
    lock_id: str
    who: str
    host: str
    pid: int
    since: str
    command: str
    seconds: float
    at: datetime | None = None


class _Filed(msgspec.Struct, kw_only=True):
    """The fields as they are filed; bytes are base64."""

    mixpriv_document: int
    serial: int
    write: str
    lease: _Lease | None = None
    state: str | None = None
    backup: str | None = None
    segments: dict[str, bytes] = {}
    journal: bytes | None = None


class _Sniffed(msgspec.Struct):
    """What tells whose document it is."""

    mixpriv_document: msgspec.Raw = msgspec.Raw()
    terraform_version: msgspec.Raw = msgspec.Raw()


def encoded(document: Document) -> bytes:
    """The document's bytes."""
    lease = document.lease
    filed = _Filed(
        mixpriv_document=VERSION,
        serial=document.serial,
        write=document.write,
        lease=None if lease is None else _filed_lease(lease),
        state=None if document.state is None else document.state.decode(),
        backup=None if document.backup is None else document.backup.decode(),
        segments=dict(document.segments),
        journal=document.journal,
    )
    return msgspec.json.encode(filed)


def parsed(content: bytes, place: str, recovery: str) -> Document:
    """The document in *content*. Raises `StateDamaged` for what is torn or altered, `StateTooNew`, and MP0566 for somebody else's."""
    if not content:
        raise StateDamaged("MP0510", f"the document at {place} is empty: that is damage, not a new state", recovery)
    try:
        sniffed = msgspec.json.decode(content, type=_Sniffed)
        if not bytes(sniffed.mixpriv_document):
            raise _somebody_elses(place, is_terraforms=bool(bytes(sniffed.terraform_version)))
        version = msgspec.json.decode(sniffed.mixpriv_document, type=int)
        if version > VERSION:
            raise StateTooNew(
                "MP0512",
                f"the document at {place} has format version {version:,}; this version of mixpriv reads {VERSION}",
                "use the version of mixpriv that wrote it, or a newer one",
            )
        filed = msgspec.json.decode(content, type=_Filed)
        if version != VERSION or not 0 < filed.serial <= LAST_SERIAL:
            raise ValueError("no number that mixpriv writes")
        return Document(
            serial=filed.serial,
            write=filed.write,
            lease=None if filed.lease is None else _lease_of(filed.lease),
            state=None if filed.state is None else filed.state.encode(),
            backup=None if filed.backup is None else filed.backup.encode(),
            segments=filed.segments,
            journal=filed.journal,
        )
    except (ValueError, OverflowError, RecursionError):  # the library's errors are ValueErrors
        raise StateDamaged(
            "MP0510", f"the document at {place} is torn or altered: it is no JSON document of this format", recovery
        ) from None


def check_remembered(document: Document) -> None:
    """Raise MP0564 where the state and the journal in *document* name more ids than they may.

    Segments that only the backup names, or nothing yet, don't count: a plan knows nothing of them, and the next publication drops them.
    """
    # A segment's name is 64 hex digits, and stands in the text of a state that names it.
    state = document.state or b""
    check_ids([content for sha256, content in document.segments.items() if sha256.encode() in state], document.journal)


def check_ids(segments: Sequence[bytes], journal: bytes | None = None) -> None:
    """Raise MP0564 where *segments* and *journal* hold more ids together than a document may."""
    rows = sum(max(0, len(content) - HEADER_BYTES) // ROW_BYTES for content in segments)
    if rows + len(journal or b"") // DIGEST_BYTES <= MOST_IDS:  # surely not more, and quickly told
        return
    digests: set[bytes] = set()
    for content in segments:
        count = max(0, len(content) - HEADER_BYTES) // ROW_BYTES
        digests.update(_digests(content[HEADER_BYTES : HEADER_BYTES + count * DIGEST_BYTES]))
    for entry in _intended(journal):
        digests.update(_digests(bytes(entry.digests)))
    if len(digests) > MOST_IDS:
        raise StateError(
            "MP0564",
            f"the state would hold {people(len(digests))}, and one over http may hold {MOST_IDS:,}: each write carries all of them",
            "keep the state in an object store: `state: {backend: s3, bucket: …}`",
        )


def shown(text: object) -> str:
    """What somebody else wrote, fit to be shown in a line."""
    return "".join(character if character.isprintable() else "?" for character in str(text)[:SHOWN_CHARACTERS])


def _intended(journal: bytes | None) -> list[Intended]:
    try:
        return [entry for entry in entries_of(memoryview(journal or b"")) if isinstance(entry, Intended)]
    except StateError:
        return []  # whoever reads it says what is wrong with it


def _digests(content: bytes) -> set[bytes]:
    return {content[start : start + DIGEST_BYTES] for start in range(0, len(content), DIGEST_BYTES)}


def _filed_lease(lease: LeaseRecord) -> _Lease:
    holder = lease.holder
    return _Lease(
        lock_id=holder.lock_id,
        who=holder.who,
        host=holder.host,
        pid=holder.pid,
        since=holder.since,
        command=holder.command,
        seconds=lease.seconds,
        at=None if lease.at is None else datetime.fromtimestamp(lease.at, UTC),
    )


def _lease_of(filed: _Lease) -> LeaseRecord:
    holder = Holder(
        shown(filed.lock_id), shown(filed.who), shown(filed.host), filed.pid, shown(filed.since), shown(filed.command)
    )
    return LeaseRecord(holder, filed.seconds, None if filed.at is None else seconds_of(filed.at))


def _somebody_elses(place: str, *, is_terraforms: bool) -> StateError:
    what = "a state of Terraform's own" if is_terraforms else "a document that mixpriv didn't write"
    return StateError(
        "MP0566",
        f"at {place} lies {what}; it was left as it is",
        "give mixpriv's state an address of its own: the name at its end is free to choose",
    )
