"""Sets of distinct ids, known only by their keyed digests; and where raw ids can be read again."""

from __future__ import annotations

from array import array
from dataclasses import dataclass, field

from mixpriv_reconcile.model.diagnostics import SourceSpan

__all__ = ["DIGEST_BYTES", "EMPTY_IDS", "IdSet", "IdSources", "InlineIds", "SourceEntry"]

DIGEST_BYTES = 16
"""Bytes of one keyed digest: an AES-CMAC tag (RFC 4493)."""

NO_IDS_SHA256 = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"


@dataclass(frozen=True, slots=True)
class IdSet:
    """A set of distinct ids: how many, the SHA-256 over their sorted digests (hex), and those digests, ascending."""

    count: int
    sha256: str
    digests: memoryview = field(repr=False, compare=False, hash=False)
    # of a set that is all of a request's memory: the buffers it was made from, so that nobody looks for it there once more
    drawn_from: tuple[memoryview, ...] | None = field(default=None, repr=False, compare=False, hash=False)

    def __bool__(self) -> bool:
        return self.count > 0


EMPTY_IDS = IdSet(0, NO_IDS_SHA256, memoryview(b""))


@dataclass(frozen=True, slots=True)
class InlineIds:
    """The ids of one inline list, packed: id *i* is `blob[ends[i-1]:ends[i]]` as UTF-8; line and column count from 1."""

    file: str
    blob: bytes = field(repr=False)
    ends: array[int] = field(repr=False)
    lines: array[int] = field(repr=False)
    columns: array[int] = field(repr=False)

    def __len__(self) -> int:
        return len(self.ends)

    def __getitem__(self, index: int) -> bytes:
        return self.blob[self.ends[index - 1] if index else 0 : self.ends[index]]


@dataclass(frozen=True, slots=True)
class SourceEntry:
    """One entry of `from:` as written: a path or glob relative to *base*, the manifest's folder within the workspace.

    Without *is_whole* its column or field was refused, which is an error: its files are looked for, and not read.
    """

    pattern: str
    base: str
    span: SourceSpan
    column: str | None = None
    field: str | None = None
    is_whole: bool = True


@dataclass(frozen=True, slots=True)
class IdSources:
    """Where one request's ids stand: inline in the manifest, in files, or both."""

    inline: InlineIds | None = None
    entries: tuple[SourceEntry, ...] = ()
