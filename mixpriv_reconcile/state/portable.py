"""The portable state: the whole memory as one JSON document, for `state pull` and `state push`.

It is the state's document with one key more, `portable`, which the document's checksum doesn't cover: each segment in it is
checked by its own SHA-256, by which the document names it. `docs/reference/formats.md` has the layout.
"""

from __future__ import annotations

import base64
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from mixpriv_reconcile.codec import PORTABLE_VERSION
from mixpriv_reconcile.errors import StateDamaged, StateTooNew
from mixpriv_reconcile.ids.remembered import remembered
from mixpriv_reconcile.model.address import Address
from mixpriv_reconcile.model.state import RequestRecord, State
from mixpriv_reconcile.state.memory import MemoryBackend
from mixpriv_reconcile.state.store import Store

__all__ = ["Portable", "portable_state", "portable_text"]

CHUNK_BYTES = 3 * 2**18
"""Encoded at a time; a multiple of 3, so that the pieces join without padding in between."""

UNREADABLE = (ValueError, TypeError, AttributeError, LookupError, RecursionError)
"""What reading bytes may raise that are JSON, or nearly, but no portable state."""


@dataclass(frozen=True, slots=True)
class Portable:
    """A portable state, verified as a whole. *segments* holds exactly those that *state* names, by SHA-256."""

    state: State
    is_sandbox: bool
    segments: Mapping[str, bytes] = field(repr=False)


def portable_text(content: bytes, segments: Mapping[str, bytes], *, is_sandbox: bool) -> Iterator[str]:
    """The portable state, piece by piece, in ASCII: *content* is the state's document, as published."""
    document = json.dumps(json.loads(content), indent=1)
    yield document.removesuffix("\n}")  # what follows stands in the same object
    yield f',\n "portable": {{\n  "format_version": {PORTABLE_VERSION},\n  "sandbox": {json.dumps(is_sandbox)},\n  "segments": {{'
    for index, (sha256, segment) in enumerate(sorted(segments.items())):
        yield f'{"," if index else ""}\n   "{sha256}": "'
        for start in range(0, len(segment), CHUNK_BYTES):
            yield base64.b64encode(segment[start : start + CHUNK_BYTES]).decode()
        yield '"'
    yield "\n  }\n }\n}\n"


def portable_state(content: bytes, name: str) -> Portable:
    """The portable state in *content*, of which everything is verified: checksum, versions, each segment's hash and count.

    Raises `StateDamaged`, which names *name*, and `StateTooNew`.
    """
    try:
        document: Any = json.loads(content)
        portable = document.pop("portable")
        version = portable["format_version"]
        if type(version) is int and version > PORTABLE_VERSION:
            raise StateTooNew(
                "MP0512",
                f"the portable state has format version {version}; this version of mixpriv reads {PORTABLE_VERSION}",
                "use the version of mixpriv that wrote it, or a newer one",
            )
        is_sandbox, encoded = portable["sandbox"], portable["segments"]
        if type(version) is not int or version != PORTABLE_VERSION or type(is_sandbox) is not bool:
            raise ValueError("not a portable state")
        segments = {sha256: base64.b64decode(text, validate=True) for sha256, text in encoded.items()}
        backend = MemoryBackend(json.dumps(document).encode(), segments)
        state = Store(backend).load().state
        _check_whole(state, segments)
    except StateTooNew as error:
        raise StateTooNew(error.code, f"{name}: {error.message}", error.hint) from None
    except StateDamaged as error:
        raise _damaged(name, error.message) from None
    except UNREADABLE:
        raise _damaged(name, "it isn't what `mixpriv state pull` prints") from None
    return Portable(state, is_sandbox, segments)


def _check_whole(state: State, segments: Mapping[str, bytes]) -> None:
    """Raise `ValueError` where a state, whose checksum fits, says what no run ever wrote: it would fail later, in the middle of work."""
    if set(segments) != set(state.open_segments):
        raise ValueError("a segment too many")
    for text, record in state.records.items():
        address = Address.parse(text)
        if (address.project, address.kind) != (record.project, record.kind) or bool(address.name) != isinstance(record, RequestRecord):
            raise ValueError("a record at another's address")
        if isinstance(record, RequestRecord):
            known = {batch.number for batch in record.batches}
            if not known.issuperset(remembered(state, text).batches()):
                raise ValueError("an id in a batch that isn't there")


def _damaged(name: str, why: str) -> StateDamaged:
    return StateDamaged("MP0550", f"{name} is damaged or no portable state: {why}", "pull it again: mixpriv state pull > FILE")
