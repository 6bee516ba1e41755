"""The journal's bytes: framed records, each with its own checks, so that a torn end is told from damage.

File: 16 bytes of header, then records of a 24-byte frame, JSON, and a blob of digests. `docs/reference/formats.md` has the layout.
"""

from __future__ import annotations

import json
import struct
import zlib
from collections.abc import Iterator

from mixpriv_reconcile.codec import FORMAT_VERSION, entry_document, entry_of, is_readable
from mixpriv_reconcile.errors import StateDamaged, StateTooNew
from mixpriv_reconcile.model.journal import Began, Entry, Intended
from mixpriv_reconcile.ports import StateBackend

__all__ = ["RECOVERY", "JournalWriter", "encoded", "entries_of", "journal_of", "recovery_of"]

MAGIC = b"MPJRN\x01\r\n"
HEADER = struct.Struct("<8sII")
FRAME = struct.Struct("<IIII")  # length of the JSON, length of the blob, ordinal from 0, reserved
CHECKS = struct.Struct("<II")  # CRC-32 of the frame, CRC-32 of JSON and blob
SECTOR_BYTES = 512
SURE_ZEROS = 8
"""Zero bytes that no whole record ends in: JSON has none, and eight in a row at the end of a digest come once in 2**64 times."""


def journal_of(place: str, *, is_shared: bool) -> str:
    """The journal of the state at *place*, for people: a file beside it, or a part of what its storage keeps."""
    return f"the journal of {place}" if is_shared else f"{place.removesuffix('.json')}.d/journal"


def recovery_of(journal: str) -> str:
    """What can be done about a damaged *journal*, as a hint."""
    return (
        f"what Mixpanel acknowledged since the last publication is only in {journal}: restore it from a backup, or move it away "
        "and run `mixpriv plan`; the next apply then sends those batches again and adopts the tasks that a 409 names"
    )


RECOVERY = recovery_of("the journal")
"""The hint where nobody says which journal it is."""


def encoded(entry: Entry, ordinal: int) -> bytes:
    """One record; the first of a journal (*ordinal* 0) is preceded by the file's header."""
    text = json.dumps(entry_document(entry), separators=(",", ":"), ensure_ascii=False).encode()
    blob = bytes(entry.digests) if isinstance(entry, Intended) else b""
    frame = FRAME.pack(len(text), len(blob), ordinal, 0)
    checks = CHECKS.pack(zlib.crc32(frame), zlib.crc32(blob, zlib.crc32(text)))
    header = HEADER.pack(MAGIC, FORMAT_VERSION, 0) if ordinal == 0 else b""
    return b"".join((header, frame, checks, text, blob))


class JournalWriter:
    """Appends entries to a backend's journal, durable when `append` returns. The backend looks whether its lock is still held."""

    def __init__(self, backend: StateBackend) -> None:
        self._backend = backend
        self._ordinal = 0

    def append(self, *entries: Entry) -> None:
        """Write *entries* durably, in one write.

        Raises `StateError` where the storage fails: the journal is then as it was, or, on a shared state whose answer was lost, may have
        them all; `LockLost` where it isn't ours to write; `StateDamaged` for an entry that nobody could
        read again.
        """
        if not all(map(is_readable, entries)):
            raise StateDamaged(
                "MP0510",
                "the state is altered: its numbers are at the end of what this format can count, and nothing more is sent from it",
                "restore it from a backup: its serial or a request's next_batch is a number that no run comes to",
            )
        self._backend.append_journal(b"".join(encoded(entry, self._ordinal + place) for place, entry in enumerate(entries)))
        self._ordinal += len(entries)


class _Altered(Exception):
    """What is wrong with the bytes, in words."""


def entries_of(content: memoryview, recovery: str = RECOVERY) -> tuple[Entry, ...]:
    """The entries that were durable, in order.

    A record cut short by a crash was never acted on and is left out. Anything else that doesn't check raises `StateDamaged`, with
    *recovery* as its hint; a later format raises `StateTooNew`.
    """
    try:
        return tuple(_entries(content))
    except _Altered as altered:
        raise StateDamaged("MP0513", f"the journal is damaged: {altered}", recovery) from None


def _entries(content: memoryview) -> Iterator[Entry]:
    if len(content) < HEADER.size:
        if any(content) and bytes(content) != HEADER.pack(MAGIC, FORMAT_VERSION, 0)[: len(content)]:
            raise _Altered("its header is altered")
        return
    magic, version, flags = HEADER.unpack_from(content)
    if not any(content):
        return  # as below: torn in its first record
    if magic != MAGIC or version < FORMAT_VERSION:
        raise _Altered("its header is altered")
    if version > FORMAT_VERSION or flags:
        raise StateTooNew(
            "MP0512",
            f"the journal has format version {version}; this version of mixpriv reads {FORMAT_VERSION}",
            "use the version of mixpriv that wrote it, or a newer one",
        )
    offset, ordinal = HEADER.size, 0
    while offset < len(content):
        start = offset + FRAME.size + CHECKS.size
        if start > len(content):
            return
        text_length, blob_length, number, reserved = FRAME.unpack_from(content, offset)
        frame_check, body_check = CHECKS.unpack_from(content, offset + FRAME.size)
        if frame_check != zlib.crc32(content[offset : offset + FRAME.size]) or number != ordinal or reserved:
            if not any(content[start:]) and _ends_in_zeros(content, offset):
                return
            raise _Altered(f"record {ordinal} is altered")
        end = start + text_length + blob_length
        if end > len(content):
            return
        if body_check != zlib.crc32(content[start:end]):
            if end == len(content) and _ends_in_zeros(content, offset):
                return
            raise _Altered(f"record {ordinal} is altered")
        entry = _entry(content[start : start + text_length], content[start + text_length : end], ordinal)
        if isinstance(entry, Began) is not (ordinal == 0):
            raise _Altered(f"record {ordinal} stands where it doesn't belong")
        yield entry
        offset, ordinal = end, ordinal + 1


def _ends_in_zeros(content: memoryview, offset: int) -> bool:
    """Whether the last record, from *offset* on, reached the disk in length and not in all of its bytes: torn, never acted on.

    Disks keep whole sectors, so zeros that count start where one does, or are more than a digest or a text ends in.
    """
    zeros = len(content) - offset - len(bytes(content[offset:]).rstrip(b"\0"))
    last_sector = len(content) - (len(content) - 1) // SECTOR_BYTES * SECTOR_BYTES
    return zeros == len(content) - offset or zeros >= min(SURE_ZEROS, last_sector)


def _entry(text: memoryview, blob: memoryview, ordinal: int) -> Entry:
    try:
        return entry_of(json.loads(bytes(text)), blob)
    except (ValueError, RecursionError):
        raise _Altered(f"record {ordinal} isn't one that this version knows") from None
