"""Segment files, format v1: which id of a request went in which batch.

    offset 0    8 bytes   b"MPSEG\\x01\\r\\n"
           8    u32       version, 1
          12    u32       flags, 0; bit 0 is kept for encryption; a reader refuses flags it doesn't know
          16    u64       number of ids, n
          24    u64       0
          32    n * 16    digests, each above the one before
       32+16n   n * 4     batch numbers, u32, in the order of the digests

All numbers are little-endian. A segment never changes; its name is the SHA-256 of its content.
"""

from __future__ import annotations

import hashlib
import mmap
import struct
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import TypeAlias

from mixpriv_reconcile.errors import StateDamaged, StateTooNew
from mixpriv_reconcile.ids.arrays import Rows, np
from mixpriv_reconcile.ids.parts import Batches, Part, consolidated, joined, numbered
from mixpriv_reconcile.ids.rows import flat, is_ascending, rows_of
from mixpriv_reconcile.model.ids import DIGEST_BYTES

__all__ = ["VERSION", "Segment", "decode", "encode", "ids_in", "let_go", "merge", "name"]

Buffer: TypeAlias = bytes | bytearray | memoryview | mmap.mmap

_MAGIC = b"MPSEG\x01\r\n"  # CR and LF: a transfer that rewrites line ends is seen at once
_HEADER = struct.Struct("<8sIIQQ")
_NUMBER_BYTES = 4
_NEWER = "use a newer mixpriv"

HEADER_BYTES = _HEADER.size
VERSION = 1


@dataclass(frozen=True, slots=True)
class Segment:
    """A verified segment; both views share the memory it was decoded from."""

    count: int
    digests: memoryview = field(repr=False, compare=False)
    batches: memoryview = field(repr=False, compare=False)

    @property
    def part(self) -> Part:
        """The segment as `known.Known` takes it."""
        return self.digests, self.batches


def encode(ids_and_batches: Part) -> list[bytes | memoryview]:
    """The content of a segment as buffers to be written one after the other; `ValueError` unless the digests ascend."""
    rows, batches = numbered(ids_and_batches)
    if len(batches) != len(rows):
        raise ValueError(f"{len(rows)} digests can't have {len(batches)} batch numbers")
    if not is_ascending(rows):
        raise ValueError("the digests of a segment ascend, each once")
    return _content(rows, batches)


def name(content: Buffer | Sequence[Buffer]) -> str:
    """The name of a segment: SHA-256 over its content, hex."""
    digest = hashlib.sha256()
    for buffer in [content] if isinstance(content, bytes | bytearray | memoryview | mmap.mmap) else content:
        digest.update(buffer)
    return digest.hexdigest()


def decode(buffer: Buffer, *, expected_sha256: str) -> Segment:
    """The segment in *buffer*, which may be a mapped file. `StateDamaged` says what is wrong; `StateTooNew` a newer format."""
    view = memoryview(buffer).cast("B") if len(buffer) else memoryview(b"")
    known_as = f"segment {expected_sha256[:12]}"
    if len(view) < HEADER_BYTES:
        raise _damaged(known_as, "it is empty" if not view else f"it has {len(view)} bytes, less than its header")
    magic, version, flags, count, reserved = _HEADER.unpack_from(view)
    if magic != _MAGIC:
        raise _damaged(known_as, "it doesn't start as a segment does")
    if hashlib.sha256(view).hexdigest() != expected_sha256:
        raise _damaged(known_as, _why_altered(len(view), version, count))
    # from here on it is as it was written: what doesn't fit was written by someone else
    if version > VERSION:
        raise StateTooNew("MP0512", f"{known_as} has format version {version}; this program reads up to {VERSION}", _NEWER)
    if flags:
        raise StateTooNew("MP0512", f"{known_as} uses features (flags {flags:#x}) that this program doesn't know", _NEWER)
    if version != VERSION or reserved:
        raise _damaged(known_as, "its header isn't one that mixpriv writes")
    if len(view) != _size(count):
        raise _damaged(known_as, f"it has {len(view)} bytes where {count} ids take {_size(count)}")
    split = HEADER_BYTES + count * DIGEST_BYTES
    digests = view[HEADER_BYTES:split]
    if not is_ascending(rows_of(digests)):
        raise _damaged(known_as, "its digests don't ascend")
    let_go(view)  # all of it was read to be verified, and may not be looked at again
    return Segment(count, digests, view[split:])


def let_go(view: memoryview) -> None:
    """Where *view* is of a mapped file, what was read of it leaves this process's memory until it is looked at again."""
    if isinstance(view.obj, mmap.mmap):
        view.obj.madvise(mmap.MADV_DONTNEED)


def merge(segments: Sequence[Segment | Part]) -> list[bytes | memoryview]:
    """The content of one segment for several, given oldest first: each digest once, with its latest batch number."""
    parts = [numbered(segment.part if isinstance(segment, Segment) else segment) for segment in segments]
    return _content(*joined(consolidated(parts)))


def _content(rows: Rows, batches: Batches) -> list[bytes | memoryview]:
    header = _HEADER.pack(_MAGIC, VERSION, 0, len(rows), 0)
    if not len(rows):
        return [header]
    return [header, flat(rows), np.ascontiguousarray(batches, "<u4").view(np.uint8).data]


def ids_in(parts: Sequence[Buffer]) -> int:
    """How many ids an encoded segment holds, by its size."""
    return (sum(len(part) for part in parts) - HEADER_BYTES) // (DIGEST_BYTES + _NUMBER_BYTES)


def _size(count: int) -> int:
    return HEADER_BYTES + count * (DIGEST_BYTES + _NUMBER_BYTES)


def _why_altered(size: int, version: int, count: int) -> str:
    if version == VERSION and size < _size(count):
        return f"it is cut off: {size} of {_size(count)} bytes"
    return "its content doesn't have the SHA-256 that it is named for"


def _damaged(known_as: str, why: str) -> StateDamaged:
    return StateDamaged("MP0511", f"{known_as} is damaged: {why}", "restore it from a backup: any file of its name will do")
