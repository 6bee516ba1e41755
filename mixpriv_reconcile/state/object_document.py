"""The document in an object store: its bytes, and behind them, in blanks, the epoch of the lock under which it was written.

JSON ignores blanks at its end. Whoever was put out, and doesn't know, finds a higher epoch there than his own; and since the epoch changes
the bytes, it changes the ETag, which his conditional write names.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field
from typing import Final

from mixpriv_reconcile.state.object_store import Found, Version

__all__ = ["Document", "document_of", "fenced"]

BLANKS: Final = b" \t"
MOST_BITS: Final = 64


@dataclass(frozen=True, slots=True)
class Document:
    """What is in the document's place. *content* is None where nothing was published yet, though the place may be fenced."""

    content: bytes | None = field(repr=False)
    epoch: int
    version: Version | None

    @property
    def sha256(self) -> str | None:
        """What the port calls the document's version."""
        return None if self.content is None else hashlib.sha256(self.content).hexdigest()


def document_of(found: Found | None) -> Document:
    """The document in what was found in its place."""
    if found is None:
        return Document(None, 0, None)
    content = bytes(found.content)
    document = content.rstrip(BLANKS)
    tail = content[len(document) :][-MOST_BITS:]
    return Document(document or None, int(b"0" + tail.replace(b"\t", b"1").replace(b" ", b"0"), 2), found.version)


def fenced(content: bytes, epoch: int) -> bytes:
    """*content* with *epoch* behind it: a tab for each bit that is set, a space for each that isn't, the highest first; nothing for 0."""
    return content + (f"{epoch:b}".encode().replace(b"1", b"\t").replace(b"0", b" ") if epoch else b"")
