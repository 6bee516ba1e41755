"""Sources proven unchanged: a keyed hash of how each is read and of its bytes, as the state remembers it.

Nothing but the bytes decides: a file whose time and size are the old ones may hold other ids.
"""

from __future__ import annotations

import contextlib
import hmac
import json
import os
import struct
import threading
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import TypeAlias

from mixpriv_reconcile.ids.files import blocks, open_source
from mixpriv_reconcile.ids.flaws import Flaw
from mixpriv_reconcile.ids.guarded import Guarded
from mixpriv_reconcile.ids.keys import DigestKey
from mixpriv_reconcile.ids.sources import IdFile, expand
from mixpriv_reconcile.model.bounds import Bounds
from mixpriv_reconcile.model.ids import IdSources, InlineIds
from mixpriv_reconcile.model.state import SourceRecord

__all__ = ["Prover", "hashed"]

Source: TypeAlias = InlineIds | IdFile

RULES = "mixpriv/source/v1"
"""Named anew when lexers read sources, or rules refuse ids, in another way: what an older version proved then counts no more."""

_BLOCK_BYTES = 2**20


class Prover:
    """Hashes under one key, for sources read within *bounds* and with *allowed* placeholders."""

    __slots__ = ("_key", "_stopped", "_terms")

    def __init__(self, key: DigestKey, bounds: Bounds, allowed: frozenset[str]) -> None:
        self._key = key.source
        self._stopped = threading.Event()
        self._terms = [RULES, bounds.id_bytes, bounds.gzip_ratio, bounds.ids_per_request, *sorted(allowed)]

    def begun(self, source: Source) -> hmac.HMAC:
        """A hash that has taken in how *source* is read, and takes its bytes next."""
        how = ["inline"] if isinstance(source, InlineIds) else [source.format.value, source.gzip, source.selector]
        return hmac.new(self._key, json.dumps([*how, *self._terms]).encode() + b"\n", "sha256")

    def of_inline(self, inline: InlineIds) -> str:
        """The hash of a list in the manifest: of its ids and where each ends."""
        state = self.begun(inline)
        state.update(struct.pack(f"<{len(inline.ends)}Q", *inline.ends))
        state.update(inline.blob)
        return state.hexdigest()

    def alike(self, root: Path, sources: IdSources, guarded: Guarded, records: Sequence[SourceRecord]) -> tuple[Source, ...] | None:
        """What *sources* are, if they have the names and sizes of *records*; None where they can't be the same. Nothing is opened.

        None also where something is wrong with them: who reads them whole says what.
        """
        inline = sources.inline
        files, wrong = expand(root, sources.entries, guarded)
        every: tuple[Source, ...] = (() if inline is None else (inline,)) + files
        if wrong or len(every) != len(records):
            return None
        sizes = sorted((record.file, record.size) for record in records)
        try:
            return every if sorted((_name(source), _size(root, source)) for source in every) == sizes else None
        except OSError:
            return None

    def are_unchanged(self, root: Path, sources: Iterable[Source], records: Iterable[SourceRecord]) -> bool:
        """Whether *sources*, which are `alike` to *records*, are theirs byte for byte, and are read in the same way."""
        known = sorted((record.file, record.keyed_hash) for record in records)
        found: list[tuple[str, str]] = []
        for source in sources:
            value = self._hash(root, source)
            if value is None:
                return False
            found.append((_name(source), value))
        return sorted(found) == known

    def stop(self) -> None:
        """Let a comparison that another thread is at end soon; it then proves nothing."""
        self._stopped.set()

    def _hash(self, root: Path, source: Source) -> str | None:
        """The hash of *source* as it is now; None where it can't be read, or was changed meanwhile."""
        if isinstance(source, InlineIds):
            return self.of_inline(source)
        state = self.begun(source)
        with contextlib.suppress(Flaw):
            descriptor = open_source(root, source.path)
            try:
                for block in blocks(descriptor, source.path, _BLOCK_BYTES):
                    if self._stopped.is_set():
                        return None
                    state.update(block)
            finally:
                os.close(descriptor)
            return state.hexdigest()
        return None


def hashed(stream: Iterable[bytes], state: hmac.HMAC) -> Iterator[bytes]:
    """*stream*, taken in by *state* as it passes."""
    for block in stream:
        state.update(block)
        yield block


def _name(source: Source) -> str:
    return source.file if isinstance(source, InlineIds) else source.path


def _size(root: Path, source: Source) -> int:
    return len(source.blob) if isinstance(source, InlineIds) else os.stat(root / source.path).st_size
