"""The opt-out list: the one file, besides sources and exports, that holds distinct ids by design, for servers and applications to read.

`docs/reference/opt-out-list.md` is its form for other programs. The same ids give the same bytes: there is no time in it.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

__all__ = ["FORMAT_VERSION", "GENERATOR", "OptOutList", "entry_of", "is_list_of_ours"]

FORMAT_VERSION = 1
"""Of the list: final, as the state's."""

GENERATOR = "mixpriv"

STEP = 4096
"""Entries that are spelled at once."""


@dataclass(frozen=True, slots=True)
class OptOutList:
    """What a list says. *entries* are UTF-8, ascending, each once: distinct ids, or (*digest* `sha256`) their hashes in hex.

    Ascending as bytes is ascending by code point.
    """

    project: str
    project_id: int
    digest: str
    entries: Sequence[bytes] = field(repr=False)

    def pieces(self) -> Iterator[bytes]:
        """The file, piece by piece: JSON, an entry a line, so that two versions of it compare well."""
        head: dict[str, str | int] = {
            "format_version": FORMAT_VERSION,
            "generator": GENERATOR,
            "project": self.project,
            "project_id": self.project_id,
            "digest": self.digest,
            "count": len(self.entries),
            "checksum": self.checksum(),
        }
        lines = "".join(f" {_spelled(key)}: {_spelled(value)},\n" for key, value in head.items())
        yield f'{{\n{lines} "distinct_ids": ['.encode()
        for number, step in enumerate(_steps(self.entries)):
            yield ((",\n  " if number else "\n  ") + ",\n  ".join(step)).encode()
        yield b"\n ]\n}\n" if self.entries else b"]\n}\n"

    def checksum(self) -> str:
        """SHA-256 (hex) over the canonical form of the document without its checksum; that form is the one of states and plans."""
        hashed = hashlib.sha256(f'{{"count":{len(self.entries)},"digest":{_spelled(self.digest)},"distinct_ids":['.encode())
        for number, step in enumerate(_steps(self.entries)):
            hashed.update((("," if number else "") + ",".join(step)).encode())
        rest: dict[str, str | int] = {
            "format_version": FORMAT_VERSION,
            "generator": GENERATOR,
            "project": self.project,
            "project_id": self.project_id,
        }
        hashed.update(("]" + "".join(f",{_spelled(key)}:{_spelled(value)}" for key, value in rest.items()) + "}").encode())
        return hashed.hexdigest()


def entry_of(distinct_id: str, digest: str) -> bytes:
    """What the list holds for one id: the id itself, or the lower-case hex SHA-256 of its UTF-8 bytes."""
    raw = distinct_id.encode()
    return raw if digest == "none" else hashlib.sha256(raw).hexdigest().encode()


def is_list_of_ours(document: Any) -> bool:
    """Whether *document*, read from JSON, says of itself that it is such a list, of a form that is known here."""
    return (
        isinstance(document, dict)
        and document.get("generator") == GENERATOR
        and document.get("format_version") == FORMAT_VERSION
        and isinstance(document.get("distinct_ids"), list)
        and isinstance(document.get("checksum"), str)
    )


def _steps(entries: Sequence[bytes]) -> Iterable[list[str]]:
    """*entries* as JSON texts, some at a time."""
    for begin in range(0, len(entries), STEP):
        yield [_spelled(entry.decode()) for entry in entries[begin : begin + STEP]]


def _spelled(value: str | int) -> str:
    return json.dumps(value, ensure_ascii=False)
